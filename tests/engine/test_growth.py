"""Where a state grows beyond all numbers, the step named is the run's own: from its start, whatever
the chunks, and by position in the sequence where a pass reads from the end."""

from collections.abc import Callable

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn, stack
from gate_explorer.engine.activations import RELU
from gate_explorer.engine.lstm import Held, LSTMOptions, LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import GrowthError, NonFiniteError

from .builders import Array

STEPS = 7
# One unit whose state is 1e10 times the last one and more: from 1 it is beyond float32 at step 4.
SIMPLE = RNNParameters(
    np.array([[1]], np.float32), np.array([[1e10]], np.float32), np.zeros(1, np.float32),
    activation=RELU,
)  # fmt: skip
GATED = LSTMParameters(
    np.array([[1]] * 4, np.float32),
    np.array([[1e8]] * 4, np.float32),
    np.full(4, 9, np.float32),
    options=LSTMOptions(candidate=RELU, cell=RELU),
)
X = np.ones((STEPS, 1, 1), np.float32)


def _step(run: Callable[[], object]) -> int:
    with pytest.raises(GrowthError) as caught:
        run()
    assert f"at step {caught.value.step}: " in caught.value.detail
    return caught.value.step


@pytest.mark.parametrize("chunk", [1, 2, 3, 64])
def test_growth_in_a_stream_is_named_by_the_runs_own_time(chunk: int) -> None:
    simple, gated = Stack(((Pass(SIMPLE),),)), Stack(((Pass(GATED),),))
    whole = _step(lambda: rnn.forward(SIMPLE, X)), _step(lambda: lstm.forward(GATED, X))
    assert min(whole) > 1

    assert _step(lambda: list(rnn.stream(SIMPLE, X, chunk=chunk))) == whole[0]
    assert _step(lambda: list(lstm.stream(GATED, X, chunk=chunk))) == whole[1]
    assert _step(lambda: list(stack.stream(simple, X, chunk=chunk))) == whole[0]
    assert _step(lambda: list(stack.stream(gated, X, chunk=chunk))) == whole[1]


@pytest.mark.parametrize("held_at", [0, 2, 6])
def test_growth_in_a_run_with_held_gates_is_named_by_its_own_time(held_at: int) -> None:
    held = Held.nothing((STEPS, 1))
    held.o[held_at] = 1.0
    assert _step(lambda: lstm.forward(GATED, X, held=held)) == _step(lambda: lstm.forward(GATED, X))


@pytest.mark.parametrize("parameters", [SIMPLE, GATED])
def test_growth_in_a_reverse_pass_is_named_by_position(
    parameters: RNNParameters | LSTMParameters,
) -> None:
    there, back = (Stack(((Pass(parameters, reverse),),)) for reverse in (False, True))
    step = _step(lambda: stack.forward(there, X))

    assert _step(lambda: stack.forward(back, X)) == STEPS - 1 - step
    # The second sequence ends earlier, and its pass begins there; the first one's never grows.
    batch: Array = np.concatenate((0 * X, X), axis=1)
    if parameters is SIMPLE:
        assert _step(lambda: stack.forward(back, batch, [STEPS, STEPS - 1])) == STEPS - 2 - step


def test_growth_is_one_of_the_errors_of_what_isnt_finite() -> None:
    with pytest.raises(NonFiniteError, match="grows beyond the range of float32 at step"):
        rnn.forward(SIMPLE, X)
