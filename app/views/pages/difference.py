"""A less B as a desk of its own: the rows that both cells have, a bar a unit, up where A is higher.

Nothing of it can be read down like a sum, since the difference of two products is no product; so
it has no operators and no lines under its rows.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gate_explorer.analysis.difference import Beside
from gate_explorer.analysis.words import numbers, signed
from gate_explorer.engine.checks import Array
from gate_explorer.runs.cells import Quantity
from gate_explorer.runs.run import Run, by_unit

from ..address.links import Links
from ..address.state import ExplorerState
from ..drawing.bars import Bars, level, nice_top, sizes
from ..equation.column import Column
from ..equation.explorer import Explorer
from ..equation.rows import MOST_NUMBERED, Numbered, Row
from .explorer import Page, UnitWindow


@dataclass(frozen=True)
class Difference:
    """The desk of A less B at a column of their tape; `page` is A's, in whose order units stand."""

    page: Page
    beside: Beside
    column_shown: int

    desk_name = "A less B"
    prefix = lane = ""
    mixed = None

    @property
    def explorer(self) -> Explorer:
        """A's run at the step, for names and units."""
        return self.page.explorer

    @property
    def links(self) -> Links:
        """Where the desk leads."""
        return self.page.links

    @property
    def state(self) -> ExplorerState:
        """A's state, for names."""
        return self.page.state

    @property
    def column(self) -> Column:
        """Where the chosen unit stands."""
        return self.page.column

    @property
    def shape(self) -> str:
        """What kind of desk it is; a single unit has rows here too."""
        return "few" if self.page.shape == "fat" else self.page.shape

    @property
    def units_window(self) -> int:
        """Which window of the units a narrow page shows."""
        return self.page.units_window

    @property
    def units_windows(self) -> tuple[UnitWindow, ...]:
        """The windows to choose from."""
        return self.page.units_windows

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The quantities that both cells have."""
        theirs = self.beside.b.equation
        both = (q for q in self.beside.a.equation.quantities if q.key in theirs)
        return tuple(self._row(quantity) for quantity in both)

    def _row(self, quantity: Quantity) -> Row:
        e = self.explorer
        values = self._apart(quantity)[self.column_shown - 1]
        top = self._top(quantity)
        shown = values[e.columns]
        bars = Bars(sizes(shown[None], top)[0], None, signed=True)
        return Row(
            quantity=replace(quantity, operator="", span=None, gate=None, does="A less B"),
            name=e.called(quantity.key),
            term="",
            share="",
            bars=bars,
            value=signed(float(values[e.unit - 1])),
            top=signed(top),
            bottom=signed(-top),
            leads="",
            held="",
            numbered=_numbered(e, bars, shown),
        )

    def _top(self, quantity: Quantity) -> float:
        """The end of a scale for the whole run: memory before and now share one."""
        if quantity.span:
            return quantity.span[1] - quantity.span[0]
        unbounded = (q for q in self.beside.a.equation.quantities if q.span is None)
        shared = (q for q in unbounded if q.key in self.beside.b.equation)
        return nice_top(*(self._apart(q) for q in shared))

    def _apart(self, quantity: Quantity) -> Array:
        """A less B at each column, (columns, H); 0 where one has read nothing yet."""
        steps = np.array(self.beside.alignment.reached)
        a, b = (
            _scaled(run, quantity)[steps[:, n] - 1]
            for n, run in enumerate((self.beside.a, self.beside.b))
        )
        found: Array = np.where(steps.min(axis=1, keepdims=True) > 0, a - b, 0.0)
        return found


def _scaled(run: Run, quantity: Quantity) -> Array:
    """A quantity over all steps, (T, H), in the toy's unit where it has one."""
    values: Array = by_unit(run.layer, quantity.key).astype(np.float64)
    return values if quantity.is_gate else values / run.unit_scale


def _numbered(e: Explorer, bars: Bars, values: Array) -> tuple[Numbered, ...]:
    if len(values) > MOST_NUMBERED:
        return ()
    each = zip(e.drawn, numbers(values, plus=True), bars.sizes, strict=True)
    return tuple(Numbered(unit, words, level(size, bars.signed)) for unit, words, size in each)
