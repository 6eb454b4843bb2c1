"""The pages over real HTTP: every control without JavaScript, every text escaped, fragments for
those who ask for them, and words where an input can't be used. Their numbers: test_desk.py."""

import re
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.server import running_server
from tests.web.asking import api
from tests.web.reading import HTML, HTMX, Node, links, page, read_html, submissions, twin, values

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
MENU = {card.id for card in (*registry.menu(), *registry.memory_tasks())}
ALL_MODELS = [model.card.id for model in registry.all_models()]
DRAWERS = ("unit", "hold", "attribution", "founding", "run", "gradients", "training", "about")
EVERY_PAGE = [
    "/",
    "/glossary",
    "/models/adding/distances?checkpoint=step-722",
    *(f"/models/{model_id}" for model_id in ALL_MODELS),
    *(f"/embed/models/{model_id}" for model_id in ALL_MODELS),
    *(f"/models/sentiment?text=I+love+France&t=2&drawer={drawer}" for drawer in DRAWERS),
    *(f"/models/counter?text=aabb&t=2&drawer={drawer}&tables=shown" for drawer in DRAWERS),
    "/models/sentiment?text=I+love+France&t=2&gate=f&pins=2,7&show=o&sort=similarity&drawer=unit",
    "/models/sentiment?text=I+love+France&t=2&clamp=forget_gate:0@2;output_gate:1@*/7",
    "/models/toy-rules?x=3,1,0;5,0,1&t=1&tour=1",
    "/models/characters?text=ROMEO:&t=3&unit=77&page=2",
    *(f"/models/{model_id}?{query}" for model_id, query in STATES),
    *(f"/embed/models/{model_id}?{query}" for model_id, query in STATES),
    *(f"/embed/models/{model_id}?{query}&controls=0&theme=dark" for model_id, query in STATES),
    *(f"/share/models/{model_id}?{query}" for model_id, query in STATES),
    "/share/models/toy-rules?x=3,1,0&width=20&height=300&theme=dark",
    "/models/toy-rules?x=3,2,0",
    "/embed/models/toy-rules?x=3,2,0",
    "/models/sentiment?text=",
    "/models/nothing",
    "/nothing",
    "/docs",
]


def test_home_opens_on_the_toy_showing_three(client: httpx.Client) -> None:
    found = page(client, "/")
    assert found.one("main").one("h1").text == "Three rules"
    assert found.one("output", class_="where").text == "2 of 4"
    assert found.one(id="verdict").one(class_="headline").text == "3 comes out"
    assert values(found) == {
        "c_prev": "3", "f": "1", "i": "0", "g": "5", "c": "3", "o": "1", "h": "3"
    }  # fmt: skip
    steps = found.one("form", id="vectors").all(class_="step")[:4]
    assert [[n.get("value") for n in step.all("input")] for step in steps] == [
        [*"310"], [*"501"], [*"210"], [*"301"]
    ]  # fmt: skip
    assert [[a.text for a in step.all("a", class_="switch")] for step in steps] == [
        ["add", "hide"], ["ignore", "show"], ["add", "hide"], ["ignore", "show"]
    ]  # fmt: skip
    assert "output 3" in found.one(id="story").text


@pytest.mark.parametrize("model_id", ALL_MODELS)
def test_model_page_without_a_query_shows_the_first_example(
    client: httpx.Client, model_id: str
) -> None:
    found = page(client, f"/models/{model_id}")
    card = client.get(api(model_id)).json()
    assert found.one("main").one("h1").text == card["title"]
    assert found.one("main").get("data-json") == f"{api(model_id, '/trace')}?{card['examples'][0]}"
    here = {a.get("href") for a in found.all("a", **{"aria-current": "page"})}
    assert here == ({f"/models/{model_id}"} if card["id"] in MENU else set())
    assert found.one("link", rel="canonical").get("href") == (
        f"{str(client.base_url).rstrip('/')}/models/{model_id}?{card['examples'][0]}"
    )


