"""The two squashing functions of an LSTM and their slopes, written in terms of their values.

sigma(a) = 1 / (1 + exp(-a)) = tanh(a / 2) / 2 + 1/2: the second form can't overflow, and lets one
call of tanh serve all four gates.
"""

import numpy as np

from app.engine.checks import Array


def sigmoid(a: Array) -> Array:
    """sigma(a), elementwise, in [0, 1]; same shape and dtype; no overflow for any finite a."""
    half = a.dtype.type(0.5)
    result: Array = np.tanh(a * half) * half + half
    return result


def sigmoid_slope(s: Array) -> Array:
    """d sigma / d a from the value s = sigma(a): s (1 - s), in [0, 1/4]."""
    result: Array = s * (1 - s)
    return result


def tanh_slope(y: Array) -> Array:
    """d tanh / d a from the value y = tanh(a): 1 - y^2, in [0, 1]."""
    result: Array = 1 - y * y
    return result
