"""Each step of a run in one or two plain sentences, read off its numbers and nothing else.

Shares are the step's roles (`app.analysis.roles`) in whole per cent. A prediction is said to rise
or fall when its score moves by `MOVED` or more; smaller moves are called steady.
"""

from app.analysis.roles import Roles, roles
from app.analysis.words import number, percent, quoted
from app.zoo.base import ClassesOutput, NumberOutput, Run, Token

MOVED = 0.02


def stories(run: Run) -> list[str]:
    """One story a step, in the order of the steps."""
    if run.card.cell == "toy":
        return [_rule(run, t) for t in range(len(run))]
    return [_gates(run, t, role) for t, role in enumerate(roles(run.layers[-1]))]


def _rule(run: Run, t: int) -> str:
    """The rules that fired, on the toy."""
    x1, x2, x3 = run.x[t]
    before, after = (float(run.layers[0].c_prev[t, 0]), float(run.layers[0].c[t, 0]))
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
    where = f"At {quoted(run.tokens[t].text)}" if run.tokens else f"At step {run.start + t + 1}"
    empty = not run.layers[-1].c_prev[t].any()
    kept = "the memory is still empty" if empty else f"the Eraser keeps {percent(1 - role.reset)}"
    kept += "" if empty else " of the memory"
    sentence = (
        f"{where} {kept}, the Filter lets {percent(role.store)} of the Writer’s draft in, and the"
        f" Presenter shows {percent(role.output)}."
    )
    unknown = _unknown(run.tokens[t]) if run.tokens else ""
    return " ".join(part for part in (sentence, unknown, _prediction(run, t)) if part)


def _unknown(token: Token) -> str:
    if token.known:
        return ""
    return f"{quoted(token.text)} isn’t in its vocabulary: it sees its unknown-word vector instead."


def _prediction(run: Run, t: int) -> str:
    output, before = run.outputs[t], run.outputs[t - 1] if t else run.before
    if isinstance(output, NumberOutput):
        value = run.layers[-1].c[t, 0] / run.unit_scale
        shown = f"shown as {number(output.value)}" if output.shown else "not shown"
        return f"The memory stands for {number(value)}, {shown}."
    if not isinstance(output, ClassesOutput) or output.score is None:
        return ""
    now = percent(output.score)
    if not isinstance(before, ClassesOutput) or before.score is None:
        return f"So far it reads {now} positive."
    moved = output.score - before.score
    if abs(moved) < MOVED:
        return f"The verdict stays at {now} positive."
    return f"The verdict {'rises' if moved > 0 else 'falls'} to {now} positive."
