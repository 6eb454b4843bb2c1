"""What is asked of a weight file, and what comes out of it: the network, and how it was read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from gate_explorer.engine.checks import Array
from gate_explorer.engine.stack import Stack, State
from gate_explorer.errors import ChoiceError

AUTO = "auto"
# The order in which each layout writes its gates.
GATE_ORDERS: Mapping[str, str] = {
    "torch": "ifgo",
    "keras": "ifgo",
    "onnx": "iofg",
    "tf1": "igfo",
    "theano": "ifog",
    "numpy-hx": "ifgo",
    "numpy-xh": "ifgo",
}
LAYOUTS = (AUTO, *GATE_ORDERS)
CONCATENATIONS: Mapping[str, str] = {"hx": "[h, x]", "xh": "[x, h]"}
# What a file may leave open, for one output to settle.
GATE_ORDER, CONCATENATION, LAYOUT = "gate_order", "concatenation", "layout"
ACTIVATIONS, FORGET = "activations", "forget_bias"
BY_NAME = "each gate by name"
CHAIN = " > "


@dataclass(frozen=True)
class Options:
    """What a visitor may know that a file doesn't say; `auto` and None: as the file says, or as is
    usual.

    layout: one of LAYOUTS; gate_order: a permutation of ifgo, of the rows or columns as they stand
    in the file; network: a name out of `Interpretation.networks`; concatenation: "hx" or "xh".
    Raises: ChoiceError.
    """

    layout: str = AUTO
    gate_order: str | None = None
    network: str | None = None
    concatenation: str | None = None

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ChoiceError(
                f"There is no layout {self.layout!r}; it should be one of {', '.join(LAYOUTS)}.",
                {"layout": LAYOUTS},
            )
        if self.gate_order is not None and sorted(self.gate_order) != sorted("ifgo"):
            raise ChoiceError(
                f"The gate order is {self.gate_order!r}; it should be the letters i, f, g and o,"
                " each once, such as ifgo or iofg.",
                {"gate_order": sorted(set(GATE_ORDERS.values()))},
            )
        if self.concatenation is not None and self.concatenation not in CONCATENATIONS:
            raise ChoiceError(
                f"The concatenation is {self.concatenation!r}; it should be hx for [h, x] or xh for"
                " [x, h].",
                {"concatenation": tuple(CONCATENATIONS)},
            )


@dataclass(frozen=True)
class Limits:
    """How much a file may hold.

    file_bytes: as it comes; unpacked_bytes: all its arrays together; arrays: how many;
    header_bytes: names, shapes and configuration; depth: of groups, lists and graphs in one
    another.
    """

    file_bytes: int = 32 * 2**20
    unpacked_bytes: int = 64 * 2**20
    arrays: int = 20_000
    header_bytes: int = 4 * 2**20
    depth: int = 32


@dataclass(frozen=True)
class Interpretation:
    """How a file was read, for the person who brought it.

    layout: one of LAYOUTS; networks: every recurrent layer by its name, then every chain of them as
    "a > b"; network: the one opened; cell: "lstm" or "rnn"; layers: how many lie on one another;
    directions: "forward", "backward" or both; gate_order: as in the file, letters, or "each gate by
    name", None for an RNN; biases: how many there were and how they were combined; concatenation:
    "[h, x]" or "[x, h]", None where h and x have matrices of their own; activations: by "gate",
    "candidate", "cell"; assumed: what the file doesn't say and was taken for granted; unused: what
    was left unread; settled: where an output was given, the "reading" that gives it, the
    "difference" left, relative to its largest number, the "tolerance", how many were "tried", and
    what "also_fits".
    """

    layout: str
    networks: tuple[str, ...]
    network: str
    cell: str
    layers: int
    directions: tuple[str, ...]
    gate_order: str | None
    biases: str
    concatenation: str | None
    activations: Mapping[str, str]
    assumed: tuple[str, ...]
    unused: tuple[str, ...]
    settled: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields by their names, as JSON has them."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        } | {"activations": dict(self.activations)}


@dataclass(frozen=True, eq=False)
class Embedding:
    """The matrix (V, D) that makes inputs of whole numbers, by the name of its tensor.

    certain: whether the file says that the network reads its rows.
    """

    name: str
    matrix: Array
    certain: bool


@dataclass(frozen=True, eq=False)
class Head:
    """A linear map of the hidden states: weight (K, P), bias (K,) or None.

    sources: the tensors it is made of; activation: what follows it, such as "softmax", None where
    the file doesn't say; certain: whether the file says that nothing stands between it and h; last:
    whether nothing follows; reads: of a layer's hidden states, "steps" where it reads each, "ends"
    where it reads those that its passes end in, None where the file doesn't say.
    """

    name: str
    weight: Array
    bias: Array | None
    activation: str | None
    certain: bool
    last: bool
    sources: tuple[str, ...]
    reads: Literal["steps", "ends"] | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """A network out of a file, ready to run.

    states: the initial one of each pass, layer by layer, None for zeros; vocabulary: the words or
    symbols by their index, where the file lists them.
    """

    interpretation: Interpretation
    stack: Stack
    states: tuple[tuple[State, ...], ...] | None = None
    embedding: Embedding | None = None
    head: Head | None = None
    vocabulary: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """A recurrent layer found in a file, which `build` makes.

    A torch module with its layers and directions is one. names: its own, then what else it can be
    called; sources: the tensors it is made of; asks: what the file leaves open, of GATE_ORDER,
    CONCATENATION, LAYOUT, ACTIVATIONS and FORGET.
    """

    names: tuple[str, ...]
    layout: str
    build: Callable[[], Stack]
    sources: tuple[str, ...]
    sizes: tuple[int, int]  # D, and the width of what it gives
    gate_order: str | None = None
    concatenation: str | None = None
    assumed: tuple[str, ...] = ()
    asks: frozenset[str] = frozenset()
    states: Callable[[], tuple[tuple[State, ...], ...] | None] | None = None

    @property
    def name(self) -> str:
        """What the layer is called in the file."""
        return self.names[0]


@dataclass(frozen=True)
class Link:
    """That one layer's hidden states are what another reads; assumed: in words, where the file
    doesn't say so. Layers by their place in `Found.layers`."""

    lower: int
    upper: int
    assumed: str | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What a file holds: recurrent layers in the file's order, how they are linked, the rest.

    unread: whatever no layer is made of, by name; ends: from the layers of a chain to the embedding
    and head that stand right at it.
    """

    layers: tuple[Layer, ...]
    links: tuple[Link, ...] = ()
    unread: tuple[str, ...] = ()
    ends: Callable[[Sequence[Layer]], tuple[Embedding | None, Head | None]] = field(
        default=lambda chain: (None, None)
    )
    vocabulary: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
