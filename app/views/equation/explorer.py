"""The explorer's view-model: one step of a run as the LSTM's equation made of bars.

    memory before * Eraser + Filter * Writer = memory now
    Presenter * tanh(memory now) = hidden state -> prediction

Everything the templates show is decided here: scales, signs, labels, words. Scales hold through a
run, so that bars can be compared between steps.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Literal, TypeVar

from markupsafe import Markup

from gate_explorer.analysis.roles import Roles, roles
from gate_explorer.analysis.story import story
from gate_explorer.analysis.words import (
    number,
    numbers,
    percent,
    signed,
    visible,
)
from gate_explorer.engine.checks import Array
from gate_explorer.runs.cache import Latest
from gate_explorer.runs.cells import LSTM
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import LSTMLayer, Run

from ..address.state import ExplorerState
from ..drawing.bars import (
    Bars,
    gate_level,
    nice_top,
    sizes,
    strip,
    strip_level,
)
from ..nicknames import without_nicknames
from ..walk import size
from .units import drawn_units

WINDOW, SHIFT = 60, 10
LIKELIEST = 8
AT_ONCE = 8
MOST_APART = 48
# What an explorer works out once and another step has otherwise.
OF_THE_RUN = ("drawn", "columns", "dense", "tops", "below_zero", "_roles", "_largest")
OF_THE_STEP = ("token", "window", "prediction", "story")
FOUNDING_TEXT, FOUNDING_VECTORS = "I love France", "3,1,0;5,1,0;2,1,1"

Part = tuple[str, str]
V = TypeVar("V")


@dataclass(frozen=True)
class Kind:
    """What a panel of the equation shows, and the words that go with it."""

    key: str
    role: str
    name: str
    symbol: str
    subscript: str
    term: str
    does: str
    operator: str
    squash: Literal["gatekeeper", "featurizer"] | None = None


MEMORY_ROW = (
    Kind("c_prev", "memory", "Memory before", "c", "t−1", "cell state", "what it knew", ""),
    Kind("f", "forget", LSTM["f"].nickname, "f", "t", "forget gate", "keeps", "×", "gatekeeper"),
    Kind("i", "input", LSTM["i"].nickname, "i", "t", "input gate", "lets in", "+", "gatekeeper"),
    Kind("g", "candidate", LSTM["g"].nickname, "g", "t", "candidate", "drafts", "×", "featurizer"),
    Kind("c", "memory", "Memory now", "c", "t", "cell state", "what it knows", "="),
)
OUTPUT_ROW = (
    Kind("o", "output", LSTM["o"].nickname, "o", "t", "output gate", "shows", "", "gatekeeper"),
    Kind(
        "tanh_c", "memory", "Squashed", "tanh c", "t", "cell state", "−1 to 1", "×",
        "featurizer",
    ),
    Kind("h", "hidden", "Hidden state", "h", "t", "hidden state", "shown", "="),
)  # fmt: skip
RNN_ROW = (
    Kind("h_prev", "hidden", "State before", "h", "t−1", "hidden state", "what it knew", ""),
    Kind(
        "h", "hidden", "State now", "h", "t", "hidden state", "rewritten: tanh(Wx + Uh′ + b)", "→",
        "featurizer",
    ),
)  # fmt: skip
TOY_WORDS = {"tanh_c": ("Memory", "c", "as it is, no tanh")}
GATES = ("f", "i", "o")
PASSES = {"c_prev": "f", "g": "i", "tanh_c": "o"}


@dataclass(frozen=True)
class Panel:
    """One panel: a bar a unit, the chosen unit's number, and the ends of the scale."""

    kind: Kind
    name: str
    symbol: str
    does: str
    bars: Bars
    value: str
    top: str
    bottom: str


@dataclass(frozen=True)
class Chip:
    """A step on the tape: its token or vector, its memory in small, the prediction so far."""

    t: int
    label: str
    known: bool
    strip: Markup
    memory: str | None
    verdict: str | None
    verdict_level: str | None


@dataclass(frozen=True)
class Class:
    """One class of the prediction."""

    label: str
    percent: str
    level: str


@dataclass(frozen=True)
class Prediction:
    """What the model says after the step, as one number or as classes."""

    number: str | None
    shown: bool
    score: str | None
    score_level: str | None
    before: str | None
    classes: tuple[Class, ...]


@dataclass(frozen=True)
class RoleView:
    """A role as the toy's rules would put it."""

    name: str
    value: str
    level: str


