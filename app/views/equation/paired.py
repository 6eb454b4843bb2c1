"""Two runs' steps on one tape: a column holds what each of them read there, or a gap.

Verdicts on a scale are two curves, each going straight over its gaps; other answers stand in their
column as on a tape of one run.
"""

from dataclasses import dataclass
from itertools import pairwise

from gate_explorer.analysis.alignment import Alignment

from .explorer import Explorer, window
from .tape import Step, column_width, drawing, height, runs_from_right, step_of, tones_of


@dataclass(frozen=True)
class Column:
    """A column of the tape, from 1: a step of each run, None for a gap; whether they differ."""

    t: int
    steps: tuple[Step | None, Step | None]
    differs: bool


@dataclass(frozen=True)
class Line:
    """A run's verdict over the columns, in columns by 40 units: up to the step shown, and beyond.

    dots: its steps, so that gaps show.
    """

    letter: str
    done: str
    ahead: str
    dots: str


@dataclass(frozen=True)
class Paired:
    """The columns in the window, how wide one has to be, and the curves of those that have one."""

    columns: tuple[Column, ...]
    first: int
    last: int
    total: int
    width: int
    lines: tuple[Line, ...]
    from_right: bool

    @property
    def earlier(self) -> int:
        """The column before the window; 0 for none."""
        return self.first - 1

    @property
    def later(self) -> int:
        """How many columns come after the window."""
        return self.total - self.last

    @property
    def box(self) -> str:
        """What the curves' drawing shows: the columns, and the buttons that lead beyond them."""
        return drawing(len(self.columns), self.earlier, self.later)

    @property
    def says(self) -> bool:
        """Whether an answer stands in the columns."""
        return any(step and step.said for column in self.columns for step in column.steps)


Explorers = tuple[Explorer | None, Explorer | None]


def paired(explorers: Explorers, alignment: Alignment, t: int) -> Paired:
    """The tape of two runs side by side at column t; a lane without a run has gaps alone."""
    first, last = window(t, len(alignment))
    columns = tuple(_column(explorers, alignment, number) for number in range(first, last + 1))
    steps = [step for column in columns for step in column.steps if step]
    lines = (_line(explorer, alignment, place, t) for place, explorer in enumerate(explorers))
    return Paired(
        columns=columns,
        first=first,
        last=last,
        total=len(alignment),
        width=column_width(step.label for step in steps),
        lines=tuple(line for line in lines if line),
        from_right=all(runs_from_right(each) for each in explorers if each),
    )


def _column(explorers: Explorers, alignment: Alignment, number: int) -> Column:
    pair = alignment.pairs[number - 1]
    a, b = (
        step_of(explorer, t) if t and explorer else None
        for explorer, t in zip(explorers, (pair.a, pair.b), strict=True)
    )
    differs = all(explorers) and (not a or not b or a.label != b.label)
    return Column(number, (a, b), differs)


def _line(explorer: Explorer | None, alignment: Alignment, place: int, t: int) -> Line | None:
    """A run's curve in the window around column t; None where its verdict is on no scale."""
    tones = tones_of(explorer) if explorer else []
    if not tones:
        return None
    first, last = window(t, len(alignment))
    own = [pair.b if place else pair.a for pair in alignment.pairs[first - 1 : last]]
    points = [
        (first + n, f"{n + 0.5:g} {height(tones[step - 1]):.1f}")
        for n, step in enumerate(own)
        if step
    ]
    done = [f"M{a}L{b}" for (_, a), (n, b) in pairwise(points) if n <= t]
    ahead = [f"M{a}L{b}" for (_, a), (n, b) in pairwise(points) if n > t]
    dots = "".join(f"M{point}h0" for _, point in points)
    return Line("ab"[place], "".join(done), "".join(ahead), dots)
