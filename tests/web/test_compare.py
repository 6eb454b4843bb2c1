"""Two runs in step: each lane's numbers are its JSON twin's, and a wrong lane leaves the other."""

from urllib.parse import parse_qsl

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.web.asking import api
from tests.web.reading import Node, agrees, links, read_html, submissions

HTML = {"Accept": "text/html"}
HTMX = {**HTML, "HX-Request": "true"}
SENTENCES = "/compare?a=sentiment?text=I+love+France&b=sentiment?text=We+really+hate+France"
PANELS = {"f": "forget_gate", "i": "input_gate", "g": "candidate", "c": "cell_state",
          "o": "output_gate"}  # fmt: skip


def page(client: httpx.Client, address: str, status: int = 200) -> Node:
    response = client.get(address, headers=HTML)
    assert response.status_code == status, (address, response.text[:500])
    return read_html(response.text)


def shown(found: Node, lane: str, key: str) -> list[str]:
    bars = found.one(id=f"{lane}-panel-{key}").all("button", name="unit")
    return [bar.get("title").partition(": ")[2] for bar in bars]


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_lanes_show_the_numbers_of_their_json_twins(client: httpx.Client, t: int) -> None:
    found = page(client, f"{SENTENCES}&t={t}")
    assert found.one("output", class_="where").text == f"step {t} of 4"
    twins = found.all("link", rel="alternate", type="application/json")
    assert [twin.get("title") for twin in twins] == ["Lane A", "Lane B"]
    for lane, twin in zip("ab", twins, strict=True):
        steps = client.get(twin.get("href")).json()["steps"]
        layer = steps[min(t, len(steps)) - 1]["layers"][0]
        for key, name in PANELS.items():
            pairs = zip(shown(found, lane, key), layer[name], strict=True)
            assert all(agrees(printed, value) for printed, value in pairs)


