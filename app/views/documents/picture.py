"""The picture of a step: the page's desk on 1200 x 630 units, as few SVG paths.

It shows what the page shows, from the same view-model (`equation`): rows, scales, names, words and
the chosen unit are the page's. Here they become places and paths; `templates/picture.svg` only
writes them down. Colours are read from the style sheet that is their home.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from ..drawing.bars import ZERO
from ..equation.explorer import Explorer
from ..equation.rows import Row, rows
from ..equation.tape import Curve, curve
from ..equation.verdict import Verdict, verdict
from ..marking import NAME, role_of

Theme = Literal["light", "dark"]

WIDTH, HEIGHT = 1200, 630
MARGIN = 40.0
# The rows: where they begin and end, what stands at their left and right.
TOP, BOTTOM, GAP = 176.0, 580.0, 6.0
BARS_LEFT, BARS_RIGHT, VALUE = 250.0, 780.0, 850.0
# What a row's height is, as the page's rows are to one another.
HEIGHTS = {"c_prev": 54, "c": 54, "f": 42, "i": 42, "o": 42}
USUAL_HEIGHT, TALLEST = 38, 130.0
CARD = (884.0, 1160.0)
# Widths in columns, one a narrow character: what fits at the size that the text is set in.
TAPE_COLUMNS, TOKEN_COLUMNS, STORY_COLUMNS, HEADLINE_COLUMNS = 50, 24, 36, 25
STORY_LINES, MOST_CLASSES, LABEL_COLUMNS = 7, 5, 14
LEVELS = {"t": 0.1, "u": 0.01}
ROLE_NAMES = ("forget", "input", "candidate", "output", "memory", "hidden")

TOKENS = Path(__file__).parents[3] / "static" / "css" / "tokens.css"
PAIR = re.compile(
    r"--([a-z0-9-]+):\s*light-dark\(\s*(#\w+|rgb\([^)]*\)),\s*(#\w+|rgb\([^)]*\))\s*\);"
)
SHEER = re.compile(r"rgb\((\d+) (\d+) (\d+) / ([\d.]+)\)")
# What XML 1.0 can't hold, and what would turn the direction of all that follows it.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")

Part = tuple[str, str]


@dataclass(frozen=True)
class Drawn:
    """A row, placed: the box of its bars, its zero line, (class, path) in the order of drawing.

    Classes: `track` is the room of a gate, `draft` what stands before the gate, `bar` what passes.
    """

    row: Row
    y: float
    height: float
    x: float
    width: float
    zero: float
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Share:
    """A share in [0, 1] with its label and its words."""

    label: str
    value: float
    words: str


class Picture:
    """One step, placed and coloured."""

    def __init__(self, explorer: Explorer, theme: Theme = "light", note: str = "") -> None:
        """note: what to say beside the step, such as the part of a run that is shown."""
        self.explorer, self.theme, self.note = explorer, theme, note

    @property
    def colours(self) -> dict[str, str]:
        """The style sheet's colours by name, for this theme."""
        return colours()[self.theme]

    @property
    def title(self) -> str:
        """The step in a line, for those who can't see it."""
        e = self.explorer
        return printable(f"{e.token}, step {e.t} of {e.steps}: {e.run.title}")

    @property
    def words(self) -> str:
        """The step in words, whole."""
        return printable(self.explorer.story)

    @property
    def where(self) -> str:
        """Which step, and which unit where there are several."""
        e = self.explorer
        unit = f" · unit {e.unit} of {e.units}" if e.units > 1 else ""
        layer = f" · {e.run.layer_words}" if e.run.layer_words else ""
        return f"step {e.t} of {e.steps}{layer}{unit}"

    @cached_property
    def tape(self) -> tuple[Part, ...]:
        """The step's token with as many around it as fit, as (text, past | now | future)."""
        return tuple(_tape(self.explorer))

    @property
    def curve(self) -> Curve | None:
        """The verdict's curve, for models whose verdict is on a scale."""
        return curve(self.explorer)

    @property
    def curve_columns(self) -> int:
        """How many steps the curve has."""
        first, last = self.explorer.window
        return last - first + 1

    @property
    def is_fat(self) -> bool:
        """Whether it is of one unit, whose bars stand in a line."""
        return len(self.explorer.drawn) == 1

    @cached_property
    def rows(self) -> tuple[Drawn, ...]:
        """The desk's rows, from top to bottom; of a single unit, from left to right."""
        found = rows(self.explorer)
        return tuple(_in_line(found) if self.is_fat else _stacked(found))

    @property
    def column(self) -> tuple[float, float]:
        """The chosen unit's column: its left edge and its width."""
        e = self.explorer
        width = (BARS_RIGHT - BARS_LEFT) / len(e.drawn)
        return BARS_LEFT + width * e.drawn.index(e.unit), width

    @cached_property
    def verdict(self) -> Verdict:
        """What the model says after the step."""
        return verdict(self.explorer)

    @property
    def headline(self) -> list[str]:
        """The verdict in words, in two lines at most."""
        said = f"{self.verdict.plain} {self.verdict.strong}".strip()
        return wrap(printable(said), HEADLINE_COLUMNS, 2) if said else []

    @property
    def classes(self) -> tuple[Share, ...]:
        """The MOST_CLASSES likeliest answers, in the page's order."""
        shares = [
            Share(printable(clip(each.label, LABEL_COLUMNS)), level_share(each.level), each.percent)
            for each in self.verdict.answers
            if not each.label.endswith(" more")
        ]
        least = sorted((share.value for share in shares), reverse=True)[:MOST_CLASSES]
        return tuple(share for share in shares if share.value >= least[-1])[:MOST_CLASSES]

    @property
    def story(self) -> tuple[tuple[Part, ...], ...]:
        """The step in words, in lines of (text, role) parts."""
        columns, most = (110, 2) if self.is_fat else (STORY_COLUMNS, STORY_LINES)
        lines = wrap(printable(self.explorer.story), columns, most)
        return tuple(tuple(_marked(line)) for line in lines)


