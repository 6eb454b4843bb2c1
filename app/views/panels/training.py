"""Training: the checkpoints to go through, the learning curve, and the twin of the same task."""

from dataclasses import dataclass

from ..equation.explorer import Explorer
from .about import Curve, learning_curve
from .context import Context
from .table import Table, curve_table


@dataclass(frozen=True)
class Checkpoint:
    """A point of the training: its value in the address, its words, whether it is shown."""

    value: str
    words: str
    name: str
    current: bool


@dataclass(frozen=True)
class TrainingPanel:
    """The way the network learned: checkpoints, curve, and the twin with or without gates."""

    checkpoints: tuple[Checkpoint, ...]
    curve: Curve | None
    table: Table | None
    twin: str | None
    twin_words: str


def title(context: Context) -> str:
    """The tab's words."""
    return "Training"


def has(context: Context) -> bool:
    """A model that was trained, or one with a twin."""
    return bool(context.card.checkpoints) or context.links.twin is not None


def training(context: Context) -> TrainingPanel:
    """The training of the model at hand."""
    card = context.card
    shown = context.state.checkpoint or (card.checkpoints[-1] if card.checkpoints else None)
    last = len(card.checkpoints) - 1
    checkpoints = tuple(
        Checkpoint("" if n == last else label, _words(n, last, label), label, label == shown)
        for n, label in enumerate(card.checkpoints)
    )
    table = curve_table(card) if context.state.tables else None
    return TrainingPanel(
        checkpoints,
        learning_curve(card),
        table,
        context.links.twin,
        twin_words(context.explorer),
    )


def twin_words(explorer: Explorer) -> str:
    """What the twin is."""
    if explorer.equation.gates:
        return "The same input in an RNN without gates"
    return "The same input in the LSTM"


def _words(n: int, last: int, label: str) -> str:
    return "untrained" if n == 0 else "done" if n == last else label.removeprefix("step-")
