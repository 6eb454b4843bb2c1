"""A unit's page: its figures are the findings', its places those of the survey."""

import pytest

from app.views.pages.unit import AFTER, BEFORE, UnitPage, unit_page
from app.web.units import findings_of
from gate_explorer.analysis.corpus import KINDS
from gate_explorer.analysis.places import surveyed
from gate_explorer.analysis.words import number, signed
from gate_explorer.zoo import registry

MODELS = ["toy-rules", "sentiment", "counter", "adding", "reber", "agreement", "counter-rnn"]


def made(model_id: str, unit: int, kind: str = "") -> UnitPage:
    """The page of a unit."""
    findings, found = findings_of(model_id), surveyed(model_id)
    return unit_page(registry.get(model_id), findings, found, unit, kind)


@pytest.mark.parametrize("model_id", MODELS)
def test_unit_page_tells_what_is_lost_without_it(model_id: str) -> None:
    findings = findings_of(model_id)
    page = made(model_id, findings.units[0].unit)
    assert page.rank == "1st"
    assert page.losses[0].tried == "Silenced"
    assert page.losses[0].whole == number(findings.units[0].damage.whole, 4)
    assert page.before is None


@pytest.mark.parametrize("kind", KINDS)
def test_unit_page_places_are_the_surveys_and_open_on_that_step(kind: str) -> None:
    found = surveyed("counter")
    assert found is not None
    page = made("counter", 2, kind)
    expected = found.units[2].places[kind]
    assert len(page.places) == len(expected)
    for shown, place in zip(page.places, expected, strict=True):
        assert f"t={place.t}" in shown.address
        assert "unit=2" in shown.address
        assert len(shown.tokens) == BEFORE + 1 + AFTER
        assert [token.now for token in shown.tokens].index(True) == BEFORE
        if kind in {"highest", "lowest"}:
            assert shown.value == signed(place.value)


def test_unit_page_neighbours_go_by_what_is_lost() -> None:
    order = [unit.unit for unit in findings_of("reber").units]
    page = made("reber", order[1])
    assert page.before is not None
    assert page.after is not None
    assert (page.before[0], page.after[0]) == (order[0], order[2])


def test_unit_page_of_a_cell_without_gates_has_none_to_stand() -> None:
    page = made("counter-rnn", 1)
    assert page.together == ()
    assert all(place.gates == () for place in page.places)
