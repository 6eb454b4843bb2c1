"""The tape: a column a step with what was read, and what the model says after it.

Verdicts on a scale are a curve from -1 to 1; other answers a bar a step, as high as the model is
sure, with its word below it. A long run is shown in a window that moves on by several steps at
once, so that most steps leave the tape as it is.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from gate_explorer.analysis.forecasts import exact, forecast, forecasts, rounded, with_unit
from gate_explorer.analysis.words import number, signed, visible
from gate_explorer.runs.outputs import (
    ClassesOutput,
    NextTokenOutput,
    NumberOutput,
    Output,
)
from gate_explorer.runs.series import Series

from ..drawing.bars import gate_level
from .explorer import Explorer
from .readings import in_a_line

# The curve's height in its own units: from 1 at the top down to -1.
TOP, BOTTOM = 4.0, 36.0
LOWEST = -0.6  # below it a number has no room under its point
# Columns are as wide as the longest label, within these bounds in characters.
NARROWEST, WIDEST = 1, 12
LONGEST_SAID, SMALLER = 9, 0.75
MOST_ON_TAPE, BETWEEN = 3, " · "  # columns of a series under its label


@dataclass(frozen=True)
class Step:
    """A column: its token, whether that was known, what the model says after it and how surely.

    said: of a forecast with an arrow before. read: the numbers of a series under the label of their
    row; whole: all of them by name. came: whether what was said came true at the next step.
    read_as: the word that its token was taken for, where that is spelt otherwise; else "".
    """

    t: int
    label: str
    known: bool
    said: str
    level: str
    came: bool
    read: str = ""
    whole: str = ""
    read_as: str = ""


@dataclass(frozen=True)
class Curve:
    """The verdict over the tape's steps: solid up to the step shown, dotted beyond.

    own: the curve of the same run with nothing held, where something is. Paths are in columns by
    40 units. number: the step's verdict; x, y: its place as shares of the drawing; high: that it
    stands above its point.
    """

    done: str
    ahead: str
    dots: str
    open_dots: str
    area: str
    own: str
    now: str
    number: str
    x: str
    y: str
    high: bool


@dataclass(frozen=True)
class Tape:
    """The steps in the window, and how wide a column has to be; legend: of a series' numbers."""

    steps: tuple[Step, ...]
    first: int
    last: int
    total: int
    width: int
    curve: Curve | None
    heading: tuple[str, str] | None
    legend: str
    from_right: bool

    @property
    def columns(self) -> int:
        """How many steps it shows."""
        return len(self.steps)

    @property
    def box(self) -> str:
        """What the curve's drawing shows."""
        return drawing(self.columns, self.earlier, self.later)

    @property
    def earlier(self) -> int:
        """The step before the window; 0 for none."""
        return self.first - 1

    @property
    def later(self) -> int:
        """How many steps come after the window."""
        return self.total - self.last


def tape(explorer: Explorer, own: "Explorer | None" = None) -> Tape:
    """The tape at the explorer's step; own: the run with nothing held."""
    first, last = explorer.window
    steps = explorer.once(f"tape {first}", partial(_steps, explorer, first, last))
    if explorer.guessing:
        steps = tuple(_hidden(step, explorer.t) for step in steps)
    return Tape(
        steps=steps,
        first=first,
        last=last,
        total=explorer.steps,
        width=max(
            column_width(word for step in steps for word in (step.label, step.read_as)),
            _width_below(steps),
        ),
        curve=curve(explorer, own),
        heading=_heading(explorer.run.outputs[0]),
        legend=_legend(explorer),
        from_right=runs_from_right(explorer),
    )


def curve(explorer: Explorer, own: Explorer | None = None) -> Curve | None:
    """The verdict's curve, for models whose verdict is on a scale."""
    first, last = explorer.window
    tones = tones_of(explorer)
    if not tones:
        return None
    place = explorer.t - first
    wide = last - first + 1 + (first > 1) + (last < explorer.steps)
    last = explorer.t if explorer.guessing else last
    points = [f"{n + 0.5:g} {height(tone):.1f}" for n, tone in enumerate(tones[first - 1 : last])]
    zero = height(0)
    now = tones[explorer.t - 1]
    others = tones_of(own)[first - 1 : last] if own else []
    after = points[place:]
    before = first > 1
    return Curve(
        done="M" + "L".join(points[: place + 1]),
        ahead="M" + "L".join(after),
        dots="".join(f"M{point}h0" for point in points[: place + 1]),
        open_dots="".join(f"M{point}h0" for point in points[place + 1 :]),
        area=f"M{place + 0.5:g} {zero:g}L{'L'.join(after)}L{len(points) - 0.5:g} {zero:g}z",
        own="M" + "L".join(f"{n + 0.5:g} {height(v):.1f}" for n, v in enumerate(others))
        if others
        else "",
        now=f"M{points[place]}h0",
        number=signed(now),
        x=f"{(place + 0.5 + before) / wide:.2%}",
        y=f"{height(now) / (TOP + BOTTOM):.1%}",
        high=now >= 0 or now < LOWEST,
    )


