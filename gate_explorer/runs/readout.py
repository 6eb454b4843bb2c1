"""What a model's outputs follow from: a linear map of its cell's hidden state."""

from dataclasses import dataclass

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.engine.rnn import RNNParameters


@dataclass(frozen=True, eq=False)
class Readout:
    """What the outputs follow from: a cell's hidden state, z = weight h + bias.

    Shapes: weight (K, H); bias (K,); names (K,): the classes or tokens whose logits z are; none
    where z is the number itself, K = 1.
    """

    cell: LSTMParameters | RNNParameters
    weight: Array
    bias: Array
    names: tuple[str, ...] = ()

    def logits(self, h: Array) -> Array:
        """z = weight h + bias. Shapes: h (..., H) -> (..., K)."""
        z: Array = h @ self.weight.T + self.bias
        return z
