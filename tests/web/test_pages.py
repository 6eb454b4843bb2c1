"""The pages over real HTTP: the numbers of the JSON twin, every control without JavaScript, every
text escaped, and fragments for those who ask for them."""

import math
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.server import running_server
from tests.web.asking import MODEL_IDS, api
from tests.web.reading import Node, agrees, links, read_html, share_agrees, submissions

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HTMX = {**HTML, "HX-Request": "true"}
FOUNDING = "x=3,1,0;5,0,1;2,1,0;3,0,1"
SIGNED = "x=-2.5,1,1;0.125,1,0;7,-1,1;1e-9,1,1;123456.75,1,1;2e6,1,0"
SENTENCE = "text=The+acting+is+superb,+but+the+zxqv+plot+isn't+%F0%9F%98%80."
STATES = [
    ("toy-rules", FOUNDING),
    ("toy-rules", SIGNED),
    ("toy-rules", "x=0,0,0"),
    ("toy-lstm", FOUNDING),
    ("toy-lstm", f"{FOUNDING}&sharpness=4"),
    ("toy-lstm", f"{SIGNED}&sharpness=0.7123456789"),
    ("sentiment", "text=I+love+France"),
    ("sentiment", SENTENCE),
    ("sentiment", "text=good"),
]
EVERY_PAGE = [
    "/",
    *(f"/models/{model_id}" for model_id in MODEL_IDS),
    *(f"/models/{model_id}?{query}" for model_id, query in STATES),
    *(f"/embed/models/{model_id}?{query}" for model_id, query in STATES),
    *(f"/embed/models/{model_id}?{query}&controls=0&theme=dark" for model_id, query in STATES),
    *(f"/share/models/{model_id}?{query}" for model_id, query in STATES),
    "/share/models/toy-rules?x=3,1,0&width=20&height=300&theme=dark",
    "/compare?a=sentiment?text=I+love+France&b=sentiment?text=I+hate+it+all&t=2&unit=3",
    "/compare?a=counter?text=aabb&b=counter-rnn?text=aabb",
    "/compare?a=toy-rules&b=toy-rules?x=3,7,0",
    "/models/toy-rules?x=3,2,0",
    "/embed/models/toy-rules?x=3,2,0",
    "/models/sentiment?text=",
    "/models/nothing",
    "/nothing",
    "/docs",
]
PANELS = {"f": "forget_gate", "i": "input_gate", "o": "output_gate", "g": "candidate",
          "c": "cell_state", "h": "hidden_state"}  # fmt: skip
GATES = ("f", "i", "o")

Document = dict[str, Any]
Panels = dict[str, list[float]]


def page(client: httpx.Client, address: str, status: int = 200) -> Node:
    response = client.get(address, headers=HTML)
    assert response.status_code == status, (address, response.text[:500])
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return read_html(response.text)


def trace(client: httpx.Client, model_id: str, query: str) -> Document:
    response = client.get(f"{api(model_id, '/trace')}?{query}")
    assert response.status_code == 200, response.text
    document: Document = response.json()
    return document


def expected_panels(model_id: str, document: Document, t: int) -> Panels:
    """What each panel has to show at step t, from the JSON alone, in the page's units."""
    layers = [step["layers"][-1] for step in document["steps"]]
    now = {key: layers[t - 1][name] for key, name in PANELS.items()}
    now["c_prev"] = layers[t - 2]["cell_state"] if t > 1 else [0.0] * len(now["c"])
    now["tanh_c"] = [c if model_id == "toy-rules" else math.tanh(c) for c in now["c"]]
    if model_id == "toy-rules":
        del now["h"]
    scale = 1e-7 if model_id == "toy-lstm" else 1.0
    return {k: [v if k in GATES else v / scale for v in values] for k, values in now.items()}


def assert_panels_agree(found: Node, expected: Panels) -> None:
    shown = {node.get("id") for node in found.all(class_="panel")}
    assert shown == {f"panel-{key}" for key in expected} | {"panel-y"}
    for key, values in expected.items():
        titles = [b.get("title") for b in found.one(id=f"panel-{key}").all("button", name="unit")]
        assert len(titles) == len(values)
        for unit, (title, value) in enumerate(zip(titles, values, strict=True), 1):
            name, _, printed = title.partition(": ")
            assert name == f"unit {unit}"
            assert agrees(printed, value), (key, title, value)


