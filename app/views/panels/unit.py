"""The chosen unit in numbers: its sum as fat bars, and the whole arithmetic of any of its gates."""

from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.arithmetic import (
    Arithmetic,
    Gate,
    Term,
    arithmetic,
    cell_of_gates,
    snippet,
)
from gate_explorer.analysis.words import number, signed
from gate_explorer.runs.cells import LSTM
from gate_explorer.runs.clamps import written

from ..drawing.plots import curve_points
from ..equation.explorer import Explorer
from ..equation.fat import FatBar, fat_bars
from .context import Context

LARGEST = 8
GATES: tuple[Gate, ...] = ("f", "i", "g", "o")


@dataclass(frozen=True)
class GateChoice:
    """A gate whose arithmetic can be opened, and what it says now."""

    gate: Gate
    name: str
    role: str
    value: str
    open: bool


@dataclass(frozen=True)
class Holding:
    """A gate to hold with a finger: its word in an address, its name, its value now."""

    gate: str
    name: str
    role: str
    value: str


@dataclass(frozen=True)
class UnitPanel:
    """The chosen unit: what it is known for, its bars, its gates, the arithmetic that is open.

    fat: none where the desk itself is of one unit. holds: its gates, to be held at the step.
    silence: words and an address that shut its output gate at every step, or let it be heard again.
    """

    unit: int
    units: int
    known_for: str
    fat: tuple[FatBar, ...]
    holds: tuple[Holding, ...]
    silence: tuple[str, str] | None
    gates: tuple[GateChoice, ...]
    opened: "Opened | None"


def title(context: Context) -> str:
    """The tab's words."""
    e = context.explorer
    return f"Unit {e.unit}’s numbers" if e.units > 1 else "In numbers"


def has(context: Context) -> bool:
    """Every model with several units, or with weights to take apart."""
    return context.explorer.units > 1 or bool(_choices(context.explorer))


def unit(context: Context) -> UnitPanel:
    """The chosen unit at the step shown."""
    e = context.explorer
    return UnitPanel(
        unit=e.unit,
        units=e.units,
        known_for=known_for(context),
        fat=fat_bars(e) if e.units > 1 and e.equation.gates else (),
        holds=_holds(context),
        silence=_silence(context),
        gates=_choices(e),
        opened=opened(e),
    )


def _holds(context: Context) -> tuple[Holding, ...]:
    e = context.explorer
    if not e.holdable or e.guessing or context.error:
        return ()
    return tuple(
        Holding(q.field, e.called(q.key), q.role, f"{float(e.values(q.key)[e.unit - 1]):.2f}")
        for q in e.equation.gates
    )


def _silence(context: Context) -> tuple[str, str] | None:
    """One press: nothing that the unit holds is shown at any step, or it is again."""
    e = context.explorer
    if not _holds(context):
        return None
    clamp = written("output_gate", 0, "*", str(e.unit), e.held_layer)
    held = context.state.clamp or ()
    if clamp in held:
        left = tuple(each for each in held if each != clamp)
        return "Let it be heard", context.links.at(clamp=left or None)
    return "Silence", context.links.at(clamp=(*held, clamp))


def known_for(context: Context) -> str:
    """What the card says of the chosen unit; earlier checkpoints didn't know it yet."""
    if context.state.checkpoint:
        return ""
    named = (fact.name for fact in context.card.units if fact.unit == context.explorer.unit)
    return next(named, "")


@dataclass(frozen=True)
class Line:
    """One term of the sum: the weight's name, its number, the value's name, its number, product."""

    weight_name: str
    weight: str
    value_name: str
    value: str
    product: str


@dataclass(frozen=True)
class Opened:
    """The sum as printed: the largest terms, the rest summed, bias, total, squash and snippet."""

    gate: Gate
    name: str
    role: str
    unit: int
    largest: tuple[Line, ...]
    others: tuple[Line, ...]
    others_sum: str
    bias: str
    total: str
    squash: str
    result: str
    exact: str
    curve: str
    point: tuple[float, float]
    snippet: str
    held: str | None


def _choices(explorer: Explorer) -> tuple[GateChoice, ...]:
    """The four gates of the chosen unit; none for a model without such weights."""
    if cell_of_gates(explorer.run) is None:
        return ()
    return tuple(
        GateChoice(
            gate,
            explorer.called(gate),
            LSTM[gate].role,
            explorer.value_word(gate),
            gate == explorer.state.gate,
        )
        for gate in GATES
    )


def opened(explorer: Explorer) -> Opened | None:
    """The chosen gate's arithmetic; None where none is open."""
    gate = explorer.state.gate
    if gate is None or cell_of_gates(explorer.run) is None:
        return None
    whole = arithmetic(explorer.run, explorer.t, gate, explorer.unit)
    terms = whole.by_size
    rest = terms[LARGEST:]
    return Opened(
        gate=gate,
        name=explorer.called(gate),
        role=LSTM[gate].role,
        unit=explorer.unit,
        largest=tuple(_line(term) for term in terms[:LARGEST]),
        others=tuple(_line(term) for term in rest),
        others_sum=signed(sum(term.product for term in rest), 3),
        bias=signed(whole.bias, 3),
        total=signed(whole.total, 3),
        squash="tanh" if gate == "g" else "σ",
        result=number(whole.result, 3),
        exact=f"{whole.result:.6f}",
        curve=curve_points(gate != "g"),
        point=_point(whole),
        snippet=snippet(whole),
        held=_held(explorer, gate),
    )


def _held(explorer: Explorer, gate: Gate) -> str | None:
    """What the gate is held at, where it isn't what its sum says."""
    if explorer.run.held is None:
        return None
    value = getattr(explorer.run.held, gate)[explorer.t - 1, explorer.unit - 1]
    return None if np.isnan(value) else number(float(value), 3)


def _line(term: Term) -> Line:
    weight = "w" if term.source == "x" else "u"
    value = "x" if term.source == "x" else "h′"
    return Line(
        f"{weight}{term.index}",
        signed(term.weight, 3),
        f"{value}{term.index}",
        signed(term.value, 3),
        signed(term.product, 3),
    )


def _point(whole: Arithmetic) -> tuple[float, float]:
    """Where the sum stands on the curve, held at the plot's edge beyond -6 and 6."""
    height = (whole.result + 1) / 2 if whole.gate == "g" else whole.result
    return round((min(max(whole.total, -6), 6) + 6) * 10, 1), round(60 - 60 * height, 1)
