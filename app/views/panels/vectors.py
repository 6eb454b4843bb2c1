"""The tape of a model that reads numbers: a column a step, with its number and its switches.

What a column's further numbers do is a switch in words, where the model says so: add, ignore or
reset; show or hide. A press goes to the next of its words. A long series stands there in numbers
alone, a window of it, and is written in the field above.
"""

from dataclasses import dataclass

from gate_explorer.analysis.words import MINUS
from gate_explorer.runs.card import Card

from ..address.state import Typed, join_cells, split_cells
from .context import Context

MOST_EDITABLE = 12
MOST_FIELDS = 2  # to type in, in a step: more have no room below one another


@dataclass(frozen=True)
class Setting:
    """One word of a switch: the number it stands for, the role it wears; "" for none."""

    value: str
    word: str
    role: str


RULES = (
    (Setting("1", "add", "input"), Setting("0", "ignore", ""), Setting("-1", "reset", "forget")),
    (Setting("1", "show", "output"), Setting("0", "hide", "")),
)
MARK = ((Setting("1", "marked", "hidden"), Setting("0", "not marked", "")),)
SWITCHES = {
    **dict.fromkeys(("toy-rules", "toy-lstm", "toy-learned", "toy-learned-rnn"), RULES),
    **dict.fromkeys(("adding", "adding-rnn"), MARK),
}


@dataclass(frozen=True)
class Switch:
    """A number as a word: its field, as typed, the word, its role, where a press leads."""

    name: str
    value: str
    word: str
    role: str
    next_word: str
    address: str


@dataclass(frozen=True)
class Field:
    """A number as typed, and what is wrong with it."""

    name: str
    value: str
    error: str


@dataclass(frozen=True)
class VectorStep:
    """A step: its numbers as fields, its switches, where it is taken out; error: of the row."""

    t: int
    fields: tuple[Field, ...]
    switches: tuple[Switch, ...]
    without: str
    error: str
    now: bool


@dataclass(frozen=True)
class VectorTape:
    """The steps that can be written in, the address of one step more, the numbers' names."""

    steps: tuple[VectorStep, ...]
    longer: str
    names: tuple[str, ...]


def switches_of(card: Card) -> tuple[tuple[Setting, ...], ...]:
    """What the numbers after the first say, in words; none where they are numbers alone."""
    return SWITCHES.get(card.id, ())


def vector_tape(context: Context, typed: Typed) -> VectorTape | None:
    """The tape to write in, with what was typed; None for words, series and wide steps."""
    card = context.card
    if context.run.series or card.input != "vectors":
        return None
    if card.input_size - len(switches_of(card)) > MOST_FIELDS:
        return None
    rows = split_cells(typed.x)
    if len(rows) > MOST_EDITABLE or not rows:
        return None
    faults = {e.loc: e.msg for e in context.error.errors} if context.error else {}
    steps = tuple(_step(context, rows, n, faults) for n in range(len(rows)))
    longer = [*rows, _spare(rows[-1], context.card)]
    names = tuple(f"x{k + 1}" for k in range(context.card.input_size))
    return VectorTape(steps, _address(context, longer), names)


def _step(
    context: Context, rows: list[list[str]], n: int, faults: dict[tuple[str | int, ...], str]
) -> VectorStep:
    row, settings = rows[n], switches_of(context.card)
    numbers = range(max(len(row), context.card.input_size))
    cells = [row[k] if k < len(row) else "" for k in numbers]
    wrong = [faults.get(("vectors", n, f"x{k + 1}"), "") for k in numbers]
    as_switch = {
        k + 1: choice
        for k, choice in enumerate(settings)
        if k + 1 < len(cells) and not wrong[k + 1]
    }
    return VectorStep(
        t=n + 1,
        fields=tuple(Field(f"x{k + 1}", cells[k], wrong[k]) for k in numbers if k not in as_switch),
        switches=tuple(_switch(context, rows, n, k, each) for k, each in as_switch.items()),
        without=_address(context, [*rows[:n], *rows[n + 1 :]]) if len(rows) > 1 else "",
        error=faults.get(("vectors", n), "") or next((words for words in wrong if words), ""),
        now=n + 1 == context.explorer.t and context.error is None,
    )


def _switch(
    context: Context, rows: list[list[str]], n: int, k: int, choices: tuple[Setting, ...]
) -> Switch:
    typed = rows[n][k] if k < len(rows[n]) else ""
    place = next((i for i, each in enumerate(choices) if _same(each.value, typed)), None)
    following = choices[0 if place is None else (place + 1) % len(choices)]
    changed = [*rows[n][:k], following.value, *rows[n][k + 1 :]]
    here = Setting(typed, f"{typed}: {choices[-1].word}", "") if place is None else choices[place]
    return Switch(
        f"x{k + 1}",
        typed,
        here.word,
        here.role,
        following.word,
        _address(context, [*rows[:n], changed, *rows[n + 1 :]]),
    )


def _same(value: str, typed: str) -> bool:
    try:
        return float(typed.replace(MINUS, "-")) == float(value)
    except ValueError:
        return False


def _spare(last: list[str], card: Card) -> list[str]:
    """A step to begin with: the last one's number, added and shown where there are such rules."""
    settings = switches_of(card)
    return [last[0], *(choices[0].value for choices in settings)] if settings else last


def _address(context: Context, rows: list[list[str]]) -> str:
    """The same page with other vectors, at the same step where there is one."""
    t = context.state.t
    return context.links.at(x=join_cells(rows), t=min(t, len(rows)) if t else None)