def assert_unit_agrees(found: Node, expected: Panels, unit: int) -> None:
    """The chosen unit's number in each panel, and its two formulas."""
    for key, values in expected.items():
        panel = found.one(id=f"panel-{key}")
        assert [b.get("value") for b in panel.all("button", class_="on")] == [str(unit)]
        for printed in panel.all("b"):
            assert agrees(printed.text, values[unit - 1]), (key, printed.text)
    memory, output = found.all("p", class_="formula")
    for role, keys in (("forget", "f"), ("memory", "c_prev"), ("input", "i"), ("candidate", "g"),
                       ("result", "c")):  # fmt: skip
        assert agrees(memory.one(class_=f"f-{role}").text, expected[keys][unit - 1])
    inside = output.one(class_="f-memory").text.removeprefix("tanh(").removesuffix(")")
    assert agrees(output.one(class_="f-output").text, expected["o"][unit - 1])
    assert agrees(inside, expected["c"][unit - 1])
    if "h" in expected:
        assert agrees(output.one(class_="f-result").text, expected["h"][unit - 1])


def assert_step_agrees(found: Node, document: Document, t: int) -> None:
    """Story, roles and prediction of the step."""
    step = document["steps"][t - 1]
    assert found.one(id="story").text == step["story"]
    for name, value in step["roles"].items():
        (row,) = [r for r in found.one("dl", class_="roles").all("div") if r.one("dt").text == name]
        assert agrees(row.one("b").text, value)
    output, panel = step["output"], found.one(id="panel-y")
    if output["kind"] == "number":
        printed = panel.one("p", class_="big").text
        assert agrees(printed, output["value"]) if output["shown"] else printed == "–"
        return
    assert share_agrees(panel.one("p", class_="verdict").one("b").text, output["score"])
    rows = [(row.one("dt").text, row.one("b").text) for row in panel.one("dl").all("div")]
    assert [label for label, _ in rows] == list(output["probabilities"])
    assert all(share_agrees(printed, output["probabilities"][label]) for label, printed in rows)
    if t > 1:
        was = panel.one("p", class_="verdict").one("span").text
        before = was.removeprefix("(was ").removesuffix(")")
        assert share_agrees(before, document["steps"][t - 2]["output"]["score"])


def assert_tape_agrees(found: Node, model_id: str, document: Document) -> None:
    """The chips of all steps; the document has to fit into one window."""
    chips = found.one(id="tape").all("li")
    scale = 1e-7 if model_id == "toy-lstm" else 1.0
    for chip, step in zip(chips, document["steps"], strict=True):
        assert chip.get("id") == f"chip{step['t']}"
        assert chip.one("button").get("value") == str(step["t"])
        output = step["output"]
        if output["kind"] == "classes":
            assert chip.one("b").text == step["token"]
            assert ("unknown" in chip.get("class").split()) == (not step["known"])
            printed = chip.one(class_="sr").text.removesuffix(" positive")
            assert share_agrees(printed, output["score"])
            continue
        memory, shown = (part.text for part in chip.one(class_="figures").all("span"))
        assert agrees(memory.removeprefix("memory "), step["layers"][0]["cell_state"][0] / scale)
        words = shown.removeprefix("out ")
        assert agrees(words, output["value"]) if output["shown"] else words == "–"


