"""A run at one step and one unit: its scales, its words, and what the whole run shares.

Everything the templates show is decided in this room: scales, signs, labels, words. Scales hold
through a run, so that bars can be compared between steps. What belongs to the whole run is worked
out once and shared by its steps.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from gate_explorer.analysis.pull import pulls, telling
from gate_explorer.analysis.roles import Roles, roles
from gate_explorer.analysis.story import story
from gate_explorer.analysis.words import number, numbers, signed, visible
from gate_explorer.engine.checks import Array
from gate_explorer.runs.cache import Cache
from gate_explorer.runs.cells import Equation, Quantity, called, named
from gate_explorer.runs.run import Layer, Run, by_unit

from ..address.state import ExplorerState
from ..drawing.bars import nice_top
from ..walk import size
from .readings import readings
from .units import Drawn, drawn_units

WINDOW, SHIFT = 60, 10
TINY = 0.005
# What an explorer works out once and another step has otherwise.
OF_THE_RUN = ("drawing", "columns", "tops", "below_zero", "roles", "pulls")
OF_THE_STEP = ("token", "window", "story")
FOUNDING_TEXT, FOUNDING_VECTORS = "I love France", "3,1,0;5,1,0;2,1,1"

V = TypeVar("V")

MOST_NUMBERS = 4  # of a vector, in a label


class Explorer:
    """A run at one step and one unit, ready to be drawn."""

    def __init__(
        self,
        run: Run,
        state: ExplorerState,
        beside: Run | None = None,
        drawn: Drawn | None = None,
        unit: int | None = None,
    ) -> None:
        """state.t and state.unit count from 1; None is the last step (the first for who guesses),
        and `unit` or else the one that moves the answer most in this run.

        beside: a run of the same model that shares the scales. drawn: the units to draw; None for
        those that the state asks for.
        """
        self.run, self.state, self._drawn = run, state, drawn
        self._scaled = [each.layer for each in (run, beside) if each]
        self.steps = len(run)
        self.layer: Layer = run.layer
        self.t = self._step(state.t)
        self.units = self.layer.memory.shape[1]
        self._made: dict[str, Any] = {}
        self.unit = min(state.unit or unit or telling(self.pulls), self.units)

    @property
    def holdable(self) -> bool:
        """Whether a gate can be held: there are gates."""
        return bool(self.equation.gates)

    @property
    def held_layer(self) -> str | None:
        """The layer whose gates are held from this page, as an address calls it: of a stack, that
        which is looked at.
        """
        return self.run.layer_name if len(self.run.layers) > 1 else None

    @property
    def backward(self) -> bool:
        """Whether the layer that is looked at reads the sequence from its end."""
        return self.layer.direction == "backward"

    @property
    def step_word(self) -> str:
        """What a step is called: by what is read at it."""
        return {"words": "word", "characters": "letter"}.get(self.run.card.input, "step")

    def at(self, t: int | None) -> "Explorer":
        """The same run at another step, from 1; None as at the beginning.

        A copy, so what belongs to the whole run is worked out once.
        """
        other = copy(self)
        other.t = self._step(t)
        other.state = self.state.having(t=t)
        for name in OF_THE_STEP:
            vars(other).pop(name, None)
        return other

    @property
    def guessing(self) -> bool:
        """Whether what comes after the step shown is hidden, to be guessed."""
        return self.state.guess is not None and not self.backward

    def _step(self, t: int | None) -> int:
        """A step of the run; where none is named the last, or for who guesses the first."""
        return min(t or (1 if self.guessing else self.steps), self.steps)

    def once(self, name: str, make: Callable[[], V]) -> V:
        """What `make` gives, worked out once for all steps of the run."""
        if name not in self._made:
            self._made[name] = make()
        found: V = self._made[name]
        return found

    @property
    def equation(self) -> Equation:
        """What the run's cell is."""
        return self.run.equation

    @property
    def symbols(self) -> bool:
        """Whether the field's words stand in the place of nicknames."""
        return self.state.names is not None

    def called(self, key: str) -> str:
        """What a quantity of the cell is called on this page."""
        return called(self.equation[key], self.symbols)

    def named(self, text: str) -> str:
        """A text with this page's names in it."""
        return named(text, self.symbols)

    @property
    def holding(self) -> bool:
        """Whether a gate is held at the step shown."""
        held = self.run.held
        return held is not None and bool(held.steps[self.t - 1])

    @property
    def plain_numbers(self) -> bool:
        """Whether the numbers are the toy's: whole, on one scale, shown without a plus."""
        return self.run.follows_rules

    @cached_property
    def drawing(self) -> Drawn:
        """The units that are drawn, and of how many they are."""
        return self._drawn or drawn_units(self.run, self.state, self.unit)

    @property
    def drawn(self) -> tuple[int, ...]:
        """The units that are drawn, from 1, in order."""
        return self.drawing.units

    @property
    def order_words(self) -> str:
        """The order of the drawn units in words."""
        return self.drawing.words

    @cached_property
    def columns(self) -> list[int]:
        """The drawn units as columns of the arrays, from 0."""
        return [unit - 1 for unit in self.drawn]

    @cached_property
    def token(self) -> str:
        """The step's token or vector, for headings."""
        return visible(self.label(self.t))

    def read_word(self, of_numbers: str) -> str:
        """What the layer that is looked at reads at this step, for a term of its sum."""
        if self.run.depths[self.run.place] > 1:
            return "the layer below"
        return self.token if self.run.tokens else of_numbers

    def label(self, t: int) -> str:
        """The token or vector of step t; of a wide one, its first numbers."""
        if self.run.tokens:
            return self.run.tokens[t - 1].text
        if self.run.series and self.run.series.labels:
            return self.run.series.labels[t - 1]
        if self.run.series:
            return ", ".join(each.value for each in readings(self.run.series, t))
        values = [number(v) for v in self.run.x[t - 1][:MOST_NUMBERS]]
        return f"({', '.join(values)}{', …' if self.run.x.shape[1] > MOST_NUMBERS else ''})"

    @cached_property
    def tops(self) -> dict[str, float]:
        """The end of each quantity's scale, one for the whole run.

        Where the numbers are the toy's, one scale serves all of them; elsewhere memory before and
        now share one, and what comes out of a tanh reaches from -1 to 1.
        """
        quantities = [q for q in self.equation.quantities if not q.is_gate]
        if self.plain_numbers:
            shared = nice_top(*(self._all(q) for q in quantities))
            return dict.fromkeys((q.key for q in quantities), shared)
        unbounded = [q for q in quantities if q.span is None]
        memory = nice_top(*(self._all(q) for q in unbounded))
        gates = {q.key: self._end(q) for q in self.equation.gates}
        return gates | {q.key: memory if q in unbounded else 1.0 for q in quantities}

    def _end(self, gate: Quantity) -> float:
        """The end of a gate's scale: 1, but for a function that knows no bounds."""
        values = self._all(gate)
        return 1.0 if np.abs(values).max() <= 1 else nice_top(values)

    def _all(self, quantity: Quantity) -> Array:
        """A quantity's values over all runs that share the scales; the toy's draft included."""
        arrays = [by_unit(layer, quantity.key) for layer in self._scaled]
        return arrays[0] if len(arrays) == 1 else _joined(arrays)

    @cached_property
    def below_zero(self) -> bool:
        """Whether signed quantities need room below zero; the toy's often don't, in any step."""
        if not self.plain_numbers:
            return True
        return any(self._all(q).min() < 0 for q in self.equation.quantities)

    def top(self, key: str) -> float:
        """The end of a quantity's scale."""
        return self.tops.get(key, 1.0)

    def signed(self, key: str) -> bool:
        """Whether a quantity's bars may go down from a zero line."""
        return not self.equation[key].is_gate and self.below_zero

    def values(self, key: str) -> Array:
        """A quantity's values at this step, (H,)."""
        found: Array = by_unit(self.layer, key)[self.t - 1]
        return found

    def word(self, key: str, value: float, digits: int = 2) -> str:
        """A quantity's value for reading; gates without a sign, `toy-lstm` in its own unit."""
        if self.equation[key].is_gate:
            return number(value, digits)
        if self.plain_numbers:
            return number(value / self.run.unit_scale, digits)
        return signed(value, digits)

    def words(self, key: str, values: Array) -> list[str]:
        """The same of many values, (n,)."""
        if self.equation[key].is_gate or self.plain_numbers:
            scale = 1.0 if self.equation[key].is_gate else self.run.unit_scale
            return numbers(values / scale)
        return numbers(values, plus=True)

    def value_word(self, key: str, digits: int = 2) -> str:
        """The chosen unit's value of a quantity at this step, for reading."""
        return self.word(key, float(self.values(key)[self.unit - 1]), digits)

    def short(self, key: str) -> str:
        """The same in as little room as a bar has: what two decimals don't show is about 0."""
        value = float(self.values(key)[self.unit - 1])
        scale = 1.0 if self.equation[key].is_gate else self.run.unit_scale
        return "≈0" if 0 < abs(value / scale) < TINY else self.value_word(key)

    @property
    def unit_note(self) -> str | None:
        """What one unit of the printed numbers is, where that isn't 1."""
        return None if self.run.unit_scale == 1 else f"numbers in units of {self.run.unit_scale:g}"

    @cached_property
    def window(self) -> tuple[int, int]:
        """The first and last step on the tape, which moves on by SHIFT steps at once."""
        return window(self.t, self.steps)

    @cached_property
    def roles(self) -> list[Roles]:
        """Every step as the toy's rules would put it."""
        return roles(self.layer)

    @cached_property
    def pulls(self) -> Array:
        """What each unit did to each step's answer, (T, H)."""
        return pulls(self.run)

    @cached_property
    def story(self) -> str:
        """The step in words, with nicknames or the field's own."""
        return self.named(story(self.run, self.t - 1, self.pulls[self.t - 1]))


