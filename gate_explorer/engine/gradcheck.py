"""Gradients by central differences: slow, independent of any derivation, good to ten digits."""

from collections.abc import Callable

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.errors import ShapeError


def numerical_gradient(loss: Callable[[], float], array: Array, epsilon: float = 1e-6) -> Array:
    """The slope of `loss()` along every entry of `array`.

    d loss / d v ~ (loss(v + e) - loss(v - e)) / 2e, with an error of the order of e^2.
    `array` is perturbed in place, an entry at a time, and put back; `loss` must read it anew at
    each call. Shapes: array, any shape, float64 -> same shape.
    Raises: ShapeError if the array isn't float64: single precision has too few digits for it.
    """
    if array.dtype != np.float64:
        raise ShapeError(f"The array should be float64 for a gradient check, but is {array.dtype}.")
    slopes = np.empty_like(array)
    for place in np.ndindex(array.shape):
        value = array[place]
        array[place] = value + epsilon
        above = loss()
        array[place] = value - epsilon
        below = loss()
        array[place] = value
        slopes[place] = (above - below) / (2 * epsilon)
    return slopes
