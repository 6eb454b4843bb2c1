"""A learning cell's loss and gradients, through dropout, cell and readout."""

from dataclasses import replace

import numpy as np
import pytest

from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.training.cells.model import (
    CellKind,
    Recipe,
    Step,
    Weights,
    loss_and_gradients,
)
from gate_explorer.training.cells.task import NO_TARGET, Batch

RECIPE = Recipe(
    hidden=3, updates=1, batch=2, learning_rate=1.0, recurrent_dropout=0.3, output_dropout=0.3
)
WEIGHTS = ("weight_ih", "weight_hh", "bias", "readout_weight", "readout_bias")
X = np.random.default_rng(1).normal(size=(4, 2, 2))
CLASSES = Batch(X, np.array([[0, 1], [NO_TARGET, 2], [1, 1], [2, NO_TARGET]]))
NUMBERS = Batch(X, np.array([[np.nan, 0.3], [0.1, np.nan], [0.5, 0.2], [1.0, -1.0]]))


def weights(cell: CellKind, outputs: int) -> Weights:
    recipe = replace(RECIPE, cell=cell)
    start = Weights.initial(recipe, 2, outputs, np.random.default_rng(2))
    return Weights(**{name: array.astype(np.float64) for name, array in start.arrays().items()})


def step(at: Weights, batch: Batch, cell: CellKind) -> Step:
    """The same dropout at every call."""
    recipe = replace(RECIPE, cell=cell)
    return loss_and_gradients(at, batch, recipe, np.random.default_rng(9))


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize(("batch", "outputs"), [(CLASSES, 3), (NUMBERS, 1)])
def test_gradients_agree_with_central_differences(
    name: str, cell: CellKind, batch: Batch, outputs: int
) -> None:
    at = weights(cell, outputs)
    expected = numerical_gradient(lambda: step(at, batch, cell).loss, at.arrays()[name])
    np.testing.assert_allclose(step(at, batch, cell).gradients[name], expected, atol=1e-7)


def test_initial_rnn_has_orthogonal_recurrent_weights() -> None:
    u = weights("rnn", 1).weight_hh
    np.testing.assert_allclose(u @ u.T, np.eye(3), atol=1e-6)


def test_initial_lstm_has_the_forget_bias() -> None:
    assert weights("lstm", 1).bias.reshape(4, 3).tolist() == [[0] * 3, [1] * 3, [0] * 3, [0] * 3]
