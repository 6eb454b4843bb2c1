"""Weight files of our own networks, one of each kind that is read, for who has none at hand.

They are written when they are asked for, out of the weights that our own training made, in the way
that each kind's own packages write them: PyTorch's names, the arrays of a NumPy course, an ONNX
graph, a Keras archive, JSON.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.errors import DataError, NotFoundError
from gate_explorer.runs.inputs import Options
from gate_explorer.weights.files import writing
from gate_explorer.zoo import registry


@dataclass(frozen=True)
class Sample:
    """A file: its name, whose weights it holds, what it is, and who writes such files."""

    name: str
    model_id: str
    words: str
    kind: str
    write: Callable[[LSTMParameters, Array, Array], bytes]

    @property
    def data(self) -> bytes:
        """The file's bytes, always the same."""
        return _data(self.name)

    @property
    def vocabulary(self) -> bytes | None:
        """The vocabulary that goes with it, as JSON; None for one that reads numbers."""
        symbols = registry.get(self.model_id).card.symbols
        return json.dumps(list(symbols)).encode() if symbols else None


def sample(name: str) -> Sample:
    """The sample of that name. Raises: NotFoundError."""
    found = next((each for each in SAMPLES if each.name == name), None)
    if found is None:
        raise NotFoundError("There is no sample of that name; /open lists those that there are.")
    return found


@cache
def _data(name: str) -> bytes:
    one = sample(name)
    readout = registry.get(one.model_id).readout(Options())
    if readout is None or not isinstance(readout.cell, LSTMParameters):
        raise DataError(f"{one.model_id} has no LSTM to write.")
    return one.write(readout.cell, readout.weight, readout.bias)


SAMPLES = (
    Sample(
        "letters.safetensors",
        "characters",
        "128 units that write like Shakespeare, with their head",
        "PyTorch",
        writing.write_safetensors,
    ),
    Sample(
        "counter.keras", "counter", "4 units that count a’s and b’s", "Keras 3", writing.write_keras
    ),
    Sample(
        "agreement.weights.h5",
        "agreement",
        "16 units that remember which noun the verb is of; no configuration",
        "Keras 3",
        writing.write_weights_h5,
    ),
    Sample(
        "reber.onnx", "reber", "8 units that learned a small grammar", "ONNX", writing.write_onnx
    ),
    Sample(
        "adding.npz",
        "adding",
        "16 units that add; Wf, Wi, Wc, Wo on [h, x]",
        "NumPy",
        writing.write_npz,
    ),
    Sample(
        "toy.json",
        "toy-learned",
        "4 units that learned the three rules",
        "JSON",
        writing.write_json,
    ),
)
