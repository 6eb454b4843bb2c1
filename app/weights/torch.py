"""PyTorch's names for an LSTM layer's weights, as in `torch.nn.LSTM(...).state_dict()`.

`weight_ih_l0` (4H, D), `weight_hh_l0` (4H, H), `bias_ih_l0` and `bias_hh_l0` (4H,), rows i|f|g|o.
torch adds its two biases; ours is their sum, and is written as `bias_ih_l0` beside zeros.
"""

from collections.abc import Mapping

import numpy as np

from app.engine.checks import Array
from app.engine.lstm import LSTMParameters
from app.errors import DataError


def to_torch(parameters: LSTMParameters) -> dict[str, Array]:
    """The weights under torch.nn.LSTM's names, ready for `load_state_dict`."""
    return {
        "weight_ih_l0": parameters.weight_ih,
        "weight_hh_l0": parameters.weight_hh,
        "bias_ih_l0": parameters.bias,
        "bias_hh_l0": np.zeros_like(parameters.bias),
    }


def from_torch(weights: Mapping[str, Array]) -> LSTMParameters:
    """The first layer of a torch.nn.LSTM state dict, forward direction.

    Raises: DataError naming a missing tensor; ShapeError, NonFiniteError.
    """
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    missing = [name for name in names if name not in weights]
    if missing:
        raise DataError(
            f"The weights lack {', '.join(missing)}; they hold {', '.join(sorted(weights))}."
        )
    weight_ih, weight_hh, bias_ih, bias_hh = (weights[name] for name in names)
    return LSTMParameters(weight_ih, weight_hh, bias_ih + bias_hh)
