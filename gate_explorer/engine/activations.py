"""The functions that squash an LSTM's sums, and their slopes.

sigma(a) = 1 / (1 + exp(-a)) = tanh(a / 2) / 2 + 1/2: the second form can't overflow, and lets one
call of tanh serve all four gates.

`Activation` names one of the elementwise functions that ONNX's and Keras's recurrent layers know,
with its parameters alpha and beta where it has any. hard_sigmoid, min(max(alpha a + beta, 0), 1),
has had two slopes: alpha = 1/5 in ONNX and in Keras until version 2, 1/6 in PyTorch and Keras 3.
Keras's softmax, log_softmax, sparsemax and glu mix units, and so aren't among them.

References: ONNX operators LSTM and HardSigmoid; keras.activations; Klambauer et al. 2017 (selu);
Hendrycks & Gimpel 2016 (gelu); Misra 2019 (mish).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.errors import InputError


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


@dataclass(frozen=True)
class Activation:
    """An elementwise function by its name; alpha, beta: its defaults where None.

    Raises: InputError for a name that isn't known, or a parameter that isn't finite or isn't taken.
    """

    name: str
    alpha: float | None = None
    beta: float | None = None

    def __post_init__(self) -> None:
        if self.name not in RULES:
            known = ", ".join(RULES)
            raise InputError(f"There is no activation {self.name!r}; known are {known}.")
        rule = RULES[self.name]
        for letter, default in (("alpha", rule.alpha), ("beta", rule.beta)):
            value = getattr(self, letter)
            if value is None:
                object.__setattr__(self, letter, default)
            elif default is None:
                raise InputError(f"The activation {self.name} takes no {letter}.")
            elif not math.isfinite(value):
                raise InputError(f"{letter} of {self.name} is {value}; it should be finite.")

    def __call__(self, a: Array) -> Array:
        """The function's value at a, elementwise; same shape and dtype."""
        result: Array = RULES[self.name].value(a, self.alpha or 0.0, self.beta or 0.0)
        return result.astype(a.dtype, copy=False)

    def slope(self, a: Array, y: Array) -> Array:
        """The slope at a, where the value is y; at a kink that of one side."""
        rule = RULES[self.name]
        result: Array = rule.slope(a, y, self.alpha or 0.0, self.beta or 0.0)
        return np.broadcast_to(result, a.shape).astype(a.dtype, copy=False)


class Rule(NamedTuple):
    """A function, its slope, and what its parameters are unless given; None: it takes none."""

    value: Callable[[Array, float, float], Array]
    slope: Callable[[Array, Array, float, float], Array]
    alpha: float | None = None
    beta: float | None = None


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def _elu(a: Array, alpha: float) -> Array:
    result: Array = np.where(a >= 0, a, alpha * np.expm1(np.minimum(a, 0)))
    return result


def _elu_slope(a: Array, alpha: float) -> Array:
    result: Array = np.where(a >= 0, 1, alpha * np.exp(np.minimum(a, 0)))
    return result


def _softplus(a: Array) -> Array:
    """log(1 + e^a) = max(a, 0) + log(1 + e^-|a|), which can't overflow."""
    result: Array = np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))
    return result


def _normal(a: Array) -> Array:
    """The normal distribution function; NumPy has no erf, so it is the standard library's."""
    erf = np.frompyfunc(math.erf, 1, 1)
    values = erf(np.asarray(a, np.float64) * math.sqrt(0.5))
    result: Array = 0.5 + 0.5 * np.asarray(values, np.float64)
    return result


def _normal_density(a: Array) -> Array:
    result: Array = np.exp(-0.5 * np.asarray(a, np.float64) ** 2) / math.sqrt(2 * math.pi)
    return result


def _mish_slope(a: Array) -> Array:
    y = np.tanh(_softplus(a))
    result: Array = y + a * tanh_slope(y) * sigmoid(a)
    return result


def _between(a: Array, low: float, high: float) -> Array:
    result: Array = (a > low) & (a < high)
    return result


