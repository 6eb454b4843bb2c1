"""Units over the API: all of them, each with the steps that show it, and those that do the same."""

from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.views.documents import schema
from gate_explorer.zoo import registry
from tests.web.asking import answer, api, problem

KINDS = ("highest", "lowest", "written", "erased", "shown")
MODELS = [name for name in registry.MODELS if name != "exercise"]
GATED = [name for name in MODELS if registry.get(name).card.cell != "rnn"]


def of(client: httpx.Client, model_id: str) -> dict[str, Any]:
    return answer(client.get(api(model_id, "/units")), schema.ModelUnits)


@cache
def first_unit(client: httpx.Client, model_id: str) -> dict[str, Any]:
    unit = registry.get(model_id).card.first_unit
    return answer(client.get(api(model_id, f"/units/{unit}")), schema.UnitPage)


@pytest.mark.parametrize("model_id", MODELS)
def test_units_are_all_there_the_most_telling_first(client: httpx.Client, model_id: str) -> None:
    hidden = registry.get(model_id).card.hidden_size
    units = of(client, model_id)["units"]
    assert sorted(unit["unit"] for unit in units) == list(range(1, hidden + 1))
    ranks = [unit["damage"]["rank"] for unit in units]
    assert ranks == sorted(ranks)
    assert 1 <= ranks[0] <= ranks[-1] <= hidden


@pytest.mark.parametrize("model_id", GATED)
def test_units_name_what_the_card_names(client: httpx.Client, model_id: str) -> None:
    card = registry.get(model_id).card
    named = {one["unit"]: one["name"] for one in of(client, model_id)["units"] if one["name"]}
    if card.provenance == "trained":
        assert named == {fact.unit: fact.name for fact in card.units}
    assert card.first_unit in named or (model_id, named) == ("forecast", {})


@pytest.mark.parametrize("model_id", GATED)
def test_unit_places_are_what_the_trace_shows_at_that_very_step(
    client: httpx.Client, model_id: str
) -> None:
    found = first_unit(client, model_id)
    unit = found["unit"] - 1
    for kind in KINDS:
        assert len(found[kind]) == 10
        assert len({place["input"] for place in found[kind]}) == 10, "a text once"
        for place in found[kind][:2]:
            address = urlsplit(place["page"])
            query = parse_qs(address.query)
            assert (query["t"], query["unit"]) == ([str(place["t"])], [str(found["unit"])])
            trace = client.get(f"/api/v1{address.path}/trace?{address.query}").json()
            step = trace["steps"][place["t"] - 1]["layers"][0]
            before = trace["steps"][place["t"] - 2]["layers"][0] if place["t"] > 1 else None
            scale = 1e-7 if model_id == "toy-lstm" else 1
            c_prev = before["cell_state"][unit] if before else 0
            expected = {
                "highest": step["cell_state"][unit] / scale,
                "lowest": step["cell_state"][unit] / scale,
                "written": step["input_gate"][unit] * step["candidate"][unit],
                "erased": (1 - step["forget_gate"][unit]) * c_prev,
                "shown": step["hidden_state"][unit],
            }[kind]
            assert place["value"] == pytest.approx(expected, rel=1e-3, abs=1e-4), kind


@pytest.mark.parametrize("model_id", GATED)
def test_unit_places_are_in_order_and_gates_stand_in_every_step(
    client: httpx.Client, model_id: str
) -> None:
    found = first_unit(client, model_id)
    values = {kind: [place["value"] for place in found[kind]] for kind in KINDS}
    assert values["highest"] == sorted(values["highest"], reverse=True)
    assert values["lowest"] == sorted(values["lowest"])
    for kind in ("written", "erased", "shown"):
        sizes = [abs(value) for value in values[kind]]
        assert sizes == sorted(sizes, reverse=True)
    shares = [stand["share"] for stand in found["together"]]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert shares == sorted(shares, reverse=True)
    assert found["corpus"]["steps"] > 300


def test_unit_page_of_a_cell_without_gates_has_memory_and_no_gates(client: httpx.Client) -> None:
    found = answer(client.get(api("counter-rnn", "/units/1")), schema.UnitPage)
    assert found["written"] == found["erased"] == found["together"] == []
    assert len(found["highest"]) == 10
    assert found["damage"]["erased"] is None


def test_unit_place_opens_on_the_page(client: httpx.Client) -> None:
    place = first_unit(client, "characters")["highest"][0]
    assert client.get(place["page"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("none/units", 404), ("none/units/1", 404), ("counter/units/5", 404), ("counter/units/0", 422),
     ("counter/units/x", 422), ("exercise/units", 404), ("exercise/units/1", 404)],
)  # fmt: skip
def test_units_that_arent_there_are_told(client: httpx.Client, path: str, status: int) -> None:
    problem(client.get(f"/api/v1/models/{path}"), status)


def test_alike_finds_units_that_do_the_same_and_where_else(client: httpx.Client) -> None:
    path = api("counter", "/alike?text=aaabbb&first=2&last=4&trait=high")
    found = answer(client.get(path), schema.Alike)
    assert found["units"]
    assert found["places"][0]["value"] == len(found["units"])
    assert len(found["counts"]) == 6
    assert found["corpus"]["steps"] > 3000
    place = found["places"][0]
    trace = client.get(api("counter", f"/trace?text={place['input']}")).json()
    cells = trace["steps"][place["t"] - 1]["layers"][0]["cell_state"]
    assert all(cells[unit - 1] > 0.549 for unit in found["units"])


@pytest.mark.parametrize(
    ("query", "loc"),
    [
        ("first=2&last=9", "first"),
        ("first=3&last=2", "first"),
        ("first=1&last=2&trait=odd", "trait"),
    ],
)
def test_alike_that_cannot_be_is_422(client: httpx.Client, query: str, loc: str) -> None:
    found = problem(client.get(api("counter", f"/alike?text=aab&{query}")), 422)
    assert found["errors"][0]["loc"] == [loc]


def test_alike_of_other_weights_than_read_the_corpus_names_no_places(client: httpx.Client) -> None:
    early = client.get(api("counter", "")).json()["checkpoints"][0]
    for path in (
        api("counter", f"/alike?text=aabb&first=1&last=2&checkpoint={early}"),
        api("exercise", "/alike?x=1;2&first=1&last=2"),
    ):
        found = answer(client.get(path), schema.Alike)
        assert (found["corpus"], found["places"]) == (None, [])


def test_alike_of_a_trait_that_a_cell_lacks_is_422(client: httpx.Client) -> None:
    path = api("counter-rnn", "/alike?text=aab&first=1&last=2&trait=writes")
    assert problem(client.get(path), 422)["errors"][0]["loc"] == ["trait"]
