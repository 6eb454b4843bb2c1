"""Recurrent layers among the weights that Keras saves: version 3's groups, and the older ones.

Version 3: `layers/lstm/cell/vars/0`, named by class and counted from nothing, whatever the layers
are called. Older: a group for each layer by its own name, in it `lstm/kernel:0`, or with a cell
between, or for Keras 1 an array for each gate, `lstm_1_W_i:0`. The configuration, where there is
one, tells names, activations and edges; layers are matched with it by place, then by name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.activations import Activation
from gate_explorer.engine.checks import Array
from gate_explorer.engine.stack import Parameters, Pass, Stack
from gate_explorer.errors import ChoiceError, InputError
from gate_explorer.weights.files.ends import state_dict_ends
from gate_explorer.weights.files.keras_config import (
    RNNS,
    Configuration,
    Entry,
    activations_of,
    default_activations,
    gives_sequence,
    parse_configuration,
    parse_version,
    passes_on,
)
from gate_explorer.weights.files.keras_ends import configured_ends
from gate_explorer.weights.files.linking import BACKWARD, fits, in_order
from gate_explorer.weights.files.opened import (
    ACTIVATIONS,
    AUTO,
    BY_NAME,
    Found,
    Layer,
    Limits,
    Link,
    Options,
)
from gate_explorer.weights.files.safe import parse_json
from gate_explorer.weights.files.tensors import Tensors, finite
from gate_explorer.weights.files.torch_layers import in_our_order
from gate_explorer.weights.keras import KerasWeights, from_keras, is_cudnn, listed, rnn_from_keras

_NEW = re.compile(r"(?P<place>.*?)(?:/(?P<cell>cell))?/vars/(?P<number>\d+)")
_OLD = re.compile(r"(?P<place>.*?)/?(?P<word>kernel|recurrent_kernel|bias)(?::0)?")
_FIRST = re.compile(r"(?P<place>.*?)/(?P<name>[^/]+)_(?P<word>[WUb]_[icfo])(?::0)?")
_CELL = re.compile(r"(?:[a-z_]*_)?cell(?:_\d+)?|while|rnn")
_HALF = re.compile(r"(?P<way>forward|backward)(?:_.*)?|(?P<wrapped>layer)")
_ORDER = {"kernel": 0, "recurrent_kernel": 1, "bias": 2}
_FIRST_ORDER = [f"{part}_{gate}" for gate in "icfo" for part in "WUb"]
_CUDNN_SINCE = (2, 3)  # as of then Keras's defaults are what cuDNN always does
_TEXTS = ("model_config", "keras_version", "layer_names", "weight_names", "backend", "name")


@dataclass(frozen=True, eq=False)
class Group:
    """One cell's arrays: the layer's place, which way it reads within it, and their names."""

    place: str
    way: str | None
    names: tuple[str, ...]


def keras_layers(
    tensors: Tensors,
    options: Options,
    limits: Limits,
    config: bytes | None = None,
    version: str | None = None,
) -> Found | None:
    """The layers; None where nothing in the file is laid out by Keras.

    config, version: of a .keras archive, beside the weights. Raises: InputError, ChoiceError.
    """
    groups = _groups(tensors.arrays)
    told = _configuration(tensors, limits, config, version)
    is_keras = "@layer_names" in tensors.texts or any(map(_NEW.fullmatch, tensors.arrays))
    if told is None and not groups and not is_keras:
        return None
    reader = _Reader(tensors, told, version, options)
    layers = tuple(reader.layer(place, of) for place, of in groups.items())
    read = {name for layer in layers for name in layer.sources}
    left = {name: array for name, array in tensors.arrays.items() if name not in read}
    texts = [n for n in tensors.texts if n.split("@")[1] not in _TEXTS]
    names = [reader.entry_at(place) for place in groups]
    return Found(
        layers,
        in_order(layers) if told is None else _links(layers, names, told),
        (*left, *tensors.skipped, *texts, *reader.unknown),
        (lambda chain: state_dict_ends(chain, left))
        if told is None
        else lambda chain: configured_ends(chain, told, left),
        notes=_notes(tensors, told),
    )


def _notes(tensors: Tensors, told: Configuration | None) -> tuple[str, ...]:
    """What the file holds, for the case that no layer of it can be opened."""
    if told is not None:
        return (f"layers of the classes {', '.join(told.kinds)}",)
    names = tensors.texts.get("@layer_names") or tensors.texts.get("model_weights@layer_names")
    if names:
        return (f"layers called {', '.join(names.splitlines()[:30])}",)
    places = dict.fromkeys(name.split("/vars/")[0].split("/")[-1] for name in tensors.arrays)
    return (f"layers called {', '.join(list(places)[:30])}",) if places else ()


def _configuration(
    tensors: Tensors, limits: Limits, config: bytes | None, version: str | None
) -> Configuration | None:
    text = tensors.texts.get("@model_config")
    if config is None and text is None:
        return None
    data = config if config is not None else (text or "").encode()
    told = version or _version(tensors)
    return parse_configuration(parse_json(data, "the configuration", limits), told, limits.depth)


def _version(tensors: Tensors) -> str | None:
    return tensors.texts.get("@keras_version") or tensors.texts.get("model_weights@keras_version")


def _groups(arrays: Mapping[str, Array]) -> dict[str, list[Group]]:
    """The recurrent cells' arrays by the place of their layer, forward before backward."""
    cells: dict[tuple[str, str], dict[int, str]] = {}
    for name in arrays:
        if match := _NEW.fullmatch(name):
            kind = "3" if match["cell"] else "?"
            cells.setdefault((match["place"], kind), {})[int(match["number"])] = name
        elif match := _FIRST.fullmatch(name):
            key = f"{match['place']}/{match['name']}"
            cells.setdefault((key, "1"), {})[_FIRST_ORDER.index(match["word"])] = name
        elif match := _OLD.fullmatch(name):
            cells.setdefault((match["place"], "2"), {})[_ORDER[match["word"]]] = name
    found: dict[str, list[Group]] = {}
    for (place, kind), numbered in cells.items():
        names = tuple(numbered[k] for k in sorted(numbered))
        gates = (4,) if kind == "?" else (4, 1)
        if _is_recurrent(list(numbered), [arrays[name] for name in names], gates):
            layer, way = _place(place)
            found.setdefault(layer, []).append(Group(layer, way, names))
    for groups in found.values():
        groups.sort(key=lambda group: group.way == "backward")
    return found


