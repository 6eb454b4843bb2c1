"""A trained cell with a linear readout, as arrays; and its file, which keeps its whole training.

h_t = LSTM(x_1 .. x_t), or an Elman RNN of the same size;  z_t = W h_t + b
What z means is the model's own: the logits of classes or of the next symbol, or a number.

A file holds several checkpoints, each tensor under `label.name` with PyTorch's names; only the
checkpoint that is asked for is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.errors import DataError

CELL = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
READOUT = ("readout.weight", "readout.bias")
TRAINED_BY = "trained_by"


@dataclass(frozen=True, eq=False)
class CellNetwork:
    """A cell of H units, and its readout: weight (K, H), bias (K,), float32."""

    cell: LSTMParameters | RNNParameters
    readout_weight: Array
    readout_bias: Array

    def trace(self, x: Array) -> LSTMTrace | RNNTrace:
        """Run from the zero state. Shapes: x (T, N, D)."""
        if isinstance(self.cell, LSTMParameters):
            return lstm.forward(self.cell, x)
        return rnn.forward(self.cell, x)

    def read_out(self, h: Array) -> Array:
        """z = W h + b. Shapes: h (..., H) -> (..., K)."""
        result: Array = h @ self.readout_weight.T + self.readout_bias
        return result

    def read(self, x: Array) -> Array:
        """What the readout says after every step. Shapes: x (T, N, D) -> (T, N, K)."""
        return self.read_out(self.trace(x).h)

    def torch_weights(self) -> dict[str, Array]:
        """The cell's weights under the names of torch.nn.LSTM and torch.nn.RNN."""
        bias = self.cell.bias
        values = (self.cell.weight_ih, self.cell.weight_hh, bias, np.zeros_like(bias))
        return dict(zip(CELL, values, strict=True))


def save_checkpoints(
    path: Path, checkpoints: Mapping[str, CellNetwork], trained_by: str | None = None
) -> None:
    """Write every checkpoint's cell and readout into one safetensors file.

    trained_by: the release that trained them, which the file records; None where unknown.
    """
    tensors = {}
    for label, network in checkpoints.items():
        readout = dict(zip(READOUT, (network.readout_weight, network.readout_bias), strict=True))
        for name, tensor in (network.torch_weights() | readout).items():
            tensors[f"{label}.{name}"] = np.ascontiguousarray(tensor)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(tensors, None if trained_by is None else {TRAINED_BY: trained_by}))


def trained_by(path: Path) -> str | None:
    """The release that trained a file's weights; None where the file doesn't say."""
    with safe_open(path, "numpy") as file:
        found: str | None = (file.metadata() or {}).get(TRAINED_BY)
    return found


def load_checkpoint(path: Path, label: str, cell: str) -> CellNetwork:
    """Read one checkpoint; cell: "lstm" or "rnn". Raises: DataError naming file and tensor."""
    names = [f"{label}.{name}" for name in CELL + READOUT]
    try:
        with safe_open(path, "numpy") as file:
            missing = sorted(set(names) - set(file.keys()))
            if missing:
                raise DataError(f"{path} lacks {', '.join(missing)}")
            weight_ih, weight_hh, bias_ih, bias_hh, readout, bias = map(file.get_tensor, names)
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing") from error
    except SafetensorError as error:
        raise DataError(f"{path} is not a safetensors file: {error}") from error
    kind = LSTMParameters if cell == "lstm" else RNNParameters
    network = CellNetwork(kind(weight_ih, weight_hh, bias_ih + bias_hh), readout, bias)
    hidden = network.cell.hidden_size
    if readout.ndim != 2 or readout.shape[1] != hidden or bias.shape != readout.shape[:1]:
        raise DataError(
            f"{path}, {label}: the readout {readout.shape}, {bias.shape} doesn't fit {hidden} units"
        )
    if not (np.isfinite(readout).all() and np.isfinite(bias).all()):
        raise DataError(f"{path}, {label}: the readout holds a number that is not finite")
    return network
