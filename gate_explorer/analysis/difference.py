"""What differs between two runs at a step, in words: the prediction, and the memory.

A and B are the runs' names. A run that is over stays at its last step. Memories are compared unit
by unit, which means something only in one network (or in the toy and its LSTM).
"""

import numpy as np

from gate_explorer.analysis.words import number, percent, quoted, signed
from gate_explorer.engine.checks import Array
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.run import Run


def differences(a: Run, b: Run, t: int) -> tuple[str, str]:
    """Two sentences on step t, from 1: the largest difference of prediction, and of memory."""
    at = [min(t, len(run)) - 1 for run in (a, b)]
    return _prediction(a.outputs[at[0]], b.outputs[at[1]]), _memory(a, b, at)


def _prediction(a: Output, b: Output) -> str:
    if isinstance(a, NumberOutput) and isinstance(b, NumberOutput):
        return _numbers(a, b)
    if isinstance(a, ClassesOutput) and isinstance(b, ClassesOutput):
        if a.tone is not None and b.tone is not None:
            return _tones(a.tone, b.tone)
        if a.probabilities.keys() == b.probabilities.keys():
            return _farthest(list(a.probabilities), _values(a), _values(b))
    if isinstance(a, NextTokenOutput) and isinstance(b, NextTokenOutput) and a.tokens == b.tokens:
        return _farthest(list(a.tokens), np.array(a.probabilities), np.array(b.probabilities))
    return "Their predictions are of different kinds."


def _tones(a: float, b: float) -> str:
    """The verdicts' tones, and how far apart they are."""
    if a == b:
        return "Both predict the same."
    apart = number(abs(a - b))
    return f"Verdict: {signed(a)} in A, {signed(b)} in B, {apart} apart."


def _values(output: ClassesOutput) -> Array:
    return np.array(list(output.probabilities.values()))


def _farthest(labels: list[str], a: Array, b: Array) -> str:
    """The label whose shares are farthest apart."""
    k = int(abs(a - b).argmax())
    return _shares(quoted(labels[k]), float(a[k]), float(b[k]))


def _shares(what: str, a: float, b: float) -> str:
    if a == b:
        return "Both predict the same."
    points = abs(a - b) * 100
    apart = f"{points:.0f}" if points >= 0.5 else "less than 1"
    unit = "point" if apart in {"1", "less than 1"} else "points"
    return f"Prediction: {what} {percent(a)} in A, {percent(b)} in B, {apart} {unit} apart."


def _numbers(a: NumberOutput, b: NumberOutput) -> str:
    words = [number(each.value) if each.shown else "nothing" for each in (a, b)]
    if words[0] == words[1]:
        return f"Both output {words[0]}."
    apart = f", {number(abs(a.value - b.value))} apart" if a.shown and b.shown else ""
    return f"Prediction: A outputs {words[0]}, B {words[1]}{apart}."


def _memory(a: Run, b: Run, at: list[int]) -> str:
    if a.card.id != b.card.id and not (a.follows_rules and b.follows_rules):
        return "They are different networks, so that unit 1 of A is not unit 1 of B."
    what = "memory" if a.equation.gates else "state"
    scaled = zip((a, b), at, strict=True)
    one, other = (run.layers[-1].memory[t].astype(float) / run.unit_scale for run, t in scaled)
    k = int(abs(one - other).argmax())
    if one[k] == other[k]:
        return f"Both have the same {what}."
    words = [(number if a.follows_rules else signed)(each[k]) for each in (one, other)]
    unit = "" if len(one) == 1 else f" is at unit {k + 1}"
    apart = number(abs(float(one[k] - other[k])))
    return (
        f"The largest difference of {what}{unit}: {words[0]} in A, {words[1]} in B, {apart} apart."
    )
