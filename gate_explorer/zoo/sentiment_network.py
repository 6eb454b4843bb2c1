"""The trained sentence model as arrays: words in, five classes after every word out.

x_t = embedding[row of word t];  h_t = LSTM(x_1 .. x_t);  z_t = W h_t + b
p_t = softmax(z_t);  s_t = logsumexp(z_t[3], z_t[4]) - logsumexp(z_t[0], z_t[1])
sigma(s_t) is the probability of a positive sentence, given that it is not neutral.
The layout of the treebank and the binary task: Socher et al. 2013; Tai, Socher & Manning 2015.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, forward
from gate_explorer.errors import DataError, ShapeError
from gate_explorer.zoo.cell_network import TRAINED_BY, CellNetwork
from gate_explorer.zoo.embedding import Embedding
from gate_explorer.zoo.reading import read_text
from gate_explorer.zoo.vocabulary import Vocabulary

LABELS = ("very negative", "negative", "neutral", "positive", "very positive")
WEIGHTS, VOCABULARY, CARD = "weights.safetensors", "vocabulary.txt", "card.json"
CHECKPOINTS = "checkpoints.safetensors"


def log_softmax(logits: Array) -> Array:
    """log(exp(z_k) / sum_j exp(z_j)) over the last axis, safe for large logits."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def binary_score(logits: Array) -> Array:
    """s = logsumexp(z3, z4) - logsumexp(z0, z1), in nats: log odds of positive over negative.

    Shapes: logits (..., 5) -> (...).
    """
    score: Array = np.logaddexp(logits[..., 3], logits[..., 4]) - np.logaddexp(
        logits[..., 0], logits[..., 1]
    )
    return score


