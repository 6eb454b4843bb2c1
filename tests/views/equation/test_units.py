"""Which units are drawn: in every order each once, the chosen one always, never too many."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.views.address.state import ExplorerState
from app.views.equation.units import MOST_BY_NUMBER, MOST_DRAWN, ORDERS, order_of
from app.views.equation.units import drawn_units as drawing_of
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get

CHARACTERS = get("characters").run(Text("ROMEO:\nGood"), None, Options())
COUNTER = get("counter").run(Text("aabb"), None, Options())
UNITS = COUNTER.layers[-1].memory.shape[1]
each_order = pytest.mark.parametrize("order", ORDERS)


def state(**fields: object) -> ExplorerState:
    return ExplorerState.model_validate(fields)


def drawn_units(run: Run, asked: ExplorerState, chosen: int) -> tuple[int, ...]:
    return drawing_of(run, asked, chosen).units


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


def test_units_of_few_stand_by_number_and_of_many_the_most_telling_first() -> None:
    assert order_of(COUNTER, state()) == "number"
    assert order_of(CHARACTERS, state()) == "importance"
    assert order_of(CHARACTERS, state(sort="number")) == "number"
    assert list(drawn_units(COUNTER, state(), 1)) == list(range(1, UNITS + 1))
    assert UNITS <= MOST_BY_NUMBER


@each_order
def test_every_unit_of_a_very_wide_layer_is_in_one_block(order: str | None) -> None:
    run = wide(CHARACTERS, 3)
    seen: list[int] = []
    page, unit = 1, drawing_of(run, state(sort=order, page=1), 1).units[0]
    for _ in range(3):
        drawing = drawing_of(run, state(sort=order, page=page), unit)
        assert (drawing.first, drawing.total) == (len(seen), 384)
        assert unit in drawing.units
        seen += drawing.units
        page, unit = page + 4, drawing.after or 0
    assert sorted(seen) == list(range(1, 385))


def test_block_of_the_chosen_unit_is_drawn_where_the_address_names_none() -> None:
    run = wide(CHARACTERS, 3)
    assert drawing_of(run, state(sort="number"), 200).first == 128
    assert drawing_of(run, state(sort="number", page=9), 300).first == 256
    assert 5 in drawn_units(run, state(sort="number", page=9), 5)