def _stacked(found: Sequence[Row]) -> Iterator[Drawn]:
    """The rows one below the other, in the room that there is."""
    shares = [HEIGHTS.get(row.key, USUAL_HEIGHT) for row in found]
    room = BOTTOM - TOP - GAP * (len(found) - 1)
    y = TOP
    for row, share in zip(found, shares, strict=True):
        height = min(room * share / sum(shares), TALLEST)
        yield _drawn(row, BARS_LEFT, y, BARS_RIGHT - BARS_LEFT, height, 0.8)
        y += height + GAP


def _in_line(found: Sequence[Row]) -> Iterator[Drawn]:
    """The bars of a single unit side by side."""
    gap = 34.0
    width = (WIDTH - 2 * MARGIN - gap * (len(found) - 1)) / len(found)
    for n, row in enumerate(found):
        yield _drawn(row, MARGIN + n * (width + gap), 276.0, width, 220.0, 0.56)


def _drawn(row: Row, x: float, y: float, width: float, height: float, full: float) -> Drawn:
    zero = y + height * (0.5 if row.bars.signed else 1)
    scale = (zero - y) / 100
    paths = []
    if row.quantity.is_gate or full < 0.8:
        track = bytes([2 * ZERO]) * len(row.bars.sizes)
        paths.append(("track", _path(track, x, zero, width, scale, full)))
    if row.bars.passing is not None:
        paths.append(("draft", _path(row.bars.sizes, x, zero, width, scale, full)))
        paths.append(("bar", _path(row.bars.passing, x, zero, width, scale, full)))
    else:
        paths.append(("bar", _path(row.bars.sizes, x, zero, width, scale, full)))
    return Drawn(row, y, height, x, width, zero, tuple(path for path in paths if path[1]))


def _path(sizes: bytes, x: float, zero: float, width: float, scale: float, full: float) -> str:
    """The bars of `Bars.sizes` as one path."""
    step = width / len(sizes)
    bar = step * full
    parts = []
    for n, size in enumerate(sizes):
        height = (size - ZERO) * scale
        if height:
            left = x + n * step + (step - bar) / 2
            top = zero - height if height > 0 else zero
            parts.append(f"M{left:.1f} {top:.1f}h{bar:.1f}v{abs(height):.1f}h-{bar:.1f}z")
    return "".join(parts)


