"""The picture of a step: the page's equation on 1200 x 630 units, as few SVG paths.

It shows what the page shows, from the same view-model (`equation.explorer`): scales, names, words
and the chosen unit are the page's. Here they become places and paths; `templates/picture.svg` only
writes them down. A panel's bars are one path a sign, whatever the number of units. Colours are read
from the style sheet that is their home.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from gate_explorer.engine.checks import Array

from ..equation.explorer import PASSES, Explorer, Panel
from ..nicknames import NICKNAME, ROLES

Theme = Literal["light", "dark"]

WIDTH, HEIGHT = 1200, 630
MARGIN, GAP = 40.0, 28.0
PANEL_WIDTH = (WIDTH - 2 * MARGIN - 4 * GAP) / 5
PANEL_HEIGHT = 196.0
ROWS = (122.0, 334.0)
PLOT_TOP, PLOT_HEIGHT, PLOT_SIDE = 54.0, 98.0, 12.0
NUMBER_ROOM = 26.0
# Widths in columns, one a narrow character: what fits at the size that the text is set in.
TAPE_COLUMNS, TOKEN_COLUMNS, STORY_COLUMNS, SCALE_COLUMN = 50, 24, 100, 8.2
STORY_LINES, MOST_CLASSES, LABEL_COLUMNS = 2, 5, 14
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
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Frame:
    """A panel's place, its operator's, and the role whose colours it wears."""

    box: Box
    role: str
    operator: str


@dataclass(frozen=True)
class Plot:
    """A panel's bars: its zero line, (class, path) in the order of drawing, the chosen unit.

    Classes: `draft` is what stands before the gate, `bar` what passes; `-n` marks negative ones.
    number: the only unit's value and its place at its bar.
    """

    box: Box
    zero: float
    paths: tuple[tuple[str, str], ...]
    chosen: Box | None
    number: tuple[str, float] | None


@dataclass(frozen=True)
class Drawn:
    """A panel of the equation, placed."""

    panel: Panel
    frame: Frame
    plot: Plot


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
    def where(self) -> str:
        """Which step, and which unit where there are several."""
        e = self.explorer
        unit = f" · unit {e.unit} of {e.units}" if e.units > 1 else ""
        return f"step {e.t} of {e.steps}{unit}"

    @cached_property
    def tape(self) -> tuple[Part, ...]:
        """The step's token with as many around it as fit, as (text, past | now | future)."""
        return tuple(_tape(self.explorer))

    @property
    def memory_row(self) -> tuple[Drawn, ...]:
        """memory before * Eraser + Filter * Writer = memory now."""
        return self._row(self.explorer.memory_row, ROWS[0])

    @property
    def output_row(self) -> tuple[Drawn, ...]:
        """Presenter * tanh(memory) = hidden state, in a cell that has gates."""
        return self._row(self.explorer.output_row, ROWS[1]) if self.explorer.gated else ()

    @property
    def prediction(self) -> Frame:
        """Where the prediction stands: all that the second row leaves."""
        before = len(self.output_row)
        x = MARGIN + before * (PANEL_WIDTH + GAP)
        box = Box(x, ROWS[1], WIDTH - MARGIN - x, PANEL_HEIGHT)
        operator = "=" if self.explorer.toy else "→" if before else ""
        return Frame(box, "input", operator)

    @property
    def heading(self) -> str:
        """What the prediction is called."""
        if not self.explorer.prediction.classes:
            return "Output"
        return "Next" if self.explorer.run.card.output == "next_token" else "Prediction"

    @property
    def score(self) -> Share | None:
        """How positive the verdict is, for models that have one."""
        p = self.explorer.prediction
        if p.score is None or p.score_level is None:
            return None
        return Share("positive", level_share(p.score_level), p.score)

    @property
    def classes(self) -> tuple[Share, ...]:
        """The MOST_CLASSES likeliest classes, in the page's order."""
        shares = [
            Share(printable(clip(each.label, LABEL_COLUMNS)), level_share(each.level), each.percent)
            for each in self.explorer.prediction.classes
        ]
        least = sorted((share.value for share in shares), reverse=True)[:MOST_CLASSES]
        return tuple(share for share in shares if share.value >= least[-1])[:MOST_CLASSES]

    @property
    def story(self) -> tuple[tuple[Part, ...], ...]:
        """The step in words, in at most STORY_LINES lines of (text, role) parts."""
        lines = wrap(printable(self.explorer.story), STORY_COLUMNS, STORY_LINES)
        return tuple(tuple(_marked(line)) for line in lines)

    def _row(self, panels: Sequence[Panel], y: float) -> tuple[Drawn, ...]:
        # An RNN's two panels share the row.
        places = 5 if self.explorer.gated else len(panels)
        width = (WIDTH - 2 * MARGIN - (places - 1) * GAP) / places
        boxes = (
            Box(MARGIN + n * (width + GAP), y, width, PANEL_HEIGHT) for n in range(len(panels))
        )
        return tuple(
            Drawn(panel, Frame(box, panel.kind.role, panel.kind.operator), self._plot(panel, box))
            for panel, box in zip(panels, boxes, strict=True)
        )

    def _plot(self, panel: Panel, frame: Box) -> Plot:
        e, key = self.explorer, panel.kind.key
        single = e.units == 1
        box, zero = _plot_place(panel, frame, single)
        scale = (zero - box.y) / e.top(key)
        values = self._values(key)
        paths = _paths("bar", values, box, zero, scale)
        if panel.bars.passing:
            passing = _paths("bar", values * self._values(PASSES[key]), box, zero, scale)
            paths = (*_paths("draft", values, box, zero, scale), *passing)
        width = box.width / len(e.drawn)
        place = e.drawn.index(e.unit)
        chosen = None if single else Box(box.x + width * place, box.y, width, box.height)
        number = (panel.value, _number_place(panel, values[0] * scale, zero)) if single else None
        return Plot(box, zero, paths, chosen, number)

    def _values(self, key: str) -> Array:
        values: Array = getattr(self.explorer.layer, key)[self.explorer.t - 1]
        return values[self.explorer.columns]


