"""Where a comparison leads: shared fields stay in it, a lane's own lead to the lane by itself."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from app.views.address.beside import BesideLinks, LaneLinks
from app.views.address.lanes import Lane, Shared
from app.views.address.state import ExplorerState
from gate_explorer.zoo.registry import get

A = Lane("sentiment", ExplorerState(text="I love it", clamp=("input_gate:0@2",)))
B = Lane("sentiment", ExplorerState(text="I hate it", checkpoint="step-16"))
LINKS = BesideLinks((A, B), Shared(t=2, unit=7, units="differing"))


def query(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    assert parts.path == "/compare"
    return dict(parse_qsl(parts.query))


def test_comparison_leads_to_another_step_with_all_else_as_it_is() -> None:
    here = query(LINKS.canonical)
    assert query(LINKS.to(3)) == here | {"t": "3"}
    assert query(LINKS.at(units=None, view="difference")) == {
        name: value for name, value in here.items() if name != "units"
    } | {"view": "difference"}


def test_comparison_changed_over_leads_back_when_changed_over_again() -> None:
    there = query(LINKS.swapped)
    assert (there["a"], there["b"]) == (query(LINKS.canonical)["b"], query(LINKS.canonical)["a"])
    assert BesideLinks((B, A), LINKS.shared).swapped == LINKS.canonical


def test_comparison_lets_go_of_one_lane_alone() -> None:
    assert "clamp" not in query(LINKS.freeing(0))["a"]
    assert query(LINKS.freeing(1)) == query(LINKS.canonical)


def test_form_of_a_comparison_carries_all_but_what_it_sets() -> None:
    assert LINKS.fields("t") == {
        name: value for name, value in query(LINKS.canonical).items() if name != "t"
    }


@pytest.mark.parametrize("changes", [{"page": 2}, {"t": 1}, {"unit": 3, "page": None}])
def test_lane_leads_within_the_comparison_for_what_both_share(changes: dict[str, int]) -> None:
    lane = LaneLinks(get("sentiment").card, A.state.having(t=2), None, LINKS, 0)
    assert lane.at(**changes) == LINKS.at(**changes)
    assert lane.free == LINKS.freeing(0)
    assert lane.at(drawer="unit").startswith("/models/sentiment?text=I+love+it&t=2&drawer=unit")
