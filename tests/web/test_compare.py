"""Two runs in step: each lane's numbers are its JSON twin's, and a wrong lane leaves the other."""

from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.web.asking import api
from tests.web.reading import Node, agrees, links, read_html, submissions

HTML = {"Accept": "text/html"}
HTMX = {**HTML, "HX-Request": "true"}
SENTENCES = "/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+really+hate+France"
FIELDS = {"f": "forget_gate", "i": "input_gate", "g": "candidate", "c": "cell_state",
          "o": "output_gate", "h": "hidden_state"}  # fmt: skip
# A's and B's own steps at each column of SENTENCES: at "really" A stays where it was.
COLUMNS = {1: (1, 1), 2: (1, 2), 3: (2, 3), 4: (3, 4)}


def page(client: httpx.Client, address: str, status: int = 200) -> Node:
    response = client.get(address, headers=HTML)
    assert response.status_code == status, (address, response.text[:500])
    return read_html(response.text)


def lane(found: Node, key: str) -> Node:
    return found.one("section", id=f"lane-{key}")


def value(desk: Node, key: str) -> str:
    """The chosen unit's number in a row."""
    return desk.one(class_=f"row-{key}").one(class_="value").one("b").text


def columns(found: Node) -> list[tuple[str, str]]:
    """What A and B read in each column of the tape, "" for a gap."""
    steps = found.one("ol", id="reel").all("li")
    return [
        tuple("" if "gap" in b.get("class") else b.text for b in step.all("b"))  # type: ignore[misc]
        for step in steps
    ]


@pytest.mark.parametrize("unit", [1, 14])
@pytest.mark.parametrize("t", COLUMNS)
def test_lanes_show_the_numbers_of_their_json_twins(
    client: httpx.Client, t: int, unit: int
) -> None:
    found = page(client, f"{SENTENCES}&t={t}&unit={unit}")
    assert found.one("output", class_="where").text == f"{t} of 4"
    twins = found.all("link", rel="alternate", type="application/json")
    assert [twin.get("title") for twin in twins] == ["Lane A", "Lane B"]
    for key, twin, step in zip("ab", twins, COLUMNS[t], strict=True):
        layer = client.get(twin.get("href")).json()["steps"][step - 1]["layers"][0]
        for letter, name in FIELDS.items():
            assert agrees(value(lane(found, key), letter), layer[name][unit - 1])


def test_tape_sets_word_beside_word_with_gaps(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=2")
    assert columns(found) == [("I", "I"), ("", "really"), ("love", "hate"), ("France", "France")]
    assert found.one("li", class_="now").get("id") == "step2"
    assert len(found.all(id="tape")) == 1


def test_lane_that_reads_nothing_stays_at_its_step_and_says_so(client: httpx.Client) -> None:
    told = page(client, f"{SENTENCES}&t=2").one(id="story").text
    assert "A reads nothing here: it stays at “I”." in told
    shorter = "/compare?a=sentiment?text=I+love&b=sentiment?text=I+love+it+so"
    assert "A is over: it stays at “love”." in page(client, shorter).one(id="story").text
    assert "stays" not in page(client, f"{SENTENCES}&t=3").one(id="story").text


def test_lane_that_has_not_begun_shows_no_numbers(client: httpx.Client) -> None:
    found = page(client, "/compare?a=sentiment?text=love+it&b=sentiment?text=I+love+it&t=1")
    assert "A has read nothing yet; it begins at “love”." in found.one(id="story").text
    rows = [[node for node in lane(found, key).walk() if node.get("data-row")] for key in "ab"]
    assert [len(each) for each in rows] == [0, 8]
    assert not found.has(id="a-verdict")


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("sentiment?text=I+love+it", "sentiment?text=I+hate+it",
         "At “love” and “hate” they part."),
        ("sentiment?text=I+love+it", "sentiment?text=I+do+love+it",
         "At “do”, which A leaves out, they part."),
        ("toy-rules?x=3,1,0;5,0,1", "toy-rules?x=3,1,0;4,0,1",
         "At (5, 0, 1) and (4, 0, 1) they part."),
        ("sentiment?text=I+love+it", "sentiment?text=I+love+it%26checkpoint=step-16",
         "They read the same; at “I” their memories part."),
        ("counter-rnn?text=ab", "counter-rnn?text=ab%26checkpoint=step-10",
         "They read the same; at “a” their states part."),
        ("toy-rules?x=3,1,0;5,0,1", "toy-lstm?x=3,1,0;5,0,1",
         "They read the same and never part."),
    ],
)  # fmt: skip
def test_page_says_where_they_part(client: httpx.Client, a: str, b: str, words: str) -> None:
    found = page(client, f"/compare?a={a}&b={b}")
    assert found.one(id="story").text.startswith(words)
    if found.has(id="parting"):
        there = page(client, found.one(id="parting").get("href"))
        assert not there.has(id="parting")


