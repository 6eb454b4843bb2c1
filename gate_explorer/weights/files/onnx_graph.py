"""Recurrent nodes of an ONNX model, in its graph and in the graphs of its Loops, Scans and Ifs.

Weights are initializers, Constants, or come of these through operators that only rearrange numbers;
what comes of anything else can't be read without running the model, and is named. Numbers kept in
other files are never fetched. onnx is asked for here alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gate_explorer.engine.checks import Array, from_bfloat16
from gate_explorer.engine.lstm import LSTMParameters, LSTMState
from gate_explorer.engine.stack import Pass, Stack, State
from gate_explorer.errors import ChoiceError, InputError, LimitError
from gate_explorer.weights.files.linking import fits
from gate_explorer.weights.files.opened import AUTO, Found, Layer, Limits, Link, Options
from gate_explorer.weights.files.tensors import Budget, finite, shown, size_of
from gate_explorer.weights.files.torch_layers import in_our_order
from gate_explorer.weights.onnx import OnnxWeights, from_onnx, rnn_from_onnx

_ORDERS = {"LSTM": "iofg"}
_FLOATS = {1: "<f4", 11: "<f8", 10: "<f2", 16: "<u2"}  # FLOAT, DOUBLE, FLOAT16, BFLOAT16
_INTEGERS = {7: "<i8", 6: "<i4"}
_EXTERNAL = 1
_RECURRENT = ("LSTM", "RNN", "GRU")
# What lies between two layers, and leaves each number as it is.
_SHAPING = (
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "Reshape",
    "Identity",
    "Dropout",
    "Flatten",
    "Cast",
)
_OPTIONAL = ("B", "sequence_lens", "initial_h", "initial_c", "P")
_STEPS = 40  # of shaping operators in a row


@dataclass(frozen=True, eq=False)
class Scope:
    """One graph: what makes each value, and the graph around it."""

    path: str
    constants: Mapping[str, Any]
    makers: Mapping[str, Any]
    nodes: Sequence[Any]
    outer: "Scope | None" = None

    def constant(self, name: str) -> Any:
        """The initializer of that name, here or further out; None where there is none."""
        if name in self.constants or name in self.makers or self.outer is None:
            return self.constants.get(name)
        return self.outer.constant(name)

    def maker(self, name: str) -> Any:
        """The node that makes a value; None for an input or an initializer."""
        if name in self.constants or name in self.makers or self.outer is None:
            return self.makers.get(name)
        return self.outer.maker(name)


def onnx_layers(data: bytes, options: Options, limits: Limits) -> Found:
    """The layers, a node each. Raises: InputError, LimitError, ChoiceError."""
    if options.layout not in (AUTO, "onnx"):
        raise ChoiceError(
            f"The file is an ONNX model, not laid out as {options.layout}.",
            {"layout": (AUTO, "onnx")},
        )
    try:
        import onnx
    except ImportError as error:
        raise InputError(
            "ONNX models need onnx, which isn't installed: pip install 'gate-explorer[files]'."
        ) from error
    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf has an exception of its own
        raise InputError(
            "This begins as an ONNX model, but can't be read as one: it is cut short, damaged, or"
            " of another kind."
        ) from error
    if not model.graph.node:
        raise InputError("This is read as an ONNX model without a single operator: is it one?")
    return _Reader(model, onnx.helper.get_attribute_value, options, limits).found()


class _Reader:
    """One model's scopes, and its recurrent nodes with their layers."""

    def __init__(self, model: Any, value: Any, options: Options, limits: Limits) -> None:
        self.value, self.options, self.budget = value, options, Budget(limits)
        self.nodes_left = limits.arrays
        self.scopes = list(self._scopes(model.graph, "", None, limits.depth))
        self.cache: dict[str, Array] = {}
        self.failed: list[str] = []
        self.aside = [f"function {shown(each.name)}" for each in model.functions]
        self.aside += [f"sparse {shown(s.values.name)}" for s in model.graph.sparse_initializer]
        self.underway: set[str] = set()

    def found(self) -> Found:
        """Every LSTM and RNN, what feeds what, and all else by name."""
        named = [
            (self._name(scope, node, k), scope, node)
            for scope in self.scopes
            for k, node in enumerate(scope.nodes)
            if node.op_type in _RECURRENT and node.domain in ("", "ai.onnx")
        ]
        wanted = [each for each in _unique(named) if each[2].op_type != "GRU"]
        made = self._layers(wanted)
        layers = list(made.values())
        read = [each for each in wanted if each[0] in made]
        used = {name for layer in layers for name in layer.sources}
        names = [name for scope in self.scopes for name in scope.constants]
        counts = Counter(node.op_type for scope in self.scopes for node in scope.nodes)
        told = ", ".join(f"{shown(kind)} ({n})" for kind, n in list(counts.items())[:30])
        return Found(
            tuple(layers),
            tuple(self._links(layers, read)),
            (*(name for name in names if name not in used), *self.failed, *self.aside),
            notes=(*self._grus(named), f"operators: {told}"),
        )

    def _layers(self, wanted: Sequence[tuple[str, Scope, Any]]) -> dict[str, Layer]:
        """Those that can be read; the others' reasons are kept, or raised where none can."""
        made: dict[str, Layer] = {}
        errors: list[InputError] = []
        for name, scope, node in wanted:
            try:
                made[name] = self._layer(name, scope, node)
            except LimitError:
                raise
            except InputError as error:
                errors.append(error)
                self.failed.append(f"{name} ({error.detail})")
        if errors and not made:
            raise errors[0]
        return made

    def _grus(self, named: Sequence[tuple[str, Scope, Any]]) -> list[str]:
        grus = [name for name, _, node in named if node.op_type == "GRU"]
        return [f"{len(grus)} GRU layers ({', '.join(grus[:20])})"] if grus else []

    def _scopes(self, graph: Any, path: str, outer: Scope | None, depth: int) -> Iterator[Scope]:
        if not depth:
            raise LimitError("The model's graphs lie too deep in one another.")
        self.nodes_left -= len(graph.node) + len(graph.initializer)
        if self.nodes_left < 0:
            raise LimitError("The model has more operators and arrays than are read.")
        _check_names(graph)
        constants = {tensor.name: tensor for tensor in graph.initializer}
        if len(constants) != len(graph.initializer):
            raise InputError("Two arrays of the model have one name: which one counts?")
        makers = {name: node for node in graph.node for name in node.output if name}
        scope = Scope(path, constants, makers, list(graph.node), outer)
        yield scope
        for node in graph.node:
            for attribute in node.attribute:
                for inner in (
                    *([attribute.g] if attribute.HasField("g") else []),
                    *attribute.graphs,
                ):
                    inside = f"{path}{node.name or node.op_type}/{attribute.name}/"
                    yield from self._scopes(inner, inside, scope, depth - 1)

    def _name(self, scope: Scope, node: Any, k: int) -> str:
        if node.name:
            return str(node.name)
        outputs = [name for name in node.output if name]
        return f"{node.op_type} to {outputs[0]}" if outputs else f"{scope.path}{node.op_type}_{k}"

    def _layer(self, name: str, scope: Scope, node: Any) -> Layer:
        inputs = [*node.input, *[""] * 8][:8]
        w_name, r_name = inputs[1], inputs[2]
        optional = dict(zip(_OPTIONAL, inputs[3:8], strict=True))
        arrays = {"W": self._array(scope, w_name, name), "R": self._array(scope, r_name, name)}
        arrays |= {k: self._array(scope, optional[k], name) for k in ("B", "P") if optional[k]}
        attributes = {each.name: self.value(each) for each in node.attribute}
        states, assumed = self._initial(scope, optional, attributes, name)
        is_lstm = node.op_type == "LSTM"
        weights = _common(arrays, attributes)
        passes = (from_onnx if is_lstm else rnn_from_onnx)(weights)  # what doesn't fit is said now
        order = (self.options.gate_order or _ORDERS["LSTM"]) if is_lstm else None
        kept = [w_name, r_name, *(optional[k] for k in ("B", "P") if optional[k])]
        return Layer(
            names=(name,),
            layout="onnx",
            build=lambda: Stack((_in_order(weights, order, passes),)),
            sources=(*kept, *(optional[k] for k in ("initial_h", "initial_c") if states)),
            sizes=(passes[0].parameters.input_size, len(passes) * passes[0].parameters.hidden_size),
            gate_order=order,
            assumed=tuple(assumed),
            states=None if states is None else lambda: _states(states, passes, attributes),
        )

    def _initial(
        self, scope: Scope, optional: Mapping[str, str], attributes: Mapping[str, Any], name: str
    ) -> tuple[list[Array] | None, list[str]]:
        """The initial states where they are constants, and what is said where they aren't."""
        words = []
        if optional["sequence_lens"]:
            words.append(f"{name} reads whole sequences, whatever {optional['sequence_lens']} says")
        given = [optional[k] for k in ("initial_h", "initial_c") if optional[k]]
        arrays: list[Array] = []
        for each in given:
            try:
                arrays.append(self._array(scope, each, name))
            except InputError:
                words.append(f"{name} starts from zeros: {shown(each)} is worked out by the model")
        if len(arrays) != len(given) or not any(array.any() for array in arrays):
            return None, words
        batch = [array.shape[0 if attributes.get("layout") == 1 else 1] for array in arrays
                 if array.ndim == 3]  # fmt: skip
        if any(count > 1 for count in batch):
            words.append(f"{name} starts from the first of its {max(batch)} initial states")
        return arrays, words

    def _array(self, scope: Scope, name: str, of: str, steps: int = _STEPS) -> Array:
        """A constant of the graph, rearranged as its operators say."""
        key = f"{scope.path}\n{name}"
        if key not in self.cache:
            if key in self.underway:
                raise InputError(f"{shown(name)} is worked out from itself.")
            self.underway.add(key)
            self.cache[key] = self._worked_out(scope, name, of, steps)
        return self.cache[key]

    def _worked_out(self, scope: Scope, name: str, of: str, steps: int) -> Array:
        tensor, node = scope.constant(name), scope.maker(name)
        if tensor is not None:
            return self._tensor(tensor)
        told = f"{shown(of)} takes {shown(name)}"
        if node is None:
            raise InputError(f"{told} as an input of the model: its weights aren't in the file.")
        values = {each.name: self.value(each) for each in node.attribute}
        if node.op_type == "Constant" and "value" in values:
            return self._tensor(values["value"])
        if node.op_type not in (*_SHAPING, "Concat") or not steps:
            raise InputError(
                f"{told}, which the model works out with {node.op_type}: export it with its"
                " constants folded."
            )
        given = [self._array(scope, each, of, steps - 1) for each in node.input if each]
        if node.op_type in ("Concat", "Reshape"):
            self.budget.charge(name, sum(array.nbytes for array in given))
        try:
            return _rearranged(node.op_type, given, values)
        except (ValueError, IndexError, TypeError, KeyError) as error:
            raise InputError(f"{told}, whose shape doesn't fit its {node.op_type}.") from error

    def _tensor(self, tensor: Any) -> Array:
        """An array's numbers, which have to be in the file and as many as its shape says."""
        if type(tensor).__name__ != "TensorProto":
            raise InputError("A Constant of the model holds no array of numbers.")
        name = tensor.name or "a constant"
        if tensor.data_location == _EXTERNAL or tensor.external_data:
            raise InputError(
                f"{shown(name)} is kept in another file, which can't be fetched: save the model"
                " whole, with onnx.save_model(model, path, save_as_external_data=False)."
            )
        if tensor.data_type not in _FLOATS | _INTEGERS:
            raise InputError(
                f"{shown(name)} is of the ONNX type {tensor.data_type}, not of floats."
            )
        dtype = np.dtype((_FLOATS | _INTEGERS)[tensor.data_type])
        size = size_of(name, tensor.dims, dtype.itemsize)
        self.budget.charge(name, size)
        flat = _numbers(tensor, dtype)
        if flat.nbytes != size:
            raise InputError(
                f"{shown(name)} has the shape {tuple(tensor.dims)}, but {flat.size} numbers."
            )
        array = flat.reshape(tuple(tensor.dims))
        return from_bfloat16(array) if tensor.data_type == 16 else array

    def _links(
        self, layers: Sequence[Layer], read: Sequence[tuple[str, Scope, Any]]
    ) -> Iterator[Link]:
        """Where one node's Y is another's X, past what only rearranges it."""
        by_output = {n.output[0]: k for k, (_, _, n) in enumerate(read) if n.output and n.output[0]}
        for upper, (_, scope, node) in enumerate(read):
            name = node.input[0] if node.input else ""
            turned = False
            for _ in range(_STEPS):
                maker = scope.maker(name)
                if maker is None or maker.op_type not in _SHAPING or not maker.input:
                    break
                turned |= maker.op_type in ("Reshape", "Transpose", "Flatten")
                name = maker.input[0]
            lower = by_output.get(name)
            if lower is None or lower == upper or not fits(layers[lower], layers[upper]):
                continue
            words = (
                f"what {layers[lower].name} gives is only laid out anew for {layers[upper].name}"
                if turned
                else None
            )
            yield Link(lower, upper, words)


