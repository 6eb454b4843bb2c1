"""Keras's arrays for its LSTM and SimpleRNN layers, and the activations of their configuration.

kernel (D, 4H), recurrent_kernel (H, 4H), bias (4H,), columns i|f|c|o: ours transposed, their c is
our g. SimpleRNN: the same with H columns. Keras has one bias or none (`use_bias`); two of ours are
written as their sum. `activation` serves both g and the way from c to h, `recurrent_activation`
the gates.

hard_sigmoid, once the default for the gates, changed its slope: 0.2 until Keras 2, 1/6 since
Keras 3; leaky_relu has 0.2 below 0 there, where ONNX has 0.01. Names are read as the version given
reads them, so give the one that trained the weights.
"""

from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.activations import Activation
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.errors import InputError

OLD_HARD_SIGMOID = Activation("hard_sigmoid", 0.2)
HARD_SIGMOID = Activation("hard_sigmoid", 1 / 6)
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}


@dataclass(frozen=True, eq=False)
class KerasWeights:
    """A layer's arrays as `get_weights()` lists them, with the activations beside; bias or None."""

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


def from_keras(weights: KerasWeights) -> LSTMParameters:
    """An LSTM layer. Raises: InputError without a recurrent activation; ShapeError."""
    if weights.recurrent_activation is None:
        raise InputError("An LSTM's weights need a recurrent_activation, such as sigmoid.")
    squashed = weights.activation
    return LSTMParameters.with_biases(
        *_matrices(weights),
        [] if weights.bias is None else [weights.bias],
        options=LSTMOptions(weights.recurrent_activation, squashed, squashed),
    )


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
    biases = [] if weights.bias is None else [weights.bias]
    return RNNParameters.with_biases(*_matrices(weights), biases, activation=weights.activation)


def rnn_to_keras(parameters: RNNParameters) -> KerasWeights:
    """A SimpleRNN layer's arrays for `set_weights`. Raises: InputError for a clip."""
    if parameters.clip is not None:
        raise InputError("Keras's SimpleRNN has no clip.")
    return KerasWeights(*_arrays(parameters), parameters.activation)


def _matrices(weights: KerasWeights) -> tuple[Array, Array]:
    kernel = as_float_array("kernel", weights.kernel, ("D", "columns"))
    recurrent = as_float_array("recurrent_kernel", weights.recurrent_kernel, ("H", "columns"))
    return np.ascontiguousarray(kernel.T), np.ascontiguousarray(recurrent.T)


def _arrays(parameters: LSTMParameters | RNNParameters) -> tuple[Array, Array, Array | None]:
    kernel = np.ascontiguousarray(parameters.weight_ih.T)
    recurrent = np.ascontiguousarray(parameters.weight_hh.T)
    return kernel, recurrent, parameters.bias if parameters.stored_biases else None
