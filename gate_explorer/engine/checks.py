"""The border of the engine: arrays are checked here once, and trusted from then on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gate_explorer.errors import NonFiniteError, ShapeError

Array = NDArray[Any]

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def as_float_array(
    name: str, value: ArrayLike, dims: Sequence[int | str], dtype: DTypeLike | None = None
) -> Array:
    """Return `value` as a finite float array of the given dimensions.

    dims: one entry an axis; a number is that very length, a name such as "T" is any length >= 1.
    dtype: float32 or float64; None keeps a float array's own and makes float64 of the rest.
    Raises: ShapeError naming what was expected and what came; NonFiniteError naming the place.
    """
    array = _numbers(name, value, dims)
    if dtype is None:
        dtype = array.dtype if array.dtype in FLOATS else np.float64
    if not _fits(array.shape, dims):
        raise ShapeError(f"{name} should have the shape {_words(dims)}, but has {array.shape}.")
    if array.dtype != dtype:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is named below
            array = array.astype(dtype)
    if 0 in np.isfinite(array).tobytes():  # half the time of .all(), which small runs would feel
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise NonFiniteError(
            f"{name} holds {array[place]} at {list(place)}; every entry should be a finite number"
            f" within the range of {array.dtype}."
        )
    return array


def _numbers(name: str, value: ArrayLike, dims: Sequence[int | str]) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ShapeError(
            f"{name} should have the shape {_words(dims)}, but isn't rectangular:"
            " its rows differ in length."
        ) from error
    if array.dtype.kind not in "biuf":
        raise ShapeError(
            f"{name} should hold numbers, in the shape {_words(dims)}, but holds entries of the"
            f" type {array.dtype}."
        )
    return array


def _fits(shape: tuple[int, ...], dims: Sequence[int | str]) -> bool:
    if len(shape) != len(dims) or 0 in shape:
        return False
    for axis, dim in enumerate(dims):  # a plain loop: small runs pay for each call
        if shape[axis] != dim and not isinstance(dim, str):
            return False
    return True


def _words(dims: Sequence[int | str]) -> str:
    return "(" + ", ".join(str(d) for d in dims) + ("," if len(dims) == 1 else "") + ")"