@pytest.mark.parametrize("where", ["/models/", "/embed/models/"])
@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_page_names_its_json_twin(
    client: httpx.Client, model_id: str, query: str, where: str
) -> None:
    found = page(client, f"{where}{model_id}?{query}&t=1&unit=1")
    named = found.one("link", rel="alternate", type="application/json")
    assert named.get("type") == "application/json"
    response = client.get(named.get("href"))
    assert response.status_code == 200
    assert response.json() == twin(client, model_id, query)
    assert str(len(response.json()["steps"])) == found.one("main").get("data-steps")


@pytest.mark.parametrize(
    ("address", "t", "unit"),
    [
        ("/models/toy-rules?x=3,1,0;5,0,1&t=9", "2", None),
        ("/models/sentiment?text=I+love+France&t=1000000&unit=1000000", "3", "48"),
        ("/models/sentiment?text=I+love+France&unit=49", "3", "48"),
    ],
)
def test_page_step_and_unit_out_of_range_are_clamped(
    client: httpx.Client, address: str, t: str, unit: str | None
) -> None:
    found = page(client, address)
    assert found.one("main").get("data-t") == t
    assert found.one(id="scrubber").get("value") == t
    assert unit in {None, found.one(id="desk").get("data-unit")}


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
        for cell in found.all("input", **{"aria-invalid": "true"}):
            assert found.one(id=cell.get("aria-describedby")).text.startswith(words)
        assert found.one(id="message").text.startswith(words)
    assert [node.get("id") for node in fragment.inside if isinstance(node, Node)] == ["input"]
    cell = whole.one("input", id=f"r{row}{field}")
    assert (cell.get("value"), cell.get("aria-invalid")) == (value, "true")
    # The page still shows the model's first example, and says that it does.
    assert "first example" in whole.one(id="message").text
    assert whole.one("output", class_="where").text.endswith(" of 4")
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
    field = found.one("input", id="field")
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "message")
    assert field.get("value") == dict(parse_qsl(query, keep_blank_values=True)).get("text", "")
    assert found.one("output", class_="where").text == "6 of 6"


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
    tokens = [step["token"] for step in twin(client, "sentiment", query)["steps"]]
    for t, token in enumerate(tokens, 1):
        found = page(client, f"{where}/sentiment?{query}&t={t}")
        assert_is_within_the_policy(found)
        assert found.one("input", id="field").get("value") == text
        assert found.one("head").one("title").text.startswith(" ".join(token.split()))
        labels = [step.one("b").text for step in found.one(id="tape").all("li")]
        assert labels == tokens
        assert found.one(id="verdict").one("q").one("b").text == token
        for field in found.all("input", type="hidden", name="text"):
            assert field.get("value") == text
        assert [node.get("src") for node in found.one("main").all("img")] == []


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm"])
def test_cell_is_escaped_wherever_it_stands(client: httpx.Client, model_id: str, text: str) -> None:
    typed = text.replace(",", " ").replace(";", " ")
    found = page(client, f"/models/{model_id}?{urlencode({'x': f'3,1,0;{typed},1,0'})}", 422)
    assert_is_within_the_policy(found)
    assert found.one(id="r2x1").get("value") == typed.strip()
    assert [node.get("src") for node in found.one("main").all("img")] == []


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
        own = script.get("src").startswith(("/static/explorer.js", "/static/js/"))
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


@pytest.mark.parametrize("where", ["/models", "/embed/models"])
@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_page_without_javascript_has_every_control(
    client: httpx.Client, model_id: str, query: str, where: str
) -> None:
    steps = len(twin(client, model_id, query)["steps"])
    t = (steps + 1) // 2
    found = page(client, f"{where}/{model_id}?{query}&t={t}")
    for name, target in {"prev": max(t - 1, 1), "next": min(t + 1, steps)}.items():
        asked = dict(parse_qsl(found.one("a", id=name).get("href").partition("?")[2]))
        assert asked.pop("t") == str(target)
        assert asked == dict(parse_qsl(query))
    asked_for = [dict(parse_qsl(address.partition("?")[2])) for address in submissions(found)]
    for target in range(1, steps + 1):
        assert dict(parse_qsl(query)) | {"t": str(target)} in asked_for
    # What only a script can do is hidden until a script is there.
    assert "hidden" in found.one(id="play").attributes
    assert found.one("form", id="scrub").one("noscript").has("button")


