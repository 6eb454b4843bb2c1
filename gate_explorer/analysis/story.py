"""Each step of a run in a few plain sentences, read off its numbers and nothing else.

The first tells what happened to one unit, as cause and effect: the one whose pull on the step's
answer is largest (`analysis.pull`). A gate wipes, or keeps out, at SHUT and below; it keeps, or
lets in, at OPEN and above; between, it is said how much. The second tells which other units pull
at least HALF as strongly, up to MOST of them, with it or against it. A verdict on a scale is said
to rise or fall when its tone moves by MOVED or more; smaller moves are called steady.
"""

import numpy as np

from gate_explorer.analysis.arithmetic import cell_of_mixing, mixing
from gate_explorer.analysis.forecasts import forecasts, said
from gate_explorer.analysis.outputs import tone_in_figures, tone_in_words
from gate_explorer.analysis.pull import are_on_the_answer, pulls, telling
from gate_explorer.analysis.words import number, percent, quoted, signed
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Token
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run, gated

MOVED = 0.02
SHUT, OPEN = 0.1, 0.9
HALF, MOST = 0.5, 3
SEEN = 0.005  # what two decimals show


def stories(run: Run) -> list[str]:
    """One story a step, in the order of the steps."""
    return [story(run, t, pulled) for t, pulled in enumerate(pulls(run))]


def story(run: Run, t: int, pulled: Array) -> str:
    """The story of step t, counted from 0, whose pulls (H,) are known."""
    holding = _holding(run, t)
    if run.card.cell == "toy" and not holding:
        return _rule(run, t)
    unit = telling(pulled)
    happened = _gates(run, t, unit) if run.equation.gates else _rewritten(run, t, unit)
    parts = (holding, f"{_where(run, t)} {happened}.", _moved(run, t, pulled, unit), _said(run, t))
    return " ".join(part for part in parts if part)


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


def _gates(run: Run, t: int, unit: int) -> str:
    """What the gates did to a unit, from 1, what it holds then and what it shows."""
    layer = gated(run.layer)
    names = ("c_prev", "f", "i", "g", "c", "o")
    before, f, i, g, after, o = (float(getattr(layer, name)[t, unit - 1]) for name in names)
    empty, alone = _is_nothing(run, before), layer.memory.shape[1] == 1
    did = _written(run, before, i, g)
    if empty:
        into = "into" if did.endswith(" in") else "out of" if did.endswith(" out") else "for"
        did = did.removesuffix(" in").removesuffix(" out")
        did = f"{did} {into} {'the empty memory' if alone else f'empty unit {unit}'}"
    else:
        did = f"{_kept(run, before, f, 'the memory' if alone else f'unit {unit}')} and {did}"
    if _stands_for(run, t):
        return did  # what the memory stands for is said right after
    shown = float(layer.h[t, unit - 1]) if layer.h.shape == layer.memory.shape else None
    hidden = o <= SHUT or shown is None
    shows = f" and shows {_value(run, shown)}" if shown is not None and not hidden else ""
    shows = ", and the Presenter hides it" if o <= SHUT else shows
    return f"{did}: it holds {_value(run, after)}{shows}"


def _kept(run: Run, before: float, f: float, owner: str) -> str:
    """What the Eraser leaves of a memory."""
    held = f"{owner}’s {_value(run, before)}"
    if f <= SHUT:
        return f"the Eraser wipes {held}"
    if f >= OPEN:
        return f"the Eraser keeps {held}"
    return f"the Eraser leaves {_value(run, f * before)} of {held}"


def _written(run: Run, before: float, i: float, g: float) -> str:
    """What the Filter does with the Writer's draft."""
    if _is_nothing(run, g):
        return "the Writer drafts nothing"
    draft = f"the Writer’s {_value(run, g)}"
    if i <= SHUT:
        return f"the Filter keeps {draft} out"
    if before * g < 0 and not _is_nothing(run, before):
        return f"the Filter lets the Writer’s opposite, {_value(run, i * g)}, in"
    if i >= OPEN:
        return f"the Filter lets {draft} in"
    return f"the Filter lets {_value(run, i * g)} of {draft} in"


def _rewritten(run: Run, t: int, unit: int) -> str:
    """What a vanilla RNN does to a unit, from 1, at every step."""
    layer = run.layer
    before, after = (float(v[t, unit - 1]) for v in (layer.memory_before, layer.memory))
    went = f"unit {unit} is mixed anew, from {signed(before)} to {signed(after)}"
    if cell_of_mixing(run) is None:
        return went
    found = mixing(run, t + 1, unit)
    parts = {"input": found.inputs, "state before": found.states, "bias": found.bias}
    pushes = [f"the {name} by {signed(v)}" for name, v in parts.items() if abs(v) >= SEEN]
    return f"{went}: {', '.join(pushes).replace(' by ', ' pushes by ', 1)}" if pushes else went


