"""Sequences of any lengths run together as each runs alone: in every kind of cell and stack, from a
state, with gates held, and to the bit where there is only one."""

from collections.abc import Sequence

import numpy as np
import pytest

from gate_explorer.engine import lstm, ragged, rnn, stack
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.lstm import Held, LSTMOptions, LSTMState
from gate_explorer.engine.stack import Pass, Stack, StackTrace, Trace
from gate_explorer.errors import GrowthError, ShapeError

from .builders import DTYPES, Array, arrays_of, assert_close, draw, draw_cell, draw_rnn, draw_state

D, H = 3, 4
LENGTHS = ((1,), (5,), (3, 3), (4, 1, 7, 4, 2), tuple(range(1, 65)))
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-13}
RELU = LSTMOptions(candidate=Activation("relu"), cell=Activation("relu"))


def draw_all(lengths: Sequence[int], dtype: type[np.floating]) -> list[Array]:
    rng = np.random.default_rng(len(lengths))
    return [draw(rng, length, D, dtype=dtype) for length in lengths]


def assert_same(ours: Trace, theirs: Trace, tolerance: float) -> None:
    for name, array in arrays_of(theirs).items():
        if tolerance:
            assert_close(getattr(ours, name), array, tolerance, name)
        else:
            np.testing.assert_array_equal(getattr(ours, name), array, name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lengths", LENGTHS, ids=len)
@pytest.mark.parametrize("kind", ["standard", "peephole", "projected"])
def test_lstm_over_several_sequences_is_each_alone(
    kind: str, lengths: Sequence[int], dtype: type[np.floating]
) -> None:
    rng = np.random.default_rng(1)
    projection = 2 if kind == "projected" else None
    cell = draw_cell(rng, D, H, dtype, peephole=kind == "peephole", projection=projection)
    xs, before = draw_all(lengths, dtype), draw_state(rng, 1, H, dtype, projection)
    for state in (None, before):
        found = ragged.through_lstm(cell, xs, state)
        for x, trace in zip(xs, found, strict=True):
            exactly = 0 if len(lengths) == 1 else TOLERANCE[dtype]
            assert_same(trace, lstm.forward(cell, x[:, None], state), exactly)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lengths", LENGTHS, ids=len)
def test_rnn_over_several_sequences_is_each_alone(
    lengths: Sequence[int], dtype: type[np.floating]
) -> None:
    rng = np.random.default_rng(2)
    cell, xs = draw_rnn(rng, D, H, dtype), draw_all(lengths, dtype)
    for state in (None, draw(rng, 1, H, dtype=dtype)):
        for x, trace in zip(xs, ragged.through_rnn(cell, xs, state), strict=True):
            exactly = 0 if len(lengths) == 1 else TOLERANCE[dtype]
            assert_same(trace, rnn.forward(cell, x[:, None], state), exactly)


@pytest.mark.parametrize("lengths", LENGTHS, ids=len)
def test_gates_held_over_several_sequences_are_held_in_each(lengths: Sequence[int]) -> None:
    rng = np.random.default_rng(3)
    cell, xs = draw_cell(rng, D, H), draw_all(lengths, np.float64)
    held = [Held.nothing((length, H)) for length in lengths]
    for each in held:
        each.f[0, 1], each.o[-1] = 0, 1
    for x, holds, trace in zip(xs, held, ragged.through_lstm(cell, xs, None, held), strict=True):
        assert_same(trace, lstm.forward(cell, x[:, None], None, holds), 1e-13)


def both_ways(kind: str) -> Stack:
    rng, width, layers = np.random.default_rng(4), D, []
    for directions in ((False, True), (True,), (False, True)):
        passes = []
        for reverse in directions:
            cell = draw_rnn(rng, width, H) if kind == "rnn" else draw_cell(rng, width, H)
            passes.append(Pass(cell, reverse))
        layers.append(tuple(passes))
        width = H * len(directions)
    return Stack(tuple(layers))


def assert_same_stack(ours: StackTrace, theirs: StackTrace, tolerance: float) -> None:
    assert_close(ours.h, theirs.h, tolerance)
    np.testing.assert_array_equal(ours.lengths, theirs.lengths)
    for mine, other in zip(ours.layers, theirs.layers, strict=True):
        for one, another in zip(mine, other, strict=True):
            assert_same(one, another, tolerance)
    for ends, others in zip(ours.states, theirs.states, strict=True):
        for state, expected in zip(ends, others, strict=True):
            np.testing.assert_allclose(state, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("lengths", LENGTHS, ids=len)
@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_stack_read_both_ways_over_several_sequences_is_each_alone(
    kind: str, lengths: Sequence[int]
) -> None:
    made, xs = both_ways(kind), draw_all(lengths, np.float64)
    for x, trace in zip(xs, ragged.through_stack(made, xs), strict=True):
        assert_same_stack(trace, stack.forward(made, x[:, None]), 1e-13)


def test_stack_starts_each_sequence_from_the_states_given() -> None:
    rng, made = np.random.default_rng(5), both_ways("lstm")
    states = [[draw_state(rng, 1, H) for _ in layer] for layer in made.layers]
    xs = draw_all((4, 1, 6), np.float64)
    for x, trace in zip(xs, ragged.through_stack(made, xs, states), strict=True):
        assert_same_stack(trace, stack.forward(made, x[:, None], None, states), 1e-13)
    zeros = [[np.zeros((1, H)) for _ in layer] for layer in made.layers]
    with pytest.raises(ShapeError, match="LSTMState"):
        ragged.through_stack(made, xs, zeros)
    with pytest.raises(ShapeError, match="an LSTM's came"):
        ragged.through_stack(both_ways("rnn"), xs, states)


@pytest.mark.parametrize("reverse", [False, True])
def test_sequence_that_grows_beyond_all_numbers_is_named_with_its_step(reverse: bool) -> None:
    cell = draw_cell(np.random.default_rng(6), 1, 2, np.float32, options=RELU, scale=0)
    weight_ih = np.ones_like(cell.weight_ih)
    cell = lstm.LSTMParameters(weight_ih, cell.weight_hh, cell.bias, options=RELU)
    xs = [np.ones((length, 1), np.float32) for length in (3, 9, 5)]
    xs[1][4] = 3e38
    xs[1][5] = 3e38
    xs[1][3] = 3e38
    with pytest.raises(GrowthError) as alone:
        stack.forward(Stack(((Pass(cell, reverse),),)), xs[1][:, None])
    with pytest.raises(GrowthError) as together:
        ragged.through_stack(Stack(((Pass(cell, reverse),),)), xs)
    assert together.value.sequence == 1
    assert together.value.detail == alone.value.detail


def test_states_of_ended_sequences_are_their_own() -> None:
    rng = np.random.default_rng(7)
    cell, xs = draw_cell(rng, D, H), draw_all((2, 5, 3), np.float64)
    states = [trace.state for trace in ragged.through_lstm(cell, xs)]
    for x, state in zip(xs, states, strict=True):
        expected = lstm.forward(cell, x[:, None]).state
        assert isinstance(state, LSTMState)
        np.testing.assert_allclose(state.h, expected.h, rtol=0, atol=1e-14)
        np.testing.assert_allclose(state.c, expected.c, rtol=0, atol=1e-14)


@pytest.mark.parametrize("lengths", LENGTHS, ids=len)
def test_gates_held_in_a_stack_over_several_sequences_are_held_in_each(
    lengths: Sequence[int],
) -> None:
    made, xs = both_ways("lstm"), draw_all(lengths, np.float64)
    passes = sum(len(layer) for layer in made.layers)
    held: list[list[Held | None]] = []
    for length in lengths:
        holds: list[Held | None] = [None] * passes
        for place in (1, 2, 4):
            holds[place] = each = Held.nothing((length, H))
            each.f[0, place % H], each.g[-1] = 0, 0.5
        held.append(holds)
    found = ragged.through_stack(made, xs, None, held)
    for x, holds, trace in zip(xs, held, found, strict=True):
        alone = ragged.through_stack(made, [x], None, [holds])[0]
        assert_same_stack(trace, alone, 1e-13)
        assert not np.array_equal(trace.h, stack.forward(made, x[:, None]).h)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_stack_that_reads_forwards_keeps_its_bits_before_what_is_held(place: int) -> None:
    rng = np.random.default_rng(6)
    cells = [draw_cell(rng, width, H, np.float32) for width in (D, H, H)]
    made = Stack(tuple((Pass(cell),) for cell in cells))
    x = draw(rng, 9, D, dtype=np.float32)
    holds: list[Held | None] = [None] * 3
    holds[place] = each = Held.nothing((9, H))
    each.o[5, 2] = 0
    free = ragged.through_stack(made, [x])[0]
    found = ragged.through_stack(made, [x], None, [holds])[0]
    for k, ((ours,), (theirs,)) in enumerate(zip(found.layers, free.layers, strict=True)):
        for name, array in arrays_of(theirs).items():
            same = len(x) if k < place else 5
            assert getattr(ours, name)[:same].tobytes() == array[:same].tobytes(), (k, name)
        assert (k < place) == np.array_equal(ours.h, theirs.h)


def test_stack_without_gates_has_none_to_hold() -> None:
    made, x = both_ways("rnn"), draw_all((3,), np.float64)[0]
    holds = [Held.nothing((3, H))] * sum(len(layer) for layer in made.layers)
    with pytest.raises(ShapeError, match="no gates to hold"):
        ragged.through_stack(made, [x], None, [holds])
