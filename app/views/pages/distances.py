"""An experiment's page: how much of a gradient is left, against how far back one looks.

At a point of the training that a slider chooses, beside the same before training. The scale is
one for the whole training, so that what moves is the network.
"""

import math
from dataclasses import dataclass, replace

from gate_explorer.analysis.distances_told import AT, Shown, in_words, lines_at
from gate_explorer.analysis.words import power, share_words
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.zoo.distances import Distances, Line

from ..address.root import rooted

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 66, 650, 14, 366
HIGHEST, LOWEST = 1, -40  # powers of ten: what is less runs along the bottom
TICKS = (0, -10, -20, -30, -40)
APART = 22  # between two labels at the lines' ends
NAMES = {
    "cell": ("c", "LSTM, memory"),
    "path": ("f", "by forget gates alone"),
    "hidden": ("h", "LSTM, hidden state"),
    "twin": ("RNN", "its hidden state"),
}


@dataclass(frozen=True)
class Left:
    """What is left at a distance, in words, and the factor that it spreads by."""

    words: str
    spread: str


@dataclass(frozen=True)
class Plotted:
    """A line: its key for the style sheet, names, figures, and what is drawn of it.

    path, dots, spreads: of an SVG; label: where its letter stands at the right.
    """

    key: str
    letter: str
    name: str
    figures: tuple[Left, ...]
    path: str
    dots: str
    spreads: str
    label: float


@dataclass(frozen=True)
class Tick:
    """A line of the scale: its words and its place."""

    words: str
    at: float


@dataclass(frozen=True)
class Point:
    """A point of the training: its address, its words, whether it is shown."""

    address: str
    words: str
    current: bool


@dataclass(frozen=True)
class DistancesPage:
    """The experiment at a checkpoint; before: the untrained networks' lines, empty if shown."""

    card: Card
    twin: Card
    words: str
    data: str
    inputs: int
    distances: tuple[int, ...]
    shown: tuple[Plotted, ...]
    before: tuple[Plotted, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    points: tuple[Point, ...]
    at: int
    now: str
    address: str
    desk: str
    at_steps: int = AT
    size: tuple[int, int] = (WIDTH, HEIGHT)
    edges: tuple[int, int, int, int] = (LEFT, RIGHT, TOP, BOTTOM)

    @property
    def json(self) -> str:
        """The same as JSON, all through training."""
        return rooted(f"/api/v1/models/{self.card.id}/gradients/distances")

    @property
    def title(self) -> str:
        """The document's title."""
        return f"How far back a gradient reaches, {self.now} · {self.card.title}"


def address(card: Card, checkpoint: str) -> str:
    """The page's address at a checkpoint; the trained network's has none."""
    path = rooted(f"/models/{card.id}/distances")
    return path if checkpoint == card.checkpoints[-1] else f"{path}?checkpoint={checkpoint}"


def checkpoint_of(card: Card, checkpoint: str | None, point: str | None) -> str:
    """The checkpoint that an address names, by its label or its place from 0; the last by itself.

    Raises: InputError for one that isn't there.
    """
    places = [str(n) for n in range(len(card.checkpoints))]
    if point in places:
        return card.checkpoints[int(point)]
    if point is None and (checkpoint is None or checkpoint in card.checkpoints):
        return checkpoint or card.checkpoints[-1]
    field = "checkpoint" if point is None else "point"
    there = ", ".join(card.checkpoints if point is None else (places[0], "…", places[-1]))
    words = f"There is no such {field} of {card.id}; there are {there}."
    raise InputError(words, [FieldError((field,), words)])


def distances_page(found: Distances, card: Card, twin: Card, checkpoint: str) -> DistancesPage:
    """The experiment at a checkpoint of both networks."""
    first, at = card.checkpoints[0], card.checkpoints.index(checkpoint)
    shown = _plotted(found, lines_at(found, card, checkpoint))
    before = () if checkpoint == first else _plotted(found, lines_at(found, card, first))
    shown, before = _labelled(shown, before)
    steps = [label.removeprefix("step-") for label in card.checkpoints]
    return DistancesPage(
        card=card,
        twin=twin,
        words=in_words(found, card, twin, checkpoint),
        data=found.data,
        inputs=found.inputs,
        distances=found.distances,
        shown=shown,
        before=before,
        across=tuple(Tick(str(steps), _x(steps, found)) for steps in found.distances),
        up=tuple(Tick(power(n), _y(10.0**n)) for n in TICKS),
        points=tuple(
            Point(address(card, label), steps[n], n == at)
            for n, label in enumerate(card.checkpoints)
        ),
        at=at,
        now=f"update {steps[at]} of {steps[-1]}",
        address=address(card, checkpoint),
        desk=rooted(f"/models/{card.id}?checkpoint={checkpoint}&drawer=gradients"),
    )


def _plotted(found: Distances, lines: Shown) -> tuple[Plotted, ...]:
    keys = {"cell": lines.memory, "path": lines.path, "hidden": lines.hidden, "twin": lines.twin}
    return tuple(_plot(found, key, line) for key, line in keys.items())


def _plot(found: Distances, key: str, line: Line) -> Plotted:
    xs = [_x(steps, found) for steps in found.distances]
    ys = [_y(share) for share in line.mean]
    ends = [(_y(low), _y(high)) for low, high in zip(line.low, line.high, strict=True)]
    places = [f"{x:g} {y:g}" for x, y in zip(xs, ys, strict=True)]
    return Plotted(
        key,
        *NAMES[key],
        figures=tuple(
            Left(share_words(mean), _factor(high / mean))
            for mean, high in zip(line.mean, line.high, strict=True)
        ),
        path="M" + "L".join(places),
        dots="".join(f"M{place}h0" for place in places),
        spreads="".join(
            f"M{x - 4:g} {high:g}h8M{x:g} {high:g}V{low:g}M{x - 4:g} {low:g}h8"
            for x, (low, high) in zip(xs, ends, strict=True)
        ),
        label=ys[-1],
    )


def _factor(times: float) -> str:
    return f"{times:.2f}" if times < 10 else f"{times:.0f}"


def _labelled(
    shown: tuple[Plotted, ...], before: tuple[Plotted, ...]
) -> tuple[tuple[Plotted, ...], tuple[Plotted, ...]]:
    """The lines with their labels moved apart, in the order in which the lines end."""
    order = sorted([*shown, *before], key=lambda line: line.label)
    places = [line.label for line in order]
    for n in range(1, len(places)):
        places[n] = max(places[n], places[n - 1] + APART)
    places[-1] = min(places[-1], BOTTOM)
    for n in reversed(range(len(places) - 1)):
        places[n] = min(places[n], places[n + 1] - APART)
    moved = {id(line): place for line, place in zip(order, places, strict=True)}
    at_their_places = [
        tuple(replace(line, label=round(moved[id(line)], 1)) for line in lines)
        for lines in (shown, before)
    ]
    return at_their_places[0], at_their_places[1]


def _x(steps: int, found: Distances) -> float:
    return round(LEFT + (RIGHT - 16 - LEFT) * steps / found.distances[-1], 1)


def _y(share: float) -> float:
    height = max(math.log10(share), LOWEST)
    return round(TOP + (BOTTOM - TOP) * (HIGHEST - height) / (HIGHEST - LOWEST), 1)
