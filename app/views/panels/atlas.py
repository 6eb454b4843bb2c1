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
    interventions,
    strongest,
    unit_words,
    work,
)
from gate_explorer.analysis.words import percent, quoted, signed, visible
from gate_explorer.runs.cells import Quantity
from gate_explorer.runs.clamps import GATES, written
from gate_explorer.runs.run import Run

from .context import Context
from .experiment import MOST_WORK, ends, told

HARDLY = 0.025
SEEN = 0.005
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
    if context.state.clamp or work(e.run, layer=e.held_layer) > MOST_WORK:
        return None
    unit = e.unit if context.state.among else None
    found = e.once(f"atlas {unit}", lambda: _found(context, unit))
    best = strongest(found)
    scale = max(abs(best.change), SEEN if UNIT.fullmatch(found.of) else HARDLY)
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
    layer = f" of {e.run.layer_words}" if e.held_layer else ""
    how = ends(found.of, best, e.run, " instead of").replace("it ends", "the run ends", 1)
    comma = "," if UNIT.fullmatch(found.of) else ""
    return Atlas(
        largest=f"with the {gate}{layer} {state} at {where}{comma} {how}",
        address=context.links.at(clamp=(best.clamp,), t=best.t),
        answer=signed(found.answer)
        if UNIT.fullmatch(found.of)
        else told(found.of, found.answer, e.run),
        of=_of(e.run, found.of),
        steps=tuple(visible(e.label(t)) for t in columns),
        rows=rows,
        unit=unit,
        other=context.links.at(among=None if unit else "unit"),
    )


def _found(context: Context, unit: int | None) -> Interventions:
    units = "*" if unit is None else str(unit)
    return interventions(context.run, units=units, layer=context.explorer.held_layer)


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
    clamp = written(quantity.field, value, t, found.units, found.layer)
    hardly = abs(change) < _least(found.of, scale)
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


def _least(of: str, scale: float) -> float:
    """The change that isn't hardly any: of a unit, one that its two decimals show."""
    if UNIT.fullmatch(of):
        return max(HARDLY * scale, SEEN)
    return HARDLY * (scale if of == NUMBER else 1)


def _short(of: str, value: float, run: Run) -> str:
    if of == TONE or UNIT.fullmatch(of):
        return signed(value)
    return said(run, value) if of == NUMBER else percent(value)


def _of(run: Run, of: str) -> str:
    if of == TONE:
        return "the tone at the end, −1 to 1"
    if UNIT.fullmatch(of):
        return f"what {unit_words(run, of)} shows where it ends"
    return (
        "the number at the end" if of == NUMBER else f"the probability of {quoted(of)} at the end"
    )
