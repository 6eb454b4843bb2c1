"""What every model has in common: what it refuses, and the state and the readout it gives."""

import numpy as np
import pytest

from gate_explorer.errors import InputError
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import OneToken, Options, Text, Vectors
from gate_explorer.runs.run import RunState
from gate_explorer.zoo.base import (
    checked_layers,
    held_in,
    lstm_state,
    refuse_options,
    text_of,
    vectors_of,
)
from gate_explorer.zoo.registry import get

COUNTER, TWIN, ADDING = (get(name).card for name in ("counter", "counter-rnn", "adding"))
FORGET = Options(clamps=clamps.parse(["forget_gate:0@2"]))


def test_nothing_held_is_none_and_a_clamp_holds_its_step() -> None:
    assert held_in(COUNTER, Options(), 0, 3) is None
    held = held_in(COUNTER, FORGET, 0, 3)
    assert held is not None
    assert held.f[1].tolist() == [0.0] * COUNTER.hidden_size
    assert np.isnan(held.f[[0, 2]]).all()


def test_clamp_on_a_cell_without_gates_is_refused_naming_the_model() -> None:
    with pytest.raises(InputError, match="counter-rnn has no gates"):
        held_in(TWIN, FORGET, 0, 3)


def test_state_left_out_is_zero_and_a_given_one_gets_the_batch() -> None:
    assert not lstm_state(None, COUNTER, np.float32).c.any()
    given = RunState(1, ((np.ones(4), np.full(4, 2.0)),))
    state = lstm_state(given, COUNTER, np.float32)
    assert (state.h.shape, state.c[0, 0]) == ((1, 4), 2.0)
    assert state.c.dtype == np.float32


@pytest.mark.parametrize(
    ("layers", "named"),
    [
        ((), "has 0 layers, but counter has 1"),
        (((np.zeros(4), np.zeros(3)),), "have 4 and 3 numbers, but counter has 4 and 4"),
    ],
)
def test_state_that_does_not_fit_says_what_was_expected(
    layers: tuple[tuple[np.ndarray, np.ndarray], ...], named: str
) -> None:
    with pytest.raises(InputError, match=named):
        checked_layers(RunState(1, layers), COUNTER)


def test_input_of_the_other_kind_says_how_to_write_it() -> None:
    with pytest.raises(InputError, match="adding reads vectors of 2 numbers, not text: give x="):
        vectors_of(Text("a"), ADDING)
    with pytest.raises(InputError, match="counter reads characters, not vectors: give text="):
        text_of(Vectors([[1.0, 0.0]]), COUNTER)
    assert text_of(OneToken("a"), COUNTER) == OneToken("a")
    assert vectors_of(Vectors([[1.0, 0.0]]), ADDING) == [[1.0, 0.0]]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (Options(checkpoint="step-1"), "has no checkpoint of that name"),
        (Options(sharpness=4.0), "has no sharpness to set"),
    ],
)
def test_option_that_the_model_lacks_is_refused(options: Options, named: str) -> None:
    with pytest.raises(InputError, match=named):
        refuse_options(COUNTER, options)
