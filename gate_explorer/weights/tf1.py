"""The arrays of TensorFlow 1's cells: BasicLSTMCell, LSTMCell, LSTMBlockCell and their wrappers.

One kernel (D + P, 4H) on [x, h], columns i|j|f|o, where j is our g, and one bias (4H,). Peepholes
`w_i_diag`, `w_f_diag`, `w_o_diag` (H,), and a projection's kernel (H, P), are LSTMCell's.

Two things aren't in the arrays. `forget_bias`, 1 unless the cell was told otherwise, is added to
the sum of f at run time: here it becomes part of the bias. `cell_clip` limits c itself, where this
engine has ONNX's clip, which limits what the gates read: it can't be followed, and is refused.

Reference: tf.compat.v1.nn.rnn_cell.
"""

from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.activations import TANH, Activation
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.errors import InputError, ShapeError

FORGET_BIAS = 1.0
_ORDER = (0, 2, 1, 3)  # where our i, f, g, o stand in i, j, f, o


@dataclass(frozen=True, eq=False)
class TF1Weights:
    """A cell's arrays under their own names, None where it has none."""

    kernel: Array
    bias: Array | None = None
    w_i_diag: Array | None = None
    w_f_diag: Array | None = None
    w_o_diag: Array | None = None
    projection: Array | None = None


def from_tf1(
    weights: TF1Weights,
    forget_bias: float = FORGET_BIAS,
    activation: Activation = TANH,
    cell_clip: float | None = None,
) -> LSTMParameters:
    """A cell; forget_bias, activation and cell_clip as it was made with.

    Raises: InputError for a cell_clip; ShapeError, NonFiniteError.
    """
    if cell_clip is not None:
        raise InputError(
            f"cell_clip = {cell_clip} limits the cell state itself, which can't be followed here."
            " Where the cell never reaches it the numbers are the same: leave it out then."
        )
    kernel = as_float_array("kernel", weights.kernel, ("D + P", "4H"))
    columns = kernel.shape[1]
    hidden, rest = divmod(columns, 4)
    width = hidden if weights.projection is None else np.shape(weights.projection)[-1]
    if rest or len(kernel) <= width:
        raise ShapeError(f"kernel should have the shape (D + H, 4H), but has {kernel.shape}.")
    bias = np.zeros(columns, kernel.dtype) if weights.bias is None else weights.bias
    bias = as_float_array("bias", bias, (columns,), kernel.dtype).copy()
    bias[2 * hidden : 3 * hidden] += bias.dtype.type(forget_bias)
    rows = np.concatenate([np.split(kernel.T, 4)[k] for k in _ORDER])
    peepholes = (weights.w_i_diag, weights.w_f_diag, weights.w_o_diag)
    return LSTMParameters(
        np.ascontiguousarray(rows[:, : len(kernel) - width]),
        np.ascontiguousarray(rows[:, len(kernel) - width :]),
        np.concatenate([np.split(bias, 4)[k] for k in _ORDER]),
        peephole=_joined(peepholes, hidden),
        weight_hr=None if weights.projection is None else np.asarray(weights.projection).T,
        options=LSTMOptions(candidate=activation, cell=activation),
    )


def _joined(peepholes: tuple[Array | None, ...], hidden: int) -> Array | None:
    """i|f|o, (3H,); None without any."""
    given = [
        as_float_array(f"w_{gate}_diag", array, (hidden,))
        for gate, array in zip("ifo", peepholes, strict=True)
        if array is not None
    ]
    if not given:
        return None
    if len(given) != 3:
        raise InputError("A cell has all of w_i_diag, w_f_diag and w_o_diag, or none of them.")
    return np.concatenate(given)