def _is_recurrent(numbers: Sequence[int], arrays: Sequence[Array], gates: Sequence[int]) -> bool:
    """Whether the arrays are by number and shape a recurrent layer's with so many gates."""
    if len(arrays) == 12:
        return True
    if sorted(numbers) not in ([0, 1], [0, 1, 2]) or arrays[0].ndim != 2 or arrays[1].ndim != 2:
        return False
    hidden, columns = arrays[1].shape
    has_bias = len(arrays) == 2 or np.size(arrays[2]) in (columns, 2 * columns)
    is_one = any(columns == count * hidden for count in gates)
    return arrays[0].shape[1] == columns and has_bias and is_one


def _place(path: str) -> tuple[str, str | None]:
    """A layer's own place, and which half of a Bidirectional this is."""
    parts = path.split("/")
    while len(parts) > 1 and _CELL.fullmatch(parts[-1]):
        parts.pop()
    way = _HALF.fullmatch(parts[-1]) if len(parts) > 1 else None
    if way is None:
        return "/".join(parts), None
    return "/".join(parts[:-1]), way["way"] or "forward"


class _Reader:
    """Makes layers of groups, with what the configuration, or its lack, says of them."""

    def __init__(
        self,
        tensors: Tensors,
        told: Configuration | None,
        version: str | None,
        options: Options,
    ) -> None:
        self.tensors, self.told, self.options = tensors, told, options
        self.version, self.is_tf = parse_version(version or _version(tensors))
        self.unknown: list[str] = []
        if options.layout not in (AUTO, "keras", "theano"):
            raise ChoiceError(
                f"The file is laid out by Keras, not as {options.layout}.",
                {"layout": (AUTO, "keras")},
            )

    def entry_at(self, place: str) -> Entry | None:
        """The configuration's layer whose weights are kept at a place."""
        if self.told is None:
            return None
        tail = place.removeprefix("model_weights/")
        entry = self.told.by_path.get(tail.replace("_layer_checkpoint_dependencies/", "layers/"))
        if entry is not None and entry.is_recurrent:
            return entry
        return next(
            (
                self.told.by_name[part]
                for part in reversed(tail.split("/"))
                if part in self.told.by_name and self.told.by_name[part].is_recurrent
            ),
            None,
        )

    def layer(self, place: str, groups: Sequence[Group]) -> Layer:
        """One layer, of one pass or two."""
        entry = self.entry_at(place)
        if entry is not None:
            self.unknown += entry.unknown
        names = self._names(place, entry)
        ways = [self._is_reverse(group, names[0], entry) for group in groups]
        if len(set(ways)) != len(ways):
            raise InputError(f"{names[0]} has {len(groups)} passes that read the same way.")
        first = self.tensors.arrays[groups[0].names[0]]
        given = [self._weights(group, entry) for group in groups]
        width = sum(len(weights.recurrent_kernel) for weights in given)
        is_rnn = given[0].recurrent_activation is None
        order = None if is_rnn else self.options.gate_order or "ifgo"
        is_by_name = len(groups[0].names) == 12 and self.options.gate_order is None
        return Layer(
            names=names,
            layout="keras",
            build=_builder(given, ways, order, [n for group in groups for n in group.names]),
            sources=tuple(name for group in groups for name in group.names),
            sizes=(len(first), width),
            gate_order=BY_NAME if is_by_name else order,
            assumed=self._assumed(names[0], entry, given),
            asks=self._asks(entry, given),
        )

    def _names(self, place: str, entry: Entry | None) -> tuple[str, ...]:
        """The layer's own name, then its group's and its place."""
        last = place.split("/")[-1]
        told = self.tensors.texts.get(f"{place}/vars@name")
        every = ([entry.name] if entry else []) + ([told] if told else []) + [last, place]
        return tuple(dict.fromkeys(every))

    def _is_reverse(self, group: Group, name: str, entry: Entry | None) -> bool:
        if entry is not None and not entry.is_bidirectional:
            return bool((entry.inner[0] if entry.inner else entry).options.get("go_backwards"))
        if group.way is not None:
            return group.way == "backward"
        return bool(BACKWARD.search(name))

    def _weights(self, group: Group, entry: Entry | None) -> KerasWeights:
        arrays = [self.tensors.arrays[name] for name in group.names]
        version = (1,) if len(arrays) == 12 and not self.version else self.version
        squashed, recurrent = (
            default_activations(version, self.is_tf)
            if entry is None
            else activations_of(entry, version, self.is_tf)
        )
        is_rnn = len(arrays) < 12 and arrays[0].shape[1] == arrays[1].shape[0]
        if entry is None and len(arrays) == 3 and np.size(arrays[2]) == 8 * len(arrays[1]):
            squashed, recurrent = default_activations(_CUDNN_SINCE, is_tf=False)
        if entry is not None and entry.cell.kind in RNNS and not is_rnn:
            raise InputError(f"{entry.name} is a SimpleRNN, but its weights aren't one's.")
        return listed(arrays, squashed, None if is_rnn else recurrent)

    def _asks(self, entry: Entry | None, given: Sequence[KerasWeights]) -> frozenset[str]:
        """The activations, where neither a configuration nor CuDNN's bias tells them."""
        is_told = entry is not None or any(is_cudnn(weights) for weights in given)
        return frozenset() if is_told else frozenset({ACTIVATIONS})

    def _assumed(
        self, name: str, entry: Entry | None, given: Sequence[KerasWeights]
    ) -> tuple[str, ...]:
        told = []
        if any(is_cudnn(weights) for weights in given):
            told.append(f"{name} is a CuDNNLSTM, by its bias of 8 H: sigmoid and tanh")
        elif entry is None:
            used = [given[0].recurrent_activation, given[0].activation]
            words = " and ".join(words_of(a) for a in used if a is not None)
            since = ".".join(str(n) for n in self.version) or "the layout"
            told.append(
                f"{name} squashes with {words}, the defaults of Keras by {since}: "
                + ("the file has no configuration" if self.told is None else "it isn't configured")
            )
        merged = entry.options.get("merge_mode", "concat") if entry else "concat"
        if entry is not None and entry.is_bidirectional and merged != "concat":
            told.append(f"both directions stand side by side; {name} joins them by {merged}")
        return tuple(told)


