"""Recurrent layers in arrays that people's own code has named, or not named at all.

Three forms are told apart: a matrix for x and one for h with all four gates (4H rows, or 4H
columns where code multiplies from the left); one matrix on x and h joined; one matrix a gate, on x
and h joined or apart. Shapes say which axis is which; names say which array is which; where names
say nothing, three arrays in a row whose shapes are an LSTM's are one. Gate order and concatenation
are never in such a file: ifgo and [h, x] are assumed, and said.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.activations import SIGMOID, TANH
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Parameters, Pass, Stack
from gate_explorer.errors import ChoiceError, InputError
from gate_explorer.weights.files.ends import state_dict_ends
from gate_explorer.weights.files.linking import BACKWARD, by_number
from gate_explorer.weights.files.naming import (
    BIAS,
    INPUT,
    JOINED,
    RECURRENT,
    Part,
    grouped,
    title_of,
)
from gate_explorer.weights.files.opened import (
    ACTIVATIONS,
    AUTO,
    BY_NAME,
    CONCATENATION,
    CONCATENATIONS,
    FORGET,
    GATE_ORDER,
    GATE_ORDERS,
    LAYOUT,
    Found,
    Layer,
    Options,
)
from gate_explorer.weights.files.tensors import Tensors, finite
from gate_explorer.weights.files.torch_layers import in_our_order
from gate_explorer.weights.keras import KerasWeights, from_keras

ROWS, COLUMNS = ("torch", "onnx"), ("keras", "theano")
JOINT = ("tf1", "numpy-hx", "numpy-xh")
FORGET_BIAS = 1.0
_RECURRENT_WORDS = re.compile(r"(?i)lstm|rnn|recurrent|cell|gru|enc|dec")
_NUMBERS = re.compile(r"(\d+)")
# What an optimizer keeps beside each weight, in TensorFlow 1's checkpoints under the weight's name.
_SLOTS = re.compile(
    r"(?i)/(?:adam(?:_\d)?|rmsprop|momentum|adagrad|exponentialmovingaverage)(?::0)?$"
)


@dataclass(frozen=True, eq=False)
class Form:
    """A layer's matrices as PyTorch has them, but for the order of their gates.

    rows (4H, D) and (4H, H), or joined (4H, D + H); biases (4H,) each.
    """

    kind: str  # "lstm" or "rnn"
    layout: str
    hidden: int
    width: int
    make: Callable[[], tuple[Array, Array, list[Array]]]
    gate_order: str | None
    concatenation: str | None = None
    assumed: tuple[str, ...] = ()
    asks: frozenset[str] = frozenset()


def named_layers(tensors: Tensors, options: Options) -> Found:
    """The layers, which may be none.

    Raises: ChoiceError for a gate order where gates have names.
    """
    arrays = {name: a for name, a in tensors.arrays.items() if not _SLOTS.search(name)}
    taken: set[str] = set()
    layers = []
    order = {name: k for k, name in enumerate(arrays)}
    for (stem, is_gate), parts in sorted(
        grouped(arrays).items(), key=lambda item: _place(order, item[1])
    ):
        free = [part for part in parts if part.name not in taken]
        form = (_by_gate if is_gate else _stacked)(stem, free, arrays, options)
        if form is not None:
            read, made = form
            taken |= set(read)
            layers.append(_layer(title_of(stem), read, made))
    if not layers:
        layers = _by_shape(arrays, options)
        taken = {name for layer in layers for name in layer.sources}
    left = {name: array for name, array in tensors.arrays.items() if name not in taken}
    return Found(
        tuple(layers),
        by_number(layers),
        (*left, *tensors.skipped),
        lambda chain: state_dict_ends(chain, left, len(tensors.vocabulary or ())),
        tensors.vocabulary,
    )


def _place(order: Mapping[str, int], parts: Sequence[Part]) -> tuple[bool, int]:
    """By gate first, since Wi is a gate's before it is a matrix called W; then as in the file."""
    return parts[0].gate is None, min(order[part.name] for part in parts)