class Explorer:
    """A run at one step and one unit, ready to be drawn."""

    def __init__(self, run: Run, state: ExplorerState, beside: Run | None = None) -> None:
        """state.t and state.unit count from 1; None is the last step and the first unit.

        beside: a run of the same model that shares the scales.
        """
        self.run, self.state = run, state
        self._scaled = [each.layers[-1] for each in (run, beside) if each]
        self.steps = len(run)
        self.t = min(state.t or self.steps, self.steps)
        self.layer = run.layers[-1]
        self.units = run.layers[-1].memory.shape[1]
        self.unit = min(state.unit or run.card.first_unit, self.units)
        self._made: dict[str, Any] = {}

    def at(self, t: int | None) -> "Explorer":
        """The same run at another step, from 1; None is the last.

        A copy, so what belongs to the whole run is worked out once.
        """
        other = copy(self)
        other.t = min(t or self.steps, self.steps)
        other.state = self.state.having(t=t)
        for name in OF_THE_STEP:
            vars(other).pop(name, None)
        return other

    @property
    def holding(self) -> bool:
        """Whether a gate is held at the step shown."""
        held = self.run.held
        return held is not None and bool(held.steps[self.t - 1])

    def once(self, name: str, make: Callable[[], V]) -> V:
        """What `make` gives, worked out once for all steps of the run."""
        if name not in self._made:
            self._made[name] = make()
        found: V = self._made[name]
        return found

    @cached_property
    def toy(self) -> bool:
        """Whether the run is the rules' own."""
        return self.run.card.cell == "toy"

    @property
    def plain_numbers(self) -> bool:
        """Whether the numbers are the toy's: whole, on one scale, shown without a plus."""
        return self.toy or self.run.unit_scale != 1

    @cached_property
    def dense(self) -> bool:
        """Whether too many units are drawn for gaps between their bars, and for strips."""
        return len(self.drawn) > MOST_APART

    @cached_property
    def drawn(self) -> tuple[int, ...]:
        """The units that are drawn, from 1, in the state's order."""
        return drawn_units(self.run, self.state, self.unit)

    @cached_property
    def columns(self) -> list[int]:
        """The drawn units as columns of the arrays, from 0."""
        return [unit - 1 for unit in self.drawn]

    @cached_property
    def order(self) -> str:
        """The drawn units in their order, where that isn't all of them by number."""
        everything = tuple(range(1, self.units + 1))
        return "" if self.drawn == everything else ",".join(map(str, self.drawn))

    @cached_property
    def gated(self) -> bool:
        """Whether the cell has gates; a vanilla RNN has none."""
        return self.run.card.cell != "rnn"

    @cached_property
    def token(self) -> str:
        """The step's token or vector, for headings."""
        return visible(self.label(self.t))

    def label(self, t: int) -> str:
        """The token or vector of step t."""
        if self.run.tokens:
            return self.run.tokens[t - 1].text
        return "(" + ", ".join(number(v) for v in self.run.x[t - 1]) + ")"

    @property
    def memory_row(self) -> tuple[Panel, ...]:
        """memory before * Eraser + Filter * Writer = memory now; an RNN has its state alone."""
        return tuple(self._panel(kind) for kind in (MEMORY_ROW if self.gated else RNN_ROW))

    @property
    def output_row(self) -> tuple[Panel, ...]:
        """Presenter * tanh(memory) = hidden state; the toy's product is the output itself."""
        kinds = OUTPUT_ROW[:-1] if self.toy else OUTPUT_ROW
        return tuple(self._panel(kind) for kind in kinds)

    @property
    def lane_row(self) -> tuple[Panel, ...]:
        """What a lane of a comparison shows of the step: no equation, and so no operators."""
        kinds = [*MEMORY_ROW[1:], OUTPUT_ROW[0]] if self.gated else [RNN_ROW[-1]]
        return tuple(self._panel(replace(kind, operator="")) for kind in kinds)

    @cached_property
    def tops(self) -> dict[str, float]:
        """The end of each signed quantity's scale, one for the whole run.

        Where the numbers are the toy's, one scale serves all of them; elsewhere the memory has
        its own, and what comes out of a tanh reaches from -1 to 1.
        """
        memories = [
            array for layer in self._scaled for array in (layer.memory_before, layer.memory)
        ]
        if self.plain_numbers:
            shown = [getattr(layer, key) for layer in self._scaled for key in ("g", "h")]
            shared = nice_top(*memories, *shown)
            return dict.fromkeys(("c_prev", "c", "g", "tanh_c", "h"), shared)
        memory = nice_top(*memories) if self.gated else 1.0
        bounded = {q.key: 1.0 for q in self.run.equation.quantities if not q.is_gate}
        return bounded | {
            q.key: memory for q in self.run.equation.quantities if q.role == "memory" and not q.span
        }

    @cached_property
    def below_zero(self) -> bool:
        """Whether signed quantities need room below zero; the toy's often don't, in any step."""
        if not self.plain_numbers:
            return True
        return any(
            getattr(layer, key).min() < 0 for layer in self._scaled for key in ("c_prev", "c", "g")
        )

    def _panel(self, kind: Kind) -> Panel:
        name, symbol, does, top, bottom = self.once(f"heads {kind.key}", partial(self._heads, kind))
        signed = kind.key not in GATES and self.below_zero
        return Panel(
            kind=kind,
            name=name,
            symbol=symbol,
            does=does,
            bars=self._bars(kind.key, signed),
            value=self.value_word(kind.key),
            top=top,
            bottom=bottom,
        )

    def _heads(self, kind: Kind) -> tuple[str, str, str, str, str]:
        """A panel's name, symbol, what it does, and the ends of its scale."""
        name, symbol, does = kind.name, kind.symbol, kind.does
        if self.toy:
            name, symbol, does = TOY_WORDS.get(kind.key, (name, symbol, does))
        if self.state.names:
            name = kind.term.capitalize()
        top = self.top(kind.key)
        signed = kind.key not in GATES and self.below_zero
        bottom = self.word(kind.key, -top) if signed else "0"
        return name, symbol, does, self.word(kind.key, top), bottom

    def top(self, key: str) -> float:
        """The end of a quantity's scale."""
        return 1.0 if key in GATES else self.tops[key]

    def _values(self, key: str) -> Array:
        values: Array = getattr(self.layer, key)[self.t - 1]
        return values

    def _bars(self, key: str, signed: bool) -> Bars:
        first = (self.t - 1) // AT_ONCE * AT_ONCE
        here = slice(first, first + AT_ONCE)
        drawn = self.once(f"bars {key} {first}", partial(self._drawn, key, here))
        heights, passing, labels = drawn
        n = self.t - 1 - first
        passes = passing[n] if passing else None
        return Bars(self.drawn, heights[n], passes, labels[n], signed, self.dense)

    def _drawn(self, key: str, steps: slice) -> tuple[list[bytes], list[bytes] | None, list[str]]:
        """The bars of some steps: sizes, those of what passes, numbers. NumPy is slow for few."""
        values, top = getattr(self.layer, key)[steps][:, self.columns], self.top(key)
        passing = None
        if key in PASSES and self.gated:
            gates = getattr(self.layer, PASSES[key])[steps][:, self.columns]
            passing = sizes(values * gates, top)
        texts, width = self.words(key, values.ravel()), values.shape[1]
        labels = ["|".join(texts[n : n + width]) for n in range(0, len(texts), width)]
        return sizes(values, top), passing, labels

    def word(self, key: str, value: float, digits: int = 2) -> str:
        """A quantity's value for reading; gates without a sign, `toy-lstm` in its own unit."""
        if key in GATES:
            return number(value, digits)
        if self.plain_numbers:
            return number(value / self.run.unit_scale, digits)
        return signed(value, digits)

    def words(self, key: str, values: Array) -> list[str]:
        """The same of many values, (n,)."""
        if key in GATES or self.plain_numbers:
            return numbers(values if key in GATES else values / self.run.unit_scale)
        return numbers(values, plus=True)

    def value_word(self, key: str, digits: int = 2) -> str:
        """The chosen unit's value of a quantity at this step, for reading."""
        return self.word(key, float(self._values(key)[self.unit - 1]), digits)

    @property
    def unit_note(self) -> str | None:
        """What one unit of the printed numbers is, where that isn't 1."""
        return None if self.run.unit_scale == 1 else f"numbers in units of {self.run.unit_scale:g}"

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The steps around this one, at most WINDOW of them."""
        first, last = self.window
        return tuple(self.once(f"chip {t}", partial(self._chip, t)) for t in range(first, last + 1))

    @cached_property
    def window(self) -> tuple[int, int]:
        """The first and last step on the tape, which moves on by SHIFT steps at once."""
        middle = (self.t - 1) // SHIFT * SHIFT + SHIFT // 2
        first = max(1, min(middle - WINDOW // 2 + 1, self.steps - WINDOW + 1))
        return first, min(self.steps, first + WINDOW - 1)

    def _chip(self, t: int) -> Chip:
        output, memory = self.run.outputs[t - 1], self.layer.memory[t - 1]
        single = self.units == 1
        verdict = level = None
        if isinstance(output, ClassesOutput) and output.score is not None:
            verdict, level = percent(output.score), gate_level(output.score)
        elif isinstance(output, ClassesOutput):
            likeliest, share = output.likeliest
            verdict = f"{likeliest} {percent(share)}"
        if isinstance(output, NumberOutput):
            verdict = number(output.value) if output.shown else "–"
        if isinstance(output, NextTokenOutput):
            verdict = visible(output.top(1)[0][0])
        return Chip(
            t=t,
            label=visible(self.label(t)),
            known=self.run.tokens[t - 1].known if self.run.tokens else True,
            strip=Markup()
            if single or self.dense
            else strip([strip_level(v, self._largest) for v in memory[self.columns].tolist()]),
            memory=self.word("c", float(memory[0])) if single else None,
            verdict=verdict,
            verdict_level=level,
        )

    @cached_property
    def _largest(self) -> float:
        return max(float(abs(layer.memory).max()) for layer in self._scaled) or 1.0

    @cached_property
    def prediction(self) -> Prediction:
        """The model's output after this step."""
        output = self.run.outputs[self.t - 1]
        before = self.run.outputs[self.t - 2] if self.t > 1 else None
        if isinstance(output, NumberOutput):
            return Prediction(number(output.value), output.shown, None, None, None, ())
        if isinstance(output, NextTokenOutput):
            return Prediction(None, True, None, None, None, _classes(output.top(LIKELIEST)))
        if not isinstance(output, ClassesOutput):
            return Prediction(None, False, None, None, None, ())
        was = before.score if isinstance(before, ClassesOutput) else None
        return Prediction(
            number=None,
            shown=True,
            score=None if output.score is None else percent(output.score),
            score_level=None if output.score is None else gate_level(output.score),
            before=None if was is None else percent(was),
            classes=_classes(list(output.probabilities.items())),
        )

    @cached_property
    def _roles(self) -> list[Roles]:
        return roles(self.layer)

    @property
    def roles(self) -> tuple[RoleView, ...]:
        """The step as the toy's rules would put it."""
        return role_views(self._roles[self.t - 1])

    @cached_property
    def story(self) -> str:
        """The step in words, with nicknames or the field's own."""
        words = story(self.run, self.t - 1, self._roles[self.t - 1])
        return without_nicknames(words) if self.state.names else words

    @property
    def arithmetic(self) -> tuple[tuple[Part, ...], ...]:
        """The chosen unit's two equations with its numbers in, as (text, role) parts."""
        if not self.gated:
            return ((("h = tanh(W x + U h′ + b) = ", ""), (self.value_word("h", 3), "result")),)
        word = {key: self.value_word(key, 3) for key in LETTERS}
        last = "y" if self.toy else "h"
        inside = word["c"] if self.toy else f"tanh({word['c']})"
        return (
            (
                (f"c{self.t} = ", ""),
                (word["f"], "forget"),
                (" × ", "op"),
                (word["c_prev"], "memory"),
                (" + ", "op"),
                (word["i"], "input"),
                (" × ", "op"),
                (word["g"], "candidate"),
                (" = ", "op"),
                (word["c"], "result"),
            ),
            (
                (f"{last}{self.t} = ", ""),
                (word["o"], "output"),
                (" × ", "op"),
                (inside, "memory"),
                (" = ", "op"),
                (word["h"], "result"),
            ),
        )


