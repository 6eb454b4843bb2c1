"""Keras's arrays for its LSTM and SimpleRNN layers, and the activations of their configuration.

kernel (D, 4H), recurrent_kernel (H, 4H), bias (4H,), columns i|f|c|o: ours transposed, their c is
our g. SimpleRNN: the same with H columns. Keras has one bias or none (`use_bias`); two of ours are
written as their sum. `activation` serves both g and the way from c to h, `recurrent_activation`
the gates.

hard_sigmoid, once the default for the gates, changed its slope: 0.2 until Keras 2, 1/6 since
Keras 3; leaky_relu has 0.2 below 0 there, where ONNX has 0.01. Names are read as the version given
reads them, so give the one that trained the weights.

Two older forms hold the same numbers. CuDNNLSTM: a bias (8H,), whose halves are added, and kernels
laid out for a GPU: the shapes are those above, but every gate's block of the recurrent kernel is
transposed, and of the kernel written in the other order of memory. Keras 1: twelve arrays, W, U
and b of i, c, f, o in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from gate_explorer.engine.activations import SIGMOID, TANH, Activation
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Pass
from gate_explorer.errors import InputError, ShapeError

OLD_HARD_SIGMOID = Activation("hard_sigmoid", 0.2)
HARD_SIGMOID = Activation("hard_sigmoid", 1 / 6)
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}
KERAS_1 = "icfo"  # the order of its twelve arrays, three a gate


@dataclass(frozen=True, eq=False)
class KerasWeights:
    """A layer's arrays as `get_weights()` lists them, with the activations beside; bias or None.

    A bias of 8H is the sign of a CuDNNLSTM, whose kernels are read as it lays them out.
    """

    kernel: Array
    recurrent_kernel: Array
    bias: Array | None
    activation: Activation
    recurrent_activation: Activation | None = None  # an LSTM's alone


def activation(name: str | None, version: int = 3) -> Activation:
    """The activation that Keras of this version means by a name; None and "linear" are the same.

    Raises: InputError for a name that isn't known.
    """
    name = "linear" if name is None else OTHER_NAMES.get(name, name)
    if name == "hard_sigmoid":
        return HARD_SIGMOID if version >= 3 else OLD_HARD_SIGMOID
    if name == "leaky_relu":
        return Activation(name, 0.2)
    return Activation(name)


def listed(
    arrays: Sequence[Array],
    squashed: Activation = TANH,
    recurrent: Activation | None = SIGMOID,
) -> KerasWeights:
    """What `get_weights()` of one layer gave: two arrays, three with a bias, or Keras 1's twelve.

    squashed, recurrent: the layer's `activation` and `recurrent_activation`, which aren't in the
    list; Keras 1 had hard_sigmoid for the gates. Raises: InputError saying what else the list is.
    """
    if len(arrays) in (2, 3):
        return KerasWeights(arrays[0], arrays[1], (*arrays, None)[2], squashed, recurrent)
    if len(arrays) == 12:
        kernel, recurrent_kernel, bias = (_of_keras_1(arrays[part::3]) for part in range(3))
        return KerasWeights(kernel, recurrent_kernel, bias, squashed, recurrent)
    if len(arrays) in (4, 6):
        raise InputError(
            f"{len(arrays)} arrays are a Bidirectional layer's, its forward half first: read them"
            " with bidirectional_from_keras."
        )
    raise InputError(
        "One layer has 2 arrays, 3 with a bias, or in Keras 1 12, but"
        f" {len(arrays)} came: give one layer's get_weights(), not the model's."
    )


def from_keras(
    weights: KerasWeights | Sequence[Array],
    squashed: Activation = TANH,
    recurrent: Activation = SIGMOID,
) -> LSTMParameters:
    """An LSTM or CuDNNLSTM layer; a list as `listed` takes it, with its activations.

    Raises: InputError without a recurrent activation, or for a list that isn't one layer's;
    ShapeError, NonFiniteError.
    """
    if not isinstance(weights, KerasWeights):
        weights = listed(weights, squashed, recurrent)
    if weights.recurrent_activation is None:
        raise InputError("An LSTM's weights need a recurrent_activation, such as sigmoid.")
    _check_columns(weights, 4)
    options = LSTMOptions(weights.recurrent_activation, weights.activation, weights.activation)
    biases: Sequence[Array] = [] if weights.bias is None else [np.asarray(weights.bias)]
    if is_cudnn(weights):
        weights, biases = _from_cudnn(weights), np.split(biases[0], 2)
    return LSTMParameters.with_biases(*_matrices(weights), biases, options=options)


def is_cudnn(weights: KerasWeights) -> bool:
    """Whether the arrays are a CuDNNLSTM's, told by a bias of 8H."""
    return weights.bias is not None and np.size(weights.bias) == 8 * len(weights.recurrent_kernel)


def bidirectional_from_keras(
    arrays: Sequence[Array], squashed: Activation = TANH, recurrent: Activation = SIGMOID
) -> tuple[Pass, Pass]:
    """What `get_weights()` of Bidirectional(LSTM) gave, as a layer of a `Stack`.

    Raises: as `from_keras`.
    """
    if len(arrays) not in (4, 6):
        raise InputError(f"A Bidirectional layer has 6 arrays, or 4, but {len(arrays)} came.")
    half = len(arrays) // 2
    forward, backward = (
        from_keras(part, squashed, recurrent) for part in (arrays[:half], arrays[half:])
    )
    return Pass(forward), Pass(backward, True)


