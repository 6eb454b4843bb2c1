"""What a Keras configuration says: the recurrent layers, what they do, and what feeds them.

Every version writes it another way: a Sequential's layers as a list (until 2.2) or under "layers",
a graph's edges as nested lists (until 2) or as tensors with a history (3), a dtype as a text or an
object. What is asked here is the same in all: classes, names, options, edges.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gate_explorer.engine.activations import Activation
from gate_explorer.errors import InputError, LimitError
from gate_explorer.weights.keras import OLD_HARD_SIGMOID, activation

LSTMS = frozenset({"LSTM", "CuDNNLSTM", "LSTMV1", "LSTMCell"})
RNNS = frozenset({"SimpleRNN", "SimpleRNNCell"})
MODELS = frozenset({"Sequential", "Functional", "Model"})
# What leaves a sequence as it is, once trained.
PASSING = frozenset({
    "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise",
    "InputLayer", "Masking", "SpatialDropout1D",
})  # fmt: skip
_CUDNN = "CuDNNLSTM"
# Options of a recurrent layer that change nothing in a trained one's numbers, whatever they are.
_HARMLESS = re.compile(
    r"name|trainable|dtype|batch_input_shape|batch_shape|input_shape|input_dim|input_length"
    r"|(?:return|stateful|unroll|implementation|time_major|consume_less|zero_output_for_mask|seed"
    r"|use_cudnn|supports_masking|build_config|module|registered_name|shared_object_id).*"
    r"|.*(?:init|initializer|regularizer|constraint|dropout.*)|dropout_[WU]|unit_forget_bias|units"
    r"|output_dim|forget_bias_init|input_dtype|sparse|ragged|autocast"
)
_READ = frozenset({"activation", "recurrent_activation", "inner_activation", "use_bias",
                   "go_backwards", "cell"})  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One layer of the configuration.

    path: where Keras 3 keeps its weights, "layers/lstm_1"; inner: of a wrapper, the layer it wraps
    and, for a Bidirectional with one of its own, the backward one; inputs: names of the layers
    that it reads, each with the number of the output.
    """

    name: str
    kind: str
    options: Mapping[str, Any]
    path: str
    inner: tuple["Entry", ...] = ()
    inputs: tuple[tuple[str, int], ...] = ()

    @property
    def is_bidirectional(self) -> bool:
        """Whether it is read both ways."""
        return self.kind == "Bidirectional"

    @property
    def cell(self) -> "Entry":
        """The recurrent layer or cell itself: a wrapper's inner one, an RNN's cell."""
        return self.inner[0].cell if self.inner else self

    @property
    def is_recurrent(self) -> bool:
        """Whether it is an LSTM or a SimpleRNN, wrapped or not."""
        return self.cell.kind in LSTMS | RNNS

    @property
    def unknown(self) -> list[str]:
        """Options that aren't known here and aren't nothing."""
        options = self.cell.options
        return sorted(
            f"{self.name}: {name} = {value!r}"[:200]
            for name, value in options.items()
            if value and name not in _READ and not _HARMLESS.fullmatch(name)
        )


@dataclass(frozen=True)
class Configuration:
    """All layers in the configuration's order, those of inner models where they stand."""

    entries: tuple[Entry, ...]
    version: tuple[int, ...]
    is_tf: bool = False
    by_name: Mapping[str, Entry] = field(default_factory=dict)
    by_path: Mapping[str, Entry] = field(default_factory=dict)
    readers: Mapping[str, Sequence[Entry]] = field(default_factory=dict)  # of a layer's output

    @property
    def kinds(self) -> list[str]:
        """The classes, each with how many there are, in order of appearance."""
        counts = Counter(e.kind for e in self.entries if e.kind not in MODELS)
        return [kind if n == 1 else f"{kind} ({n})" for kind, n in counts.items()]


def parse_version(text: str | None) -> tuple[tuple[int, ...], bool]:
    """(2, 1, 5) of "2.1.5", and whether it is TensorFlow's own, "2.2.4-tf"; () for none."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", text or "")
    found = tuple(int(n) for n in numbers.groups() if n) if numbers else ()
    return found, "-tf" in (text or "")


def parse_configuration(model: Any, version: str | None, depth: int) -> Configuration:
    """A model's configuration. Raises: InputError where it isn't one."""
    numbers, is_tf = parse_version(version)
    entries = tuple(_entries(model, "", depth))
    if not entries:
        raise InputError("The configuration names no layers.")
    readers: dict[str, list[Entry]] = {}
    for entry in entries:
        for name, output in entry.inputs:
            if output == 0:
                readers.setdefault(name, []).append(entry)
    by_name, by_path = ({getattr(e, key): e for e in entries} for key in ("name", "path"))
    return Configuration(entries, numbers, is_tf, by_name, by_path, readers)


def _entries(model: Any, path: str, depth: int) -> Iterator[Entry]:
    """The layers of a model, and after an inner model's entry its own."""
    if not depth:
        raise LimitError("The configuration lies too deep.")
    counts: dict[str, int] = {}
    before: tuple[tuple[str, int], ...] = ()
    is_sequence = isinstance(model, dict) and model.get("class_name") == "Sequential"
    for item in _layers_of(model):
        entry = _entry(item, path, counts, depth)
        if is_sequence:
            entry = replace(entry, inputs=before)
            before = ((entry.name, 0),)
        yield entry
        if entry.kind in MODELS:
            yield from _entries(item, f"{entry.path}/", depth - 1)


