"""What differs between two runs whose steps stand side by side: where they part, and how far.

A and B are the runs' names. A run that has nothing at a column stays at its step before. Memories
are compared unit by unit, which means something only in one network (or in the toy and its LSTM).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gate_explorer.analysis.alignment import Alignment, Pair, align
from gate_explorer.analysis.forecasts import said
from gate_explorer.analysis.outputs import tone_in_figures, tone_in_words
from gate_explorer.analysis.words import number, percent, quoted, signed
from gate_explorer.engine.checks import Array
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.run import Run

# Numbers nearer to each other than this are printed alike, or nearly so.
ALIKE = 0.005
# A unit differs if its memories come at least so far apart as a share of the furthest unit's.
TELLING = 0.5
How = Literal["read", "memory", "answer"]


@dataclass(frozen=True)
class Parting:
    """The first column, from 1, at which two runs part; None if they never do.

    how: `read` if what they read differs there (or one reads nothing), `memory` if, having read the
    same, some unit's memories are ALIKE or more apart, `answer` if two networks, whose units can't
    be compared, say another word or a number ALIKE or more away.
    """

    column: int | None
    how: How


@dataclass(frozen=True, eq=False)
class Beside:
    """Two runs side by side."""

    a: Run
    b: Run

    @cached_property
    def alignment(self) -> Alignment:
        """Which steps stand side by side, by what was read."""
        return align(_read(self.a), _read(self.b))

    @property
    def comparable(self) -> bool:
        """Whether unit k of A is unit k of B: one layer of a network, or the toy and its LSTM."""
        a, b = self.a, self.b
        return (a.card.id, a.place) == (b.card.id, b.place) or (a.follows_rules and b.follows_rules)

    @cached_property
    def apart(self) -> Array:
        """How far apart the memories are at each column, (columns, H), in the toy's unit or none.

        Before its first step a run's memory is what it started from. Only where `comparable`.
        """
        steps = np.array(self.alignment.reached)
        a, b = (_memories(run)[steps[:, n]] for n, run in enumerate((self.a, self.b)))
        found: Array = np.abs(a - b)
        return found

    @cached_property
    def parting(self) -> Parting:
        """Where they part, by the rule of `Parting`."""
        read = [_read(self.a), _read(self.b)]
        columns = range(1, len(self.alignment) + 1)
        how: How = "read"
        differs = [self._differs(pair, read) for pair in self.alignment.pairs]
        if self.comparable:
            far = (self.apart.max(axis=1) >= ALIKE).tolist()
            first = next((n for n in columns if differs[n - 1] or far[n - 1]), None)
            how = "read" if first and differs[first - 1] else "memory"
        else:
            first = next((n for n in columns if differs[n - 1]), None)
            if first is None:
                how = "answer"
                first = next((n for n in columns if self._answers_differ(n)), None)
        return Parting(first, how)

    def _differs(self, pair: Pair, read: list[tuple[object, ...]]) -> bool:
        return not (pair.a and pair.b) or read[0][pair.a - 1] != read[1][pair.b - 1]

    def _answers_differ(self, column: int) -> bool:
        """Whether another word is said, or a number that is ALIKE or more away."""
        a, b = self.outputs(column)
        if isinstance(a, NumberOutput) and isinstance(b, NumberOutput):
            return a.shown != b.shown or abs(a.value - b.value) >= ALIKE
        return _word(a) != _word(b)

    def outputs(self, column: int) -> tuple[Output, Output]:
        """What each says at a column, from 1; None where it has read nothing yet."""
        at = self.alignment.reached[column - 1]
        a, b = (
            run.outputs[t - 1] if t else None for run, t in zip((self.a, self.b), at, strict=True)
        )
        return a, b

    @cached_property
    def differing(self) -> tuple[int, ...]:
        """The units, from 1, that differ, the furthest apart first; by the rule of TELLING."""
        farthest = self.apart.max(axis=0)
        order = np.argsort(-farthest, kind="stable")
        kept = order[farthest[order] >= TELLING * farthest.max()]
        return tuple(int(unit) + 1 for unit in kept)

    @cached_property
    def by_distance(self) -> tuple[int, ...]:
        """All units, from 1, those whose memories come furthest apart first."""
        order = np.argsort(-self.apart.max(axis=0), kind="stable")
        return tuple(int(unit) + 1 for unit in order)

    def farthest(self, column: int) -> int:
        """The unit, from 1, whose memories are furthest apart at a column, from 1."""
        return int(self.apart[column - 1].argmax()) + 1

    def memory_words(self, column: int) -> str:
        """How far the memories are apart at a column, in a sentence."""
        if not self.comparable:
            what = "layers" if self.a.card.id == self.b.card.id else "networks"
            return f"They are different {what}, so that unit 1 of A is not unit 1 of B."
        what = "memory" if self.a.equation.gates else "state"
        unit = self.farthest(column)
        if self.apart[column - 1].max() < ALIKE:
            return f"Both have the same {what}."
        at = self.alignment.reached[column - 1]
        write = number if self.a.follows_rules else signed
        runs = zip((self.a, self.b), at, strict=True)
        a, b = (write(float(_memories(run)[t, unit - 1])) for run, t in runs)
        if self.apart.shape[1] == 1:
            return f"{what.capitalize()}: {a} in A, {b} in B."
        return f"Unit {unit} stands furthest from its twin: {a} in A, {b} in B."

    def answer_words(self, column: int) -> str:
        """What each answers at a column, in a sentence; empty where one has read nothing yet."""
        a, b = self.outputs(column)
        if a is None or b is None:
            return ""
        words = answer(a, self.a), answer(b, self.b)
        if _is_tone(a) and _is_tone(b):
            both = f"{words[0]} in both" if words[0] == words[1] else " and ".join(words)
            return f"Verdict: {both}."
        verbs = VERBS.get(type(a)), VERBS.get(type(b))
        if verbs[0] != verbs[1] or _is_tone(a) != _is_tone(b):
            return f"A: {words[0]}; B: {words[1]}."
        if words[0] == words[1]:
            return f"Both {verbs[0]} {words[0]}."
        return f"A {verbs[0]}s {words[0]}, B {words[1]}."


VERBS: dict[type, str] = {
    ClassesOutput: "say",
    NextTokenOutput: "expect",
    NumberOutput: "output",
}


def answer(output: Output, run: Run | None = None) -> str:
    """An output in a few words, as both runs' are set side by side: `+0.70`, `“e” 31 %`.

    run: whose output it is, for the units of a forecast.
    """
    if isinstance(output, ClassesOutput):
        if output.tone is not None:
            return tone_in_figures(output.tone)
        return _share(*output.likeliest)
    if isinstance(output, NextTokenOutput):
        return _share(*output.top(1)[0])
    if isinstance(output, NumberOutput):
        value = said(run, output.value) if run else number(output.value)
        return value if output.shown else "nothing"
    return "no answer"


def _share(label: str, share: float) -> str:
    return f"{quoted(label)} {percent(share)}"


def _word(output: Output) -> str:
    """What an output says, however surely."""
    if isinstance(output, ClassesOutput):
        return output.likeliest[0] if output.tone is None else tone_in_words(output)
    return output.top(1)[0][0] if isinstance(output, NextTokenOutput) else answer(output)


def _is_tone(output: Output) -> bool:
    return isinstance(output, ClassesOutput) and output.tone is not None


def _read(run: Run) -> tuple[object, ...]:
    """What a run read at each step: tokens as typed, or rows of numbers."""
    if run.tokens:
        return tuple(token.text for token in run.tokens)
    return tuple(tuple(row) for row in run.x.tolist())


def _memories(run: Run) -> Array:
    """The memory the run started from and that after each step, (T + 1, H), in the toy's unit."""
    layer = run.layer
    begun = layer.memory_before[-1:] if layer.direction == "backward" else layer.memory_before[:1]
    whole = np.concatenate([begun, layer.memory]).astype(np.float64)
    found: Array = whole / run.unit_scale
    return found