def drawing(columns: int, earlier: int, later: int) -> str:
    """The box of a curve's drawing: its columns, and the buttons that lead to steps beyond them."""
    before, after = bool(earlier), bool(later)
    return f"{-before} 0 {columns + before + after} 40"


def said(output: Output) -> tuple[str, str]:
    """What an output says in a word, and the classes of how surely."""
    if isinstance(output, NextTokenOutput):
        token, share = output.top(1)[0]
        return visible(token), gate_level(share)
    if isinstance(output, ClassesOutput):
        label, share = output.likeliest
        return label, gate_level(share)
    if isinstance(output, NumberOutput):
        return (number(output.value) if output.shown else "–"), ""
    return "", ""


def _steps(explorer: Explorer, first: int, last: int) -> tuple[Step, ...]:
    return tuple(step_of(explorer, t) for t in range(first, last + 1))


def step_of(explorer: Explorer, t: int) -> Step:
    """A step as a column of the tape, t from 1."""
    output, series = explorer.run.outputs[t - 1], explorer.run.series
    word, level = ("", "") if _tone(output) is not None else said(output)
    tokens = explorer.run.tokens
    expected = forecast(explorer.run, t)
    if series and expected:
        word = rounded(series, expected.said)
    came = isinstance(output, NextTokenOutput) and t < explorer.steps and tokens is not None
    return Step(
        t=t,
        label=visible(explorer.label(t)),
        known=tokens[t - 1].known if tokens else True,
        said=f"→ {word}" if expected else _cut(word),
        level=level,
        came=came and tokens is not None and word == visible(tokens[t].key),
        read=_numbers(series, t) if series and series.labels else "",
        whole=_by_name(series, t, word) if series else "",
        read_as=(tokens[t - 1].read_as or "") if tokens else "",
    )


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST_SAID else f"{word[: LONGEST_SAID - 1]}…"


def _numbers(series: Series, t: int) -> str:
    row = series.rows[t - 1]
    told = BETWEEN.join(exact(value) for value in row[:MOST_ON_TAPE])
    return f"{told}{BETWEEN}…" if len(row) > MOST_ON_TAPE else told


def _by_name(series: Series, t: int, expected: str) -> str:
    """What was read at a step, and what is expected next."""
    read = in_a_line(series, t)
    label = series.label(t - 1)
    ahead = f"; it expects {with_unit(series, expected)} next" if expected else ""
    return f"{label}: {read}{ahead}" if label else f"{read}{ahead}"


def _hidden(step: Step, t: int) -> Step:
    """A step as who guesses at step t sees it: of the next its token, of those after it nothing."""
    if step.t <= t:
        return step
    label = f"{step.label} ?" if step.t == t + 1 else ""
    return replace(step, label=label, said="", level="", came=False, read="", whole="")


def tones_of(explorer: Explorer) -> list[float]:
    """Every step's tone; none where the verdict is on no scale."""
    return explorer.once("tones", partial(_tones, explorer))


def _tones(explorer: Explorer) -> list[float]:
    tones = [_tone(output) for output in explorer.run.outputs]
    known = [tone for tone in tones if tone is not None]
    return known if len(known) == len(tones) else []


def _tone(output: Output) -> float | None:
    return output.tone if isinstance(output, ClassesOutput) else None


def height(tone: float) -> float:
    """Where a tone in [-1, 1] stands on the curve's drawing, from its top."""
    return (TOP + BOTTOM) / 2 - tone * (BOTTOM - TOP) / 2


def _heading(output: Output) -> tuple[str, str] | None:
    """What the tape's bars and words are, where they are not a curve."""
    if isinstance(output, NextTokenOutput):
        return "how sure", "it expects next"
    if isinstance(output, ClassesOutput) and output.tone is None:
        return "how sure", "it says"
    if isinstance(output, NumberOutput):
        return "", "it says"
    return None


def _width_below(steps: tuple[Step, ...]) -> int:
    """The same for what stands below a series' labels, in smaller letters."""
    longest = max((max(len(step.read), len(step.said)) for step in steps if step.whole), default=0)
    return min(round(longest * SMALLER), WIDEST)


def _legend(explorer: Explorer) -> str:
    """What the numbers under a series' labels are; "" for what is no series."""
    series = explorer.run.series
    if series is None:
        return ""
    more = len(series.columns) - MOST_ON_TAPE
    names = BETWEEN.join(str(column) for column in series.columns[:MOST_ON_TAPE])
    names += f" and {more} more" if more > 0 else ""
    return f"{names}; → what it expects next" if forecasts(explorer.run) else names


def column_width(labels: Iterable[str]) -> int:
    """How wide a column of the tape has to be for its labels, in characters, within bounds."""
    return min(max([NARROWEST, *(_columns(label) for label in labels)]), WIDEST)


def _columns(label: str) -> int:
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in label)
    return len(label) + wide


def runs_from_right(explorer: Explorer) -> bool:
    """Whether the words run from right to left, by the first letter that has a direction."""
    for token in explorer.run.tokens or ():
        for sign in token.text:
            direction = unicodedata.bidirectional(sign)
            if direction in {"L", "R", "AL"}:
                return direction != "L"
    return False
