"""The map of interventions: how the run would end with one gate shut or opened at one step.

A row a gate, shut and then open; a column a step of the tape's window; each cell leads to the run
that holds it. Ink stands for more of the answer, hatching for less.
"""

from dataclasses import dataclass

from gate_explorer.analysis.forecasts import said
from gate_explorer.analysis.interventions import (
    NUMBER,
    TONE,
    UNIT,
    Interventions,
    are_known,
    interventions,
    strongest,
    work,
)
from gate_explorer.analysis.words import percent, quoted, signed, visible
from gate_explorer.runs.cells import Quantity
from gate_explorer.runs.clamps import GATES
from gate_explorer.runs.run import Run

from .context import Context
from .experiment import MOST_WORK, told

HARDLY = 0.025
# From so many columns on a cell is too narrow for a number.
MOST_NUMBERED = 16
LEVELS = 4
SWITCHES = (("closed", 0, "shut"), ("opened", 1, "open"))


@dataclass(frozen=True)
class Cell:
    """One intervention: how the run ends under it, and where it is held.

    level: 0 where it hardly changes anything, to LEVELS; less: whether the answer falls; turns:
    whether its sign does.
    """

    t: int
    words: str
    told: str
    level: int
    less: bool
    turns: bool
    address: str
    largest: bool


@dataclass(frozen=True)
class AtlasRow:
    """A gate, shut or open, at every step."""

    name: str
    role: str
    switch: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Atlas:
    """The map, in words and cells; whose: of which units, and the address of the other choice."""

    largest: str
    address: str
    answer: str
    of: str
    steps: tuple[str, ...]
    rows: tuple[AtlasRow, ...]
    unit: int | None
    other: str


def atlas(context: Context) -> Atlas | None:
    """The map of the run shown; None in a run too long for a page, or where a gate is held."""
    e = context.explorer
    if not are_known(e.run):
        return None
    if context.state.clamp or work(len(e.run), context.card.hidden_size, 1) > MOST_WORK:
        return None
    unit = e.unit if context.state.among else None
    found = e.once(f"atlas {unit}", lambda: _found(context, unit))
    best = strongest(found)
    scale = max(abs(best.change), HARDLY)
    first, last = e.window
    columns = range(first, last + 1)
    numbered = len(columns) <= MOST_NUMBERED
    rows = tuple(
        AtlasRow(
            e.called(quantity.key),
            quantity.role,
            words,
            tuple(
                _cell(context, found, quantity, (switch, value), t, scale, numbered, best.clamp)
                for t in columns
            ),
        )
        for switch, value, words in SWITCHES
        for quantity in e.equation.gates
    )
    gate = e.called(GATES[best.gate])
    gate = gate.lower() if e.symbols else gate
    where = quoted(e.label(best.t)) if e.run.tokens else f"step {best.t}"
    state = "open" if best.switch == "opened" else "shut"
    before, after = (told(found.of, value, e.run) for value in (best.before, best.after))
    return Atlas(
        largest=f"with the {gate} {state} at {where} the run ends {after} instead of {before}",
        address=context.links.at(clamp=(best.clamp,), t=best.t),
        answer=told(found.of, found.answer, e.run),
        of=_of(found.of),
        steps=tuple(visible(e.label(t)) for t in columns),
        rows=rows,
        unit=unit,
        other=context.links.at(among=None if unit else "unit"),
    )


def _found(context: Context, unit: int | None) -> Interventions:
    units = "*" if unit is None else str(unit)
    return interventions(context.run, units=units)


def _cell(
    context: Context,
    found: Interventions,
    quantity: Quantity,
    switch: tuple[str, int],
    t: int,
    scale: float,
    numbered: bool,
    largest: str,
) -> Cell:
    name, value = switch
    after = float(found.under(name)[quantity.field][t - 1])
    change = after - found.answer
    place = f"{t}" if found.units == "*" else f"{t}/{found.units}"
    clamp = f"{quantity.field}:{value}@{place}"
    hardly = abs(change) < HARDLY * (scale if found.of == NUMBER else 1)
    level = 0 if hardly else min(LEVELS, 1 + int(abs(change) / scale * (LEVELS - 1) + 0.5))
    signed_answer = found.of in {TONE, NUMBER}
    return Cell(
        t=t,
        words="·" if hardly else _short(found.of, after, context.run) if numbered else "",
        told=f"ends {told(found.of, after, context.run)}",
        level=level,
        less=change < 0,
        turns=signed_answer and not hardly and after * found.answer < 0,
        address=context.links.at(clamp=(clamp,), t=t),
        largest=clamp == largest,
    )


def _short(of: str, value: float, run: Run) -> str:
    if of == TONE or UNIT.fullmatch(of):
        return signed(value)
    return said(run, value) if of == NUMBER else percent(value)


def _of(of: str) -> str:
    if of == TONE:
        return "the tone at the end, −1 to 1"
    if UNIT.fullmatch(of):
        return f"what {of} shows at the end"
    return (
        "the number at the end" if of == NUMBER else f"the probability of {quoted(of)} at the end"
    )
