"""A run taken step by step gives the whole sequence's numbers, bit for bit."""

import pickle
from copy import copy, deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import lstm, rnn

from .builders import DTYPES, draw, draw_lstm, draw_rnn, draw_state

HIDDEN = (1, 3, 16, 64, 130)


def _assert_same_bits(whole: Any, parts: list[Any]) -> None:
    for name, array in whole._asdict().items():
        stepped = np.stack([getattr(part, name) for part in parts])
        assert stepped.dtype == array.dtype, name
        assert stepped.tobytes() == array.tobytes(), name


def _compare_lstm(steps: int, batch: int, width: int, hidden: int, dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parameters = draw_lstm(rng, width, hidden, dtype)
    x, state = draw(rng, steps, batch, width, dtype=dtype), draw_state(rng, batch, hidden, dtype)
    whole, parts = lstm.forward(parameters, x, state), []
    for x_t in x:
        parts.append(lstm.step(parameters, x_t, state))
        state = parts[-1].state
    _assert_same_bits(whole, parts)


def _compare_rnn(steps: int, batch: int, width: int, hidden: int, dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parameters = draw_rnn(rng, width, hidden, dtype)
    x, state = draw(rng, steps, batch, width, dtype=dtype), draw(rng, batch, hidden, dtype=dtype)
    whole, parts = rnn.forward(parameters, x, state), []
    for x_t in x:
        parts.append(rnn.step(parameters, x_t, state))
        state = parts[-1].state
    _assert_same_bits(whole, parts)


@pytest.mark.parametrize("compare", [_compare_lstm, _compare_rnn])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", [1, 2, 5, 33])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_step_of_a_known_size_equals_forward_bit_for_bit(
    compare: Any, dtype: Any, batch: int, hidden: int
) -> None:
    compare(9, batch, 7, hidden, dtype, seed=hidden + batch)


@pytest.mark.parametrize("compare", [_compare_lstm, _compare_rnn])
@given(
    steps=st.integers(1, 20),
    batch=st.integers(1, 9),
    width=st.integers(1, 70),
    hidden=st.integers(1, 70),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**32),
)
def test_step_of_any_size_equals_forward_bit_for_bit(
    compare: Any, steps: int, batch: int, width: int, hidden: int, dtype: Any, seed: int
) -> None:
    compare(steps, batch, width, hidden, dtype, seed)


def test_forward_in_two_halves_equals_the_whole_bit_for_bit() -> None:
    rng = np.random.default_rng(3)
    parameters, plain = draw_lstm(rng, 5, 16), draw_rnn(rng, 5, 16)
    x = draw(rng, 21, 1, 5)

    first = lstm.forward(parameters, x[:8])
    second = lstm.forward(parameters, x[8:], first.state)
    plain_first = rnn.forward(plain, x[:8])
    plain_second = rnn.forward(plain, x[8:], plain_first.state)

    whole = lstm.forward(parameters, x)
    assert np.concatenate((first.c, second.c)).tobytes() == whole.c.tobytes()
    plain_whole = rnn.forward(plain, x)
    assert np.concatenate((plain_first.h, plain_second.h)).tobytes() == plain_whole.h.tobytes()


def test_trace_at_a_step_is_that_steps_trace() -> None:
    rng = np.random.default_rng(4)
    parameters, plain = draw_lstm(rng, 2, 3), draw_rnn(rng, 2, 3)
    x = draw(rng, 3, 1, 2)
    before, plain_before = lstm.forward(parameters, x[:2]), rnn.forward(plain, x[:2])

    at, stepped = lstm.forward(parameters, x).at(2), lstm.step(parameters, x[2], before.state)
    plain_at = rnn.forward(plain, x).at(2)
    plain_stepped = rnn.step(plain, x[2], plain_before.state)

    for name, array in at._asdict().items():
        np.testing.assert_array_equal(array, getattr(stepped, name), name)
    for name, array in plain_at._asdict().items():
        np.testing.assert_array_equal(array, getattr(plain_stepped, name), name)


@pytest.mark.parametrize("copied", [lambda p: pickle.loads(pickle.dumps(p)), deepcopy, copy])
@pytest.mark.parametrize(("module", "drawn"), [(lstm, draw_lstm), (rnn, draw_rnn)])
def test_copy_of_a_layer_that_ran_gives_its_numbers(module: Any, drawn: Any, copied: Any) -> None:
    rng = np.random.default_rng(5)
    parameters = drawn(rng, 100, 48, np.float32)
    x, other = (draw(rng, 6, 1, 100, dtype=np.float32) for _ in range(2))
    expected = module.forward(parameters, x).h
    module.forward(parameters, other)
    taken = copied(parameters)
    assert np.array_equal(module.forward(taken, x).h, expected)
    assert np.array_equal(module.forward(copied(taken), x).h, expected)
