"""Gradients, as the contract has them."""

from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest

from app.views.documents import schema
from tests.web.asking import (
    EVERY_MODEL,
    INPUTS,
    MODEL_IDS,
    TEXT,
    answer,
    api,
    given,
    problem,
    trace,
)

TASKS = {"counter": "text=aaabbb", "adding": "x=0.8,0;0.3,1;0.5,0;0.6,1", "reber": "text=BTXSE"}
FOUNDING = "x=3,1,0;5,0,1;2,1,0;3,0,1"


def gradients(client: httpx.Client, model_id: str, query: str) -> dict[str, Any]:
    return answer(client.get(api(model_id, f"/gradients?{query}")), schema.Gradients)


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_gradients_are_those_of_the_steps_of_the_trace(client: httpx.Client, model_id: str) -> None:
    found = answer(
        client.post(api(model_id, "/gradients"), json=INPUTS[model_id]), schema.Gradients
    )
    steps = trace(client, model_id)["steps"]
    assert found["model"] == model_id
    assert found["rnn"] is None
    assert [(s["t"], s["token"]) for s in found["steps"]] == [(s["t"], s["token"]) for s in steps]
    assert found["steps"][-1]["forget_product"] == 1
    assert found["steps"][-1]["hidden_gradient_norm"] > 0


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_forget_products_run_to_the_last_step_whatever_is_asked_about(
    client: httpx.Client, model_id: str
) -> None:
    steps = trace(client, model_id)["steps"]
    gates = [step["layers"][0]["forget_gate"] for step in steps]
    found = [gradients(client, model_id, given(model_id) + t) for t in ("", "&t=1")]
    products = [[step["forget_product"] for step in each["steps"]] for each in found]
    assert products[0] == products[1]
    for t, product in enumerate(products[0]):
        if gates[0] is None:
            assert product is None
        else:
            later = np.prod(np.array(gates[t + 1 :]).reshape(-1, len(gates[0])), axis=0)
            assert product == pytest.approx(later.mean(), rel=1e-5, abs=1e-30)


def test_gradients_by_get_and_by_post_are_the_same(client: httpx.Client) -> None:
    body = {"text": TEXT, "of": "negative"}
    by_post = client.post(api("sentiment", "/gradients"), json=body)
    by_get = gradients(client, "sentiment", f"text={quote(TEXT)}&of=negative")
    assert by_get == answer(by_post, schema.Gradients)


@pytest.mark.parametrize("model_id", TASKS)
def test_gradients_of_a_memory_task_have_its_twin_beside_them(
    client: httpx.Client, model_id: str
) -> None:
    found = gradients(client, model_id, TASKS[model_id])
    alone = gradients(client, f"{model_id}-rnn", f"{TASKS[model_id]}&of={quote(found['of'])}")
    assert found["rnn"] == alone["steps"]
    assert alone["rnn"] is None
    for own, twin in zip(found["steps"], found["rnn"], strict=True):
        assert (own["t"], own["token"]) == (twin["t"], twin["token"])
        assert own["cell_gradient_norm"] is not None
        assert twin["cell_gradient_norm"] is twin["forget_product"] is None


@pytest.mark.parametrize(
    ("model_id", "query", "of", "named"),
    [
        ("toy-rules", FOUNDING, None, "number"),
        ("toy-rules", FOUNDING, "number", "number"),
        ("toy-lstm", FOUNDING, "unit 1", "unit 1"),
        ("sentiment", "text=a+superb+film", None, "very positive"),
        ("sentiment", "text=a+superb+film", "7", "unit 7"),
        ("characters", "text=Good+queen", "e", "e"),
        ("characters", "text=Good+queen", "3", "3"),  # a character before it is a unit
        ("characters", "text=Good+queen", "unit 3", "unit 3"),
    ],
)
def test_gradients_say_what_they_are_of(
    client: httpx.Client, model_id: str, query: str, of: str | None, named: str
) -> None:
    asked = query if of is None else f"{query}&of={quote(of)}"
    assert gradients(client, model_id, asked)["of"] == named