def assert_table_agrees(found: Node, model_id: str, document: Document, t: int) -> None:
    """The results beside the vectors, up to the step."""
    scale = 1e-7 if model_id == "toy-lstm" else 1.0
    for row in found.one("form", id="feed").one("tbody").all("tr")[:-1]:
        step = document["steps"][int(row.one("th").text) - 1]
        typed = [float(cell.get("value")) for cell in row.all("input")]
        assert typed == step["x"]
        memory, output = (cell.text for cell in row.all("td", class_="result"))
        if step["t"] > t:
            assert (memory, output) == ("", "")
            continue
        assert agrees(memory, step["layers"][0]["cell_state"][0] / scale)
        shown = step["output"]["shown"]
        assert agrees(output, step["output"]["value"]) if shown else output == "–"


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_page_numbers_at_every_step_are_those_of_the_json_twin(
    client: httpx.Client, model_id: str, query: str
) -> None:
    document = trace(client, model_id, query)
    for t in range(1, len(document["steps"]) + 1):
        found = page(client, f"/models/{model_id}?{query}&t={t}")
        assert found.one("output", class_="where").text == f"step {t} of {len(document['steps'])}"
        assert_panels_agree(found, expected_panels(model_id, document, t))
        assert_step_agrees(found, document, t)
        assert_tape_agrees(found, model_id, document)
        if model_id != "sentiment":
            assert_table_agrees(found, model_id, document, t)


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_page_numbers_of_every_unit_are_those_of_the_json_twin(
    client: httpx.Client, model_id: str, query: str
) -> None:
    document = trace(client, model_id, query)
    steps = len(document["steps"])
    for t in {1, (steps + 1) // 2, steps}:
        expected = expected_panels(model_id, document, t)
        for unit in range(1, len(expected["c"]) + 1):
            found = page(client, f"/models/{model_id}?{query}&t={t}&unit={unit}")
            assert_panels_agree(found, expected)
            assert_unit_agrees(found, expected, unit)


@pytest.mark.parametrize("query", [FOUNDING, f"{FOUNDING}&sharpness=4", SIGNED])
def test_page_of_the_toy_lstm_tells_how_far_it_is_off(client: httpx.Client, query: str) -> None:
    document = trace(client, "toy-lstm", query)
    for t, (step, off) in enumerate(zip(document["steps"], document["deviation"], strict=True), 1):
        told = page(client, f"/models/toy-lstm?{query}&t={t}").one(id="deviation")
        rules, deviation = (node.text for node in told.all("b"))
        assert agrees(deviation, off)
        expected = step["output"]["value"] - off
        assert float(rules.replace("−", "-")) == pytest.approx(expected, rel=0.005, abs=0.005)


def test_home_opens_on_the_toy_showing_three(client: httpx.Client) -> None:
    found = page(client, "/")
    assert found.one("main").one("h1").text == "Three rules"
    assert found.one("output", class_="where").text == "step 2 of 4"
    assert found.one(id="panel-y").one("p", class_="big").text == "3"
    assert found.one(id="c1").get("title") == "unit 1: 3"
    rows = found.one("form", id="feed").one("tbody").all("tr")
    assert [c.get("value") for row in rows[:4] for c in row.all("input")] == [
        *"310", *"501", *"210", *"301"
    ]  # fmt: skip
    assert "output 3" in found.one(id="story").text


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_model_page_without_a_query_shows_the_first_example(
    client: httpx.Client, model_id: str
) -> None:
    found = page(client, f"/models/{model_id}")
    card = client.get(api(model_id)).json()
    assert found.one("main").one("h1").text == card["title"]
    assert found.one("main").get("data-json") == f"{api(model_id, '/trace')}?{card['examples'][0]}"
    assert found.one("nav").one("a", **{"aria-current": "page"}).text == card["title"]
    assert found.one("link", rel="canonical").get("href") == (
        f"{str(client.base_url).rstrip('/')}/models/{model_id}?{card['examples'][0]}"
    )


@pytest.mark.parametrize("where", ["/models/", "/embed/models/"])
@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_page_names_its_json_twin(
    client: httpx.Client, model_id: str, query: str, where: str
) -> None:
    found = page(client, f"{where}{model_id}?{query}&t=1&unit=1")
    twin = found.one("link", rel="alternate", type="application/json")
    assert twin.get("type") == "application/json"
    response = client.get(twin.get("href"))
    assert response.status_code == 200
    assert response.json() == trace(client, model_id, query)
    assert str(len(response.json()["steps"])) == found.one("main").get("data-steps")


@pytest.mark.parametrize(
    ("address", "t", "unit"),
    [
        ("/models/toy-rules?x=3,1,0;5,0,1&t=9", "2", None),
        ("/models/sentiment?text=I+love+France&t=1000000&unit=1000000", "3", "32"),
        ("/models/sentiment?text=I+love+France&unit=33", "3", "32"),
    ],
)
def test_page_step_and_unit_out_of_range_are_clamped(
    client: httpx.Client, address: str, t: str, unit: str | None
) -> None:
    found = page(client, address)
    assert found.one("main").get("data-t") == t
    assert found.one(id="scrubber").get("value") == t
    if unit:
        assert found.one(id="unit").get("value") == unit


@pytest.mark.parametrize(
    ("query", "field"),
    [("t=0", "t"), ("t=abc", "t"), ("unit=0", "unit"), ("unit=-3", "unit"),
     ("sharpness=NaN", "sharpness"), ("sharpness=hard", "sharpness")],
)  # fmt: skip
def test_page_field_that_can_not_be_read_is_named(
    client: httpx.Client, query: str, field: str
) -> None:
    found = page(client, f"/models/toy-lstm?{FOUNDING}&{query}", 422)
    assert found.one(id="message").text.startswith(f"{field}: ")


@pytest.mark.parametrize("address", ["/", f"/models/toy-rules?{FOUNDING}&t=3"])
def test_fragment_is_the_explorer_alone(client: httpx.Client, address: str) -> None:
    response = client.get(address, headers=HTMX)
    found = read_html(response.text)
    assert response.status_code == 200
    assert [node.tag for node in found.inside if isinstance(node, Node)] == ["title", "main"]
    assert found.one("main").get("id") == "explorer"
    assert not any(found.has(tag) for tag in ("html", "head", "body", "header", "script"))
    assert "<!doctype" not in response.text.lower()
    assert found.one("title").text.endswith("Gate Explorer")


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_fragment_is_what_the_page_holds(client: httpx.Client, model_id: str, query: str) -> None:
    address = f"/models/{model_id}?{query}&t=1"
    whole = page(client, address).one("main", id="explorer")
    assert read_html(client.get(address, headers=HTMX).text).one("main") == whole


def test_fragment_is_not_given_to_history_or_false(client: httpx.Client) -> None:
    restoring = {"HX-History-Restore-Request": "true"}
    for headers in ({**restoring, "HX-Request": "true"}, restoring, {"HX-Request": "false"}):
        response = client.get(f"/models/toy-rules?{FOUNDING}", headers={**HTML, **headers})
        assert read_html(response.text).has("html")


@pytest.mark.parametrize("headers", [HTML, HTMX, {"Accept": "*/*"}])
@pytest.mark.parametrize(
    "address",
    ["/", f"/models/toy-rules?{FOUNDING}", "/models/toy-rules?x=3,2,0",
     "/models/toy-rules?x1=3&x2=1&x3=0", f"/embed/models/toy-rules?{FOUNDING}"],
)  # fmt: skip
def test_page_vary_names_what_it_depends_on(
    client: httpx.Client, address: str, headers: dict[str, str]
) -> None:
    vary = client.get(address, headers=headers).headers["vary"]
    assert {"HX-Request", "HX-History-Restore-Request"} <= {v.strip() for v in vary.split(",")}


def test_error_page_vary_names_what_it_depends_on(client: httpx.Client) -> None:
    for headers in (HTML, HTMX):
        vary = client.get("/models/nothing", headers=headers).headers["vary"]
        assert "HX-Request" in vary


@pytest.mark.parametrize(
    "address",
    [f"/models/toy-rules?{FOUNDING}", f"/models/toy-rules?{FOUNDING}&t=2",
     f"/models/toy-lstm?{FOUNDING}&t=2&sharpness=4", "/models/sentiment?text=I+love+France&unit=3",
     f"/embed/models/toy-rules?{FOUNDING}&t=2"],
)  # fmt: skip
def test_push_url_is_left_out_at_the_canonical_address(client: httpx.Client, address: str) -> None:
    assert "hx-push-url" not in client.get(address, headers=HTMX).headers


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/models/toy-rules?x1=3&x2=1&x3=0&x1=&x2=&x3=", "/models/toy-rules?x=3,1,0"),
        ("/models/toy-rules?t=2&x=3%2C1%2C0%3B5%2C0%2C1", "/models/toy-rules?x=3,1,0;5,0,1&t=2"),
        ("/models/sentiment?text=I%20love", "/models/sentiment?text=I+love"),
        ("/models/toy-lstm?x=3,1,0&sharpness=4.0", "/models/toy-lstm?x=3,1,0&sharpness=4"),
        ("/models/toy-lstm?x=3,1,0&sharpness=100", "/models/toy-lstm?x=3,1,0"),
        ("/models/toy-rules?x=3,1,0&other=1&unit=", "/models/toy-rules?x=3,1,0"),
        ("/embed/models/toy-rules?x1=3&x2=1&x3=0", "/embed/models/toy-rules?x=3,1,0"),
    ],
)
def test_push_url_is_the_canonical_address_where_the_asked_one_differs(
    client: httpx.Client, address: str, canonical: str
) -> None:
    response = client.get(address, headers=HTMX)
    assert response.status_code == 200
    assert response.headers["hx-push-url"] == canonical
    assert "hx-push-url" not in client.get(address, headers=HTML).headers


