"""The border of the engine: arrays are checked here once, and trusted from then on.

NumPy has no bfloat16; the package ml_dtypes lends it one, whose arrays are read here without that
package being asked for. A bfloat16 is the upper half of a float32, so nothing is rounded.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gate_explorer.errors import GrowthError, NonFiniteError, ShapeError

Array = NDArray[Any]

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
BFLOAT16 = "bfloat16"


def as_float_array(
    name: str, value: ArrayLike, dims: Sequence[int | str], dtype: DTypeLike | None = None
) -> Array:
    """Return `value` as a finite float array of the given dimensions.

    dims: one entry an axis; a number is that very length, a name such as "T" is any length >= 1.
    dtype: float32 or float64; None keeps a float array's own, makes float32 of float16 and
    bfloat16, exactly, and float64 of the rest.
    Raises: ShapeError naming what was expected and what came; NonFiniteError naming the place.
    """
    array = _numbers(name, value, dims)
    if dtype is None:
        half = array.dtype == np.float16
        dtype = array.dtype if array.dtype in FLOATS else np.float32 if half else np.float64
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
    if array.dtype.name == BFLOAT16:
        return from_bfloat16(array.view(np.uint16))
    if array.dtype.kind not in "biuf":
        raise ShapeError(
            f"{name} should hold numbers, in the shape {_words(dims)}, but holds entries of the"
            f" type {array.dtype}."
        )
    return array


def from_bfloat16(bits: Array) -> Array:
    """The float32 numbers whose upper halves are these uint16; exact, any shape."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def refuse_growth(what: str, values: Array) -> None:
    """Raise GrowthError at the first step of a run (T, N, ·) whose values aren't all finite."""
    finite = np.isfinite(values)
    if not finite.all():
        step, sequence, *_ = np.argwhere(~finite)[0]
        raise GrowthError(what, int(step), int(sequence))


@contextmanager
def steps_from(first: int) -> Iterator[None]:
    """Name the step at which a run grows beyond all numbers by the time of the longer run that
    this one is a part of, and whose step `first` is its own step 0."""
    try:
        yield
    except GrowthError as error:
        raise error.at(first + error.step) from None


def _fits(shape: tuple[int, ...], dims: Sequence[int | str]) -> bool:
    if len(shape) != len(dims) or 0 in shape:
        return False
    for axis, dim in enumerate(dims):  # a plain loop: small runs pay for each call
        if shape[axis] != dim and not isinstance(dim, str):
            return False
    return True


def _words(dims: Sequence[int | str]) -> str:
    return "(" + ", ".join(str(d) for d in dims) + ("," if len(dims) == 1 else "") + ")"