# Written as tables are: a row a function; a the sum, y the value, p and q alpha and beta.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "sigmoid": Rule(lambda a, p, q: sigmoid(a), lambda a, y, p, q: sigmoid_slope(y)),
        "tanh": Rule(lambda a, p, q: np.tanh(a), lambda a, y, p, q: tanh_slope(y)),
        "relu": Rule(lambda a, p, q: np.maximum(a, 0), lambda a, y, p, q: a > 0),
        "linear": Rule(lambda a, p, q: a, lambda a, y, p, q: np.ones_like(a)),
        "affine": Rule(lambda a, p, q: p * a + q, lambda a, y, p, q: np.full_like(a, p), 1.0, 0.0),
        "leaky_relu": Rule(
            lambda a, p, q: np.where(a >= 0, a, p * a),
            lambda a, y, p, q: np.where(a >= 0, 1, p),
            0.01,
        ),
        "thresholded_relu": Rule(
            lambda a, p, q: np.where(a >= p, a, 0), lambda a, y, p, q: a >= p, 1.0
        ),
        "scaled_tanh": Rule(
            lambda a, p, q: p * np.tanh(q * a),
            lambda a, y, p, q: p * q * tanh_slope(np.tanh(q * a)),
            1.0,
            1.0,
        ),
        "hard_sigmoid": Rule(
            lambda a, p, q: np.clip(p * a + q, 0, 1),
            lambda a, y, p, q: p * _between(p * a + q, 0, 1),
            0.2,
            0.5,
        ),
        "elu": Rule(lambda a, p, q: _elu(a, p), lambda a, y, p, q: _elu_slope(a, p), 1.0),
        "softsign": Rule(
            lambda a, p, q: a / (1 + np.abs(a)), lambda a, y, p, q: (1 - np.abs(y)) ** 2
        ),
        "softplus": Rule(lambda a, p, q: _softplus(a), lambda a, y, p, q: sigmoid(a)),
        "selu": Rule(
            lambda a, p, q: SELU_SCALE * _elu(a, SELU_ALPHA),
            lambda a, y, p, q: SELU_SCALE * _elu_slope(a, SELU_ALPHA),
        ),
        "celu": Rule(
            lambda a, p, q: p * _elu(a / p, 1), lambda a, y, p, q: _elu_slope(a / p, 1), 1.0
        ),
        "exponential": Rule(lambda a, p, q: np.exp(a), lambda a, y, p, q: y),
        "relu6": Rule(lambda a, p, q: np.clip(a, 0, 6), lambda a, y, p, q: _between(a, 0, 6)),
        "silu": Rule(
            lambda a, p, q: a * sigmoid(a),
            lambda a, y, p, q: sigmoid(a) + a * sigmoid_slope(sigmoid(a)),
        ),
        "gelu": Rule(
            lambda a, p, q: a * _normal(a), lambda a, y, p, q: _normal(a) + a * _normal_density(a)
        ),
        "mish": Rule(lambda a, p, q: a * np.tanh(_softplus(a)), lambda a, y, p, q: _mish_slope(a)),
        "log_sigmoid": Rule(lambda a, p, q: -_softplus(-a), lambda a, y, p, q: sigmoid(-a)),
        "squareplus": Rule(
            lambda a, p, q: (a + np.sqrt(a * a + p)) / 2,
            lambda a, y, p, q: (1 + a / np.sqrt(a * a + p)) / 2,
            4.0,
        ),
        "hard_silu": Rule(
            lambda a, p, q: a * np.clip(a / 6 + 0.5, 0, 1),
            lambda a, y, p, q: np.clip(a / 6 + 0.5, 0, 1) + a / 6 * _between(a, -3, 3),
        ),
        "hard_tanh": Rule(lambda a, p, q: np.clip(a, -1, 1), lambda a, y, p, q: _between(a, -1, 1)),
        "tanh_shrink": Rule(lambda a, p, q: a - np.tanh(a), lambda a, y, p, q: np.tanh(a) ** 2),
        "soft_shrink": Rule(
            lambda a, p, q: np.sign(a) * np.maximum(np.abs(a) - p, 0),
            lambda a, y, p, q: np.abs(a) > p,
            0.5,
        ),
        "hard_shrink": Rule(
            lambda a, p, q: np.where(np.abs(a) > p, a, 0), lambda a, y, p, q: np.abs(a) > p, 0.5
        ),
        "sparse_plus": Rule(
            lambda a, p, q: np.where(a < 1, np.maximum(a + 1, 0) ** 2 / 4, a),
            lambda a, y, p, q: np.clip((a + 1) / 2, 0, 1),
        ),
        "sparse_sigmoid": Rule(
            lambda a, p, q: np.clip((a + 1) / 2, 0, 1), lambda a, y, p, q: _between(a, -1, 1) / 2
        ),
    }
)

SIGMOID, TANH, RELU = Activation("sigmoid"), Activation("tanh"), Activation("relu")


def check_clip(clip: float | None) -> None:
    """Raise InputError unless a clip is absent, or above 0 and finite."""
    if clip is not None and not (clip > 0 and math.isfinite(clip)):
        raise InputError(f"clip is {clip}; it should be above 0 and finite, or left out.")