def _layers_of(model: Any) -> Sequence[Any]:
    config = model.get("config") if isinstance(model, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else config
    return layers if isinstance(layers, list) else []


def _entry(item: Any, path: str, counts: dict[str, int], depth: int) -> Entry:
    if not depth or not isinstance(item, dict) or not isinstance(item.get("config"), (dict, list)):
        raise InputError("A layer of the configuration has no options, or lies too deep.")
    options = item["config"] if isinstance(item["config"], dict) else {}
    kind = str(item.get("class_name", "?")).split(">")[-1]
    snake = snake_case(kind)
    number = counts.get(snake, 0)
    counts[snake] = number + 1
    inner = tuple(
        _entry(options[key], "", {}, depth - 1)
        for key in ("layer", "backward_layer", "cell")
        if isinstance(options.get(key), dict)
    )
    name = str(options.get("name") or item.get("name") or snake)
    return Entry(
        name, kind, options, f"{path}layers/{snake}{f'_{number}' if number else ''}", inner,
        tuple(_histories(item.get("inbound_nodes"), depth)),
    )  # fmt: skip


def _histories(value: Any, depth: int) -> Iterator[tuple[str, int]]:
    """Every (layer, output) that an inbound node reads: lists that begin with a name and two
    numbers, wherever they lie."""
    if not depth:
        return
    if isinstance(value, dict):
        for each in value.values():
            yield from _histories(each, depth - 1)
    elif isinstance(value, list):
        match value:
            case [str(name), int(), int(output), *_]:
                yield name, output
            case _:
                for each in value:
                    yield from _histories(each, depth - 1)


def snake_case(kind: str) -> str:
    """A class's name as Keras 3 calls its group: LSTM is lstm, SimpleRNN is simple_rnn."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def activations_of(entry: Entry, version: tuple[int, ...], is_tf: bool) -> tuple[Activation, ...]:
    """activation and recurrent_activation of a recurrent layer, as its version reads their names.

    Raises: InputError for one that isn't known or mixes units.
    """
    options = entry.cell.options
    if entry.cell.kind == _CUDNN:
        return default_activations((2, 3), is_tf)
    squashed, recurrent = default_activations(version, is_tf)
    inner = options.get("recurrent_activation", options.get("inner_activation", ...))
    major = version[0] if version else 3
    return (
        named_activation(options["activation"], major) if "activation" in options else squashed,
        recurrent if inner is ... else named_activation(inner, major),
    )


def default_activations(version: tuple[int, ...], is_tf: bool) -> tuple[Activation, Activation]:
    """What a version takes for an LSTM's gates where nothing is told: hard_sigmoid until 2.2."""
    is_old = bool(version) and version < ((2, 2, 4) if is_tf else (2, 3))
    return activation("tanh"), OLD_HARD_SIGMOID if is_old else activation("sigmoid")


def named_activation(value: Any, major: int) -> Activation:
    """An activation by name, or as the object that Keras 3 writes for one."""
    if isinstance(value, dict):
        value = value.get("config", value.get("class_name"))
        value = value.get("name", value.get("activation")) if isinstance(value, dict) else value
    if value is not None and not isinstance(value, str):
        raise InputError(f"An activation of the configuration is {str(value)[:80]!r}, no name.")
    return activation(value, major)


def passes_on(entry: Entry) -> bool:
    """Whether a layer leaves its input as it is in a trained network."""
    is_linear = entry.kind == "Activation" and entry.options.get("activation") == "linear"
    return entry.kind in PASSING or is_linear


def gives_sequence(entry: Entry) -> bool:
    """Whether what the layer above reads are its hidden states, step by step, in their order."""
    options = entry.inner[0].options if entry.inner else entry.options
    merged = entry.options.get("merge_mode", "concat") if entry.is_bidirectional else "concat"
    turned = not entry.is_bidirectional and bool(options.get("go_backwards"))
    return bool(options.get("return_sequences")) and merged == "concat" and not turned
