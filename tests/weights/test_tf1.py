"""TensorFlow 1's cells, against their equations written out for single numbers."""

import math

import numpy as np
import pytest

from gate_explorer.engine import lstm
from gate_explorer.errors import InputError, ShapeError
from gate_explorer.weights.tf1 import TF1Weights, from_tf1

from ..engine.builders import draw


def _sigma(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def test_tf1_cell_adds_its_forget_bias_and_peeps_as_its_equations_say() -> None:
    kernel = np.array([[0.3, -0.4, 0.5, 0.6], [0.7, 0.2, -0.1, 0.9]])  # on [x, h]; i j f o
    bias, (w_i, w_f, w_o) = np.array([0.1, 0.2, -0.3, 0.4]), (0.25, -0.35, 0.45)
    x, h, c = 0.8, -0.5, 1.2

    cell = from_tf1(
        TF1Weights(kernel, bias, np.array([w_i]), np.array([w_f]), np.array([w_o])), forget_bias=0.7
    )
    state = lstm.LSTMState(np.array([[h]]), np.array([[c]]))
    found = lstm.step(cell, np.array([[x]]), state)

    i, j, f, o = (x * kernel[0, k] + h * kernel[1, k] + bias[k] for k in range(4))
    after = _sigma(f + 0.7 + w_f * c) * c + _sigma(i + w_i * c) * math.tanh(j)
    assert found.c[0, 0] == pytest.approx(after, abs=1e-12)
    assert found.h[0, 0] == pytest.approx(_sigma(o + w_o * after) * math.tanh(after), abs=1e-12)


def test_tf1_cell_without_a_bias_has_the_forget_bias_alone() -> None:
    rng = np.random.default_rng(80)

    cell = from_tf1(TF1Weights(draw(rng, 5, 8)))

    assert (cell.input_size, cell.hidden_size) == (3, 2)
    assert cell.bias.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_tf1_projection_narrows_the_hidden_state() -> None:
    rng = np.random.default_rng(81)

    cell = from_tf1(TF1Weights(draw(rng, 5, 12), draw(rng, 12), projection=draw(rng, 3, 2)))

    assert (cell.input_size, cell.hidden_size, cell.output_size) == (3, 3, 2)


def test_tf1_cell_that_cant_be_followed_says_what_to_do() -> None:
    rng = np.random.default_rng(82)
    kernel, bias = draw(rng, 5, 8), draw(rng, 8)

    with pytest.raises(InputError, match=r"cell_clip = 50\.0 limits the cell state itself.*leave"):
        from_tf1(TF1Weights(kernel, bias), cell_clip=50.0)
    with pytest.raises(InputError, match="all of w_i_diag, w_f_diag and w_o_diag"):
        from_tf1(TF1Weights(kernel, bias, w_i_diag=draw(rng, 2)))
    with pytest.raises(ShapeError, match=r"\(D \+ H, 4H\), but has \(2, 8\)"):
        from_tf1(TF1Weights(kernel[:2], bias))
