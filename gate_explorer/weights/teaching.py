"""The matrices of teaching code: one a gate, on the previous h and x joined.

Wf, Wi, Wc, Wo (H, H + D) on [h, x], or (H, D + H) on [x, h] where the text puts x first; bf, bi,
bc, bo (H,), (H, 1) or (1, H). Their c is our g. Code that writes [h, x] W has the matrices the
other way round, (H + D, H): the longer side is the joined one, so both are read. [h, x] and [x, h]
have one shape: say which it is.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.errors import InputError

Order = Literal["hx", "xh"]

GATES = "ifco"  # in the order of our rows i|f|g|o


def from_teaching(weights: Mapping[str, ArrayLike], order: Order = "hx") -> LSTMParameters:
    """The layer; without any bias where none is given.

    Raises: InputError naming a matrix that is missing or left over, or an order that isn't known;
    ShapeError, NonFiniteError.
    """
    biased = any(f"b{gate}" in weights for gate in GATES)
    names = [f"W{gate}" for gate in GATES] + [f"b{gate}" for gate in GATES if biased]
    missing = [name for name in names if name not in weights]
    if missing:
        raise InputError(
            f"The weights lack {', '.join(missing)}; they hold {', '.join(sorted(weights))}."
        )
    left = sorted(set(weights) - set(names))
    if left:
        raise InputError(
            f"The weights hold {', '.join(left)} besides, which aren't an LSTM's: leave them out."
        )
    first = as_float_array("Wi", weights["Wi"], ("H", "H + D"))
    gates = [as_float_array(n, weights[n], first.shape, first.dtype) for n in names[:4]]
    joined = np.concatenate([gate.T if len(gate) > gate.shape[1] else gate for gate in gates])
    hidden, columns = len(joined) // 4, joined.shape[1]
    biases = [np.ravel(as_float_array(n, np.ravel(weights[n]), (hidden,))) for n in names[4:]]
    on_h, on_x = _columns(order, hidden, columns)
    return LSTMParameters.with_biases(
        np.ascontiguousarray(joined[:, on_x]),
        np.ascontiguousarray(joined[:, on_h]),
        [np.concatenate(biases)] if biases else [],
    )


def to_teaching(parameters: LSTMParameters, order: Order = "hx") -> dict[str, Array]:
    """The matrices, and the biases (H,) unless the layer has none.

    Raises: InputError for a cell that isn't the standard one, or an order that isn't known.
    """
    if not parameters.is_standard:
        raise InputError("The matrices of teaching code make the standard LSTM alone.")
    hidden, width = parameters.hidden_size, parameters.input_size
    on_h, on_x = _columns(order, hidden, hidden + width)
    joined = np.empty((4 * hidden, hidden + width), parameters.dtype)
    joined[:, on_h], joined[:, on_x] = parameters.weight_hh, parameters.weight_ih
    named = dict(zip((f"W{gate}" for gate in GATES), np.split(joined, 4), strict=True))
    if parameters.stored_biases:
        blocks = np.split(parameters.bias, 4)
        named |= dict(zip((f"b{gate}" for gate in GATES), blocks, strict=True))
    return named


def _columns(order: str, hidden: int, columns: int) -> tuple[slice, slice]:
    """Which columns meet h, and which x."""
    if order == "hx":
        return slice(0, hidden), slice(hidden, columns)
    if order == "xh":
        return slice(columns - hidden, columns), slice(0, columns - hidden)
    raise InputError(f"The order is {order!r}; it should be 'hx' for [h, x] or 'xh' for [x, h].")