@pytest.mark.parametrize("model_id", ALL_MODELS)
def test_drawers_are_links_of_which_one_is_open(client: httpx.Client, model_id: str) -> None:
    found = page(client, f"/models/{model_id}")
    tabs = found.one(id="drawers").all("a", role="tab")
    assert len(tabs) >= 3
    for tab in tabs:
        shown = page(client, tab.get("href"))
        (chosen,) = shown.one(id="tabs").all("a", **{"aria-selected": "true"})
        assert (chosen.get("id"), chosen.text) == (tab.get("id"), tab.text)
        drawer = shown.one(id="drawer")
        assert drawer.get("aria-labelledby") == tab.get("id")
        assert drawer.text


@pytest.mark.parametrize("former", ["words=weighed", "gradient=shown"])
def test_former_address_of_a_panel_opens_its_drawer(client: httpx.Client, former: str) -> None:
    found = page(client, f"/models/sentiment?text=I+love+France&{former}")
    wanted = {"words=weighed": "tab-attribution", "gradient=shown": "tab-gradients"}[former]
    assert found.one(id="drawer").get("aria-labelledby") == wanted


def test_unit_is_chosen_by_a_form_without_javascript(client: httpx.Client) -> None:
    found = page(client, "/models/sentiment?text=I+love+France&t=2&unit=3&drawer=unit")
    form = found.one("form", id="unit-form")
    assert form.one("input", id="unit").get("value") == "3"
    assert form.one("noscript").has("button")


@pytest.mark.parametrize("address", [a for a in EVERY_PAGE if a not in {"/docs", "/glossary"}])
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
    refused = refused or "width=20" in page_address
    return refused or asked.endswith("x=")


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_embed_leads_only_to_what_may_be_framed(
    client: httpx.Client, model_id: str, query: str
) -> None:
    found = page(client, f"/embed/models/{model_id}?{query}")
    assert not found.has("header")
    assert {nav.get("class") for nav in found.all("nav")} <= {"unit-windows"}
    staying = [a.get("href") for a in found.all("a") if a.get("target") != "_blank"]
    for address in {*staying, *submissions(found)}:
        response = client.get(address, headers=HTML)
        assert "frame-ancestors *" in response.headers["content-security-policy"], address
    (leaving,) = found.all("a", target="_blank")
    assert leaving.get("href").startswith(f"/models/{model_id}?")
    canonical = found.one("link", rel="canonical").get("href")
    assert canonical == str(client.base_url).rstrip("/") + str(leaving.get("href"))


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
    page = client.get("/models/toy-lstm?x=3,1,0&sharpness=4&drawer=about").text
    assert 'href="/api/v1/models/toy-lstm/weights.safetensors?sharpness=4"' in page


def test_canonical_address_names_the_public_host_where_one_is_set() -> None:
    with running_server({"GATE_EXPLORER_PUBLIC_URL": "https://gates.example/"}) as server:
        found = httpx.get(server.url + "/models/toy-rules?x=3,1,0&t=1").text
    assert 'rel="canonical" href="https://gates.example/models/toy-rules?x=3,1,0&amp;t=1"' in found


def test_text_that_is_too_long_is_told_what_a_visitor_can_do(client: httpx.Client) -> None:
    page = client.get("/models/sentiment", params={"text": "so good " * 260})
    assert page.status_code == 422
    assert "520 tokens; at most 512 steps are run. Shorten it to its last 512" in page.text
    assert "pass its state" not in page.text
