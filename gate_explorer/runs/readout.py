"""What a model's outputs follow from: a linear map of its uppermost cell's hidden state."""

from dataclasses import dataclass

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.engine.rnn import RNNParameters


@dataclass(frozen=True, eq=False)
class Readout:
    """What the outputs follow from: the uppermost cell's hidden state, z = weight h + bias.

    Shapes: weight (K, H); bias (K,); names (K,): the classes or tokens whose logits z are; none
    where z is the number itself, K = 1, or where it is sigma(z): squashed. h is that of a step, of
    two directions joined; or, of_ends, what each pass ended with.
    """

    cell: LSTMParameters | RNNParameters
    weight: Array
    bias: Array
    names: tuple[str, ...] = ()
    squashed: bool = False
    of_ends: bool = False

    def logits(self, h: Array) -> Array:
        """z = weight h + bias. Shapes: h (..., H) -> (..., K)."""
        z: Array = h @ self.weight.T + self.bias
        return z

    def numbers(self, h: Array) -> Array:
        """The number itself. Shapes: h (..., H) -> (...)."""
        z: Array = self.logits(h)[..., 0]
        return sigmoid(z) if self.squashed else z