def words_of(activation: Activation) -> str:
    """An activation with its parameters, where it has any: hard_sigmoid (0.2, 0.5)."""
    numbers = [f"{n:.4g}" for n in (activation.alpha, activation.beta) if n is not None]
    return f"{activation.name} ({', '.join(numbers)})" if numbers else activation.name


def _builder(
    given: Sequence[KerasWeights], ways: Sequence[bool], order: str | None, names: Sequence[str]
) -> Callable[[], Stack]:
    def build() -> Stack:
        label = names[0].rsplit("/", 1)[0]
        return Stack(
            (tuple(Pass(_cell(w, order, label), k) for w, k in zip(given, ways, strict=True)),)
        )

    return build


def _cell(weights: KerasWeights, order: str | None, label: str) -> Parameters:
    arrays = [weights.kernel, weights.recurrent_kernel, weights.bias]
    dtype = np.result_type(np.float32, *(a for a in arrays if a is not None))
    kernel, recurrent, bias = (
        None if a is None else finite(label, np.asarray(a)).astype(dtype, copy=False)
        for a in arrays
    )
    if kernel is None or recurrent is None:
        raise InputError(f"{label} has no kernel.")
    bias = None if bias is None else np.ravel(bias)
    if order not in (None, "ifgo"):
        kernel, recurrent = (in_our_order(m.T, str(order)).T for m in (kernel, recurrent))
        bias = None if bias is None else in_our_order(bias, str(order))
    whole = KerasWeights(kernel, recurrent, bias, weights.activation, weights.recurrent_activation)
    return rnn_from_keras(whole) if order is None else from_keras(whole)


def _links(
    layers: Sequence[Layer], entries: Sequence[Entry | None], told: Configuration
) -> tuple[Link, ...]:
    """The edges between recurrent layers, through what leaves a sequence as it is."""
    place = {entry.name: k for k, entry in enumerate(entries) if entry is not None}
    links = []
    for upper, entry in enumerate(entries):
        source = _source(entry, told) if entry is not None else None
        if source is None or source.name not in place or not gives_sequence(source):
            continue
        lower = place[source.name]
        if lower != upper and fits(layers[lower], layers[upper]):
            links.append(Link(lower, upper))
    return tuple(links)


def _source(entry: Entry, told: Configuration) -> Entry | None:
    """The layer whose output a layer reads, past those that pass it on."""
    for _ in range(len(told.entries)):
        if not entry.inputs or entry.inputs[0][1] != 0:
            return None
        found = told.by_name.get(entry.inputs[0][0])
        if found is None or not passes_on(found):
            return found
        entry = found
    return None