def _layer(name: str, read: Sequence[str], form: Form, reverse: bool | None = None) -> Layer:
    backward = bool(BACKWARD.search(name)) if reverse is None else reverse
    return Layer(
        names=(name,),
        layout=form.layout,
        build=lambda: Stack(((Pass(_parameters(form), backward),),)),
        sources=tuple(read),
        sizes=(form.width, form.hidden),
        gate_order=form.gate_order,
        concatenation=form.concatenation,
        assumed=form.assumed,
        asks=form.asks,
    )


def _parameters(form: Form) -> Parameters:
    weight_ih, weight_hh, biases = form.make()
    dtype = np.result_type(np.float32, weight_ih, weight_hh, *biases)
    if dtype.kind != "f" or dtype.itemsize > 8:
        raise InputError(f"The weights are of the type {dtype}; they should be float32 or float64.")
    on_x, on_h, *given = (np.ascontiguousarray(a, dtype) for a in (weight_ih, weight_hh, *biases))
    if form.kind == "rnn":
        return RNNParameters.with_biases(on_x, on_h, given)
    return LSTMParameters.with_biases(on_x, on_h, given)


def _stacked(
    stem: str, parts: Sequence[Part], arrays: Mapping[str, Array], options: Options
) -> tuple[list[str], Form] | None:
    """One input and one recurrent matrix, or one on both, with all gates in it."""
    by_role: dict[str, list[str]] = {INPUT: [], RECURRENT: [], BIAS: []}
    for part in parts:
        by_role[part.role].append(part.name)
    inputs, recurrent, biases = by_role[INPUT], by_role[RECURRENT], by_role[BIAS]
    if len(inputs) == 1 and len(recurrent) == 1 and len(biases) <= 2:
        form = apart(arrays, inputs[0], recurrent[0], biases, options, stem)
        return None if form is None else ([*inputs, *recurrent, *biases], form)
    if len(inputs) + len(recurrent) == 1 and len(biases) <= 1:
        name = (inputs or recurrent)[0]
        is_told = options.layout in JOINT or bool(_RECURRENT_WORDS.search(name))
        form = _joined(arrays, name, biases, options) if is_told else None
        return None if form is None else ([name, *biases], form)
    return None


def apart(
    arrays: Mapping[str, Array],
    name: str,
    recurrent: str,
    biases: Sequence[str],
    options: Options,
    stem: str = "",
) -> Form | None:
    """A matrix for x and one for h, (4H, ·) or (·, 4H); an RNN's only where the name says so."""
    w, u = (_matrix(arrays[n]) for n in (name, recurrent))
    if w is None or u is None:
        return None
    hidden, gates = min(u.shape), max(u.shape) // min(u.shape)
    if max(u.shape) != gates * hidden or gates not in (1, 4):
        return None
    if gates == 1 and not (_RECURRENT_WORDS.search(stem) or "hh" in recurrent):
        return None
    by_rows = u.shape[0] == gates * hidden if gates == 4 else w.shape[0] == hidden
    if (w.shape[0] if by_rows else w.shape[1]) != gates * hidden:
        return None
    given = [_vectors(arrays[n], gates * hidden) for n in biases]
    if not all(given) or options.layout in (*JOINT, *(COLUMNS if by_rows else ROWS)):
        return None
    layout = _layout(by_rows, options)
    order, assumed, asks = _order(layout, options) if gates == 4 else (None, (RNN_TANH,), RNN)
    width = w.shape[1] if by_rows else w.shape[0]

    def make() -> tuple[Array, Array, list[Array]]:
        matrices = [finite(n, m if by_rows else m.T) for n, m in ((name, w), (recurrent, u))]
        vectors = [finite(n, b) for n, g in zip(biases, given, strict=True) for b in g]
        if len(vectors) == 2 and not by_rows and len(biases) == 1:
            layer = from_keras(KerasWeights(w, u, np.concatenate(vectors), TANH, SIGMOID))
            return layer.weight_ih, layer.weight_hh, list(layer.stored_biases)
        ordered = [a if order is None else in_our_order(a, order) for a in (*matrices, *vectors)]
        return ordered[0], ordered[1], ordered[2:]

    return Form("lstm" if gates == 4 else "rnn", layout, hidden, width, make, order,
                assumed=assumed, asks=asks)  # fmt: skip


