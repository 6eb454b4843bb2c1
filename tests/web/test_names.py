"""With textbook names no nickname stands anywhere: not on a page, in a tip or table, in a file."""

import re

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.web.asking import api
from tests.web.reading import Node, page, read_html

NICKNAMES = re.compile(
    r"\b(Erasers?|Filters?|Writers?|Presenters?|Selectors?|Knowledge adder|Gatekeepers?"
    r"|Featurizers?)\b",
    re.IGNORECASE,
)
TOLD = ("title", "aria-label", "alt", "placeholder", "content", "data-top", "data-bottom")
CLAMP = "clamp=forget_gate:0@1;input_gate:1@2;output_gate:0.5@*;candidate:0@2/1"
LOOKS = ("", "gate=f", "gate=g&tables=shown", CLAMP)
MODELS = {model.card.id: model.card for model in registry.all_models()}


def words(found: Node) -> str:
    """All that a page says, to whoever reads it by whatever means."""
    told = [node.get(name) for node in found.walk() for name in TOLD if name in node.attributes]
    return "\n".join([found.text, *told])


def assert_textbook(where: str, text: str) -> None:
    """No nickname in the text."""
    found = NICKNAMES.search(text)
    assert found is None, (where, text[max(0, found.start() - 80) : found.end() + 40])


def drawers(found: Node) -> list[str]:
    """The addresses of a page's drawers."""
    return [tab.get("href") for tab in found.one(id="tabs").all("a", role="tab")]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("model_id", MODELS)
def test_textbook_names_leave_no_nickname_on_a_page(
    client: httpx.Client, model_id: str, look: str
) -> None:
    gated = MODELS[model_id].cell != "rnn"
    asked = look if gated else look.removeprefix(CLAMP)
    query = client.get(api(model_id)).json()["examples"][0]
    first = page(client, f"/models/{model_id}?{query}&t=2&names=symbols&{asked}")
    tabs = drawers(first)
    assert len(tabs) >= 3
    for address in tabs:
        assert_textbook(address, words(page(client, address)))
    framed = f"/embed/models/{model_id}?{query}&t=2&names=symbols&{asked}"
    assert_textbook(framed, words(page(client, framed)))


@pytest.mark.parametrize("ending", ["svg", "html", "csv", "ndjson"])
@pytest.mark.parametrize("model_id", MODELS)
def test_textbook_names_leave_no_nickname_in_a_file(
    client: httpx.Client, model_id: str, ending: str
) -> None:
    query = client.get(api(model_id)).json()["examples"][0]
    response = client.get(f"{api(model_id)}/trace.{ending}?{query}&t=2&names=symbols")
    assert response.status_code == 200
    # The story of a step is the JSON's own, nicknames and all: it has no names to choose.
    said = re.sub(r'"story":"[^"]*"', "", response.text) if ending == "ndjson" else response.text
    assert_textbook(f"{model_id} {ending}", said)


@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm", "sentiment", "counter-rnn"])
def test_nicknames_are_there_unless_others_are_asked_for(
    client: httpx.Client, model_id: str
) -> None:
    found = page(client, f"/models/{model_id}")
    assert NICKNAMES.search(words(found))
    query = client.get(api(model_id)).json()["examples"][0]
    svg = client.get(f"{api(model_id)}/trace.svg?{query}").text
    assert bool(NICKNAMES.search(svg)) == (MODELS[model_id].cell != "rnn")


def test_names_are_switched_by_a_link_that_keeps_the_rest(client: httpx.Client) -> None:
    query = "text=I+love+France&t=2&unit=3&drawer=run"
    there = page(client, f"/models/sentiment?{query}").one("a", id="names")
    found = page(client, there.get("href"))
    assert found.one(class_="row-f").one("button", class_="name").text == "Forget gate"
    assert "gate" in found.one(id="story").text
    back = dict(
        p.split("=") for p in found.one("a", id="names").get("href").split("?")[1].split("&")
    )
    assert back == dict(p.split("=") for p in query.split("&"))


def test_page_names_gates_by_both_names_and_explains_the_signs(client: httpx.Client) -> None:
    found = page(client, "/models/sentiment?text=I+love+France")
    for key, role, nickname, term in (
        ("f", "forget", "Eraser", "forget gate"),
        ("i", "input", "Filter", "input gate"),
        ("g", "candidate", "Writer", "candidate"),
        ("o", "output", "Presenter", "output gate"),
    ):
        name = found.one(class_=f"row-{key}").one("button", class_="name")
        assert name.text == nickname
        assert term in found.one(class_=f"row-{key}").text
        assert name.get("popovertarget") == f"tip-{role}"
        tip = found.one(id=f"tip-{role}")
        assert nickname in tip.text
        assert tip.one(class_="question").text.endswith("?")
    for key_of, words_of in (
        ("selector", "Selector"),
        ("adder", "Knowledge adder"),
        ("featurizer", "Featurizer"),
    ):
        assert words_of in found.one(id=f"tip-{key_of}").text
        assert found.has("button", popovertarget=f"tip-{key_of}")


def test_glossary_has_every_name_beside_the_fields_own_word(client: httpx.Client) -> None:
    text = read_html(client.get("/glossary").text).one("main").text
    for nickname, term in (
        ("the Eraser", "forget gate"),
        ("the Filter", "input gate"),
        ("the Writer", "candidate"),
        ("the Presenter", "output gate"),
        ("the Selector", "product"),
        ("the Knowledge adder", "sum"),
        ("the Gatekeeper", "sigmoid"),
        ("the Featurizer", "tanh"),
    ):
        assert nickname in text
        assert term in text