def test_push_url_is_left_out_where_the_input_is_refused(client: httpx.Client) -> None:
    response = client.get("/models/toy-rules?x1=3&x2=2&x3=0", headers=HTMX)
    assert response.status_code == 422
    assert "hx-push-url" not in response.headers


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("x1=3&x2=1&x3=0&x1=5&x2=0&x3=1&x1=&x2=&x3=", "x=3,1,0;5,0,1"),
        ("x1=3&x2=1&x3=0&x1=5&x2=0&x3=1&x1=&x2=&x3=&drop=1", "x=5,0,1"),
        ("x1=3&x2=1&x3=0&t=1&sharpness=4", "x=3,1,0&t=1&sharpness=4"),
        ("x1=3&x2=1&x3=0&sharpness=100", "x=3,1,0"),
        ("x1=%E2%88%923&x2=%E2%88%921&x3=0", "x=%E2%88%923,%E2%88%921,0"),
    ],
)
def test_form_query_without_htmx_is_sent_to_the_canonical_address(
    client: httpx.Client, query: str, canonical: str
) -> None:
    response = client.get(f"/models/toy-lstm?{query}", headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == f"/models/toy-lstm?{canonical}"
    assert client.get(response.headers["location"], headers=HTML).status_code == 200


@pytest.mark.parametrize("where", ["/models", "/embed/models"])
@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm"])
@pytest.mark.parametrize(
    ("query", "row", "field", "value", "words"),
    [
        ("x=3,1,0;5,2,1", 2, "x2", "2", "Row 2: x2 is 2; it should be 1 (add)"),
        ("x=3,1,7", 1, "x3", "7", "Row 1: x3 is 7; it should be 1 (output)"),
        ("x=3,1,0;5,y,1", 2, "x2", "y", "Row 2: x2 is “y”, which isn't a number"),
        ("x1=3&x2=1&x3=0&x1=5&x2=&x3=1", 2, "x2", "", "Row 2: x2 is empty"),
        ("x=1e10,1,0", 1, "x1", "1e10", "Row 1: x1 is 1e+10"),
    ],
)
def test_wrong_vectors_are_told_at_their_cell(
    client: httpx.Client,
    where: str,
    model_id: str,
    query: str,
    row: int,
    field: str,
    value: str,
    words: str,
) -> None:
    address = f"{where}/{model_id}?{query}"
    whole = page(client, address, 422)
    fragment = read_html(client.get(address, headers=HTMX).text)
    for found in (whole, fragment):
        (cell,) = found.all("input", **{"aria-invalid": "true"})
        assert cell.get("id") == f"r{row}{field}"
        assert cell.get("value") == value
        assert found.one(id=cell.get("aria-describedby")).text.startswith(words)
        assert found.one(id="message").text.startswith(words)
    assert [node.get("id") for node in fragment.inside if isinstance(node, Node)] == ["input"]
    # The page still shows the model's first example, and says that it does.
    assert "first example" in whole.one(id="message").text
    assert whole.one("output", class_="where").text.endswith("of 4")
    first = client.get(api(model_id)).json()["examples"][0]
    assert (
        whole.one("link", rel="alternate", type="application/json").get("href")
        == f"{api(model_id, '/trace')}?{first}"
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("x=3,1", "Row 1 has 2 numbers; the rules need three: x1, x2, x3."),
        ("x=3,1,0,1", "Row 1 has 4 numbers; the rules need three: x1, x2, x3."),
        ("x=;", "The rules need at least one vector"),
        ("text=I+love+France", "toy-rules reads vectors of 3 numbers"),
        (f"{FOUNDING}&text=love", "Give vectors (x=…) or a text (text=…), not both."),
        ("x=" + "1,1,0;" * 513, "The input has 513 rows; at most 512 steps are run."),
        (f"{FOUNDING}&sharpness=4", "toy-rules has no sharpness to set"),
        (f"{FOUNDING}&checkpoint=old", "toy-rules has no checkpoint of that name"),
    ],
)
def test_wrong_input_of_the_toy_is_told_in_the_form(
    client: httpx.Client, query: str, words: str
) -> None:
    assert page(client, f"/models/toy-rules?{query}", 422).one(id="message").text.startswith(words)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("text=", "There is no word in the text"),
        ("text=+%0A", "There is no word in the text"),
        ("x=3,1,0", "sentiment reads words, not vectors"),
        ("text=" + "good+" * 513, "The input has 513 tokens; at most 512 steps are run."),
        ("text=" + "a" * 8001, "The text has 8,001 characters; at most 8,000 are read."),
    ],
)
def test_wrong_sentence_is_told_in_the_form(client: httpx.Client, query: str, words: str) -> None:
    found = page(client, f"/models/sentiment?{query}", 422)
    assert found.one(id="message").text.startswith(words)
    field = found.one("input", id="text")
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "message")
    assert field.get("value") == dict(parse_qsl(query, keep_blank_values=True)).get("text", "")
    assert found.one("output", class_="where").text == "step 3 of 3"