def _check_names(graph: Any) -> None:
    """Refuse names that aren't text: protobuf hands them out as bytes, or fails at them."""
    try:
        names = [tensor.name for tensor in graph.initializer]
        for node in graph.node:
            names += [node.name, node.op_type, node.domain, *node.input, *node.output]
            names += [attribute.name for attribute in node.attribute]
        is_text = not any(isinstance(name, bytes) for name in names)
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        raise InputError("The model holds a name that isn't UTF-8: it is damaged.")


def _unique(named: Sequence[tuple[str, Scope, Any]]) -> list[tuple[str, Scope, Any]]:
    """With the path before names that stand twice, and a number behind where that isn't enough."""
    found: dict[str, tuple[str, Scope, Any]] = {}
    counts: Counter[str] = Counter()
    for name, scope, node in named:
        for whole in (name, f"{scope.path}{name}"):
            if whole not in found:
                break
        else:
            counts[whole] += 1
            whole = f"{whole} ({counts[whole] + 1})"
        found[whole] = (whole, scope, node)
    return list(found.values())


def _common(arrays: Mapping[str, Array], attributes: Mapping[str, Any]) -> OnnxWeights:
    """All arrays of one float type, the widest there is."""
    dtype = np.result_type(np.float32, *arrays.values())
    if dtype.kind != "f":
        raise InputError(f"The weights are of the type {dtype}; they should be floats.")
    same = {k: finite(k, a).astype(dtype, copy=False) for k, a in arrays.items()}
    return OnnxWeights(same["W"], same["R"], same.get("B"), same.get("P"), attributes)


