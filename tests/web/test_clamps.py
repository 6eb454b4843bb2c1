"""What-if runs over HTTP: gates held in the trace, its exports, and on the page."""

import csv
import io
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest

from app.views.documents import schema
from tests.web.asking import answer, api, problem, trace

HTML = {"Accept": "text/html"}
SENTENCE = "text=The+movie+was+not+good"


def held(client: httpx.Client, query: str, model_id: str = "sentiment") -> dict[str, Any]:
    return answer(client.get(api(model_id, f"/trace?{query}")), schema.Trace)


def gate(run: dict[str, Any], t: int, name: str) -> list[float]:
    values: list[float] = run["steps"][t - 1]["layers"][0][name]
    return values


def test_trace_with_a_clamp_holds_the_gate_and_follows_from_there(client: httpx.Client) -> None:
    free = held(client, SENTENCE)
    run = held(client, f"{SENTENCE}&clamp=forget_gate:0@4")
    assert run["steps"][:3] == free["steps"][:3]
    assert set(gate(run, 4, "forget_gate")) == {0}
    product = np.multiply(gate(run, 4, "input_gate"), gate(run, 4, "candidate"))
    np.testing.assert_allclose(gate(run, 4, "cell_state"), product, atol=1e-6)
    assert run["steps"][3]["roles"]["reset"] == 1
    assert run["steps"][4]["output"] != free["steps"][4]["output"]
    assert run["steps"][3]["story"].startswith("By hand, the Eraser is held at 0. At “not”")
    assert "By hand" not in run["steps"][4]["story"]


@pytest.mark.parametrize(
    "clamps",
    [
        "clamp=forget_gate:0@4&clamp=output_gate:1@2-5/7,9",
        "clamp=forget_gate:0@4;output_gate:1@2-5/7,9",
        f"clamp={quote('forget_gate:0@4; output_gate:1@2-5/7,9')}",
    ],
)
def test_clamps_repeated_or_joined_are_those_of_a_body(client: httpx.Client, clamps: str) -> None:
    run = held(client, f"{SENTENCE}&{clamps}")
    body = {
        "text": "The movie was not good",
        "clamp": ["forget_gate:0@4", "output_gate:1@2-5/7,9"],
    }
    assert run == trace(client, "sentiment", **body)
    assert [gate(run, t, "output_gate")[6] for t in (2, 5)] == [1, 1]
    assert gate(run, 1, "output_gate")[6] != 1


def test_clamp_of_the_rules_overrides_the_rule(client: httpx.Client) -> None:
    run = held(client, "x=3,1,0;5,0,1;2,1,0;3,0,1&clamp=forget_gate:0@3", "toy-rules")
    assert [gate(run, t, "cell_state") for t in (1, 2, 3, 4)] == [[3], [3], [2], [2]]
    assert run["steps"][2]["story"].startswith("By hand, the Eraser is held at 0.")
    assert run["steps"][3]["story"].startswith("x2 = 0")


@pytest.mark.parametrize("model_id", ["toy-lstm", "adding"])
def test_clamp_holds_in_every_model_of_vectors(client: httpx.Client, model_id: str) -> None:
    x = "0.3,1;0.5,0" if model_id == "adding" else "3,1,0;5,0,1"
    run = held(client, f"x={x}&clamp=input_gate:0.25@*", model_id)
    assert {value for t in (1, 2) for value in gate(run, t, "input_gate")} == {0.25}


def test_clamp_of_a_run_carried_on_counts_from_its_start(client: httpx.Client) -> None:
    whole = trace(client, "counter", text="aaabbb", clamp="forget_gate:0@5")
    state = trace(client, "counter", text="aaa")["state"]
    rest = trace(client, "counter", text="bbb", state=state, clamp=["forget_gate:0@5"])
    assert rest["steps"] == whole["steps"][3:]


@pytest.mark.parametrize(
    ("model_id", "query"),
    [
        ("sentiment", "text=good&clamp=forget_gate:0@2"),
        ("sentiment", "text=good&clamp=forget_gate:0@1/49"),
        ("sentiment", "text=good&clamp=forget_gate:2@1"),
        ("sentiment", "text=good&clamp=eraser:0@1"),
        ("sentiment", "text=good&clamp=%3Cscript%3E"),
        ("sentiment", "text=good&clamp=" + ";".join(f"forget_gate:0.{n}@1" for n in range(10, 30))),
        ("toy-rules", "x=3,1,0&clamp=candidate:2e9@1"),
        ("counter-rnn", "text=ab&clamp=forget_gate:0@1"),
    ],
)
def test_clamp_that_cant_be_used_gives_422_naming_it(
    client: httpx.Client, model_id: str, query: str
) -> None:
    found = problem(client.get(api(model_id, f"/trace?{query}")), 422)
    assert [error["loc"] for error in found["errors"]] == [["clamp"]]
    assert client.get(f"/models/{model_id}?{query}", headers=HTML).status_code == 422