def window(t: int, steps: int) -> tuple[int, int]:
    """The first and last of the steps, from 1, that stand on the tape at step t."""
    middle = (t - 1) // SHIFT * SHIFT + SHIFT // 2
    first = max(1, min(middle - WINDOW // 2 + 1, steps - WINDOW + 1))
    return first, min(steps, first + WINDOW - 1)


# Who walks through a run finds what the last step worked out for all of them: as much as the run
# itself in numbers, and some words. 70 short runs, or 5 of 512 steps and 128 units.
MOST_NUMBERS, WORDS = 4_000_000, 50_000
kept_explorers: Cache[tuple[int, str], Explorer] = Cache(
    MOST_NUMBERS, lambda kept: WORDS + size(kept.run)
)


def explorer_of(run: Run, state: ExplorerState, free: Explorer | None = None) -> Explorer:
    """The explorer of a run at a step; one of the same run and look may be kept from before.

    free: that of the same run with nothing held, whose units stay where they are.
    """
    # What is kept holds its run, so no other run has that id.
    key = id(run), state.having(t=None, drawer=None, stretch=None, trait=None).query()
    kept = kept_explorers.get(key)
    if kept is None:
        drawn = Drawn(free.drawn, free.order_words) if free else None
        kept = Explorer(run, state, None, drawn, free.unit if free else None)
        for name in OF_THE_RUN:
            getattr(kept, name)
        kept_explorers.put(key, kept)
    here = kept.at(state.t)
    here.state = state
    return here


def _joined(arrays: list[Array]) -> Array:
    """Arrays of several runs as one, for the ends of a scale they share."""
    return np.concatenate([array.ravel() for array in arrays])