def animation(explorer: Explorer, theme: Theme) -> Iterator[Picture]:
    """A picture a step, in the page's window of steps; of a longer run they say which those are."""
    first, last = explorer.window
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
    """The colours of panel, page, lines and tracks."""
    return [colours()[theme][name] for name in ("panel", "page", "line", "track")]


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
    for n, text in enumerate(NICKNAME.split(line)):
        if text:
            yield text, ROLES[text] if n % 2 else ""


def _plot_place(panel: Panel, frame: Box, single: bool) -> tuple[Box, float]:
    """The bars' room within a panel, and the height of zero in it."""
    scale = max(len(panel.top), len(panel.bottom)) * SCALE_COLUMN + 6
    above = NUMBER_ROOM if single and not panel.bars.signed else 0.0
    box = Box(
        frame.x + PLOT_SIDE + scale,
        frame.y + PLOT_TOP + above,
        frame.width - 2 * PLOT_SIDE - scale,
        PLOT_HEIGHT - above,
    )
    return box, box.y + box.height * (0.5 if panel.bars.signed else 1)


def _number_place(panel: Panel, height: float, zero: float) -> float:
    """The baseline of a bar's number: on top of it or, where bars go both ways, across from it."""
    if not panel.bars.signed:
        return zero - height - 7
    return zero + 26 if height >= 0 else zero - 9


def _paths(
    kind: str, values: Array, box: Box, zero: float, scale: float
) -> tuple[tuple[str, str], ...]:
    """The bars of `values` (H,) as a path for the positive and one for the negative, if any."""
    step = box.width / len(values)
    width = step * (0.56 if len(values) == 1 else 0.8)
    paths: dict[str, list[str]] = {kind: [], f"{kind}-n": []}
    for n, height in enumerate((values * scale).tolist()):
        if height:
            size = max(abs(height), 1.0)
            x, y = box.x + n * step + (step - width) / 2, zero - size if height > 0 else zero
            name = kind if height > 0 else f"{kind}-n"
            paths[name].append(f"M{x:.1f} {y:.1f}h{width:.1f}v{size:.1f}h-{width:.1f}z")
    return tuple((name, "".join(path)) for name, path in paths.items() if path)