def test_lanes_of_one_model_share_their_scale(client: httpx.Client) -> None:
    found = page(client, "/compare?a=toy-rules?x=3,1,1&b=toy-rules?x=-900,1,1")
    tops = [lane(found, key).one(id=f"{key}-term-c").one(class_="top").text for key in "ab"]
    assert tops == ["1000"] * 2


def test_lane_of_an_rnn_shows_its_state(client: httpx.Client) -> None:
    found = page(client, "/compare?a=counter?text=aabb&b=counter-rnn?text=aabb&t=3&unit=2")
    steps = client.get(api("counter-rnn", "/trace?text=aabb")).json()["steps"]
    assert agrees(value(lane(found, "b"), "h"), steps[2]["layers"][0]["hidden_state"][1])
    assert not lane(found, "b").has(class_="row-f")
    assert "different networks" in found.one(id="story").text


def test_unit_shared_goes_before_a_lanes_own(client: httpx.Client) -> None:
    own = "/compare?a=sentiment?text=I%26unit=4&b=sentiment?text=We"
    for address, unit in ((own, "4"), (f"{own}&unit=7", "7")):
        found = page(client, address)
        assert [found.one(id=f"{key}-desk").get("data-unit") for key in "ab"] == [unit] * 2


def test_every_control_moves_both_lanes_without_javascript(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=2&unit=3")
    for name, t in {"prev": "1", "next": "3"}.items():
        asked = dict(parse_qsl(found.one("a", id=name).get("href").partition("?")[2]))
        assert asked == dict(parse_qsl(SENTENCES.partition("?")[2])) | {"t": t, "unit": "3"}
    asked_for = [dict(parse_qsl(address.partition("?")[2])) for address in submissions(found)]
    assert any({"t": "4", "unit": "3"}.items() <= each.items() for each in asked_for)


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
    ("asked", "words"),
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
    client: httpx.Client, key: str, asked: str, words: str
) -> None:
    other = "b" if key == "a" else "a"
    address = f"/compare?{key}={asked}&{other}=sentiment?text=I+love+France&t=2"
    whole = page(client, address, 422)
    response = client.get(address, headers=HTMX)
    assert response.status_code == 422
    for found in (whole, read_html(response.text)):
        told = found.one(id=f"lane-{key}-message").text
        assert told.startswith(f"Lane {key.upper()}: {words}")
        assert found.one(id=f"lane-{other}-message").text == ""
        assert value(lane(found, other), "c")
        assert found.one("li", class_="now").one("b", class_=other).text == "love"
        assert found.one(id="story").text == ""


def test_both_lanes_wrong_are_both_named(client: httpx.Client) -> None:
    found = page(client, "/compare?a=none&b=nothing", 422)
    for key in "ab":
        assert "no model of that name" in found.one(id=f"lane-{key}-message").text