# Who walks through a run finds what the last step worked out for all of them: as much as the run
# itself in numbers, and some words. 70 short runs, or 5 of 512 steps and 128 units.
MOST_NUMBERS, WORDS = 4_000_000, 50_000
latest: Latest[tuple[int, str], Explorer] = Latest(
    MOST_NUMBERS, lambda kept: WORDS + size(kept.run)
)


def explorer_of(run: Run, state: ExplorerState) -> Explorer:
    """The explorer of a run at a step; one of the same run and look may be among the latest."""
    # What is kept holds its run, so no other run has that id.
    key = id(run), state.having(t=None).query()
    kept = latest.get(key)
    if kept is None:
        kept = Explorer(run, state)
        for name in OF_THE_RUN:
            getattr(kept, name)
        latest.keep(key, kept)
    return kept.at(state.t)


def _classes(shares: list[tuple[str, float]]) -> tuple[Class, ...]:
    return tuple(Class(visible(label), percent(p), gate_level(p)) for label, p in shares)


LETTERS = tuple(name for name in LSTMLayer.__dataclass_fields__ if name != "direction")


def role_views(role: Roles) -> tuple[RoleView, ...]:
    """Store, reset and output with their numbers and bars."""
    return tuple(
        RoleView(name, number(value), gate_level(value))
        for name, value in (("store", role.store), ("reset", role.reset), ("output", role.output))
    )
