"""The chosen unit in numbers: its bars, its gates, and a gate's whole arithmetic."""

import pytest

from app.views.address.state import read_query
from app.views.panels.unit import GATES, LARGEST, has, unit
from gate_explorer.runs.run import gated
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


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_unit_is_silenced_in_one_press_and_heard_again_in_another(model: Model) -> None:
    page = page_of(model)
    if not has(page):
        return
    found = unit(page)
    assert bool(found.silence) == bool(page.explorer.equation.gates)
    if found.silence is None:
        return
    words, address = found.silence
    assert words == "Silence"
    assert f"clamp=output_gate:0@*/{found.unit}" in address
    silent = page_of(model, clamp=f"output_gate:0@*/{found.unit}", unit=found.unit)
    assert not gated(silent.run.layer).o[:, found.unit - 1].any()
    words, address = unit(silent).silence or ("", "")
    assert words == "Let it be heard"
    assert "clamp" not in address


def test_units_stay_in_their_columns_when_one_is_silenced() -> None:
    free = page_of(get("sentiment"), text="The movie was not good.", t=4)
    held = page_of(
        get("sentiment"), text="The movie was not good.", t=4, clamp="output_gate:0@*/39"
    )
    assert held.explorer.drawn == free.explorer.drawn
    assert held.explorer.unit == free.explorer.unit


def test_fader_of_the_drawer_replaces_what_it_held_before() -> None:
    form = [("text", "I love it"), ("t", "2"), ("hold", "forget_gate"), ("hold_at", "0.35")]
    form += [("hold_steps", "t"), ("hold_units", "7")]
    held = [("clamp", "forget_gate:1@2/7;input_gate:0@2/7")]
    assert read_query([*held, *form]).clamp == ("input_gate:0@2/7", "forget_gate:0.35@2/7")
