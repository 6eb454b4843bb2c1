"""PyTorch's names for recurrent weights, as in `torch.nn.LSTM(...).state_dict()`.

Layer k, forward: `weight_ih_l{k}` (4H, D), `weight_hh_l{k}` (4H, P), `bias_ih_l{k}` and
`bias_hh_l{k}` (4H,), rows i|f|g|o, and `weight_hr_l{k}` (P, H) where h is projected; its reverse
pass has the same names with `_reverse` behind. torch.nn.RNN: the same names with H rows. An
LSTMCell's have no `_l{k}`.

torch adds its two biases; ours is their sum. Two that were read are written as they came; one is
written as `bias_ih` beside zeros, since torch has both or none.

Readers take tensors or arrays, of bfloat16 too, fold the norms of `weights.state_dict`, and leave
nothing unread: what isn't the module's is named in an error, with the prefix to ask for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gate_explorer.engine import stack as stacks
from gate_explorer.engine.activations import RELU, TANH, Activation
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import STANDARD, LSTMParameters, LSTMState
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Parameters, Pass, Stack, StackTrace, State
from gate_explorer.errors import InputError, ShapeError
from gate_explorer.weights.state_dict import (
    BIASES,
    MATRICES,
    PROJECTION,
    Module,
    Named,
    modules,
    numpy_of,
    suffix_of,
)

NONLINEARITIES = ("tanh", "relu")


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


def from_torch(weights: Mapping[str, Any], suffix: str | None = None) -> LSTMParameters:
    """One pass of a torch.nn.LSTM or LSTMCell: the only one there is, or that of the suffix.

    suffix: "_l1", "_l0_reverse", …; "" for an LSTMCell. Raises: InputError naming what is missing
    or left over; ShapeError, NonFiniteError.
    """
    return _lstm(_one_pass(weights, suffix))


def rnn_from_torch(
    weights: Mapping[str, Any], suffix: str | None = None, nonlinearity: str = "tanh"
) -> RNNParameters:
    """One pass of a torch.nn.RNN or RNNCell; nonlinearity: "tanh" or "relu", which isn't in it.

    Raises: as `from_torch`; InputError for another nonlinearity.
    """
    _check_nonlinearity(nonlinearity)
    return _rnn(_one_pass(weights, suffix), nonlinearity)


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
            named |= to_torch(run.parameters, suffix_of(k, run.reverse))
    return named


def stack_from_torch(weights: Mapping[str, Any], prefix: str | None = None) -> Stack:
    """All layers and directions of a torch.nn.LSTM, or an LSTMCell as a stack of one.

    prefix: "module.encoder." reads that module of a larger state dict and leaves the rest; without
    it all tensors have to be one module's. Raises: InputError naming what is missing or left over;
    ShapeError, NonFiniteError.
    """
    return stack_of(_only_module(weights, prefix))


def rnn_stack_from_torch(
    weights: Mapping[str, Any], nonlinearity: str = "tanh", prefix: str | None = None
) -> Stack:
    """All layers and directions of a torch.nn.RNN state dict.

    Raises: as `stack_from_torch`; InputError for another nonlinearity.
    """
    _check_nonlinearity(nonlinearity)
    return stack_of(_only_module(weights, prefix), nonlinearity)


def stack_of(module: Module, nonlinearity: str | None = None) -> Stack:
    """A module's layers: an LSTM's, or an RNN's with that nonlinearity.

    Raises: ShapeError, NonFiniteError.
    """
    layers: dict[int, list[Pass]] = {}
    for (layer, reverse), parts in module.passes.items():
        cell = _lstm(parts) if nonlinearity is None else _rnn(parts, nonlinearity)
        layers.setdefault(layer, []).append(Pass(cell, reverse))
    return Stack(tuple(tuple(passes) for passes in layers.values()))


def states_from_torch(stack: Stack, state: Any) -> stacks.States:
    """The states that torch gives and takes, layer by layer and pass by pass.

    state: (h0, c0), for an LSTM h0 (layers * directions, N, P), c0 (layers * directions, N, H);
    for an RNN h0 alone. Without N they are those of one sequence. Raises: ShapeError.
    """
    runs = [run for layer in stack.layers for run in layer]
    is_lstm = isinstance(runs[0].parameters, LSTMParameters)
    arrays = [_by_pass(each, len(runs)) for each in (state if is_lstm else (state,))]
    if is_lstm and len(arrays) != 2:
        raise ShapeError(f"torch's state of an LSTM is (h0, c0), but {len(arrays)} arrays came.")
    flat: list[State] = (
        [LSTMState(h, c) for h, c in zip(*arrays, strict=True)] if is_lstm else list(arrays[0])
    )
    remaining = iter(flat)
    return [[next(remaining) for _ in layer] for layer in stack.layers]


def run_as_torch(
    stack: Stack,
    x: Any,
    state: Any = None,
    *,
    batch_first: bool = False,
    lengths: Sequence[int] | None = None,
) -> StackTrace:
    """Run a stack on what torch's module of the same weights takes, whose arguments these are.

    x (T, N, D), (N, T, D) with batch_first, or (T, D) for one sequence; state as
    `states_from_torch`. The trace is laid out as the engine's, (T, N, ·). Raises: ShapeError,
    NonFiniteError.
    """
    x = numpy_of(x)
    if x.ndim == 2:
        x = x[:, None]
    elif batch_first and x.ndim == 3:
        x = x.transpose(1, 0, 2)
    states = None if state is None else states_from_torch(stack, state)
    return stacks.forward(stack, x, None if lengths is None else np.asarray(lengths), states)


def _by_pass(given: Any, count: int) -> Array:
    """One pass a row, (count, N, ·)."""
    array = numpy_of(given)
    if array.ndim == 2:
        array = array[:, None]
    if array.ndim != 3 or len(array) != count:
        raise ShapeError(
            f"A state of torch should have the shape ({count}, N, H), one row a layer and"
            f" direction, but has {array.shape}."
        )
    return array


def _lstm(parts: Named) -> LSTMParameters:
    return LSTMParameters.with_biases(*_matrices_and_biases(parts), weight_hr=parts.get(PROJECTION))


def _rnn(parts: Named, nonlinearity: str) -> RNNParameters:
    return RNNParameters.with_biases(
        *_matrices_and_biases(parts), activation=Activation(nonlinearity)
    )


def _matrices_and_biases(parts: Named) -> tuple[Array, Array, list[Array]]:
    weight_ih, weight_hh = (parts[name] for name in MATRICES)
    return weight_ih, weight_hh, [parts[name] for name in BIASES if name in parts]


def _one_pass(weights: Mapping[str, Any], suffix: str | None) -> Named:
    if suffix is not None:
        weights = {name: array for name, array in weights.items() if _is_of(name, suffix)}
        if not weights:
            missing = ", ".join(f"{name}{suffix}" for name in MATRICES)
            raise InputError(f"The weights lack {missing}.")
        weights = {
            name.replace(suffix, "_l0") if suffix else name: a for name, a in weights.items()
        }
    module = _only_module(weights, None)
    if len(module.passes) > 1:
        held = ", ".join(suffix_of(*place) for place in module.passes)
        raise InputError(
            f"The weights hold {len(module.passes)} passes, {held}: name one as the suffix, or"
            " read all with stack_from_torch."
        )
    return next(iter(module.passes.values()))


def _is_of(name: str, suffix: str) -> bool:
    """Whether a tensor, or a part of one, belongs to the pass of that suffix."""
    if not suffix:
        return "_l" not in name
    return suffix in name and (suffix.endswith("_reverse") or f"{suffix}_reverse" not in name)


def _only_module(weights: Mapping[str, Any], prefix: str | None) -> Module:
    """The module of that prefix, or the only one, and then nothing beside it."""
    found, left = modules(weights)
    if prefix is not None:
        found = [module for module in found if module.prefix in (prefix, f"{prefix}.")]
        left = []
    if len(found) == 1 and not left:
        return found[0]
    if not found:
        held = ", ".join(sorted(weights)) or "nothing"
        missing = ", ".join(f"{prefix or ''}{name}_l0" for name in MATRICES)
        raise InputError(f"The weights lack {missing}; they hold {held}.")
    names = ", ".join(repr(module.prefix) for module in found)
    beside = f"; beside them {', '.join(left)}" if left else ""
    raise InputError(
        f"The weights hold more than one module: recurrent ones with the prefixes {names}{beside}."
        " Name one as the prefix; the rest is then left unread."
    )


def _check_nonlinearity(nonlinearity: str) -> None:
    if nonlinearity not in NONLINEARITIES:
        raise InputError(f"torch.nn.RNN knows tanh and relu, but {nonlinearity!r} came.")


def _refuse_what_torch_lacks(parameters: Parameters) -> None:
    if isinstance(parameters, RNNParameters):
        if parameters.activation not in (TANH, RELU) or parameters.clip is not None:
            raise InputError("torch.nn.RNN has tanh or relu and no clip.")
    elif parameters.options != STANDARD or parameters.peephole is not None:
        raise InputError("torch.nn.LSTM has the standard activations, no clip and no peepholes.")
