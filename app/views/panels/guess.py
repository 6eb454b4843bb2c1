"""Guess first: what comes after the step shown is hidden until one of three answers is chosen.

Of a verdict, a number or a unit's memory it is asked which way it goes; less than HARDLY is hardly
at all. Of the toy's memory, and of what is likeliest of tokens or classes, it is asked what it will
be: beside the right one stand what another rule would give, or what is next likely.
"""

from dataclasses import dataclass, replace

from gate_explorer.analysis.forecasts import forecasts, said
from gate_explorer.analysis.words import number, percent, quoted, signed
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output

from ..equation.explorer import Explorer
from .context import Context

HARDLY = 0.05
COUNT = 3
ON = "first"


@dataclass(frozen=True)
class Answer:
    """One of the three answers: its words, a sign before them, and where choosing it leads."""

    words: str
    sign: str = ""
    address: str = ""


@dataclass(frozen=True)
class Guess:
    """What is asked about the step after this one, and what became of the guess at this one.

    upcoming: what is read at the next step. question, now: what is asked of it, and what is known.
    answers: none after the last step. skip: where it is just shown. right: None where nothing was
    guessed; came: what came, in words. again: where one goes on from there.
    """

    upcoming: str
    question: str
    now: str
    answers: tuple[Answer, ...]
    skip: str
    right: bool | None
    came: str
    again: str


@dataclass(frozen=True)
class _Asked:
    """What is asked of a step: words, the three answers, which is right (from 0), what came."""

    words: str
    answers: tuple[Answer, ...]
    right: int
    came: str
    now: str


def guess(context: Context) -> Guess | None:
    """What is to be guessed at the step shown; None where nobody guesses."""
    state, e = context.state, context.explorer
    if not e.guessing:
        return None
    last = e.t == e.steps
    asked = None if last else _asked(e, e.t + 1)
    told = _asked(e, e.t) if state.guessed and e.t > 1 else None
    answers = tuple(
        replace(answer, address=context.links.at(t=e.t + 1, guessed=n))
        for n, answer in enumerate(asked.answers if asked else (), 1)
    )
    return Guess(
        upcoming="" if last else _next(e),
        question=asked.words if asked else "",
        now=asked.now if asked else "",
        answers=answers,
        skip=context.links.to(min(e.t + 1, e.steps)),
        right=told.right == (state.guessed or 0) - 1 if told else None,
        came=told.came if told else "",
        again=context.links.to(e.t if not last else 1),
    )


def switch(context: Context) -> str:
    """Where the switch leads: guessing, from the step shown on, or no more; "" where none is."""
    e, links = context.explorer, context.links
    if e.steps < 2 or e.backward or context.lane or context.error:
        return ""
    if context.state.guess:
        return links.at(guess=None, t=e.t)
    return links.at(guess=ON, t=e.t if e.t < e.steps else 1, drawer=None)


def _next(e: Explorer) -> str:
    label = e.label(e.t + 1)
    return quoted(label) if e.run.tokens else label


def _asked(e: Explorer, t: int) -> _Asked:
    """What is asked of step t, from 2, when the step before it is known."""
    before, after = e.run.outputs[t - 2], e.run.outputs[t - 1]
    if e.plain_numbers:
        return _memory(e, t)
    if isinstance(after, NextTokenOutput) or _has_many(after):
        return _likeliest(after)
    if isinstance(before, ClassesOutput) and isinstance(after, ClassesOutput):
        return _classes(before, after)
    if isinstance(before, NumberOutput) and isinstance(after, NumberOutput):
        ways = ("larger", "smaller")
        question = "Which way will its answer go?"
        asked = _way(question, "It answers", before.value, after.value, ways)
        if not forecasts(e.run):
            return asked
        a, b = said(e.run, before.value), said(e.run, after.value)
        up, hardly, down = asked.answers
        hardly = replace(hardly, words=f"{hardly.words[:-1]} of a spread)")
        answers, came = (up, hardly, down), f"from {a} to {b}"
        return replace(asked, answers=answers, came=came, now=f"It expects {a} now.")
    held = e.layer.memory[t - 2 : t, e.unit - 1]
    ways = ("it rises", "it falls")
    question = f"Which way will unit {e.unit}’s memory go?"
    return _way(question, f"Unit {e.unit} holds", float(held[0]), float(held[1]), ways)


def _has_many(output: Output) -> bool:
    if not isinstance(output, ClassesOutput) or output.tone is not None:
        return False
    return len(output.probabilities) >= COUNT


def _way(question: str, known: str, before: float, after: float, ways: tuple[str, str]) -> _Asked:
    """Up, hardly, or down."""
    moved, (up, down) = after - before, ways
    right = 1 if abs(moved) < HARDLY else 0 if moved > 0 else 2
    hardly = f"hardly moves (<{number(HARDLY)})"
    answers = (Answer(up, "▲"), Answer(hardly, "="), Answer(down, "▼"))
    came = f"from {signed(before)} to {signed(after)}"
    return _Asked(question, answers, right, came, f"{known} {signed(before)} now.")


def _classes(before: ClassesOutput, after: ClassesOutput) -> _Asked:
    """On a scale its tone; of two classes the share of the first."""
    if before.tone is not None and after.tone is not None:
        ways = ("more positive", "more negative")
        question = "Which way will the verdict go?"
        return _way(question, "The verdict is", before.tone, after.tone, ways)
    first, second = (*after.probabilities, "")[:2]
    p, q = before.probabilities[first], after.probabilities[first]
    ways = (f"more for {first}", f"more for {second}" if second else f"less for {first}")
    asked = _way("Which way will it lean?", "", p, q, ways)
    came = f"{first} goes from {percent(p)} to {percent(q)}"
    return replace(asked, came=came, now=f"It gives {first} {percent(p)} now.")


def _likeliest(output: Output) -> _Asked:
    """What is likeliest, beside the next likely, in the order of the alphabet."""
    if isinstance(output, NextTokenOutput):
        top, question = output.top(COUNT), "What will it expect after that?"
    elif isinstance(output, ClassesOutput):
        shares = sorted(output.probabilities.items(), key=lambda pair: -pair[1])
        top, question = shares[:COUNT], "What will it say then?"
    else:
        raise TypeError(f"expected tokens or classes, got {output}")
    names = sorted(name for name, _ in top)
    likeliest, share = top[0]
    answers = tuple(Answer(quoted(name)) for name in names)
    came = f"{quoted(likeliest)}, {percent(share)}"
    return _Asked(question, answers, names.index(likeliest), came, "")


def _memory(e: Explorer, t: int) -> _Asked:
    """The toy's memory: beside the right one what the other rules would make of it."""
    scale, column = e.run.unit_scale, e.layer.memory[:, 0]
    before, after = float(column[t - 2]) / scale, float(column[t - 1]) / scale
    x1 = float(e.run.x[t - 1, 0])
    values = [after]
    for other in (before + x1, before, 0.0, x1, before + 1, before + 2):
        if len(values) < COUNT and all(number(other) != number(value) for value in values):
            values.append(other)
    values.sort()
    answers = tuple(Answer(number(value)) for value in values)
    now = f"The memory is {number(before)} now."
    came = f"the memory is {number(after)}"
    return _Asked("What will the memory be?", answers, values.index(after), came, now)