def test_gradients_of_a_run_in_two_parts_are_those_of_the_whole(client: httpx.Client) -> None:
    whole = gradients(client, "counter", "text=aaabbb&of=closed")
    state = trace(client, "counter", text="aaa")["state"]
    body = {"text": "bbb", "of": "closed", "state": state}
    found = answer(client.post(api("counter", "/gradients"), json=body), schema.Gradients)
    assert found["rnn"] is None
    for part, step in zip(found["steps"], whole["steps"][3:], strict=True):
        assert part.pop("token") == step.pop("token")
        assert part == pytest.approx(step, rel=1e-5)


def test_gradients_at_a_checkpoint_are_other_ones(client: httpx.Client) -> None:
    first = client.get(api("sentiment")).json()["checkpoints"][0]
    query = "text=a+superb+film&of=positive"
    untrained = gradients(client, "sentiment", f"{query}&checkpoint={first}")
    assert untrained["steps"] != gradients(client, "sentiment", query)["steps"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("text=good&of=superb", "of"),
        ("text=good&of=999", "of"),
        (f"text=good&of={'a' * 65}", "of"),
        ("text=good&of=positive&of=negative", "of"),
        ("text=good&clamp=forget_gate:0@1", "clamp"),
        ("text=good&checkpoint=none", "checkpoint"),
        ("x=3,1,0", "vectors"),
        ("", "text"),
    ],
)
def test_gradients_that_cant_be_given_name_the_field(
    client: httpx.Client, query: str, field: str
) -> None:
    document = problem(client.get(api("sentiment", f"/gradients?{query}")), 422)
    assert field in {name for error in document["errors"] for name in error["loc"]}


def test_gradients_of_no_such_model_give_404(client: httpx.Client) -> None:
    problem(client.get(api("none", "/gradients?text=good")), 404)
    problem(client.post(api("none", "/gradients"), json={"text": "good"}), 404)


def test_gradients_of_the_longest_run_are_finite(client: httpx.Client) -> None:
    found = gradients(client, "characters", f"text={'a' * 512}")
    assert len(found["steps"]) == 512  # an answer holds nothing but finite numbers: see `answer`


def test_gradients_of_an_earlier_answer_leave_what_follows_out(client: httpx.Client) -> None:
    found = gradients(client, "counter", "text=aaabbb&t=4")
    assert (found["asked_at"], found["trained_there"]) == (4, True)
    assert found["learned"] is found["rnn_learned"] is True
    assert found["words"].startswith("The answer after step 4 is")
    assert [step["hidden_gradient_norm"] > 0 for step in found["steps"]] == [True] * 4 + [False] * 2
    body = {"text": "aaabbb", "t": 4}
    assert answer(client.post(api("counter", "/gradients"), json=body), schema.Gradients) == found


def test_gradients_ask_by_default_where_the_network_was_trained_to_answer(
    client: httpx.Client,
) -> None:
    found = gradients(client, "agreement", f"text={quote('The keys are lost.')}")
    assert (found["asked_at"], found["of"]) == (4, ".")


def test_gradients_of_a_step_that_isnt_there_are_422(client: httpx.Client) -> None:
    found = problem(client.get(api("counter", "/gradients?text=aab&t=9")), 422)
    assert found["errors"][0]["loc"] == ["t"]


def test_distances_are_there_for_adding_and_for_no_other(client: httpx.Client) -> None:
    found = answer(client.get(api("adding", "/gradients/distances")), schema.Distances)
    assert found["distances"] == [10, 30, 100, 200, 300]
    assert {line["model"] for line in found["lines"]} == {"adding", "adding-rnn"}
    assert "adding" in problem(client.get(api("counter", "/gradients/distances")), 404)["detail"]
    problem(client.get(api("none", "/gradients/distances")), 404)
