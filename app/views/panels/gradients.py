"""How far back the gradient reaches, as lines on a scale of powers of ten, and in a sentence.

Each line is set to 1 at the step that is asked about: the one shown, where the network was trained
to answer there. So what is seen is what is left of it further back.
"""

import math
from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.gradients import NUMBER, Highway, asked_step, highway
from gate_explorer.analysis.gradients_told import in_words
from gate_explorer.analysis.words import power, share_words
from gate_explorer.engine.checks import Array
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card
from gate_explorer.zoo.base import Model

from ..drawing.plots import LINE_HEIGHT, line_points
from ..equation.explorer import Explorer
from .context import Context
from .table import Row, Table

FARTHEST = -12  # powers of ten below which a line runs along the bottom
MOST_TICKS = 5
ABOVE = 0.1  # how far, in powers of ten, a line may stand above the top tick
WHY = (
    "Through the Knowledge adder nothing is lost where the Eraser stands open: what it keeps of the"
    " memory it keeps of the gradient on it, and nothing else comes between. Where it is open is"
    " learned. The Eraser’s path is what its gates at all later steps, multiplied, would leave by"
    " themselves; the rest came through the gates and the hidden state."
)


@dataclass(frozen=True)
class FlowLine:
    """A line: its key for the style sheet, its name, its points, what is left at the first step."""

    key: str
    name: str
    points: str
    now: str


@dataclass(frozen=True)
class Flow:
    """The lines of a run, the scale's ticks from top to bottom, and what they show, in words.

    why: what keeps the gradient, in an LSTM; at: the step that is asked about; of_logit: whether
    the answer is a class or a symbol. No lines where no gradient flows; then the sentence says why.
    """

    words: str
    why: str
    at: int
    of_logit: bool
    lines: tuple[FlowLine, ...] = ()
    ticks: tuple[str, ...] = ()
    table: Table | None = None
    height: float = LINE_HEIGHT


@dataclass(frozen=True, eq=False)
class _Made:
    """What is the same at every step: the sentence, the ticks, and the lines.

    shares, (T,) each: what is left of a line's last, by its key; also its name and its points.
    """

    words: str
    at: int
    of_logit: bool
    ticks: tuple[str, ...]
    shares: dict[str, Array]
    names: dict[str, str]
    points: dict[str, str]


def title(context: Context) -> str:
    """The tab's words."""
    return "How far back"


def has(context: Context) -> bool:
    """Where there is a step to look back to, and nothing held on the way."""
    return context.explorer.steps > 1 and not context.run.is_held


def gradients(context: Context) -> Flow:
    """The gradient's way back from the answer at the step shown, or from the last."""
    explorer, model = context.explorer, context.model
    made = explorer.once(f"gradients {explorer.t}", lambda: _made(model, explorer))
    named = explorer.named
    lines = tuple(
        FlowLine(key, named(made.names[key]), made.points[key], share_words(shares[0]))
        for key, shares in made.shares.items()
    )
    table = _table(explorer, made, lines) if explorer.state.tables and lines else None
    why = named(WHY) if explorer.run.card.cell == "lstm" else ""
    return Flow(
        named(made.words), why, made.at, made.of_logit, lines, made.ticks if lines else (), table
    )


def _made(model: Model, explorer: Explorer) -> _Made:
    """The lines, or in their place what says why there are none."""
    run, at = explorer.run, asked_step(explorer.run, explorer.t)
    try:
        return _make(explorer, highway(model, run, explorer.state.options, t=at), at)
    except InputError as error:
        return _Made(error.detail, at, False, (), {}, {}, {})


def _make(explorer: Explorer, found: Highway, at: int) -> _Made:
    run = explorer.run
    columns, last = _columns(run.card, found), at - run.start - 1
    shares = {
        key: _shares(column, last) for key, (_, column) in columns.items() if column is not None
    }
    if not next(iter(shares.values())).any():  # of the model's own states
        shares = {}
    powers = _ticks(shares)
    return _Made(
        words=in_words(found, run),
        at=at,
        of_logit=found.of != NUMBER and not found.of.startswith("unit "),
        ticks=tuple(power(n) for n in powers),
        shares=shares,
        names={key: name for key, (name, _) in columns.items()},
        points={key: _points(each, powers) for key, each in shares.items()},
    )


def _columns(card: Card, found: Highway) -> dict[str, tuple[str, Array | None]]:
    """Each line's name and sizes, (T,); None where the model has no such line."""
    own, twin = found.own, found.twin
    gated = card.cell == "lstm"
    return {
        "cell": ("memory c", own.cell),
        "path": ("the Eraser’s path alone", own.path if gated else None),
        "hidden": ("hidden state h", None if card.cell == "toy" else own.hidden),
        "twin": ("hidden state h in the RNN without gates", twin.hidden if twin else None),
    }


def _shares(column: Array, last: int) -> Array:
    """What is left of the size at a step; nothing where there is nothing of it."""
    return column / column[last] if column[last] > 0 else np.zeros_like(column)


def _ticks(shares: dict[str, Array]) -> range:
    """The scale's powers of ten, from the top down, in even gaps; at least one below the top."""
    seen = np.concatenate([each[each > 0] for each in shares.values()] or [np.ones(1)])
    high = max(math.ceil(math.log10(seen.max()) - ABOVE), 0)
    depth = max(high - max(math.floor(math.log10(seen.min())), FARTHEST), 1)
    gap = math.ceil(depth / (MOST_TICKS - 1))
    return range(high, high - gap * math.ceil(depth / gap) - 1, -gap)


def _points(shares: Array, powers: range) -> str:
    """The line's points, in powers of ten; what is below the scale runs along its bottom."""
    low, high = powers[-1], powers[0]
    heights = np.log10(np.maximum(shares, 10.0**low))
    return line_points(heights.tolist(), low, high)


def _table(explorer: Explorer, made: _Made, lines: tuple[FlowLine, ...]) -> Table:
    rows = tuple(
        Row(
            f"{t} {explorer.label(t)}",
            tuple(share_words(shares[t - 1]) for shares in made.shares.values()),
            t == explorer.t,
        )
        for t in range(1, explorer.steps + 1)
    )
    heads = ("Step", *(line.name for line in lines))
    return Table(
        "What is left of the gradient, set to 1 at the step that is asked about", heads, rows
    )
