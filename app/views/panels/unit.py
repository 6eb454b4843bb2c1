"""A bar opened: the whole arithmetic of one gate of the chosen unit, ready to be printed."""

from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.arithmetic import (
    Arithmetic,
    Gate,
    Term,
    arithmetic,
    snippet,
)
from gate_explorer.analysis.words import number, signed

from ..drawing.plots import curve_points
from ..equation.explorer import MEMORY_ROW, OUTPUT_ROW, Explorer

LARGEST = 8
KINDS = {kind.key: kind for kind in (*MEMORY_ROW, *OUTPUT_ROW)}


@dataclass(frozen=True)
class Door:
    """A gate whose arithmetic can be opened, and what it says now."""

    gate: Gate
    name: str
    role: str
    value: str
    open: bool


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


def doors(explorer: Explorer) -> tuple[Door, ...]:
    """The four gates of the chosen unit; none for a model without weights."""
    if explorer.run.cell is None:
        return ()
    return tuple(
        Door(
            gate,
            _name(explorer, gate),
            KINDS[gate].role,
            explorer.value_word(gate),
            gate == explorer.state.gate,
        )
        for gate in ("f", "i", "g", "o")
    )


def opened(explorer: Explorer) -> Opened | None:
    """The chosen gate's arithmetic; None where none is open."""
    gate = explorer.state.gate
    if gate is None or explorer.run.cell is None:
        return None
    whole = arithmetic(explorer.run, explorer.t, gate, explorer.unit)
    terms = whole.by_size
    rest = terms[LARGEST:]
    return Opened(
        gate=gate,
        name=_name(explorer, gate),
        role=KINDS[gate].role,
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


def _name(explorer: Explorer, gate: Gate) -> str:
    kind = KINDS[gate]
    return kind.term.capitalize() if explorer.state.names else kind.name


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
