"""PyTorch's names for recurrent weights, as in `torch.nn.LSTM(...).state_dict()`.

Layer k, forward: `weight_ih_l{k}` (4H, D), `weight_hh_l{k}` (4H, P), `bias_ih_l{k}` and
`bias_hh_l{k}` (4H,), rows i|f|g|o, and `weight_hr_l{k}` (P, H) where h is projected; its reverse
pass has the same names with `_reverse` behind. torch.nn.RNN: the same names with H rows. An
LSTMCell's have no `_l{k}`.

torch adds its two biases; ours is their sum. Two that were read are written as they came; one is
written as `bias_ih` beside zeros, since torch has both or none.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from gate_explorer.engine.activations import RELU, TANH, Activation
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import STANDARD, LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Parameters, Pass, Stack
from gate_explorer.errors import DataError, InputError

MATRICES, BIASES = ("weight_ih", "weight_hh"), ("bias_ih", "bias_hh")


def to_torch(parameters: Parameters, suffix: str = "_l0") -> dict[str, Array]:
    """One pass under torch's names, ready for `load_state_dict`; suffix: "" for an LSTMCell.

    Raises: InputError naming what torch's layers can't do.
    """
    _refuse_what_torch_lacks(parameters)
    named = {"weight_ih": parameters.weight_ih, "weight_hh": parameters.weight_hh}
    match parameters.stored_biases:
        case (bias,):
            named |= {"bias_ih": bias, "bias_hh": np.zeros_like(bias)}
        case (bias_ih, bias_hh):
            named |= {"bias_ih": bias_ih, "bias_hh": bias_hh}
    if isinstance(parameters, LSTMParameters) and parameters.weight_hr is not None:
        named["weight_hr"] = parameters.weight_hr
    return {f"{name}{suffix}": array for name, array in named.items()}


def from_torch(weights: Mapping[str, Array], suffix: str = "_l0") -> LSTMParameters:
    """One pass of a torch.nn.LSTM state dict: the first layer's forward one, unless told.

    suffix: "_l1", "_l0_reverse", …; "" for an LSTMCell. Raises: DataError naming a missing
    tensor; ShapeError, NonFiniteError.
    """
    weight_ih, weight_hh, biases = _parts(weights, suffix)
    return LSTMParameters.with_biases(
        weight_ih, weight_hh, biases, weight_hr=weights.get(f"weight_hr{suffix}")
    )


def rnn_from_torch(
    weights: Mapping[str, Array], suffix: str = "_l0", nonlinearity: str = "tanh"
) -> RNNParameters:
    """One pass of a torch.nn.RNN state dict; nonlinearity: "tanh" or "relu", which isn't in it.

    Raises: as `from_torch`; InputError for another nonlinearity.
    """
    if nonlinearity not in ("tanh", "relu"):
        raise InputError(f"torch.nn.RNN knows tanh and relu, but {nonlinearity!r} came.")
    return RNNParameters.with_biases(*_parts(weights, suffix), activation=Activation(nonlinearity))


def stack_to_torch(stack: Stack) -> dict[str, Array]:
    """All layers and directions under the names of torch.nn.LSTM or torch.nn.RNN.

    Raises: InputError naming what torch's layers can't do.
    """
    named: dict[str, Array] = {}
    for k, layer in enumerate(stack.layers):
        sizes = {(run.parameters.hidden_size, run.parameters.output_size) for run in layer}
        directions = [run.reverse for run in layer]
        if directions != [False, True][: len(stack.layers[0])]:
            raise InputError("torch reads all layers forwards, or all both ways, forwards first.")
        if sizes != {(stack.layers[0][0].parameters.hidden_size, layer[0].parameters.output_size)}:
            raise InputError("torch has the same number of units in all layers and directions.")
        for run in layer:
            named |= to_torch(run.parameters, _suffix(k, run.reverse))
    return named


def stack_from_torch(weights: Mapping[str, Array]) -> Stack:
    """All layers and directions of a torch.nn.LSTM state dict.

    Raises: DataError naming a missing tensor; ShapeError, NonFiniteError.
    """
    return Stack(_layers(weights, partial(from_torch, weights)))


def rnn_stack_from_torch(weights: Mapping[str, Array], nonlinearity: str = "tanh") -> Stack:
    """All layers and directions of a torch.nn.RNN state dict.

    Raises: as `rnn_from_torch`.
    """
    read = partial(rnn_from_torch, weights, nonlinearity=nonlinearity)
    return Stack(_layers(weights, read))


def _layers(
    weights: Mapping[str, Array], read: Callable[[str], Parameters]
) -> tuple[tuple[Pass, ...], ...]:
    """A layer for every k whose weights are there, and one at least, whose absence is named."""
    depth = 1
    while f"weight_ih_l{depth}" in weights:
        depth += 1
    directions = (False, True) if "weight_ih_l0_reverse" in weights else (False,)
    return tuple(
        tuple(Pass(read(_suffix(k, reverse)), reverse) for reverse in directions)
        for k in range(depth)
    )


def _suffix(layer: int, reverse: bool) -> str:
    return f"_l{layer}_reverse" if reverse else f"_l{layer}"


def _parts(weights: Mapping[str, Array], suffix: str) -> tuple[Array, Array, list[Array]]:
    """weight_ih, weight_hh and the biases: none or two; torch has nothing between."""
    has_bias = any(f"{name}{suffix}" in weights for name in BIASES)
    names = [f"{name}{suffix}" for name in (*MATRICES, *(BIASES if has_bias else ()))]
    missing = [name for name in names if name not in weights]
    if missing:
        raise DataError(
            f"The weights lack {', '.join(missing)}; they hold {', '.join(sorted(weights))}."
        )
    weight_ih, weight_hh, *biases = (weights[name] for name in names)
    return weight_ih, weight_hh, biases


def _refuse_what_torch_lacks(parameters: Parameters) -> None:
    if isinstance(parameters, RNNParameters):
        if parameters.activation not in (TANH, RELU) or parameters.clip is not None:
            raise InputError("torch.nn.RNN has tanh or relu and no clip.")
    elif parameters.options != STANDARD or parameters.peephole is not None:
        raise InputError("torch.nn.LSTM has the standard activations, no clip and no peepholes.")