def test_wrong_step_is_named_and_both_lanes_stay(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=soon", 422)
    assert found.one(id="message").text.startswith("t: ")
    assert found.one("output", class_="where").text == "4 of 4"


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


def test_views_lead_to_themselves_and_back(client: httpx.Client) -> None:
    """Each view is a link that says it is on where it is, and leads back from there."""
    address = SENTENCES + "&t=3"
    for words in ("Only the", "Difference of the two", "As tables"):
        there = view(page(client, address), words).get("href")
        found = page(client, there)
        assert view(found, words).get("aria-current") == "true"
        assert view(found, words).get("href") == address


def view(found: Node, words: str) -> Node:
    return next(a for a in found.one(id="views").all("a") if a.text.startswith(words))


def test_difference_is_one_desk_of_a_less_b(client: httpx.Client) -> None:
    address = f"{SENTENCES}&t=3&unit=5"
    found = page(client, f"{address}&view=difference")
    twins = [client.get(each.get("href")).json()["steps"] for each in page(client, address).all(
        "link", rel="alternate", type="application/json")]  # fmt: skip
    layers = [steps[step - 1]["layers"][0] for steps, step in zip(twins, COLUMNS[3], strict=True)]
    for letter, name in FIELDS.items():
        a, b = (layer[name][4] for layer in layers)
        assert agrees(value(found.one(class_="lanes-difference"), letter).lstrip("+"), a - b)


def test_only_the_units_that_differ_stand_on_both_desks(client: httpx.Client) -> None:
    whole = page(client, f"{SENTENCES}&t=3")
    few = page(client, view(whole, "Only the").get("href"))
    orders = [few.one(id=f"{key}-desk").get("data-order").split(",") for key in "ab"]
    assert orders[0] == orders[1]
    assert f"Only the {len(orders[0])} units" in view(whole, "Only the").text
    assert 1 < len(orders[0]) < registry.get("sentiment").card.hidden_size


def test_tables_hold_every_unit_of_both_and_every_step(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=3&tables=shown")
    both, a, b = found.one(id="tables-shown").all("table")
    read = [[cell.text for cell in row.all("td")] for row in both.all("tr")[1:]]
    assert [(cells[0], cells[2]) for cells in read] == columns(found)
    units = registry.get("sentiment").card.hidden_size
    assert [len(table.all("tr")) for table in (a, b)] == [1 + units] * 2
    assert [table.one("caption").text[:2] for table in (a, b)] == ["A:", "B:"]


def test_swapped_lanes_are_the_same_two_changed_over(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=3")
    there = page(client, found.one(id="swap").get("href"))
    assert columns(there) == [(b, a) for a, b in columns(found)]
    assert value(lane(there, "a"), "c") == value(lane(found, "b"), "c")


def test_held_lane_says_so_and_can_be_let_go(client: httpx.Client) -> None:
    clamp = "%26clamp=output_gate:0@2"
    lanes = f"a=sentiment?text=I+love+it{clamp}&b=sentiment?text=I+love+it"
    found = page(client, f"/compare?{lanes}&t=2")
    free = next(a for a in lane_form(found, "a").all("a") if a.text == "Let go")
    assert "clamp" not in free.get("href")
    assert found.has(id="a-held")
    assert not page(client, free.get("href")).has(id="a-held")


def lane_form(found: Node, key: str) -> Node:
    return found.one("form", id=f"feed-{key}")


def test_share_panel_holds_the_address_of_the_comparison(client: httpx.Client) -> None:
    found = page(client, f"{SENTENCES}&t=3&view=difference")
    canonical = found.one("link", rel="canonical").get("href")
    assert found.one("code", id="share-link").text == canonical
    assert canonical.endswith(f"{SENTENCES}&t=3&view=difference")


def pairs() -> list[tuple[str, str]]:
    """Every model beside its twin where it has one, else beside the next model."""
    models = [model.card for model in registry.all_models()]
    after = [*models[1:], models[0]]
    return [
        (card.id, registry.counterpart(card) or other.id)
        for card, other in zip(models, after, strict=True)
    ]


@pytest.mark.parametrize(("a", "b"), pairs())
def test_any_two_models_stand_side_by_side_at_every_end(
    client: httpx.Client, a: str, b: str
) -> None:
    for t in (1, 10**6):
        query = urlencode({"a": a, "b": b, "t": t})
        found = read_html(client.get(f"/compare?{query}", headers=HTMX).text)
        for key, model_id in (("a", a), ("b", b)):
            rows = [node.get("data-row") for node in lane(found, key).walk()]
            cell = registry.get(model_id).card.cell
            assert ("f" in rows) == (cell != "rnn")
            assert "h" in rows
        ids = [node.get("id") for node in found.walk() if node.get("id")]
        assert len(ids) == len(set(ids))
