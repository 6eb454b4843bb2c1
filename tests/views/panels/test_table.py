"""The desk as a table: the run's numbers, a row a drawn unit."""

import pytest

from app.views.panels.table import curve_table, has, step_table
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_step_table_has_the_numbers_of_the_run(model: Model) -> None:
    page = page_of(model, t=2, tables="shown")
    assert has(page)
    table, e = step_table(page), page.explorer
    assert [row.head for row in table.rows] == [str(unit) for unit in e.drawn]
    assert [row.head for row in table.rows if row.now] == [str(e.unit)]
    for row in table.rows:
        for cell, quantity in zip(row.cells, e.equation.quantities, strict=True):
            scale = 1.0 if quantity.is_gate else page.run.unit_scale
            exact = float(e.values(quantity.key)[int(row.head) - 1]) / scale
            printed = float(cell.replace("\N{MINUS SIGN}", "-"))
            assert printed == pytest.approx(exact, abs=5.01e-4, rel=1e-3)


def test_tables_are_there_only_where_asked_for() -> None:
    assert not has(page_of(get("counter")))


def test_curve_table_has_a_column_a_checkpoint() -> None:
    card = get("counter").card
    table = curve_table(card)
    assert table is not None
    assert len(table.heads) == 1 + len(card.curve)
    assert curve_table(get("toy-rules").card) is None
