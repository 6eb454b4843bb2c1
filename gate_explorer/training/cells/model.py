"""A cell with its readout while it learns: float32 arrays that change in place, loss, gradients.

The loss is the cross-entropy of what is wanted after a step, or half the squared error where a
number is wanted, averaged over all that is asked in a batch.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMState
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.training import losses
from gate_explorer.training.cells.task import NO_TARGET, Batch
from gate_explorer.training.losses import Loss
from gate_explorer.zoo.cell_network import CellNetwork

CellKind = Literal["lstm", "rnn"]
State = tuple[Array, ...]


@dataclass(frozen=True)
class Recipe:
    """Sizes, rates and shares of one training run."""

    hidden: int
    updates: int
    batch: int
    learning_rate: float  # peak
    cell: CellKind = "lstm"
    warm_up: int = 20  # updates
    final_rate: float = 0.05  # share of the peak at the last update
    clip: float = 1.0  # norm of all gradients together
    forget_bias: float = 1.0
    recurrent_dropout: float = 0.0  # share of the recurrent weights left out in an update
    output_dropout: float = 0.0
    remembered: int = 100  # updates that the kept average of the weights spans, about


@dataclass(frozen=True)
class Weights:
    """What training moves, float32: the cell (rows i|f|g|o in an LSTM) and the readout (K, H)."""

    weight_ih: Array
    weight_hh: Array
    bias: Array
    readout_weight: Array
    readout_bias: Array

    @classmethod
    def initial(
        cls, recipe: Recipe, inputs: int, outputs: int, rng: np.random.Generator
    ) -> "Weights":
        """Uniform in +-1/sqrt(H); an RNN's recurrent weights orthogonal; an LSTM's forget bias."""
        hidden = recipe.hidden
        rows = 4 * hidden if recipe.cell == "lstm" else hidden
        bias = np.zeros(rows, np.float32)
        if recipe.cell == "lstm":
            bias[hidden : 2 * hidden] = recipe.forget_bias
            recurrent = _uniform((rows, hidden), hidden, rng)
        else:
            recurrent = _orthogonal(hidden, rng)
        return cls(
            _uniform((rows, inputs), hidden, rng),
            recurrent,
            bias,
            _uniform((outputs, hidden), hidden, rng),
            np.zeros(outputs, np.float32),
        )

    def arrays(self) -> dict[str, Array]:
        """Every array by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def copy(self) -> "Weights":
        """The same numbers in arrays of their own."""
        return Weights(**{name: array.copy() for name, array in self.arrays().items()})

    def cell(self, cell: CellKind) -> LSTMParameters | RNNParameters:
        """The cell with the numbers of now."""
        kind = LSTMParameters if cell == "lstm" else RNNParameters
        return kind(self.weight_ih.copy(), self.weight_hh.copy(), self.bias.copy())

    def network(self, cell: CellKind) -> CellNetwork:
        """The network with the numbers of now."""
        return CellNetwork(self.cell(cell), self.readout_weight.copy(), self.readout_bias.copy())


@dataclass(frozen=True)
class Step:
    """The loss, each weight's gradient by its name, and the state after the batch."""

    loss: float
    gradients: dict[str, Array]
    state: State


def loss_and_gradients(
    weights: Weights,
    batch: Batch,
    recipe: Recipe,
    rng: np.random.Generator,
    state: State | None = None,
) -> Step:
    """Read a batch with dropout and backpropagate through its steps.

    Recurrent dropout leaves out weights, the same ones at every step of the batch (Merity, Keskar
    & Socher 2018, "Regularizing and optimizing LSTM language models").
    """
    kept_u = _dropout(weights.weight_hh.shape, recipe.recurrent_dropout, rng)
    cell = replace(weights, weight_hh=weights.weight_hh * kept_u).cell(recipe.cell)
    h, after, back = _through(cell, batch.x, state if batch.goes_on else None)
    asked = _asked(batch)
    kept_h = _dropout((int(asked.sum()), recipe.hidden), recipe.output_dropout, rng)
    read = h[asked] * kept_h
    z = read @ weights.readout_weight.T + weights.readout_bias
    loss = _loss(z, batch.targets[asked])
    d_h = np.zeros_like(h)
    d_h[asked] = (loss.d_logits @ weights.readout_weight) * kept_h
    gradients = back(d_h)
    gradients["weight_hh"] = gradients["weight_hh"] * kept_u
    gradients["readout_weight"] = loss.d_logits.T @ read
    gradients["readout_bias"] = loss.d_logits.sum(axis=0)
    return Step(loss.value, gradients, after)


def _through(cell: LSTMParameters | RNNParameters, x: Array, state: State | None) -> Any:
    """The hidden states, the state after the last step, and the way back to the weights."""
    if isinstance(cell, LSTMParameters):
        trace = lstm.forward(cell, x, LSTMState(*state) if state else None)
        after = (trace.state.h, trace.state.c)
        return trace.h, after, lambda d_h: _named(lstm.backward(cell, trace, d_h))
    run = rnn.forward(cell, x, state[0] if state else None)
    return run.h, (run.state,), lambda d_h: _named(rnn.backward(cell, run, d_h))


def _named(found: lstm.LSTMGradients | rnn.RNNGradients) -> dict[str, Array]:
    names = ("weight_ih", "weight_hh", "bias")
    return {name: np.array(getattr(found, f"d_{name}")) for name in names}


def _asked(batch: Batch) -> NDArray[np.bool_]:
    """Where something is wanted, (T, N)."""
    if np.issubdtype(batch.targets.dtype, np.integer):
        result: NDArray[np.bool_] = batch.targets != NO_TARGET
        return result
    return ~np.isnan(batch.targets)


def _loss(z: Array, targets: NDArray[Any]) -> Loss:
    if np.issubdtype(targets.dtype, np.integer):
        return losses.cross_entropy(z, targets, np.ones(len(targets), np.float32))
    return losses.squared_error(z[:, 0], targets)


def _dropout(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> Any:
    """0 for what is dropped, 1 / (1 - share) for the rest; nothing is drawn for a share of 0."""
    if not share:
        return np.float32(1)
    kept = rng.random(shape, dtype=np.float32) >= share
    return kept.astype(np.float32) / np.float32(1 - share)


def _uniform(shape: tuple[int, ...], hidden: int, rng: np.random.Generator) -> Array:
    bound = 1 / np.sqrt(hidden)
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def _orthogonal(size: int, rng: np.random.Generator) -> Array:
    """A random rotation: what it carries from step to step neither grows nor fades."""
    q, r = np.linalg.qr(rng.normal(size=(size, size)))
    result: Array = (q * np.sign(np.diag(r))).astype(np.float32)
    return result