@pytest.mark.parametrize("address", ["/models/nothing", "/embed/models/nothing", "/nothing"])
def test_unknown_address_gives_a_page_that_leads_to_the_models(
    client: httpx.Client, address: str
) -> None:
    found = page(client, address, 404)
    assert "404" in found.one("main").text
    addresses = set(links(found.one("main")))
    assert addresses == {f"/models/{card.id}" for card in registry.menu()}


def test_unknown_model_gives_htmx_a_message_line(client: httpx.Client) -> None:
    response = client.get("/models/nothing", headers=HTMX)
    found = read_html(response.text)
    assert response.status_code == 404
    assert [node.get("id") for node in found.inside if isinstance(node, Node)] == ["message"]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "</title><script>alert(1)</script>",
    "</main></body><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "&lt;b&gt; &amp; &#60; &copy",
    "javascript:alert(1)",
    "<!-- --> ]]> <style>*{color:red}</style>",
    "\u202egnp.exe \u2066 عربى 😀",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["/models", "/embed/models"])
def test_text_is_escaped_wherever_it_stands(client: httpx.Client, where: str, text: str) -> None:
    query = urlencode({"text": text})
    tokens = [step["token"] for step in trace(client, "sentiment", query)["steps"]]
    for t, token in enumerate(tokens, 1):
        found = page(client, f"{where}/sentiment?{query}&t={t}")
        assert_is_within_the_policy(found)
        assert found.one("input", id="text").get("value") == text
        assert found.one("head").one("title").text.startswith(" ".join(token.split()))
        chips = [chip.one("b").text for chip in found.one(id="tape").all("li")]
        assert chips == tokens
        assert found.one(id="what-happens").one("q").text == token
        for field in found.all("input", type="hidden", name="text"):
            assert field.get("value") == text
        assert not found.has("img")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm"])
