"""Random weights, inputs and states for the tests of the engine: asymmetric, so that a swapped
gate, matrix or axis changes every number."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.engine import lstm, rnn

Array = NDArray[Any]

# T, N, D, H
SIZES = ((1, 1, 1, 1), (1, 2, 3, 2), (4, 1, 2, 3), (5, 3, 1, 2), (3, 2, 4, 1))
DTYPES = (np.float32, np.float64)


def draw(
    rng: np.random.Generator, *shape: int, scale: float = 0.6, dtype: DTypeLike = np.float64
) -> Array:
    return rng.normal(scale=scale, size=shape).astype(dtype)


def draw_lstm(
    rng: np.random.Generator, width: int, hidden: int, dtype: DTypeLike = np.float64
) -> lstm.LSTMParameters:
    return lstm.LSTMParameters(*_draw_weights(rng, 4 * hidden, width, hidden, dtype))


def draw_rnn(
    rng: np.random.Generator, width: int, hidden: int, dtype: DTypeLike = np.float64
) -> rnn.RNNParameters:
    return rnn.RNNParameters(*_draw_weights(rng, hidden, width, hidden, dtype))


def _draw_weights(
    rng: np.random.Generator, rows: int, width: int, hidden: int, dtype: DTypeLike
) -> tuple[Array, Array, Array]:
    """Weights shrink with D and H: where they stretch the state, they stretch the rounding of
    a peer and of ours alike, and nothing is left to compare."""
    weight_hh = draw(rng, rows, hidden, scale=0.5 / np.sqrt(hidden), dtype=dtype)
    weight_ih = draw(rng, rows, width, scale=0.8 / np.sqrt(width), dtype=dtype)
    return weight_ih, weight_hh, draw(rng, rows, dtype=dtype)


def draw_state(
    rng: np.random.Generator, batch: int, hidden: int, dtype: DTypeLike = np.float64
) -> lstm.LSTMState:
    return lstm.LSTMState(*(draw(rng, batch, hidden, dtype=dtype) for _ in range(2)))


def assert_close(ours: Array, theirs: Array, tolerance: float, name: str = "") -> None:
    """Equal shapes, and no entry off by more than `tolerance` of the largest entry, or of 1.

    Normwise on purpose: a sum is rounded in proportion to its largest terms, not to what is left
    of them after they cancel, so a small entry in a large array has no digits of its own to hold.
    """
    assert ours.shape == theirs.shape, name
    allowed = tolerance * max(1.0, float(np.abs(theirs).max()))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=allowed, err_msg=name)
