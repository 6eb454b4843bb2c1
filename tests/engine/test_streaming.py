"""Streams: the numbers of a whole run, bit for bit, one step at a time, and nothing kept."""

import itertools
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn
from gate_explorer.errors import NonFiniteError, ShapeError

from .builders import DTYPES, Array, draw, draw_cell, draw_lstm, draw_rnn, draw_state


@pytest.mark.parametrize("chunk", [1, 3, 64])
@pytest.mark.parametrize("kind", ["standard", "peepholes", "projection"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", [1, 3])
def test_lstm_stream_equals_forward_bit_for_bit(
    chunk: int, kind: str, dtype: Any, batch: int
) -> None:
    rng = np.random.default_rng(71)
    projection = 3 if kind == "projection" else None
    p = draw_cell(rng, 5, 7, dtype, peephole=kind == "peepholes", projection=projection)
    x, state = draw(rng, 20, batch, 5, dtype=dtype), draw_state(rng, batch, 7, dtype, p.output_size)

    steps = list(lstm.stream(p, iter(x), state, chunk))

    whole = lstm.forward(p, x, state)
    assert len(steps) == 20
    for name, array in whole._asdict().items():
        streamed = np.stack([getattr(step, name) for step in steps])
        assert streamed.tobytes() == array.tobytes(), name


@pytest.mark.parametrize("chunk", [1, 3, 64])
def test_rnn_stream_equals_forward_bit_for_bit(chunk: int) -> None:
    rng = np.random.default_rng(72)
    p, x, h0 = draw_rnn(rng, 5, 7), draw(rng, 20, 2, 5), draw(rng, 2, 7)

    steps = list(rnn.stream(p, iter(x), h0, chunk))

    for name, array in rnn.forward(p, x, h0)._asdict().items():
        assert np.stack([getattr(step, name) for step in steps]).tobytes() == array.tobytes(), name


def test_stream_reads_no_further_than_its_chunk() -> None:
    taken = 0

    def inputs() -> Iterator[Array]:
        nonlocal taken
        for _ in range(10):
            taken += 1
            yield np.ones((1, 2))

    p = draw_lstm(np.random.default_rng(73), 2, 3)
    for chunk, expected in ((1, 1), (4, 4)):
        taken = 0
        next(lstm.stream(p, inputs(), chunk=chunk))
        assert taken == expected


def test_stream_of_ten_times_the_steps_needs_no_more_memory() -> None:
    p = draw_lstm(np.random.default_rng(74), 4, 16)

    def peak(steps: int) -> int:
        tracemalloc.start()
        for _ in lstm.stream(p, itertools.repeat(np.ones((1, 4)), steps), chunk=16):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(32)
    few, many = peak(200), peak(2000)
    # Kept, the steps would need 50 times as much. CPython holds on to 2,000 freed tuples of a size,
    # up to three times as much, which is nothing that the stream keeps.
    assert many < 6 * few


def test_stream_names_an_input_that_doesnt_fit() -> None:
    p = draw_lstm(np.random.default_rng(75), 2, 3)

    with pytest.raises(ShapeError, match=r"x should have the shape \(N, 2\), but has \(1, 3\)"):
        list(lstm.stream(p, [np.ones((1, 2)), np.ones((1, 3))]))
    with pytest.raises(NonFiniteError, match="x holds nan"):
        list(lstm.stream(p, [np.full((1, 2), np.nan)]))
    assert list(lstm.stream(p, [])) == []