def test_cell_is_escaped_wherever_it_stands(client: httpx.Client, model_id: str, text: str) -> None:
    typed = text.replace(",", " ").replace(";", " ")
    found = page(client, f"/models/{model_id}?{urlencode({'x': f'3,1,0;{typed},1,0'})}", 422)
    assert_is_within_the_policy(found)
    assert found.one(id="r2x1").get("value") == typed.strip()
    assert not found.has("img")


def assert_is_within_the_policy(found: Node) -> None:
    """Nothing inline that the Content-Security-Policy would have to allow."""
    assert not found.has("style")
    for node in found.walk():
        assert "style" not in node.attributes, node
        assert not [name for name in node.attributes if name.startswith("on")], node
        assert not node.get("href").lower().startswith(("javascript:", "data:")), node
        assert node.get("href").startswith(("/", "#", "http")) or "href" not in node.attributes
        assert node.tag not in {"object", "embed", "base"}
        assert node.tag != "iframe" or node.get("src").startswith("/embed/models/")
    for script in found.all("script"):
        assert script.text == ""
        own = script.get("src").startswith("/static/js/")
        assert own or script.get("src").startswith("https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/")
        assert own or script.get("integrity").startswith("sha384-")


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_every_page_needs_nothing_inline(client: httpx.Client, address: str) -> None:
    response = client.get(address, headers=HTML)
    found = read_html(response.text)
    assert_is_within_the_policy(found)
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    framed = "frame-ancestors *" if address.startswith("/embed/") else "frame-ancestors 'none'"
    assert framed in policy


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_every_page_has_each_id_once_and_its_references_lead_somewhere(
    client: httpx.Client, address: str
) -> None:
    found = read_html(client.get(address, headers=HTML).text)
    ids = [node.get("id") for node in found.walk() if "id" in node.attributes]
    assert sorted(ids) == sorted(set(ids))
    for node in found.walk():
        for name in ("for", "form", "popovertarget", "aria-describedby", "aria-labelledby"):
            assert name not in node.attributes or node.get(name) in ids, (node.tag, node.attributes)
        href = node.get("href")
        assert not href.startswith("#") or href.removeprefix("#") in ids, href
    assert found.one("html").get("lang") == "en"
    assert found.one("title") in found.one("head").inside
    assert len(found.all("h1")) == 1