def _moved(run: Run, t: int, pulled: Array, unit: int) -> str:
    """What a unit, from 1, did to the step's answer, and which others pull half as strongly."""
    if pulled.size == 1:
        return ""
    size, first = np.abs(pulled), float(pulled[unit - 1])
    order = [k for k in np.argsort(-size, kind="stable").tolist() if k != unit - 1]
    near = [k + 1 for k in order[:MOST] if size[k] >= HALF * abs(first) and size[k] > 0]
    effect = _effect(run, t, first)
    if not effect and not near:
        return "No other unit moves half as far."
    if not effect:
        return (
            f"{_units(near)} move{'s' if len(near) == 1 else ''} half as far or more.".capitalize()
        )
    along = [k for k in near if pulled[k - 1] * first > 0]
    against = [k for k in near if k not in along]
    if not first:
        return f"{effect}, nor does any other unit."
    if not near:
        return f"{effect}; no other unit does half as much."
    pull = f"pull{'s' if len(along or against) == 1 else ''}"
    if not along:
        return f"{effect}; {_units(against)} {pull} against it."
    back = f", {_units(against)} against" if against else ""
    return f"{effect}; {_units(along)} {pull} with it{back}."


def _effect(run: Run, t: int, pull: float) -> str:
    """What a pull did to the answer; empty where there is none."""
    output = run.outputs[t]
    if output is None or not are_on_the_answer(run):
        return ""
    toned = isinstance(output, ClassesOutput) and output.tone is not None
    what = "the verdict" if toned else "the answer"
    if abs(pull) < SEEN:
        return f"That hardly moves {what}"
    way = "for" if pull > 0 else "against"
    if isinstance(output, NextTokenOutput):
        return f"That speaks {way} {quoted(output.top(1)[0][0])}"
    if isinstance(output, ClassesOutput) and not toned:
        return f"That speaks {way} {output.likeliest[0]}"
    return f"That moves {what} by {signed(pull)}"


def _units(units: list[int]) -> str:
    """`unit 3`, `units 3, 4 and 32`."""
    *most, last = map(str, sorted(units))
    return f"units {', '.join(most)} and {last}" if most else f"unit {last}"


def _is_nothing(run: Run, value: float) -> bool:
    return abs(value / run.unit_scale) < SEEN


def _value(run: Run, value: float) -> str:
    """A number of a unit; the toy's own numbers have no plus."""
    return number(value / run.unit_scale) if run.follows_rules else signed(value)


def _stands_for(run: Run, t: int) -> bool:
    """Whether what is said after the step is what the memory stands for."""
    return isinstance(run.outputs[t], NumberOutput) and run.card.provenance not in {
        "trained",
        "uploaded",
    }


def _where(run: Run, t: int) -> str:
    what = quoted(run.tokens[t].text) if run.tokens else f"step {run.start + t + 1}"
    return f"In {run.layer_words}, at {what}" if run.layer_words else f"At {what}"


def _said(run: Run, t: int) -> str:
    unknown = _unknown(run, t, run.tokens[t]) if run.tokens else ""
    return " ".join(part for part in (unknown, _prediction(run, t)) if part)


def _unknown(run: Run, t: int, token: Token) -> str:
    if token.read_as:
        return f"It is read as {quoted(token.read_as)}."
    if token.known:
        return ""
    if run.card.symbols:
        return f"{quoted(token.text)} isn’t among its symbols: it sees zeros instead."
    if run.card.provenance == "uploaded" and not run.x[t].any():
        return f"{quoted(token.text)} isn’t in its vocabulary: it sees zeros instead."
    return f"{quoted(token.text)} isn’t in its vocabulary: it sees its unknown-word vector instead."


def _prediction(run: Run, t: int) -> str:
    output, before = run.outputs[t], run.outputs[t - 1] if t else run.before
    if isinstance(output, NextTokenOutput):
        (token, p), *_ = output.top(1)
        return f"Next it expects {quoted(token)} ({percent(p)})."
    if isinstance(output, NumberOutput) and forecasts(run):
        return f"Next it expects {said(run, output.value)}."
    if isinstance(output, NumberOutput) and not _stands_for(run, t):
        return f"Its answer so far is {number(output.value)}."
    if isinstance(output, NumberOutput):
        value = run.layer.memory[t, 0] / run.unit_scale
        shown = f"shown as {number(output.value)}" if output.shown else "not shown"
        return f"The memory stands for {number(value)}, {shown}."
    if not isinstance(output, ClassesOutput):
        return ""
    if output.tone is None:
        label, p = output.likeliest
        return f"So far it says {label} ({percent(p)})."
    now = f"{tone_in_words(output)} ({tone_in_figures(output.tone)})"
    if not isinstance(before, ClassesOutput) or before.tone is None:
        return f"So far it reads {now}."
    moved = output.tone - before.tone
    if abs(moved) < MOVED:
        return f"The verdict stays {now}."
    way = "rises" if moved > 0 else "falls"
    still = tone_in_words(before) == tone_in_words(output)
    return f"The verdict {way}, still {now}." if still else f"The verdict {way} to {now}."
