"""Each step of a run in one or two plain sentences, read off its numbers and nothing else.

Shares are the step's roles (`analysis.roles`) in whole per cent. The unit whose memory moves
most is named, and a second one where it moves at least `NEARLY` as far; a move that two decimals
don't show is none. A verdict on a scale is said to rise or fall when its tone
moves by `MOVED` or more; smaller moves are called steady.
"""

import numpy as np

from gate_explorer.analysis.outputs import tone_in_words
from gate_explorer.analysis.roles import Roles, roles
from gate_explorer.analysis.words import number, percent, quoted, signed
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Token
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run

MOVED = 0.02
NEARLY = 0.8
SEEN = 0.005


def stories(run: Run) -> list[str]:
    """One story a step, in the order of the steps."""
    shares = roles(run.layers[-1])
    return [story(run, t, role) for t, role in enumerate(shares)]


def story(run: Run, t: int, role: Roles) -> str:
    """The story of step t, counted from 0, whose roles are known."""
    holding = _holding(run, t)
    if run.card.cell == "toy" and not holding:
        return _rule(run, t)
    if not run.equation.gates:
        return _rewritten(run, t)
    return f"{holding} {_gates(run, t, role)}".strip()


def _holding(run: Run, t: int) -> str:
    """Which gates are held at the step and at what, by hand; empty where none is."""
    if run.held is None:
        return ""
    parts = [_held_at(q.nickname, getattr(run.held, q.key)[t]) for q in run.equation.held]
    words = " and ".join(part for part in parts if part)
    return f"By hand, {words}." if words else ""


def _held_at(name: str, values: Array) -> str:
    """`the Eraser is held at 0`, with how many units where not in all."""
    held = values[~np.isnan(values)]
    if not held.size:
        return ""
    at = f" at {number(float(held[0]))}" if (held == held[0]).all() else ""
    where = "" if held.size == values.size else f" in {held.size} of {values.size} units"
    return f"the {name} is held{at}{where}"


def _rule(run: Run, t: int) -> str:
    """The rules that fired, on the toy."""
    x1, x2, x3 = run.x[t]
    before, after = (float(run.layers[0].memory_before[t, 0]), float(run.layers[0].memory[t, 0]))
    if x2 == 1:
        memory = f"x2 = 1: added {number(x1)}, memory is {number(after)}."
    elif x2 == -1:
        memory = f"x2 = −1: reset, memory goes from {number(before)} to 0."
    else:
        memory = f"x2 = 0: {number(x1)} is ignored, memory stays {number(after)}."
    shown = f"x3 = 1: output {number(after)}." if x3 == 1 else "x3 = 0: nothing is shown."
    return f"{memory} {shown}"


def _gates(run: Run, t: int, role: Roles) -> str:
    """What the gates did to the memory, and what became of the output."""
    where = _where(run, t)
    empty = not run.layers[-1].memory_before[t].any()
    kept = "the memory is still empty" if empty else f"the Eraser keeps {percent(1 - role.reset)}"
    kept += "" if empty else " of the memory"
    sentence = (
        f"{where} {kept}, the Filter lets {percent(role.store)} of the Writer’s draft in, and the"
        f" Presenter shows {percent(role.output)}{_movers(run, t)}."
    )
    return _joined(sentence, run, t)


def _movers(run: Run, t: int) -> str:
    """The one or two units whose memory moved most; nothing of a lone unit."""
    layer = run.layers[-1]
    moves = np.abs(layer.memory[t] - layer.memory_before[t])
    first, *rest = np.argsort(-moves, kind="stable")[:2].tolist()
    if not rest or moves[first] < SEEN:
        return ""
    if moves[rest[0]] >= NEARLY * moves[first]:
        return f"; units {first + 1} and {rest[0] + 1} move most"
    return f"; unit {first + 1} moves most"


def _rewritten(run: Run, t: int) -> str:
    """What a vanilla RNN does at every step, and what became of the output."""
    sentence = f"{_where(run, t)} all of the hidden state is rewritten: there are no gates."
    return _joined(sentence, run, t)


def _where(run: Run, t: int) -> str:
    if not run.tokens:
        return f"At step {run.start + t + 1}"
    return f"At {quoted(run.tokens[t].text)}"


def _joined(sentence: str, run: Run, t: int) -> str:
    unknown = _unknown(run, run.tokens[t]) if run.tokens else ""
    return " ".join(part for part in (sentence, unknown, _prediction(run, t)) if part)


def _unknown(run: Run, token: Token) -> str:
    if token.read_as:
        return f"It is read as {quoted(token.read_as)}."
    if token.known:
        return ""
    if run.card.symbols:
        return f"{quoted(token.text)} isn’t among its symbols: it sees zeros instead."
    return f"{quoted(token.text)} isn’t in its vocabulary: it sees its unknown-word vector instead."


def _prediction(run: Run, t: int) -> str:
    output, before = run.outputs[t], run.outputs[t - 1] if t else run.before
    if isinstance(output, NextTokenOutput):
        (token, p), *_ = output.top(1)
        return f"Next it expects {quoted(token)} ({percent(p)})."
    if isinstance(output, NumberOutput) and run.card.provenance == "trained":
        return f"Its answer so far is {number(output.value)}."
    if isinstance(output, NumberOutput):
        value = run.layers[-1].memory[t, 0] / run.unit_scale
        shown = f"shown as {number(output.value)}" if output.shown else "not shown"
        return f"The memory stands for {number(value)}, {shown}."
    if not isinstance(output, ClassesOutput):
        return ""
    if output.tone is None:
        label, p = output.likeliest
        return f"So far it says {label} ({percent(p)})."
    now = f"{tone_in_words(output)} ({signed(output.tone)})"
    if not isinstance(before, ClassesOutput) or before.tone is None:
        return f"So far it reads {now}."
    moved = output.tone - before.tone
    if abs(moved) < MOVED:
        return f"The verdict stays {now}."
    return f"The verdict {'rises' if moved > 0 else 'falls'} to {now}."