def without_masked(x: ArrayLike, mask: ArrayLike) -> tuple[Array, Array]:
    """A batch without the steps that a Keras mask leaves out, and the lengths that are left.

    x (T, N, D), mask (T, N), True where a step counts -> x with those steps at each sequence's
    beginning and 0 behind them, and lengths (N,), for `engine.stack.forward`. Keras skips a masked
    step and carries the state over it, wherever it stands, so that gaps are read rightly too.
    Raises: ShapeError; InputError for a sequence without any step.
    """
    array = as_float_array("x", x, ("T", "N", "D"))
    kept = np.asarray(mask).astype(bool)
    if kept.shape != array.shape[:2]:
        raise ShapeError(
            f"mask should have the shape {array.shape[:2]}, one entry a step, but has"
            f" {kept.shape}; a batch-first mask is to be transposed."
        )
    lengths = kept.sum(axis=0)
    if not lengths.all():
        raise InputError(f"The mask leaves nothing of sequence {int(lengths.argmin())}.")
    order = np.argsort(~kept, axis=0, kind="stable")
    moved = np.take_along_axis(array, order[:, :, None], axis=0)
    real = np.arange(len(array))[:, None] < lengths
    return np.where(real[:, :, None], moved, array.dtype.type(0)), lengths


def to_keras(parameters: LSTMParameters) -> KerasWeights:
    """An LSTM layer's arrays for `set_weights`. Raises: InputError naming what Keras's lacks."""
    options = parameters.options
    lacking = {
        "peepholes": parameters.peephole is not None,
        "a projection": parameters.weight_hr is not None,
        "a clip": options.clip is not None,
        "coupled gates": options.input_forget,
        "different activations of candidate and cell": options.candidate != options.cell,
    }
    if any(lacking.values()):
        names = ", ".join(name for name, here in lacking.items() if here)
        raise InputError(f"Keras's LSTM has no {names}.")
    return KerasWeights(*_arrays(parameters), options.cell, options.gate)


def rnn_from_keras(weights: KerasWeights) -> RNNParameters:
    """A SimpleRNN layer. Raises: ShapeError."""
    _check_columns(weights, 1)
    biases = [] if weights.bias is None else [weights.bias]
    return RNNParameters.with_biases(*_matrices(weights), biases, activation=weights.activation)


def rnn_to_keras(parameters: RNNParameters) -> KerasWeights:
    """A SimpleRNN layer's arrays for `set_weights`. Raises: InputError for a clip."""
    if parameters.clip is not None:
        raise InputError("Keras's SimpleRNN has no clip.")
    return KerasWeights(*_arrays(parameters), parameters.activation)


def _check_columns(weights: KerasWeights, gates: int) -> None:
    """Name the layer of another kind by how many blocks of H columns it has."""
    hidden, columns = as_float_array("recurrent_kernel", weights.recurrent_kernel, ("H", "n")).shape
    kinds = {1: "a SimpleRNN", 3: "a GRU", 4: "an LSTM"}
    if columns != gates * hidden:
        kind = kinds.get(columns // hidden) if columns % hidden == 0 else None
        raise ShapeError(
            f"recurrent_kernel should have the shape (H, {gates}H), but has {(hidden, columns)}"
            + (f": the shape of {kind}'s." if kind else ".")
        )


def _of_keras_1(gates: Sequence[Array]) -> Array:
    """One array of i|f|c|o from four in the order of Keras 1."""
    by_gate = dict(zip(KERAS_1, gates, strict=True))
    return np.concatenate([np.asarray(by_gate[gate]) for gate in "ifco"], axis=-1)


def _from_cudnn(weights: KerasWeights) -> KerasWeights:
    """The kernels as Keras's LSTM has them; each gate's block is its own."""
    kernel, recurrent = np.asarray(weights.kernel), np.asarray(weights.recurrent_kernel)
    width = len(kernel)
    blocks = [block.T.reshape(width, -1, order="F") for block in np.hsplit(kernel, 4)]
    turned = [block.T for block in np.hsplit(recurrent, 4)]
    return replace(weights, kernel=np.hstack(blocks), recurrent_kernel=np.hstack(turned))


def _matrices(weights: KerasWeights) -> tuple[Array, Array]:
    kernel = as_float_array("kernel", weights.kernel, ("D", "columns"))
    recurrent = as_float_array("recurrent_kernel", weights.recurrent_kernel, ("H", "columns"))
    return np.ascontiguousarray(kernel.T), np.ascontiguousarray(recurrent.T)


def _arrays(parameters: LSTMParameters | RNNParameters) -> tuple[Array, Array, Array | None]:
    kernel = np.ascontiguousarray(parameters.weight_ih.T)
    recurrent = np.ascontiguousarray(parameters.weight_hh.T)
    return kernel, recurrent, parameters.bias if parameters.stored_biases else None