NOTHING: frozenset[str] = frozenset()
RNN = frozenset({ACTIVATIONS})
LSTM = RNN | {FORGET}
RNN_TANH = "the RNN squashes with tanh, which isn't in the file"


def _layout(by_rows: bool, options: Options) -> str:
    fitting = ROWS if by_rows else COLUMNS
    return options.layout if options.layout in fitting else fitting[0]


def _order(layout: str, options: Options) -> tuple[str, tuple[str, ...], frozenset[str]]:
    """The order of the gates, what is said of it, and what is asked."""
    if options.gate_order is not None:
        return options.gate_order, (), LSTM
    order = GATE_ORDERS[layout]
    if options.layout != AUTO:
        return order, (), LSTM
    words = f"the gates stand in the order {order}, which isn't in the file"
    return order, (words,), LSTM | {GATE_ORDER}


def _joined(
    arrays: Mapping[str, Array], name: str, biases: Sequence[str], options: Options
) -> Form | None:
    """One matrix on x and h joined, with all four gates: (4H, D + H), or (D + H, 4H)."""
    matrix = _matrix(arrays[name])
    size = np.size(arrays[biases[0]]) if biases else None
    if matrix is None:
        return None
    fitting = [
        (axis, length // 4)
        for axis, length in enumerate(matrix.shape)
        if length % 4 == 0 and size in (None, length) and matrix.shape[1 - axis] > length // 4
    ]
    if not fitting or (len(fitting) > 1 and size is None):
        return None
    axis, hidden = fitting[-1]
    is_tf1 = options.layout == "tf1" or (
        options.layout == AUTO and axis == 1 and "kernel" in name and "_cell" in name
    )
    layout, on_x_first, words, asks = _concatenation(is_tf1, options)
    order, order_words, order_asks = _order(layout, Options() if is_tf1 else options)
    if is_tf1:
        order = options.gate_order or order
        order_words = (f"a forget bias of {FORGET_BIAS:g} is added at run time, as TF1's cells do",)
        order_asks = RNN if options.layout == "tf1" else LSTM
        order_asks |= NOTHING if options.gate_order or options.layout == "tf1" else {GATE_ORDER}
    width = matrix.shape[1 - axis] - hidden

    def make() -> tuple[Array, Array, list[Array]]:
        rows = in_our_order(finite(name, matrix.T if axis else matrix), order)
        on_x = slice(0, width) if on_x_first else slice(hidden, None)
        on_h = slice(width, None) if on_x_first else slice(0, hidden)
        vectors = [finite(n, np.ravel(arrays[n])) for n in biases]
        given = [in_our_order(vector, order).copy() for vector in vectors]
        if is_tf1:
            given = given or [np.zeros(4 * hidden, rows.dtype)]
            given[0][hidden : 2 * hidden] += given[0].dtype.type(FORGET_BIAS)
        return rows[:, on_x], rows[:, on_h], given

    return Form("lstm", layout, hidden, width, make, order, CONCATENATIONS["xh" if on_x_first
                else "hx"], (*order_words, *words), order_asks | asks)  # fmt: skip


def _concatenation(
    is_tf1: bool, options: Options
) -> tuple[str, bool, tuple[str, ...], frozenset[str]]:
    """The layout, whether x comes first, what is said of it, and what is asked."""
    if is_tf1:
        return "tf1", True, (), NOTHING
    if options.concatenation is not None or options.layout in ("numpy-hx", "numpy-xh"):
        told = options.concatenation or options.layout.removeprefix("numpy-")
        return f"numpy-{told}", told == "xh", (), NOTHING
    words = "each matrix meets [h, x] in that order, which isn't in the file"
    return "numpy-hx", False, (words,), frozenset({CONCATENATION})


def _by_gate(
    stem: str, parts: Sequence[Part], arrays: Mapping[str, Array], options: Options
) -> tuple[list[str], Form] | None:
    """One matrix a gate, on x and h joined, or one for each of the two."""
    roles: dict[tuple[str, str | None], dict[str, str]] = {}
    for part in parts:
        marker = part.marker if part.role == BIAS else None
        roles.setdefault((part.role, marker), {})[part.gate or ""] = part.name
    if (RECURRENT, None) in roles and (JOINED, None) in roles:
        roles[INPUT, None] = roles.pop((JOINED, None))  # W beside U is x's alone
    whole = {key: names for key, names in roles.items() if len(names) == 4}
    biases = [names for (role, _), names in whole.items() if role == BIAS]
    if (JOINED, None) in whole:
        form = _gates_joined(whole[JOINED, None], biases, arrays, options)
        matrices = [whole[JOINED, None]]
    elif (INPUT, None) in whole and (RECURRENT, None) in whole:
        matrices = [whole[INPUT, None], whole[RECURRENT, None]]
        form = _gates_apart(matrices, biases, arrays, options)
    else:
        return None
    if form is None:
        return None
    if options.gate_order is not None:
        raise ChoiceError(
            f"The gates of {title_of(stem)} have names of their own: no gate order is to be told.",
            {"gate_order": ()},
        )
    return [name for names in (*matrices, *biases) for name in names.values()], form


def _gates_joined(
    matrices: Mapping[str, str],
    biases: Sequence[Mapping[str, str]],
    arrays: Mapping[str, Array],
    options: Options,
) -> Form | None:
    first = arrays[matrices["i"]]
    if first.ndim != 2 or any(arrays[name].shape != first.shape for name in matrices.values()):
        return None
    hidden, joined = sorted(first.shape)
    by_rows = first.shape[0] == hidden
    vectors = _gate_vectors(biases, arrays, hidden)
    if joined <= hidden or vectors is None or options.layout in (*ROWS, *COLUMNS):
        return None
    layout, on_x_first, words, asks = _concatenation(options.layout == "tf1", options)

    def make() -> tuple[Array, Array, list[Array]]:
        gates = [finite(matrices[g], arrays[matrices[g]]) for g in "ifgo"]
        rows = np.concatenate([gate if by_rows else gate.T for gate in gates])
        on_x = slice(0, joined - hidden) if on_x_first else slice(hidden, None)
        on_h = slice(joined - hidden, None) if on_x_first else slice(0, hidden)
        return rows[:, on_x], rows[:, on_h], vectors()

    told = CONCATENATIONS["xh" if on_x_first else "hx"]
    return Form("lstm", layout, hidden, joined - hidden, make, BY_NAME, told, words, LSTM | asks)


def _gates_apart(
    matrices: Sequence[Mapping[str, str]],
    biases: Sequence[Mapping[str, str]],
    arrays: Mapping[str, Array],
    options: Options,
) -> Form | None:
    shapes = [{arrays[name].shape for name in names.values()} for names in matrices]
    if any(len(each) != 1 or len(next(iter(each))) != 2 for each in shapes):
        return None
    w, u = (next(iter(each)) for each in shapes)
    hidden = u[0]
    vectors = _gate_vectors(biases, arrays, hidden)
    if u[0] != u[1] or hidden not in w or vectors is None:
        return None
    by_rows = w[0] == hidden
    words: tuple[str, ...] = ()
    if w[0] == w[1]:
        by_rows = options.layout not in COLUMNS
        if options.layout == AUTO:
            words = ("each matrix stands before x and h, as in W x, which isn't in the file",)

    def make() -> tuple[Array, Array, list[Array]]:
        stacked = []
        for names in matrices:
            gates = [finite(names[g], arrays[names[g]]) for g in "ifgo"]
            stacked.append(np.concatenate([gate if by_rows else gate.T for gate in gates]))
        return stacked[0], stacked[1], vectors()

    width = w[1] if by_rows else w[0]
    return Form("lstm", _layout(by_rows, options), hidden, width, make, BY_NAME, assumed=words,
                asks=LSTM | {LAYOUT} if words else LSTM)  # fmt: skip


def _gate_vectors(
    biases: Sequence[Mapping[str, str]], arrays: Mapping[str, Array], hidden: int
) -> Callable[[], list[Array]] | None:
    """What joins the biases of four gates, none, one or two; None where they don't fit."""
    if len(biases) > 2 or any(
        np.size(arrays[n]) != hidden for each in biases for n in each.values()
    ):
        return None
    return lambda: [
        np.concatenate([finite(each[g], np.ravel(arrays[each[g]])) for g in "ifgo"])
        for each in biases
    ]


def _by_shape(arrays: Mapping[str, Array], options: Options) -> list[Layer]:
    """Three arrays in a row, W, U and b by their shapes, whatever they are called.

    Two such in a row of the same sizes that can't be one above the other, before a matrix that
    reads both, are one layer read both ways.
    """
    names = sorted(arrays, key=_natural)
    found: list[tuple[int, list[str], Form]] = []
    k = 0
    while k + 2 < len(names):
        three = names[k : k + 3]
        form = apart(arrays, three[0], three[1], three[2:], options)
        if form is not None:
            found.append((k, three, form))
        k += 1 if form is None else 3
    layers: list[Layer] = []
    while found:
        at, read, form = found.pop(0)
        above = found[0] if found and found[0][0] == at + 3 else None
        reads_both = [2 * form.hidden in arrays[name].shape for name in names[at + 6 : at + 7]]
        if above is not None and _is_pair(form, above[2]) and any(reads_both):
            found.pop(0)
            layers.append(_both(read, above[1], form, above[2]))
        else:
            layers.append(_layer(read[0], read, _said_by_shape(read, form)))
    return layers


def _is_pair(one: Form, other: Form) -> bool:
    same = (one.width, one.hidden, one.kind) == (other.width, other.hidden, other.kind)
    return same and one.width != one.hidden


def _both(read: Sequence[str], above: Sequence[str], form: Form, other: Form) -> Layer:
    words = (
        f"{above[0]} to {above[-1]} read backwards: they have the shapes of {read[0]} to {read[-1]}"
    )
    told = _said_by_shape((*read, *above), form)
    return Layer(
        names=(f"{read[0]}-{above[-1]}",),
        layout=form.layout,
        build=lambda: Stack(((Pass(_parameters(form)), Pass(_parameters(other), True)),)),
        sources=(*read, *above),
        sizes=(form.width, 2 * form.hidden),
        gate_order=form.gate_order,
        assumed=(*told.assumed, words),
        asks=form.asks,
    )


def _said_by_shape(read: Sequence[str], form: Form) -> Form:
    words = f"{', '.join(read)} are input matrix, recurrent matrix and bias, by their shapes"
    return Form(form.kind, form.layout, form.hidden, form.width, form.make, form.gate_order,
                form.concatenation, (*form.assumed, words), form.asks)  # fmt: skip


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """So that mat10 comes after mat9."""
    parts = _NUMBERS.split(name)
    return [(p.isdigit(), int(p) if p.isdigit() and len(p) < 10 else 0, p) for p in parts]


def _matrix(array: Array) -> Array | None:
    """An array of two axes, or of three with one direction, as in ONNX."""
    if array.ndim == 3 and len(array) == 1:
        array = array[0]
    return array if array.ndim == 2 and 0 not in array.shape else None


def _vectors(array: Array, length: int) -> list[Array]:
    """A bias of that length, a row or a column or neither; or two in one array, as ONNX and CuDNN
    have them; none where it doesn't fit."""
    if array.ndim > 2 or (array.ndim == 2 and 1 not in array.shape):
        return []
    return (
        np.split(np.ravel(array), array.size // length)
        if array.size in (length, 2 * length)
        else []
    )