def _in_order(
    weights: OnnxWeights, order: str | None, passes: tuple[Pass, ...]
) -> tuple[Pass, ...]:
    """The passes, or those of another gate order where a visitor told one."""
    if order in (None, _ORDERS["LSTM"]):
        return passes
    told = str(order)
    moved = [
        [_to_iofc(in_our_order(rows, told)) for rows in array] for array in (weights.W, weights.R)
    ]
    b = weights.B
    halves = None if b is None else [_both_halves(row, told) for row in b]
    return from_onnx(
        OnnxWeights(
            np.stack(moved[0]),
            np.stack(moved[1]),
            None if halves is None else np.stack(halves),
            weights.P,
            weights.attributes,
        )
    )


def _both_halves(row: Array, order: str) -> Array:
    return np.concatenate([_to_iofc(in_our_order(half, order)) for half in np.split(row, 2)])


def _to_iofc(rows: Array) -> Array:
    blocks = np.split(rows, 4)
    return np.concatenate([blocks[k] for k in (0, 3, 1, 2)])


def _states(
    arrays: Sequence[Array], passes: Sequence[Pass], attributes: Mapping[str, Any]
) -> tuple[tuple[State, ...], ...] | None:
    """The initial state of each pass, of the first sequence of a batch."""
    dtype, hidden = passes[0].parameters.dtype, passes[0].parameters.hidden_size
    is_lstm = isinstance(passes[0].parameters, LSTMParameters)
    rows = []
    for array in arrays:
        if array.ndim != 3 or array.shape[2] != hidden:
            raise InputError(f"An initial state has the shape {array.shape}, which doesn't fit.")
        by_pass = array.transpose(1, 0, 2) if attributes.get("layout") == 1 else array
        if len(by_pass) != len(passes):
            raise InputError(f"An initial state has the shape {array.shape}, which doesn't fit.")
        first = finite("an initial state", by_pass[:, :1].astype(dtype))
        rows.append([first[k] for k in range(len(passes))])
    if not is_lstm:
        return (tuple(rows[0]),)
    if len(rows) == 1:
        rows.append([np.zeros_like(h) for h in rows[0]])
    return (tuple(LSTMState(h, c) for h, c in zip(*rows, strict=True)),)


