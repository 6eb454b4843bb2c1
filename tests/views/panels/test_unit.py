"""The chosen unit in numbers: its bars, its gates, and a gate's whole arithmetic."""

import pytest

from app.views.panels.unit import GATES, LARGEST, has, unit
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_unit_panel_is_there_for_many_units_or_for_weights(model: Model) -> None:
    page = page_of(model)
    assert has(page) == (page.explorer.units > 1 or model.card.provenance != "rules")
    if has(page):
        found = unit(page)
        assert (found.unit, found.units) == (page.explorer.unit, page.explorer.units)
        assert bool(found.fat) == (page.explorer.units > 1 and bool(page.explorer.equation.gates))


@pytest.mark.parametrize("gate", GATES)
def test_unit_arithmetic_adds_up_to_what_the_gate_says(gate: str) -> None:
    page = page_of(get("sentiment"), text="I love it", t=2, unit=7, gate=gate)
    found = unit(page).opened
    assert found is not None
    assert len(found.largest) == LARGEST
    products = [float(line.product.replace("−", "-")) for line in (*found.largest, *found.others)]
    total = sum(products) + float(found.bias.replace("−", "-"))
    assert total == pytest.approx(float(found.total.replace("−", "-")), abs=0.1)
    value = float(page.explorer.values(gate)[6])
    assert float(found.exact) == pytest.approx(value, abs=1e-5)
    assert [choice.open for choice in unit(page).gates] == [choice == gate for choice in GATES]


def test_unit_panel_says_what_the_card_knows_of_the_unit() -> None:
    named = next(fact for fact in get("characters").card.units)
    page = page_of(get("characters"), unit=named.unit)
    assert unit(page).known_for == named.name
    early = page_of(get("characters"), unit=named.unit, checkpoint="step-0")
    assert unit(early).known_for == ""


def test_unit_arithmetic_of_a_held_gate_says_so() -> None:
    page = page_of(get("counter"), text="aabb", t=2, unit=1, gate="f", clamp="forget_gate:0.5@2")
    found = unit(page).opened
    assert found is not None
    assert found.held == "0.500"
