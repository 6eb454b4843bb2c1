"""Random weights, inputs and states for the tests of the engine: asymmetric, so that a swapped
gate, matrix or axis changes every number."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gate_explorer.engine import lstm, rnn

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


def draw_cell(
    rng: np.random.Generator,
    width: int,
    hidden: int,
    dtype: DTypeLike = np.float64,
    *,
    peephole: bool = False,
    projection: int | None = None,
    options: lstm.LSTMOptions = lstm.STANDARD,
    scale: float = 1,
    biases: int = 1,
) -> lstm.LSTMParameters:
    """An LSTM of any kind; `projection` is P, `scale` stretches all weights."""
    output = hidden if projection is None else projection
    weights = (
        draw(rng, 4 * hidden, width, scale=0.8 * scale / np.sqrt(width), dtype=dtype),
        draw(rng, 4 * hidden, output, scale=0.5 * scale / np.sqrt(output), dtype=dtype),
    )
    return lstm.LSTMParameters.with_biases(
        *weights,
        [draw(rng, 4 * hidden, scale=0.6 * scale, dtype=dtype) for _ in range(biases)],
        peephole=draw(rng, 3 * hidden, dtype=dtype) if peephole else None,
        weight_hr=draw(rng, output, hidden, dtype=dtype) if projection else None,
        options=options,
    )


def draw_state(
    rng: np.random.Generator,
    batch: int,
    hidden: int,
    dtype: DTypeLike = np.float64,
    width: int | None = None,
) -> lstm.LSTMState:
    """h and c; `width` is P, where it isn't H."""
    h = draw(rng, batch, hidden if width is None else width, dtype=dtype)
    return lstm.LSTMState(h, draw(rng, batch, hidden, dtype=dtype))


def assert_close(ours: Array, theirs: Array, tolerance: float, name: str = "") -> None:
    """Equal shapes, and no entry off by more than `tolerance` of the largest entry, or of 1.

    Normwise on purpose: a sum is rounded in proportion to its largest terms, not to what is left
    of them after they cancel, so a small entry in a large array has no digits of its own to hold.
    """
    assert ours.shape == theirs.shape, name
    allowed = tolerance * max(1.0, float(np.abs(theirs).max()))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=allowed, err_msg=name)


def arrays_of(of: Any) -> dict[str, Array]:
    """The arrays among the fields of parameters, a trace or gradients, by their names."""
    names = getattr(of, "_fields", None) or [field.name for field in fields(of)]
    values = {name: getattr(of, name) for name in names}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
