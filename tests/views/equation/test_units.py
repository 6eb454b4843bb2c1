"""Which units are drawn: in every order each once, the chosen one always, never too many."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from app.views.panels.tables import MOST_COLUMNS, run_table, step_table

from app.views.address.state import ExplorerState
from app.views.equation.explorer import Explorer
from app.views.equation.units import MOST_DRAWN, ORDERS, drawn_units
from app.views.panels.overview import overview
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get

CHARACTERS = get("characters").run(Text("ROMEO:\nGood"), None, Options())
SENTENCE = get("sentiment").run(Text("I did not love France"), None, Options())
each_order = pytest.mark.parametrize("order", ORDERS)


def state(**fields: object) -> ExplorerState:
    return ExplorerState.model_validate(fields)


def wide(run: Run, times: int) -> Run:
    """The run as if its layer had that many times the units."""
    layer = run.layers[-1]
    arrays: dict[str, Any] = {
        k: np.tile(v, times) for k, v in vars(layer).items() if k != "direction"
    }
    return replace(run, layers=(replace(layer, **arrays),))


@each_order
def test_units_of_any_order_are_all_drawn_once(order: str | None) -> None:
    assert sorted(drawn_units(CHARACTERS, state(sort=order), 1)) == list(range(1, 129))


@each_order
@pytest.mark.parametrize("only", [1, 8, 1000])
def test_units_filtered_keep_the_chosen_one_and_no_more_than_asked(
    order: str | None, only: int
) -> None:
    for chosen in (1, 77, 128):
        drawn = drawn_units(CHARACTERS, state(sort=order, only=only), chosen)
        assert len(set(drawn)) == len(drawn) == min(only, 128)
        assert chosen in drawn


@each_order
def test_units_of_a_very_wide_layer_are_bounded(order: str | None) -> None:
    drawn = drawn_units(wide(CHARACTERS, 8), state(sort=order), 1000)
    assert len(drawn) == MOST_DRAWN
    assert 1000 in drawn


def test_units_by_importance_begin_with_those_of_the_card() -> None:
    named = [fact.unit for fact in CHARACTERS.card.units]
    assert list(drawn_units(CHARACTERS, state(sort="importance"), 1)[: len(named)]) == named


def test_bars_of_a_sorted_page_carry_their_own_units_numbers() -> None:
    plain = Explorer(SENTENCE, state(t=3))

    def by_unit(explorer: Explorer) -> dict[int, tuple[int, str]]:
        bars = explorer.memory_row[1].bars
        each = zip(bars.units, bars.sizes, bars.labels.split("|"), strict=True)
        return {unit: (size, label) for unit, size, label in each}

    moved = Explorer(SENTENCE, state(t=3, sort="similarity"))
    assert moved.memory_row[1].bars.units == moved.drawn
    assert by_unit(moved) == by_unit(plain)


def test_map_row_of_the_chosen_unit_follows_the_order() -> None:
    explorer = Explorer(SENTENCE, state(unit=5, sort="similarity", only=8))
    shown = overview(explorer, None)
    assert shown.units == 8
    assert explorer.drawn[shown.row] == 5


def test_pinned_units_have_lines_and_the_chosen_one_comes_last() -> None:
    shown = overview(Explorer(SENTENCE, state(unit=5, pins="7,2,7,999")), None)
    assert [line.unit for line in shown.lines] == [7, 2, 5]
    assert [line.pins for line in shown.lines] == ["2", "7", "7,2,5"]
    full = overview(Explorer(SENTENCE, state(unit=5, pins="1,2,3,4")), None)
    assert full.lines[-1].pins is None


def test_step_table_has_the_numbers_of_the_run() -> None:
    explorer = Explorer(SENTENCE, state(t=4, unit=3, sort="importance"))
    table = step_table(explorer)
    assert [row.head for row in table.rows] == [str(unit) for unit in explorer.drawn]
    assert [row.head for row in table.rows if row.now] == ["3"]
    layer = SENTENCE.layers[-1]
    for row in table.rows:
        printed = [float(cell.replace("\N{MINUS SIGN}", "-")) for cell in row.cells]
        keys = ("c_prev", "f", "i", "g", "c", "o", "tanh_c", "h")
        exact = [float(getattr(layer, key)[3, int(row.head) - 1]) for key in keys]
        assert printed == pytest.approx(exact, abs=5.01e-4)


def test_run_table_has_a_row_a_step_and_says_what_it_leaves_out() -> None:
    explorer = Explorer(CHARACTERS, state(t=2))
    table = run_table(explorer, overview(explorer, "f"))
    assert [row.head.split()[0] for row in table.rows] == [str(t) for t in range(1, 12)]
    assert len(table.heads) == MOST_COLUMNS + 1
    assert f"{128 - MOST_COLUMNS} more" in table.note
    small = run_table(Explorer(SENTENCE, state()), overview(Explorer(SENTENCE, state()), None))
    assert small.note == ""
    assert small.heads[:2] == ("Step", "positive")
