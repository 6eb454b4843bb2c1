"""Recurrent modules in a file whose tensors have PyTorch's names."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Stack, State
from gate_explorer.errors import InputError, ShapeError
from gate_explorer.weights.files.ends import state_dict_ends
from gate_explorer.weights.files.linking import by_number
from gate_explorer.weights.files.opened import (
    ACTIVATIONS,
    FORGET,
    GATE_ORDER,
    Found,
    Layer,
    Options,
)
from gate_explorer.weights.files.tensors import Tensors, finite, shown
from gate_explorer.weights.state_dict import BIASES, MATRICES, PROJECTION, Module, modules
from gate_explorer.weights.torch import stack_of, states_from_torch

LSTM, GRU, RNN = 4, 3, 1
_STATE = re.compile(r"(?:.*[^A-Za-z0-9])?(?:init(?:ial)?_?)?([hc])_?(?:0|init|n|x)?")
NO_NONLINEARITY = "the RNN squashes with tanh: whether with relu isn't in a state dict"


def torch_layers(tensors: Tensors, options: Options) -> Found | None:
    """The modules by their prefixes; None where no tensor has such a name.

    Raises: InputError naming what is missing of a module, or can't be read.
    """
    found, left = modules(tensors.arrays)
    if not found:
        return None
    rows = {module.prefix: _gates(module) for module in found}
    layers = [_layer(m, rows[m.prefix], options, tensors) for m in found if rows[m.prefix] != GRU]
    grus = [m for m in found if rows[m.prefix] == GRU]
    used = {name for layer in layers for name in layer.sources}
    left = [name for name in left if name not in used]
    unread = [*left, *(name for gru in grus for name in gru.sources)]
    return Found(
        tuple(layers),
        by_number(layers),
        (*unread, *tensors.skipped),
        lambda chain: state_dict_ends(chain, {name: tensors.arrays[name] for name in left}),
        tensors.vocabulary,
        tuple(f"a GRU, {_name(gru, 'gru')}" for gru in grus),
    )


def _gates(module: Module) -> int:
    """How many blocks of H rows the module has."""
    matrices = (*MATRICES, PROJECTION)
    if any(a.ndim != 2 for p in module.passes.values() for k, a in p.items() if k in matrices):
        raise ShapeError(f"The weights of {shown(module.prefix)} should have two axes.")
    if module.gates not in (LSTM, GRU, RNN):
        shape = next(iter(module.passes.values()))["weight_hh"].shape
        raise ShapeError(
            f"{shown(module.prefix)}weight_hh has the shape {shape}, which is no LSTM's (4H, H), no"
            " GRU's (3H, H) and no RNN's (H, H)."
        )
    return int(module.gates)


def _name(module: Module, kind: str) -> str:
    return module.prefix.rstrip("./_:") or kind


def _layer(module: Module, rows: int, options: Options, tensors: Tensors) -> Layer:
    kind = "lstm" if rows == LSTM else "rnn"
    first, last = min(module.passes), max(module.passes)
    wide = module.passes[last]["weight_hh"].shape[1] * (2 if last[1] else 1)
    states = _initial(module, tensors)
    told = () if options.gate_order else (GATE_ORDER,)
    assumed = [] if states is None else [f"{' and '.join(states[0])} are its initial state"]
    return Layer(
        names=(_name(module, kind),),
        layout="torch",
        build=_builder(module, kind, options.gate_order),
        sources=(*module.sources, *(states[0] if states else ())),
        sizes=(module.passes[first]["weight_ih"].shape[1], wide),
        gate_order=(options.gate_order or "ifgo") if rows == LSTM else None,
        assumed=(*assumed, *([NO_NONLINEARITY] if kind == "rnn" else []), *module.folded),
        asks=frozenset({ACTIVATIONS, *((FORGET, *told) if rows == LSTM else ())}),
        states=None if states is None else states[1],
    )


def _builder(module: Module, kind: str, order: str | None) -> Callable[[], Stack]:
    def build() -> Stack:
        passes: dict[tuple[int, bool], Mapping[str, Array]] = {}
        for place, parts in module.passes.items():
            checked = {name: finite(f"{module.prefix}{name}", a) for name, a in parts.items()}
            passes[place] = checked if order is None else _reordered(checked, order)
        whole = Module(module.prefix, module.is_cell, passes, module.sources, module.folded)
        return stack_of(common(whole), "tanh" if kind == "rnn" else None)

    return build


def common(module: Module) -> Module:
    """The module with all its arrays of one dtype: the widest there is, float32 at least."""
    every = [array for parts in module.passes.values() for array in parts.values()]
    dtype = np.result_type(np.float32, *every)
    if dtype.kind != "f" or dtype.itemsize > 8:
        raise InputError(f"The weights are of the type {dtype}; they should be float32 or float64.")
    passes = {
        place: {name: array.astype(dtype, copy=False) for name, array in parts.items()}
        for place, parts in module.passes.items()
    }
    return Module(module.prefix, module.is_cell, passes, module.sources, module.folded)


def in_our_order(rows: Array, order: str) -> Array:
    """Blocks of rows that stand in the order given, as i|f|g|o."""
    blocks = np.split(rows, 4)
    return np.concatenate([blocks[order.index(gate)] for gate in "ifgo"])


def _reordered(parts: Mapping[str, Array], order: str) -> dict[str, Array]:
    gated = (*MATRICES, *BIASES)
    return {n: in_our_order(a, order) if n in gated else a for n, a in parts.items()}


def _initial(
    module: Module, tensors: Tensors
) -> tuple[Sequence[str], Callable[[], tuple[tuple[State, ...], ...] | None]] | None:
    """A learnt initial state: a pair called h0 and c0, or so, whose shape is the module's."""
    count = len(module.passes)
    hidden = module.passes[min(module.passes)]["weight_hh"]
    fits = {(count, 1, hidden.shape[1]), (count, hidden.shape[1])}
    if count == 1:
        fits |= {(1, hidden.shape[1]), (hidden.shape[1],)}
    pairs: dict[str, list[str]] = {"h": [], "c": []}
    for name, array in tensors.arrays.items():
        match = _STATE.fullmatch(name)
        if match is not None and array.shape in fits:
            pairs[match[1]].append(name)
    if [len(names) for names in pairs.values()] != [1, 1] or len(hidden) != LSTM * hidden.shape[1]:
        return None
    names = [*pairs["h"], *pairs["c"]]

    def states() -> tuple[tuple[State, ...], ...]:
        h, c = (finite(n, tensors.arrays[n]).reshape(count, 1, -1) for n in names)
        made = _builder(module, "lstm", None)()
        found = states_from_torch(made, (h.astype(made.dtype), c.astype(made.dtype)))
        return tuple(tuple(LSTMState(*s) for s in layer if s is not None) for layer in found)

    return names, states