def test_lane_that_is_shorter_stays_at_its_last_step_and_says_so(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=4")
    assert "Over at step 3" in found.one(id="lane-a").text
    assert "Over at" not in found.one(id="lane-b").text
    assert found.one(id="lane-a").one("li", class_="now").get("id") == "a-chip3"
    assert "Over at" not in page(client, f"{SENTENCES}&t=3").one("main").text


def test_lanes_of_one_model_share_their_scale(client: httpx.Client) -> None:
    address = "/compare?a=toy-rules?x=3,1,1&b=toy-rules?x=-900,1,1"
    found = page(client, address)
    plots = [found.one(id=f"{lane}-panel-c").one(class_="plot") for lane in "ab"]
    assert [(p.get("data-top"), p.get("data-bottom")) for p in plots] == [("1000", "−1000")] * 2


def test_lane_of_an_rnn_shows_its_state(client: httpx.Client) -> None:
    found = page(client, "/compare?a=counter?text=aabb&b=counter-rnn?text=aabb&t=3")
    steps = client.get(api("counter-rnn", "/trace?text=aabb")).json()["steps"]
    values = steps[2]["layers"][0]["hidden_state"]
    pairs = zip(shown(found, "b", "h"), values, strict=True)
    assert all(agrees(printed, value) for printed, value in pairs)
    assert not found.has(id="b-panel-f")
    assert "different networks" in found.one(id="difference").text


def test_unit_shared_goes_before_a_lanes_own(client: httpx.Client) -> None:
    own = "/compare?a=sentiment?text=I%26unit=4&b=sentiment?text=We"
    first = str(registry.get("sentiment").card.first_unit)
    for address, units in ((own, ("4", first)), (f"{own}&unit=7", ("7", "7"))):
        found = page(client, address)
        for lane, unit in zip("ab", units, strict=True):
            marked = found.one(id=f"{lane}-panel-c").one("button", class_="on")
            assert marked.get("value") == unit


def test_every_control_moves_both_lanes_without_javascript(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=2&unit=3")
    expected = {"first": "1", "prev": "1", "next": "3", "last": "4"}
    for name, t in expected.items():
        asked = dict(parse_qsl(found.one("a", id=name).get("href").partition("?")[2]))
        assert asked == dict(parse_qsl(SENTENCES.partition("?")[2])) | {"t": t, "unit": "3"}
    asked_for = [dict(parse_qsl(address.partition("?")[2])) for address in submissions(found)]
    assert any({"t": "4", "unit": "3"}.items() <= each.items() for each in asked_for)
    assert any({"t": "2", "unit": "16"}.items() <= each.items() for each in asked_for)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("b_text=So+good+%26+1%2B1", "b=sentiment?text=So+good+%2526+1%252B1"),
        ("b_checkpoint=step-0", "b=sentiment?text=I+hate+it%26checkpoint=step-0"),
        ("b_model=counter&b_text=aabb", "b=counter?text=aabb"),
        ("b_model=toy-rules&b_text=I+hate+it", "b=toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1"),
    ],
)
def test_form_of_a_lane_is_led_to_the_short_address(
    client: httpx.Client, typed: str, expected: str
) -> None:
    asked = f"/compare?a=sentiment?text=Fine&b=sentiment?text=I+hate+it&{typed}"
    canonical = f"/compare?a=sentiment?text=Fine&{expected}"
    response = client.get(asked, headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == canonical
    assert client.get(canonical, headers=HTML).status_code == 200
    assert client.get(asked, headers=HTMX).headers["hx-push-url"] == canonical


@pytest.mark.parametrize(
    ("lane", "words"),
    [
        ("toy-rules?x=3,7,0", "Row 1: x2 is 7; it should be 1 (add)"),
        ("none?text=a", "There is no model of that name; there are toy-rules"),
        ("sentiment?text=", "There is no word in the text"),
        ("sentiment?x=3,1,0", "sentiment reads words, not vectors"),
        ("toy-lstm?sharpness=hard", "sharpness: "),
    ],
)
@pytest.mark.parametrize("key", ["a", "b"])
def test_wrong_lane_is_named_and_the_other_stays(
    client: httpx.Client, key: str, lane: str, words: str
) -> None:
    other = "b" if key == "a" else "a"
    address = f"/compare?{key}={lane}&{other}=sentiment?text=I+love+France&t=2"
    whole = page(client, address, 422)
    response = client.get(address, headers=HTMX)
    assert response.status_code == 422
    for found in (whole, read_html(response.text)):
        told = found.one(id=f"lane-{key}-message").text
        assert told.startswith(f"Lane {key.upper()}: {words}")
        assert found.one(id=f"lane-{other}-message").text == ""
        assert found.one(id=f"lane-{other}").one("li", class_="now").get("id") == f"{other}-chip2"
        assert found.one(id="difference").text == ""


def test_wrong_step_is_named_and_both_lanes_stay(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=soon", 422)
    assert found.one(id="message").text.startswith("t: ")
    assert found.one("output", class_="where").text == "step 4 of 4"


def test_comparison_without_lanes_shows_two_sentences(client: httpx.Client) -> None:
    response = client.get("/compare", headers=HTML)
    assert response.headers["location"] == (
        "/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+hate+France"
    )


def test_model_page_leads_to_its_comparisons_and_a_lane_back(client: httpx.Client) -> None:
    explorer = page(client, "/models/counter?text=aabb&t=3")
    comparing = [each for each in links(explorer) if each.startswith("/compare?a=")]
    assert comparing[0] == "/compare?a=counter?text=aabb&b=counter-rnn?text=aabb&t=3"
    assert len(comparing) == 3
    assert "/models/counter-rnn?text=aabb&t=3" in links(page(client, comparing[0]))


def test_text_of_a_lane_is_escaped_and_kept(client: httpx.Client) -> None:
    text = '"><script>alert(1)</script>&t=1+1%'
    response = client.get("/compare", params={"a_text": text, "b_text": text}, headers=HTML)
    found = page(client, response.headers["location"])
    assert found.one("input", id="a-text").get("value") == text
    assert found.one("input", id="b-text").get("value") == text
