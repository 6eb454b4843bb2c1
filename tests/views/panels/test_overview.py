"""The whole run: the map in the units' order, lines of pinned units, the run as a table."""

import pytest

from app.views.panels.overview import MOST_COLUMNS, overview
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of

SENTENCES = get("sentiment")


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_overview_offers_the_cells_own_quantities_its_memory_first(model: Model) -> None:
    page = page_of(model)
    found = overview(page)
    keys = [choice.key for choice in found.choices]
    assert set(keys) <= {quantity.key for quantity in page.explorer.equation.quantities}
    assert found.key == page.explorer.equation.memory


def test_overview_row_of_the_chosen_unit_follows_the_order() -> None:
    page = page_of(SENTENCES, unit=5, sort="similarity", only=8)
    found = overview(page)
    assert found.units == 8
    assert page.explorer.drawn[found.row] == 5


def test_overview_pinned_units_have_lines_and_the_chosen_one_comes_last() -> None:
    found = overview(page_of(SENTENCES, unit=5, pins="7,2,7,999"))
    assert [line.unit for line in found.lines] == [7, 2, 5]
    assert [line.pins for line in found.lines] == ["2", "7", "7,2,5"]
    assert overview(page_of(SENTENCES, unit=5, pins="1,2,3,4")).lines[-1].pins is None


def test_overview_marks_the_step_shown() -> None:
    assert overview(page_of(SENTENCES, text="I love it", t=2)).now == 1


def test_overview_table_has_a_row_a_step_and_says_what_it_leaves_out() -> None:
    page = page_of(get("characters"), text="ROMEO:\nGood", show="f", tables="shown")
    table = overview(page).table
    assert table is not None
    assert [row.head.split()[0] for row in table.rows] == [str(t) for t in range(1, 12)]
    assert len(table.heads) == MOST_COLUMNS + 1
    assert f"{128 - MOST_COLUMNS} more" in table.note
    small = overview(page_of(SENTENCES, text="I love it", tables="shown")).table
    assert small is not None
    assert small.heads[:2] == ("Step", "tone")


def test_overview_has_a_table_only_where_tables_are_asked_for() -> None:
    assert overview(page_of(SENTENCES)).table is None
