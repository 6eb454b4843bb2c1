"""The activations that ONNX and Keras name: known values, slopes, and calm at the far ends."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gate_explorer.engine.activations import RULES, Activation
from gate_explorer.errors import InputError

from .builders import DTYPES

FAR = 1e4


def _elu(a: float, alpha: float = 1) -> float:
    return a if a >= 0 else alpha * (math.exp(a) - 1)


def _softplus(a: float) -> float:
    return math.log(1 + math.exp(a))


# Written from the definitions in scalar Python, apart from the engine's.
DEFINITIONS: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0),
    "linear": lambda a: a,
    "affine": lambda a: a,
    "leaky_relu": lambda a: a if a >= 0 else 0.01 * a,
    "thresholded_relu": lambda a: a if a >= 1 else 0,
    "scaled_tanh": math.tanh,
    "hard_sigmoid": lambda a: min(max(0.2 * a + 0.5, 0), 1),
    "elu": _elu,
    "softsign": lambda a: a / (1 + abs(a)),
    "softplus": _softplus,
    "selu": lambda a: 1.0507009873554805 * _elu(a, 1.6732632423543772),
    "celu": _elu,
    "exponential": math.exp,
    "relu6": lambda a: min(max(a, 0), 6),
    "silu": lambda a: a / (1 + math.exp(-a)),
    "gelu": lambda a: a * (1 + math.erf(a / math.sqrt(2))) / 2,
    "mish": lambda a: a * math.tanh(_softplus(a)),
    "log_sigmoid": lambda a: -_softplus(-a),
    "squareplus": lambda a: (a + math.sqrt(a * a + 4)) / 2,
    "hard_silu": lambda a: a * min(max(a + 3, 0), 6) / 6,
    "hard_tanh": lambda a: min(max(a, -1), 1),
    "tanh_shrink": lambda a: a - math.tanh(a),
    "soft_shrink": lambda a: math.copysign(max(abs(a) - 0.5, 0), a),
    "hard_shrink": lambda a: a if abs(a) > 0.5 else 0,
    "sparse_plus": lambda a: 0 if a <= -1 else a if a >= 1 else (a + 1) ** 2 / 4,
    "sparse_sigmoid": lambda a: min(max((a + 1) / 2, 0), 1),
}
# Off the kinks, where a function has two slopes.
PLACES = np.array([-7.3, -3.1, -2.4, -1.1, -0.6, -0.3, -0.01, 0.02, 0.4, 0.7, 1.2, 2.6, 3.2, 7.1])


@pytest.mark.parametrize("name", RULES)
def test_activation_equals_its_definition(name: str) -> None:
    expected = [DEFINITIONS[name](a) for a in PLACES.tolist()]

    np.testing.assert_allclose(Activation(name)(PLACES), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", RULES)
def test_slope_equals_differences(name: str) -> None:
    activation, e = Activation(name), 1e-6

    slopes = activation.slope(PLACES, activation(PLACES))

    differences = (activation(PLACES + e) - activation(PLACES - e)) / (2 * e)
    np.testing.assert_allclose(slopes, differences, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("activation", "a", "y"),
    [
        (Activation("hard_sigmoid"), 1.5, 0.8),
        (Activation("hard_sigmoid", 1 / 6), 1.5, 0.75),
        (Activation("hard_sigmoid", 0.3, 0.1), 1.0, 0.4),
        (Activation("affine", 2, 3), 4.0, 11.0),
        (Activation("leaky_relu", 0.2), -2.0, -0.4),
        (Activation("thresholded_relu", 0.5), 0.6, 0.6),
        (Activation("scaled_tanh", 2, 0.5), 1.0, 2 * math.tanh(0.5)),
        (Activation("elu", 2), -1.0, 2 * (math.exp(-1) - 1)),
        (Activation("celu", 2), -1.0, 2 * (math.exp(-0.5) - 1)),
    ],
)
def test_alpha_and_beta_shape_the_function_and_its_slope(
    activation: Activation, a: float, y: float
) -> None:
    place, e = np.array([a]), 1e-6

    np.testing.assert_allclose(activation(place), [y], rtol=1e-15)
    difference = (activation(place + e) - activation(place - e)) / (2 * e)
    np.testing.assert_allclose(activation.slope(place, activation(place)), difference, rtol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(RULES.keys() - {"exponential"}))
def test_activation_far_out_stays_finite_and_in_its_dtype_without_a_warning(
    name: str, dtype: Any
) -> None:
    activation = Activation(name)
    tiny = np.finfo(dtype).smallest_subnormal
    a = np.array([-FAR, -88.0, -tiny, 0.0, tiny, 88.0, FAR], dtype)

    y = activation(a)
    slopes = activation.slope(a, y)

    for array in (y, slopes):
        assert array.dtype == dtype
        assert array.shape == a.shape
        assert np.isfinite(array).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("swoosh",), "There is no activation 'swoosh'; known are sigmoid, tanh"),
        (("tanh", 0.5), "tanh takes no alpha"),
        (("elu", 1.0, 2.0), "elu takes no beta"),
        (("elu", math.nan), "alpha of elu is nan; it should be finite"),
    ],
)
def test_activation_that_isnt_known_is_named(arguments: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Activation(*arguments)


def test_activations_that_mean_the_same_are_equal() -> None:
    assert Activation("hard_sigmoid") == Activation("hard_sigmoid", 0.2, 0.5)
    assert Activation("hard_sigmoid") != Activation("hard_sigmoid", 1 / 6)
