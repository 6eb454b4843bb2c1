"""The sentence model while it learns: float32 arrays that change in place, loss and gradients."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMTrace, backward, forward
from gate_explorer.training import losses
from gate_explorer.training.adam import summed_rows
from gate_explorer.training.sentiment.losses import polarity
from gate_explorer.training.sentiment.phrases import PhraseBatch
from gate_explorer.training.sentiment.recipe import SentenceRecipe
from gate_explorer.zoo.embedding import Embedding
from gate_explorer.zoo.sentiment_network import LABELS, SentimentNetwork
from gate_explorer.zoo.vocabulary import Vocabulary


@dataclass(frozen=True)
class SentenceWeights:
    """What training moves, all float32: embedding (V, D), LSTM rows i|f|g|o, readout (5, H)."""

    embedding: Array
    weight_ih: Array
    weight_hh: Array
    bias: Array
    readout_weight: Array
    readout_bias: Array

    @classmethod
    def initial(cls, embedding: Array, hidden: int, rng: np.random.Generator) -> "SentenceWeights":
        """Uniform in +-1/sqrt(H), as torch.nn.LSTM; forget bias 1 (Gers et al. 2000), other 0."""
        bias = np.zeros(4 * hidden, np.float32)
        bias[hidden : 2 * hidden] = 1
        return cls(
            embedding.copy(),
            uniform((4 * hidden, embedding.shape[1]), hidden, rng),
            uniform((4 * hidden, hidden), hidden, rng),
            bias,
            uniform((len(LABELS), hidden), hidden, rng),
            np.zeros(len(LABELS), np.float32),
        )

    def arrays(self) -> dict[str, Array]:
        """Every array by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def copy(self) -> "SentenceWeights":
        """The same numbers in arrays of their own."""
        return SentenceWeights(**{name: array.copy() for name, array in self.arrays().items()})

    def network(self, vocabulary: Vocabulary, untrained: Array) -> SentimentNetwork:
        """The network as it is stored; `untrained` are the rows after those that training moves."""
        return SentimentNetwork(
            Embedding.of(np.concatenate((self.embedding, untrained))),
            self.cell(),
            self.readout_weight.copy(),
            self.readout_bias.copy(),
            vocabulary,
        )

    def cell(self) -> LSTMParameters:
        """The cell with the numbers of now."""
        return LSTMParameters(self.weight_ih.copy(), self.weight_hh.copy(), self.bias.copy())


@dataclass(frozen=True)
class SentenceStep:
    """Loss in nats, gradients of everything but the embedding, and those of the rows it read."""

    loss: float
    gradients: dict[str, Array]
    rows: NDArray[np.intp]
    d_rows: Array


def loss_and_gradients(
    weights: SentenceWeights,
    batch: PhraseBatch,
    recipe: SentenceRecipe,
    rare: NDArray[np.bool_],
    rng: np.random.Generator,
) -> SentenceStep:
    """Read a batch with dropout; five-class loss plus binary loss at every word with a target.

    rare (V,): the rows of words seen once, read as `<unk>` more often than others.
    """
    rows = sometimes_unknown(batch.rows, rare, recipe, rng)
    x = weights.embedding[rows]
    kept_x = dropout(x.shape, recipe.input_dropout, rng)
    cell = weights.cell()
    trace = forward(cell, x * kept_x)
    asked = np.nonzero(batch.weights)
    kept_h = dropout((len(asked[0]), recipe.hidden), recipe.output_dropout, rng)
    read = trace.h[asked] * kept_h
    targets, shares = batch.targets[asked], batch.weights[asked]
    loss, d_logits = logits_loss(weights, read, targets, shares, recipe.polarity_weight)
    d_h = np.zeros_like(trace.h)
    d_h[asked] = (d_logits @ weights.readout_weight) * kept_h
    gradients, d_x = _through_the_cell(cell, trace, d_h)
    gradients |= {"readout_weight": d_logits.T @ read, "readout_bias": d_logits.sum(axis=0)}
    real = np.arange(len(rows))[:, None] < batch.lengths
    touched, d_rows = summed_rows(rows[real], (d_x * kept_x)[real])
    return SentenceStep(loss, gradients, touched, d_rows)


def logits_loss(
    weights: SentenceWeights, h: Array, targets: Array, shares: Array, polarity_weight: float
) -> tuple[float, Array]:
    """Five-class loss plus so much of the binary one, and d_logits (M, 5), for h (M, H)."""
    logits = h @ weights.readout_weight.T + weights.readout_bias
    five = losses.soft_cross_entropy(logits, targets, shares)
    two = polarity(logits, targets, shares)
    value = five.value + polarity_weight * two.value
    return value, five.d_logits + polarity_weight * two.d_logits


def _through_the_cell(
    cell: LSTMParameters, trace: LSTMTrace, d_h: Array
) -> tuple[dict[str, Array], Array]:
    found = backward(cell, trace, d_h)
    gradients = {
        "weight_ih": found.d_weight_ih,
        "weight_hh": found.d_weight_hh,
        "bias": found.d_bias,
    }
    return gradients, found.d_x


def sometimes_unknown(
    rows: NDArray[np.intp],
    rare: NDArray[np.bool_],
    recipe: SentenceRecipe,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """The rows with 0, for `<unk>`, in place of the recipe's shares of rare and other words."""
    share = np.where(rare[rows], recipe.rare_to_unknown, recipe.word_to_unknown)
    hidden = rng.random(rows.shape) < share
    return np.where(hidden, 0, rows)


def dropout(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> Array:
    """0 for what is dropped, 1 / (1 - share) for the rest (Srivastava et al. 2014)."""
    kept = rng.random(shape, dtype=np.float32) >= share
    return kept.astype(np.float32) / np.float32(1 - share)


def uniform(shape: tuple[int, ...], hidden: int, rng: np.random.Generator) -> Array:
    """Uniform in +-1/sqrt(H), float32."""
    bound = 1 / np.sqrt(hidden)
    return rng.uniform(-bound, bound, shape).astype(np.float32)