@pytest.mark.parametrize(
    ("model_id", "query", "steps"),
    [
        ("sentiment", "text=good", 1),
        ("sentiment", "text=" + "+".join(["wonderful", "dull", "but", "fine"] * 50), 200),
        ("sentiment", "text=" + "+".join(["so"] * 512), 512),
        ("toy-rules", "x=3,1,1", 1),
        ("toy-rules", "x=" + ";".join(["1,1,1"] * 512), 512),
        ("toy-lstm", "x=" + ";".join(["1,1,1"] * 512), 512),
    ],
)
def test_page_of_any_length_shows_every_step_asked_for(
    client: httpx.Client, model_id: str, query: str, steps: int
) -> None:
    document = trace(client, model_id, query)
    for t in sorted({1, (steps + 1) // 2, steps}):
        found = page(client, f"/models/{model_id}?{query}&t={t}")
        assert found.one("output", class_="where").text == f"step {t} of {steps}"
        assert_panels_agree(found, expected_panels(model_id, document, t))
        chips = [li for li in found.one(id="tape").all("li") if li.get("id")]
        assert len(chips) == min(steps, 60)
        assert f"chip{t}" in [chip.get("id") for chip in chips]


@pytest.mark.parametrize("where", ["/models", "/embed/models"])
@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_page_without_javascript_has_every_control(
    client: httpx.Client, model_id: str, query: str, where: str
) -> None:
    document = trace(client, model_id, query)
    steps, units = len(document["steps"]), len(document["steps"][0]["layers"][0]["cell_state"])
    t = (steps + 1) // 2
    found = page(client, f"{where}/{model_id}?{query}&t={t}")
    expected = {"first": 1, "prev": max(t - 1, 1), "next": min(t + 1, steps), "last": steps}
    for name, target in expected.items():
        asked = dict(parse_qsl(found.one("a", id=name).get("href").partition("?")[2]))
        assert asked.pop("t") == str(target)
        assert asked == dict(parse_qsl(query))
    asked_for = [dict(parse_qsl(address.partition("?")[2])) for address in submissions(found)]
    for target in range(1, steps + 1):
        assert dict(parse_qsl(query)) | {"t": str(target)} in asked_for
    for unit in range(1, units + 1):
        assert dict(parse_qsl(query)) | {"t": str(t), "unit": str(unit)} in asked_for
    # What only a script can do is hidden until a script is there.
    assert all("hidden" in found.one(id=name).attributes for name in ("play",))
    assert found.one("form", id="scrub").one("noscript").has("button")


@pytest.mark.parametrize("address", [a for a in EVERY_PAGE if a != "/docs"])
def test_every_address_on_a_page_answers(client: httpx.Client, address: str) -> None:
    found = read_html(client.get(address, headers=HTML).text)
    files = [node.get("href") for node in found.all("link")]
    files += [node.get("src") for node in found.all("script")]
    addresses = {*links(found), *submissions(found), *(f for f in files if f.startswith("/"))}
    assert addresses
    for each in sorted(addresses):
        response = client.get(each, headers=HTML)
        if response.status_code == 422 and address_is_at_fault(address, each):
            continue
        assert response.status_code in {200, 303}, (each, response.status_code)
        if response.status_code == 303:
            assert client.get(response.headers["location"]).status_code == 200, each


def address_is_at_fault(page_address: str, asked: str) -> bool:
    """Whether the form holds an error that it sends again, or drops its only row."""
    refused = "x=3,2,0" in page_address or page_address.endswith("text=")
    refused = refused or "width=20" in page_address or "x=3,7,0" in page_address
    return refused or "drop=1" in asked


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_embed_leads_only_to_what_may_be_framed(
    client: httpx.Client, model_id: str, query: str
) -> None:
    found = page(client, f"/embed/models/{model_id}?{query}")
    assert not found.has("header")
    assert not found.has("nav")
    staying = [a.get("href") for a in found.all("a") if a.get("target") != "_blank"]
    for address in {*staying, *submissions(found)}:
        response = client.get(address, headers=HTML)
        assert "frame-ancestors *" in response.headers["content-security-policy"], address
    (leaving,) = found.all("a", target="_blank")
    assert leaving.get("href").startswith(f"/models/{model_id}?")
    canonical = found.one("link", rel="canonical").get("href")
    assert canonical == str(client.base_url).rstrip("/") + str(leaving.get("href"))


def test_embed_shows_the_same_numbers_as_the_page(client: httpx.Client) -> None:
    document = trace(client, "sentiment", SENTENCE)
    found = page(client, f"/embed/models/sentiment?{SENTENCE}&t=4&unit=2")
    assert_panels_agree(found, expected_panels("sentiment", document, 4))
    assert_step_agrees(found, document, 4)


def test_sentiment_page_prints_the_figures_of_its_card(client: httpx.Client) -> None:
    metrics = client.get(api("sentiment")).json()["metrics"]
    rows = page(client, "/models/sentiment").one(id="card").one("tbody").all("tr")
    found = {}
    for row in rows:
        split, shipped, spread = (cell.text for cell in row.all("td"))
        name = "five_classes" if "five" in row.one("th").text else "binary"
        found[f"{split}_{name}_accuracy"] = (shipped, spread)
    names = {f"{s}_{n}_accuracy" for s in ("test", "dev") for n in ("binary", "five_classes")}
    assert found.keys() == names
    for name, (shipped, spread) in found.items():
        mean, rest = spread.split(" ± ")
        deviation, seeds = rest.split(" % over ")
        assert seeds == f"{metrics['seeds']} seeds"
        assert agrees(shipped.removesuffix(" %"), metrics[name] * 100)
        assert agrees(mean, metrics[f"{name}_mean"] * 100)
        assert agrees(deviation, metrics[f"{name}_deviation"] * 100)


def test_sentiment_page_tells_data_seed_and_splits(client: httpx.Client) -> None:
    card = page(client, "/models/sentiment").one(id="card").text
    details = client.get(api("sentiment")).json()["details"]
    assert f"Seed {details['training']['seed']} of" in card
    assert details["training"]["how"] in card
    assert f"and {details['training']['made_texts']} made texts." in card
    for source in details["data"]:
        assert source["name"] in card
        assert source["licence"] in card
    for name, split in details["splits"].items():
        assert f"{name} {split['sentences']} sentences ({split['not_neutral']} not neutral)" in card


def test_founding_sentence_stands_beside_the_toy(client: httpx.Client) -> None:
    found = page(client, "/models/sentiment?text=I+love+France").one("section", class_="beside")
    rows = found.one("tbody").all("tr")
    assert [(row.one("th").text, row.all("td")[0].text) for row in rows] == [
        ("I", "(3, 1, 0)"),
        ("love", "(5, 1, 0)"),
        ("France", "(2, 1, 1)"),
    ]
    cells = [[cell.text for cell in row.all("td")[1:]] for row in rows]
    assert [row[:3] for row in cells] == [["1", "0", "0"], ["1", "0", "0"], ["1", "0", "1"]]
    steps = trace(client, "sentiment", "text=I+love+France")["steps"]
    for row, step in zip(cells, steps, strict=True):
        for printed, name in zip(row[3:], ("store", "reset", "output"), strict=True):
            assert agrees(printed, step["roles"][name])


def test_founding_tables_are_one_click_from_home(client: httpx.Client) -> None:
    addresses = links(page(client, "/"))
    for query in ("x=3,1,0;5,0,1;2,1,0;3,0,1", "x=3,1,0;5,1,0;2,1,1"):
        assert f"/models/toy-rules?{query}" in addresses
    assert "/models/sentiment?text=I+love+France" in addresses


def test_other_sentence_has_nothing_beside_it(client: httpx.Client) -> None:
    assert not page(client, "/models/sentiment?text=I+love+Spain").has(class_="beside")


def test_page_names_gates_by_both_names_and_explains_the_signs(client: httpx.Client) -> None:
    found = page(client, "/models/sentiment?text=I+love+France")
    for key, nickname, name in (
        ("f", "Eraser", "forget gate"),
        ("i", "Filter", "input gate"),
        ("g", "Writer", "candidate"),
        ("o", "Presenter", "output gate"),
    ):
        panel = found.one(id=f"panel-{key}")
        assert panel.one("h3").text == nickname
        assert name in panel.text
    for tip, words in (
        ("selector", "Selector"),
        ("adder", "Knowledge adder"),
        ("gatekeeper", "Gatekeeper"),
        ("featurizer", "Featurizer"),
    ):
        assert words in found.one(id=f"tip-{tip}").text
        assert found.has("button", popovertarget=f"tip-{tip}")


def test_refused_sharpness_stays_in_its_field_and_is_marked(client: httpx.Client) -> None:
    answer = client.get("/models/toy-lstm", params={"x": "3,1,0", "sharpness": "hard"})
    assert answer.status_code == 422
    field = re.search(r'<input id="sharpness"[^>]*>', answer.text)
    assert field is not None
    assert 'value="hard"' in field[0]
    assert 'aria-invalid="true"' in field[0]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("text=I+love+France&t=2", "/models/sentiment?text=I+love+France&t=2"),
        ("x=3,1,0", "/models/toy-rules?x=3%2C1%2C0"),
    ],
)
def test_query_at_the_root_goes_on_to_the_model_that_reads_it(
    client: httpx.Client, query: str, address: str
) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 303
    assert answer.headers["location"] == address


def test_weights_link_of_the_toy_lstm_carries_its_sharpness(client: httpx.Client) -> None:
    page = client.get("/models/toy-lstm?x=3,1,0&sharpness=4").text
    assert 'href="/api/v1/models/toy-lstm/weights.safetensors?sharpness=4"' in page


def test_canonical_address_names_the_public_host_where_one_is_set() -> None:
    with running_server({"GATE_EXPLORER_PUBLIC_URL": "https://gates.example/"}) as server:
        found = httpx.get(server.url + "/models/toy-rules?x=3,1,0&t=1").text
    assert 'rel="canonical" href="https://gates.example/models/toy-rules?x=3,1,0&amp;t=1"' in found