@dataclass(frozen=True)
class SentimentNetwork:
    """Embedding (V, D), LSTM cell (H) and readout (5, H) float32, and the words."""

    embedding: Embedding
    cell: LSTMParameters
    readout_weight: NDArray[np.float32]
    readout_bias: NDArray[np.float32]
    vocabulary: Vocabulary

    @classmethod
    def load(cls, folder: Path) -> "SentimentNetwork":
        """Read weights.safetensors, vocabulary.txt and the count of trained rows in card.json.

        Raises: DataError naming file and tensor.
        """
        vocabulary = Vocabulary.load(folder / VOCABULARY, _trained_rows(folder / CARD))
        tensors = _checked(_tensors(folder / WEIGHTS), len(vocabulary), folder / WEIGHTS)
        cell = LSTMParameters(
            tensors["weight_ih_l0"],
            tensors["weight_hh_l0"],
            tensors["bias_ih_l0"] + tensors["bias_hh_l0"],
        )
        return cls(
            Embedding(tensors["embedding.weight"], tensors["embedding.scale"]),
            cell,
            tensors["readout.weight"],
            tensors["readout.bias"],
            vocabulary,
        )

    def save(self, folder: Path, trained_by: str | None = None) -> None:
        """Write weights.safetensors (PyTorch's names) and vocabulary.txt.

        trained_by: the release that trained them, which the file records; None where unknown.
        """
        tensors = {
            "weight_ih_l0": self.cell.weight_ih,
            "weight_hh_l0": self.cell.weight_hh,
            "bias_ih_l0": self.cell.bias,
            "bias_hh_l0": np.zeros_like(self.cell.bias),
            "readout.weight": self.readout_weight,
            "readout.bias": self.readout_bias,
            "embedding.weight": self.embedding.values,
            "embedding.scale": self.embedding.scale,
        }
        folder.mkdir(parents=True, exist_ok=True)
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        recorded = None if trained_by is None else {TRAINED_BY: trained_by}
        (folder / WEIGHTS).write_bytes(save(contiguous, recorded))
        self.vocabulary.save(folder / VOCABULARY)

    def embed(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """What the cell receives for each key: (T, D) float32."""
        return self.embedding.rows(self.vocabulary.rows(keys))

    def logits(self, h: Array) -> Array:
        """z = W h + b. Shapes: h (..., H) -> (..., 5)."""
        result: Array = h @ self.readout_weight.T + self.readout_bias
        return result

    def predict(self, h: Array) -> Array:
        """The probability of each label, in the order of LABELS. Shapes: h (..., H) -> (..., 5)."""
        result: Array = np.exp(log_softmax(self.logits(h)))
        return result

    def score(self, h: Array) -> Array:
        """Log odds of positive over negative. Shapes: h (..., H) -> (...)."""
        return binary_score(self.logits(h))

    def read(self, keys: Sequence[str]) -> Array:
        """The logits after every word: (T, 5).

        Raises: ShapeError for an empty sequence.
        """
        if not keys:
            raise ShapeError("keys: expected at least one word, got none")
        return self.logits(forward(self.cell, self.embed(keys)[:, None]).h[:, 0])

    def read_text(self, text: str) -> Array:
        """The logits after every token of a text as people type it: (T, 5).

        Raises: ShapeError for a text without a visible character.
        """
        return self.read([word.key for word in read_text(self.vocabulary, text)])

    def verdict(self, text: str) -> float:
        """Log odds of positive over negative at the end of a text."""
        return float(binary_score(self.read_text(text)[-1]))

    def likeliest(self, text: str) -> str:
        """The likeliest of the five labels at the end of a text."""
        return LABELS[int(self.read_text(text)[-1].argmax())]


def with_cell(network: SentimentNetwork, other: CellNetwork) -> SentimentNetwork:
    """The network with the cell and the readout of a checkpoint, and its own embedding."""
    if not isinstance(other.cell, LSTMParameters):
        raise DataError("a sentence model has an LSTM")
    return replace(
        network,
        cell=other.cell,
        readout_weight=other.readout_weight,
        readout_bias=other.readout_bias,
    )


def _trained_rows(path: Path) -> int:
    try:
        card: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing") from error
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from error
    trained = card.get("trained_rows") if isinstance(card, dict) else None
    if not isinstance(trained, int):
        raise DataError(f"{path}: expected a whole number trained_rows, got {trained!r}")
    return trained


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    try:
        return load_file(path)
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing") from error
    except SafetensorError as error:
        raise DataError(f"{path} is not a safetensors file: {error}") from error


def _checked(tensors: dict[str, NDArray[Any]], words: int, path: Path) -> dict[str, NDArray[Any]]:
    """The tensors, once names, shapes, types and values are what a sentence model has."""
    expected = _expected(tensors, words)
    if tensors.keys() != expected.keys():
        raise DataError(f"{path}: expected tensors {sorted(expected)}, got {sorted(tensors)}")
    for name, (shape, dtype) in expected.items():
        tensor = tensors[name]
        if tensor.shape != shape:
            raise DataError(f"{path}, {name}: expected shape {shape}, got {tensor.shape}")
        if tensor.dtype != dtype:
            raise DataError(f"{path}, {name}: expected {np.dtype(dtype)}, got {tensor.dtype}")
        if not np.isfinite(tensor).all():
            raise DataError(f"{path}, {name}: holds a number that is not finite")
    return tensors


def _expected(
    tensors: dict[str, NDArray[Any]], words: int
) -> dict[str, tuple[tuple[int, ...], type[np.number]]]:
    """Name -> shape and type; the widths are read off the embedding and the readout."""
    inputs = _width(tensors.get("embedding.weight"))
    hidden = _width(tensors.get("readout.weight"))
    classes = len(LABELS)
    return {
        "weight_ih_l0": ((4 * hidden, inputs), np.float32),
        "weight_hh_l0": ((4 * hidden, hidden), np.float32),
        "bias_ih_l0": ((4 * hidden,), np.float32),
        "bias_hh_l0": ((4 * hidden,), np.float32),
        "readout.weight": ((classes, hidden), np.float32),
        "readout.bias": ((classes,), np.float32),
        "embedding.weight": ((words, inputs), np.int8),
        "embedding.scale": ((words,), np.float16),
    }


def _width(tensor: NDArray[Any] | None) -> int:
    return tensor.shape[1] if tensor is not None and tensor.ndim == 2 else 0
