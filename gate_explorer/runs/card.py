"""What a model is: the card that its training writes, the zoo reads and the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Cell = Literal["toy", "lstm", "rnn"]
InputKind = Literal["vectors", "words", "characters"]
OutputKind = Literal["number", "classes", "next_token"]
Provenance = Literal["rules", "hand-set", "trained", "uploaded"]


@dataclass(frozen=True)
class Example:
    """An input worth opening: its query, a title, and what to look for."""

    query: Mapping[str, str]
    title: str
    note: str


@dataclass(frozen=True)
class Card:
    """What a model is, where it comes from, and how well it does what it does.

    first_unit: the unit to show first, from 1: the one that tells most. twin: the id of the
    vanilla RNN of the same size that learned the same task. listed: whether the menu shows it.
    """

    id: str
    title: str
    description: str
    cell: Cell
    input: InputKind
    input_size: int
    hidden_size: int
    output: OutputKind | None
    provenance: Provenance
    examples: tuple[Example, ...]
    num_layers: int = 1
    bidirectional: bool = False
    checkpoints: tuple[str, ...] = ()
    first_unit: int = 1
    twin: str | None = None
    listed: bool = True
    metrics: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