def test_exports_of_a_clamped_run_are_its_own(client: httpx.Client) -> None:
    query = f"{SENTENCE}&clamp=forget_gate:0@4"
    rows = csv.DictReader(io.StringIO(client.get(api("sentiment", f"/trace.csv?{query}")).text))
    assert {float(row["forget_gate"]) for row in rows if row["t"] == "4"} == {0}
    picture = client.get(api("sentiment", f"/trace.svg?{query}&t=4")).text
    assert "Sentence, gates held" in picture
    assert "gates held" not in client.get(api("sentiment", f"/trace.svg?{SENTENCE}&t=4")).text


@pytest.mark.parametrize(
    ("query", "wrong"),
    [(f"{SENTENCE}&clamp=forget_gate:0@9", False), ("text=+", True), ("text=good&unit=x", False)],
)
def test_page_marks_the_text_only_where_it_is_at_fault(
    client: httpx.Client, query: str, wrong: bool
) -> None:
    page = client.get(f"/models/sentiment?{query}", headers=HTML)
    assert page.status_code == 422
    assert ('aria-invalid="true"' in page.text) is wrong


def test_page_of_a_clamped_run_says_what_is_held_and_lets_go(client: httpx.Client) -> None:
    clamps = "forget_gate:0@4;output_gate:1@2-5/7,9"
    page = client.get(
        f"/models/sentiment?{SENTENCE}&t=4&drawer=hold&clamp={clamps}", headers=HTML
    ).text
    for expected in (
        "is held at 0 at step 4",
        "is held at 1 at steps 2–5 in units 7, 9",
        f'href="/models/sentiment?{SENTENCE}&amp;t=4&amp;drawer=hold&amp;clamp=output_gate:1@2-5/7,9"',
        f'href="/models/sentiment?{SENTENCE}&amp;t=4&amp;drawer=hold&amp;clamp=forget_gate:0@4"',
        f'href="/models/sentiment?{SENTENCE}&amp;t=4&amp;drawer=hold">Let go',
        "itself with nothing held",
        "Sentence, gates held",
        f"/api/v1/models/sentiment/trace?{SENTENCE}&amp;clamp={clamps}",
    ):
        assert expected in page, expected
    assert 'id="importance"' not in page  # the words are weighed, and the gradient followed, on
    assert 'id="flow"' not in page  # the run as it is


@pytest.mark.parametrize(
    ("typed", "clamp"),
    [
        ("hold=forget_gate&hold_at=0&hold_steps=2&hold_units=", "forget_gate:0@2"),
        ("hold=forget_gate&hold_at=0.5&hold_steps=t&hold_units=3", "forget_gate:0.5@2/3"),
        ("hold=candidate&hold_at=%E2%88%920,5&hold_steps=&hold_units=7", "candidate:-0.5@*/7"),
        (
            "clamp=forget_gate:0@2&hold=output_gate&hold_at=1&hold_steps=3&hold_units=",
            "forget_gate:0@2;output_gate:1@3",
        ),
        (
            "clamp=forget_gate:0@2&hold=forget_gate&hold_at=0&hold_steps=2&hold_units=",
            "forget_gate:0@2",
        ),
    ],
)
def test_form_that_holds_a_gate_goes_on_to_its_address(
    client: httpx.Client, typed: str, clamp: str
) -> None:
    response = client.get(f"/models/sentiment?text=I+love+France&t=2&{typed}", headers=HTML)
    assert response.status_code == 303
    expected = f"/models/sentiment?text=I+love+France&t=2&clamp={clamp}"
    assert response.headers["location"] == expected


def test_page_of_a_clamped_example_leaves_out_what_is_said_of_the_example(
    client: httpx.Client,
) -> None:
    address = "/models/toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1&t=3"
    said = "and the memory is shown as 5."
    assert said in client.get(address, headers=HTML).text.partition("</form>")[2]
    clamped = client.get(f"{address}&clamp=forget_gate:0@3", headers=HTML).text
    assert '<p class="note">' not in clamped


def test_compare_keeps_what_a_lane_holds_and_lets_go_of_it(client: httpx.Client) -> None:
    address = f"/compare?a=sentiment?{SENTENCE}%26clamp=forget_gate:0@4&b=sentiment&t=4"
    page = client.get(address, headers=HTML, follow_redirects=True).text
    assert "A: Sentence, forget_gate:0@4 held" in page
    assert f'href="/compare?a=sentiment?{SENTENCE}&amp;b=sentiment?{SENTENCE}.&amp;t=4"' in page