def _numbers(tensor: Any, dtype: np.dtype[Any]) -> Array:
    """The flat numbers, of raw bytes or of the field of their type."""
    if tensor.HasField("raw_data"):
        data = tensor.raw_data
        return np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)
    by_type = {
        1: tensor.float_data,
        11: tensor.double_data,
        7: tensor.int64_data,
        6: tensor.int32_data,
    }
    if tensor.data_type in by_type:
        return np.asarray(by_type[tensor.data_type], dtype)
    bits = np.asarray(tensor.int32_data, np.uint32).astype(np.uint16)
    return bits.view(dtype)


def _rearranged(kind: str, given: Sequence[Array], values: Mapping[str, Any]) -> Array:
    """What an operator that only rearranges makes of constants."""
    first = given[0]
    axes = values.get("axes", given[1].tolist() if len(given) > 1 else None)
    match kind:
        case "Identity" | "Dropout" | "Cast":
            result = first
        case "Transpose":
            result = first.transpose(values.get("perm"))
        case "Unsqueeze":
            result = np.expand_dims(first, tuple(np.ravel(axes)))
        case "Squeeze":
            result = np.squeeze(first, None if axes is None else tuple(np.ravel(axes)))
        case "Concat":
            result = np.concatenate(list(given), axis=values["axis"])
        case "Reshape":
            shape = [first.shape[k] if n == 0 else n for k, n in enumerate(given[1].tolist())]
            result = first.reshape(shape)
        case _:
            axis = values.get("axis", 1)
            result = first.reshape(int(np.prod(first.shape[:axis], dtype=int)), -1)
    return result
