"""A cell without gates: what runs into the chosen unit, as wires whose width is weight x value."""

from dataclasses import dataclass

from gate_explorer.analysis.words import signed

from .explorer import Explorer
from .numbers import explorer_mixing

# In units of the drawing: a column of a unit, and the height between the two rows.
COLUMN, HEIGHT = 20, 100
THINNEST, THICKEST = 0.5, 6.0
MOST_NAMED = 8


@dataclass(frozen=True)
class Wire:
    """One product's way into the chosen unit: its path, its width, whether it pulls down."""

    path: str
    width: str
    negative: bool
    words: str


@dataclass(frozen=True)
class Mixed:
    """Everything that the chosen unit mixes: the wires, their drawing's width, and the sums."""

    wires: tuple[Wire, ...]
    width: int
    inputs: str
    bias: str
    total: str
    token: str


def mixed(explorer: Explorer) -> Mixed | None:
    """The wires of a cell without gates; None for one that has gates."""
    found = explorer_mixing(explorer)
    if found is None:
        return None
    drawn = explorer.drawn
    products = [float(found.products[unit - 1]) for unit in drawn]
    largest = max((abs(p) for p in products), default=0.0) or 1.0
    end = (drawn.index(explorer.unit) + 0.5) * COLUMN
    wires = tuple(
        _wire((n + 0.5) * COLUMN, end, product, largest, len(drawn) <= MOST_NAMED)
        for n, product in enumerate(products)
    )
    return Mixed(
        wires=wires,
        width=COLUMN * len(drawn),
        inputs=signed(found.inputs),
        bias=signed(found.bias),
        total=signed(found.total),
        token=explorer.read_word("the input"),
    )


def _wire(start: float, end: float, product: float, largest: float, named: bool) -> Wire:
    width = THINNEST + (THICKEST - THINNEST) * abs(product) / largest
    half = HEIGHT / 2
    path = f"M{start:g} 0C{start:g} {half:g} {end:g} {half:g} {end:g} {HEIGHT}"
    return Wire(path, f"{width:.1f}", product < 0, signed(product) if named else "")
