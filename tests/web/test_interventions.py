"""What if, everywhere at once, as the contract has it."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.views.documents import schema
from tests.web.asking import INPUTS, MODEL_IDS, TEXT, answer, api, problem

GATES = ("forget_gate", "input_gate", "output_gate")
SWITCHES = {"closed": 0, "opened": 1}


def interventions(client: httpx.Client, model_id: str, query: str) -> dict[str, Any]:
    return answer(client.get(api(model_id, f"/interventions?{query}")), schema.Interventions)


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_interventions_have_a_number_a_gate_and_step(client: httpx.Client, model_id: str) -> None:
    asked = INPUTS[model_id]
    found = answer(client.post(api(model_id, "/interventions"), json=asked), schema.Interventions)
    steps = len(client.post(api(model_id, "/trace"), json=asked).json()["steps"])
    for switch in SWITCHES:
        assert {gate: len(found[switch][gate]) for gate in GATES} == dict.fromkeys(GATES, steps)


def test_interventions_by_get_and_by_post_are_the_same(client: httpx.Client) -> None:
    body = {"text": TEXT, "of": "negative", "units": "each"}
    by_post = client.post(api("sentiment", "/interventions"), json=body)
    by_get = interventions(client, "sentiment", f"text={quote(TEXT)}&of=negative&units=each")
    assert by_get == answer(by_post, schema.Interventions)
    hidden = client.get(api("sentiment")).json()["hidden_size"]
    assert len(by_get["closed"]["input_gate"][0]) == hidden


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("switch", SWITCHES)
def test_interventions_equal_the_trace_under_the_same_clamp(
    client: httpx.Client, gate: str, switch: str
) -> None:
    query = f"text={quote('The movie was not good.')}"
    found = interventions(client, "sentiment", query)
    assert found["of"] == "tone"
    for t in range(1, 7):
        path = api("sentiment", f"/trace?{query}&clamp={gate}:{SWITCHES[switch]}@{t}")
        tone = client.get(path).json()["steps"][-1]["output"]["tone"]
        assert found[switch][gate][t - 1] == pytest.approx(tone, abs=1e-5)


def test_interventions_of_a_run_in_two_parts_are_those_of_the_whole(client: httpx.Client) -> None:
    whole = interventions(client, "counter", "text=aaabbb&of=closed")
    state = client.post(api("counter", "/trace"), json={"text": "aaa"}).json()["state"]
    body = {"text": "bbb", "of": "closed", "state": state}
    found = answer(client.post(api("counter", "/interventions"), json=body), schema.Interventions)
    for switch in SWITCHES:
        for gate in GATES:
            assert found[switch][gate] == pytest.approx(whole[switch][gate][3:], abs=1e-6)


@pytest.mark.parametrize(
    ("path", "loc", "named"),
    [
        ("counter-rnn/interventions?text=aabb", None, "no gates"),
        ("counter/interventions?text=aabb&of=shut", ["of"], "closed"),
        ("counter/interventions?text=aabb&units=9", ["units"], "units 1 to 4"),
        ("counter/interventions?text=aabb&units=1;2", ["units"], "names no units"),
    ],
)
def test_interventions_that_cannot_be_are_422_and_say_why(
    client: httpx.Client, path: str, loc: list[str] | None, named: str
) -> None:
    found = problem(client.get(f"/api/v1/models/{path}"), 422)
    assert named in found["detail"]
    assert loc is None or found["errors"][0]["loc"] == loc


def test_interventions_beyond_the_work_that_is_done_are_422_with_the_formula(
    client: httpx.Client,
) -> None:
    text = quote("to be or not to be " * 10)
    found = problem(client.get(api("characters", f"/interventions?text={text}&units=each")), 422)
    assert "billion multiplications" in found["detail"]
    assert "units=*" in found["detail"]