def animation(explorer: Explorer, theme: Theme, most: int) -> Iterator[Picture]:
    """A picture a step, `most` of them around the chosen one; of a longer run they say which.

    For who guesses they end at the chosen one.
    """
    end = explorer.t if explorer.guessing else explorer.steps
    first = max(1, min(explorer.t - most // 2, end - most + 1))
    last = min(end, first + most - 1)
    whole = last - first + 1 == explorer.steps
    note = "" if whole else f"steps {first} to {last} of {explorer.steps}"
    for t in range(first, last + 1):
        yield Picture(explorer.at(t), theme, note)


def level_share(level: str) -> float:
    """A bar's classes as the share in [0, 1] that they stand for: `t6 u2` is 0.62."""
    return sum(int(part[1:]) * LEVELS[part[0]] for part in level.split())


def inks(theme: Theme) -> list[str]:
    """The colours that stand on panel and page."""
    found = colours()[theme]
    names = [n for n in found if n in {"ink", "ink-2", *ROLE_NAMES} or n.startswith("bar-")]
    return [found[name] for name in names]


def grounds(theme: Theme) -> list[str]:
    """The colours of panel, page and lines."""
    return [colours()[theme][name] for name in ("panel", "page", "line")]


@cache
def colours() -> dict[Theme, dict[str, str]]:
    """The style sheet's `light-dark()` pairs, as colours that any SVG reader knows."""
    pairs = PAIR.findall(TOKENS.read_text(encoding="utf-8"))
    return {
        "light": {name: SHEER.sub(r"rgba(\1,\2,\3,\4)", light) for name, light, _ in pairs},
        "dark": {name: SHEER.sub(r"rgba(\1,\2,\3,\4)", dark) for name, _, dark in pairs},
    }


def printable(text: str) -> str:
    """The text with what XML can't hold as U+FFFD, and without marks that turn its direction."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", TURNS.sub("", text))


def columns(text: str) -> int:
    """How many columns a text takes: two for a wide character, none for one that joins another."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    joined = sum(unicodedata.category(character) in {"Mn", "Me", "Cf"} for character in text)
    return len(text) + wide - joined


def clip(text: str, most: int) -> str:
    """The text in at most `most` columns, and as many characters again that take none."""
    text = text[: 2 * most]
    if columns(text) <= most:
        return text
    while columns(text) > most - 1:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, width: int, most: int) -> list[str]:
    """The text in at most `most` lines of `width` columns; what doesn't fit ends in an ellipsis."""
    lines = [""]
    for word in text.split():
        word = clip(word, TOKEN_COLUMNS + 2)
        longer = f"{lines[-1]} {word}".strip()
        if columns(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = clip(f"{lines[-1]} {word}", width)
            break
    return lines


def _tape(explorer: Explorer) -> Iterator[Part]:
    """The parts of the tape in the order of the steps, spaces included."""
    first, last = _around(explorer)
    if first > 1:
        yield "… ", "past"
    for t in range(first, last + 1):
        when = "now" if t == explorer.t else "past" if t < explorer.t else "future"
        yield _label(explorer, t), when
        if t < last:
            yield "  ", when
    if last < explorer.steps:
        yield " …", "future"


def _around(explorer: Explorer) -> tuple[int, int]:
    """The first and last step whose labels fit on the tape, the chosen step between them."""
    first = last = explorer.t
    used = columns(_label(explorer, first))
    while True:
        sides = [t for t in (first - 1, last + 1) if 1 <= t <= explorer.steps]
        fits = [t for t in sides if used + 2 + columns(_label(explorer, t)) <= TAPE_COLUMNS]
        if not fits:
            return first, last
        # The nearer one, so that the step stays in the middle.
        t = min(fits, key=lambda each: abs(each - explorer.t))
        used += 2 + columns(_label(explorer, t))
        first, last = min(first, t), max(last, t)


def _label(explorer: Explorer, t: int) -> str:
    return printable(clip(explorer.at(t).token, TOKEN_COLUMNS))


def _marked(line: str) -> Iterator[Part]:
    """The line in parts, each nickname with the role whose colour it wears."""
    for n, text in enumerate(NAME.split(line)):
        if text:
            yield text, role_of(text) if n % 2 else ""
