"""Gates held in one layer of a stack that someone brought: in the trace, step by step, in every
file, on every page, and in the map of what-ifs."""

import html
import io
import re
from typing import Any

import httpx
import numpy as np
import pytest

from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.weights import torch
from tests.weights.samples import cell, npz, samples, two_layers

HELD = "forget_gate:0@3/layer:1-backward"
VECTORS = [[0.5, -1.0, 2.0], [1.0, 0.25, -0.5], [0.0, 3.0, 1.0], [0.3, -0.2, 0.1]]
X = ";".join(",".join(f"{value:g}" for value in row) for row in VECTORS)
NAMES = ("1", "1-backward", "2", "2-backward")
HELD_PLACE = NAMES.index("1-backward")


@pytest.fixture(scope="module")
def site(open_client: httpx.Client) -> httpx.Client:
    """The server that takes files, which the tests of the web share."""
    return open_client


def brought(site: httpx.Client, made: Stack) -> dict[str, Any]:
    files = {"file": npz(torch.stack_to_torch(made))}
    found: dict[str, Any] = site.post("/api/v1/models", files=files).json()
    return found


@pytest.fixture(scope="module")
def both(site: httpx.Client) -> dict[str, Any]:
    """Two layers read both ways."""
    return brought(site, two_layers())


@pytest.fixture(scope="module")
def forward(site: httpx.Client) -> dict[str, Any]:
    """Three layers that read forwards."""
    layers = [cell(seed, width, 2, biases=2) for seed, width in enumerate((3, 2, 2))]
    return brought(site, Stack(tuple((Pass(each),) for each in layers)))


def steps(site: httpx.Client, model: dict[str, Any], *clamps: str) -> list[dict[str, Any]]:
    body = {"vectors": VECTORS, "clamp": list(clamps)}
    answer = site.post(model["links"]["trace"], json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["steps"]
    return found


def test_clamp_of_a_layer_holds_it_in_traces_by_get_and_post(
    site: httpx.Client, both: dict[str, Any]
) -> None:
    held, free = steps(site, both, HELD), steps(site, both)
    by_get = site.get(both["links"]["trace"], params={"x": X, "clamp": HELD}).json()["steps"]
    assert by_get == held
    for t, (ours, theirs) in enumerate(zip(held, free, strict=True), 1):
        gates = [layer["forget_gate"] for layer in ours["layers"]]
        assert (gates[1] == [0, 0]) == (t == 3)
        assert gates[0] == theirs["layers"][0]["forget_gate"]
        # The backward pass has read step 4 alone before it is held.
        assert (ours["layers"][1] == theirs["layers"][1]) == (t == 4)
    everywhere = steps(site, both, "forget_gate:0@3")
    assert [layer["forget_gate"] for layer in everywhere[2]["layers"]] == [[0, 0]] * 4


def test_clamp_of_a_layer_that_isnt_there_is_refused_by_its_name(
    site: httpx.Client, both: dict[str, Any]
) -> None:
    for clamp, words in (
        ("forget_gate:0@3/layer:3", "the run has layers 1, 1-backward, 2, 2-backward"),
        ("forget_gate:0@3/5/layer:1", "layer 1 has units 1 to 2"),
        ("forget_gate:0@3/layer:last", "isn't a clamp"),
    ):
        refused = site.get(both["links"]["trace"], params={"x": X, "clamp": clamp})
        assert refused.status_code == 422
        assert words in refused.json()["detail"]
        assert refused.json()["errors"][0]["loc"] == ["clamp"]


def test_stack_that_reads_forwards_keeps_its_bits_up_to_what_is_held(
    site: httpx.Client, forward: dict[str, Any]
) -> None:
    free = steps(site, forward)
    for layer in ("1", "2", "3"):
        held = steps(site, forward, f"output_gate:0@3/2/layer:{layer}")
        assert held[:2] == free[:2]
        below = int(layer) - 1
        assert [s["layers"][:below] for s in held] == [s["layers"][:below] for s in free]
        assert held[2]["layers"][below] != free[2]["layers"][below]
        assert held[3]["layers"][2] != free[3]["layers"][2]


def test_stack_goes_on_step_by_step_from_what_was_held(
    site: httpx.Client, forward: dict[str, Any]
) -> None:
    clamp = "input_gate:1@2/layer:2"
    body = {"vectors": VECTORS[:2], "clamp": clamp}
    state = site.post(forward["links"]["trace"], json=body).json()["state"]
    for vector, whole in zip(VECTORS[2:], steps(site, forward, clamp)[2:], strict=True):
        answer = site.post(
            f"/api/v1/models/{forward['id']}/step", json={"vector": vector, "state": state}
        ).json()
        assert answer["step"]["layers"] == whole["layers"]
        state = answer["state"]


def test_several_inputs_are_each_held_as_alone(site: httpx.Client, both: dict[str, Any]) -> None:
    inputs = [{"vectors": VECTORS}, {"vectors": VECTORS[::-1] + VECTORS}]
    runs = site.post(both["links"]["trace"], json={"inputs": inputs, "clamp": HELD}).json()["runs"]
    for given, run in zip(inputs, runs, strict=True):
        alone = site.post(both["links"]["trace"], json={**given, "clamp": HELD}).json()
        for ours, theirs in zip(run["steps"], alone["steps"], strict=True):
            for a, b in zip(ours["layers"], theirs["layers"], strict=True):
                assert a["hidden_state"] == pytest.approx(b["hidden_state"], abs=1e-6)


@pytest.mark.parametrize("ending", ["csv", "npz", "ndjson", "svg", "png", "gif", "html"])
def test_every_file_is_of_the_run_that_is_held(
    site: httpx.Client, both: dict[str, Any], ending: str
) -> None:
    address = f"{both['links']['trace']}.{ending}"
    query = {"x": X, "t": "3", "layer": "1-backward"}
    free, held = (site.get(address, params={**query, **more}) for more in ({}, {"clamp": HELD}))
    assert free.status_code == held.status_code == 200
    assert free.content != held.content
    if ending == "npz":
        arrays = np.load(io.BytesIO(held.content))
        gates = [name for name in arrays if "forget_gate" in name]
        assert len(gates) == len(NAMES)
        assert [not arrays[name][2].any() for name in gates] == [n == HELD_PLACE for n in range(4)]


@pytest.mark.parametrize("layer", [None, *NAMES])
def test_interventions_are_the_traces_under_their_clamps(
    site: httpx.Client, both: dict[str, Any], layer: str | None
) -> None:
    address = f"/api/v1/models/{both['id']}/interventions"
    asked = {"vectors": VECTORS, **({"layer": layer} if layer else {})}
    found = site.post(address, json=asked).json()
    params = {"x": X, **({"layer": layer} if layer else {})}
    assert site.get(address, params=params).json() == found
    unit = int(found["of"].removeprefix("unit ")) - 1
    for switch, value in (("closed", 0), ("opened", 1)):
        for gate, answers in found[switch].items():
            for t, answer in enumerate(answers, 1):
                clamp = f"{gate}:{value}@{t}{f'/layer:{layer}' if layer else ''}"
                body = {"vectors": VECTORS, "clamp": clamp}
                state = site.post(both["links"]["trace"], json=body).json()["state"]
                ends = [h for each in state["layers"][2:] for h in each["h"]]
                assert answer == pytest.approx(ends[unit], abs=1e-6)
    each = site.post(address, json={**asked, "units": "each"}).json()
    assert len(each["closed"]["forget_gate"][0]) == 2
    refused = site.get(address, params={"x": X, "layer": "4"})
    assert refused.json()["errors"][0]["loc"] == ["layer"]


def test_gradients_are_of_the_layer_that_is_asked_about(
    site: httpx.Client, forward: dict[str, Any]
) -> None:
    address = forward["links"]["gradients"]
    last = site.get(address, params={"x": X, "of": "2"}).json()
    for layer in ("1", "2", "3"):
        by_get = site.get(address, params={"x": X, "of": "2", "layer": layer}).json()
        by_post = site.post(address, json={"vectors": VECTORS, "of": "2", "layer": layer}).json()
        assert by_get["steps"] == by_post["steps"]
        assert (by_get["steps"] == last["steps"]) == (layer == "3")
        inputs = [step["input_gradient_norm"] for step in by_get["steps"]]
        assert inputs == [step["input_gradient_norm"] for step in last["steps"]]
    assert site.get(address, params={"x": X, "layer": "4"}).status_code == 422
    page = site.get(
        forward["links"]["page"], params={"x": X, "t": "4", "layer": "1", "drawer": "gradients"}
    )
    (link,) = re.findall(r'href="(/api/v1/models/[^"]*/gradients[^"]*)"', page.text)
    told = site.get(html.unescape(link)).json()
    assert (
        told["steps"] == site.get(address, params={"x": X, "layer": "1", "t": "4"}).json()["steps"]
    )


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_page_says_what_is_held_and_where(site: httpx.Client, both: dict[str, Any]) -> None:
    page = both["links"]["page"]
    query = {"x": X, "t": "3", "clamp": HELD, "drawer": "hold"}
    here = site.get(page, params={**query, "layer": "1-backward"}).text
    assert "held shut by you" in here
    assert "the Eraser is held at 0 at step 3 in layer 1, backward" in words_of(here)
    assert "By hand, the Eraser is held at 0." in words_of(here)
    there = site.get(page, params={**query, "layer": "1"}).text
    assert "held shut by you" not in there
    assert "the Eraser is held at 0 at step 3 in layer 1, backward" in words_of(there)
    everywhere = site.get(page, params={**query, "clamp": "forget_gate:0@3/1"}).text
    assert "is held at 0 at step 3 in unit 1 of every layer" in words_of(everywhere)
    for address in (f"/embed{page}", page):
        assert 'id="held"' in site.get(address, params={"x": X, "clamp": HELD}).text
    lane = f"{both['id']}?x={X}%26layer=1-backward"
    beside = site.get(f"/compare?a={lane}&b={lane}%26clamp={HELD}&t=3", follow_redirects=True)
    assert beside.status_code == 200
    assert f"layer 1, backward, {HELD} held" in beside.text


@pytest.mark.parametrize("layer", NAMES)
def test_what_is_held_changes_the_end_as_the_page_says(
    site: httpx.Client, both: dict[str, Any], layer: str
) -> None:
    clamp = "input_gate:1@2-3/layer:1"
    params = {"x": X, "t": "2", "clamp": clamp, "layer": layer}
    told = words_of(site.get(both["links"]["page"], params=params).text)
    end, place = (0 if layer.endswith("backward") else -1), NAMES.index(layer)
    held, free = (s[end]["layers"][place]["hidden_state"] for s in (
        steps(site, both, clamp), steps(site, both)))  # fmt: skip
    change = np.abs(np.subtract(held, free))
    unit = int(change.argmax())
    sentence = f"ends at {held[unit]:+.2f}, not {free[unit]:+.2f}".replace("-", "−")
    if f"{held[unit]:+.2f}" == f"{free[unit]:+.2f}":
        assert "The end stays." in told
    else:
        assert "The end changes." in told
        assert sentence in told
    assert (layer == "1-backward") <= ("The end stays." in told)


def test_map_and_suggestion_of_a_layer_hold_that_layer(
    site: httpx.Client, both: dict[str, Any]
) -> None:
    params = {"x": X, "t": "2", "layer": "1-backward", "drawer": "hold"}
    page = site.get(both["links"]["page"], params=params).text
    cells = re.findall(r'<td class="l\d[^>]*><a href="([^"]+)"', page)
    assert len(cells) == 6 * len(VECTORS)
    assert all("/layer:1-backward" in cell for cell in cells)
    assert '<option value="1-backward">of layer 1, backward</option>' in page
    silence = site.get(both["links"]["page"], params={**params, "drawer": "unit", "unit": "2"}).text
    assert "output_gate:0@*/2/layer:1-backward" in silence
    assert 'name="hold_layer" value="1-backward"' in silence


def test_form_holds_the_layer_it_names_and_replaces_what_was_held_there(
    site: httpx.Client, both: dict[str, Any]
) -> None:
    form = "hold=forget_gate&hold_at=0.5&hold_steps=2&hold_units=1&hold_layer=2"
    kept = "clamp=forget_gate:0@2/1/layer:2;forget_gate:0@2/1"
    answer = site.get(f"{both['links']['page']}?{kept}&{form}")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(
        "?clamp=forget_gate:0@2/1;forget_gate:0.5@2/1/layer:2"
    )


@pytest.mark.parametrize("layer", NAMES)
@pytest.mark.parametrize("gate", ["f", "i", "g", "o"])
def test_arithmetic_of_a_layer_adds_up_to_its_gate(
    site: httpx.Client, both: dict[str, Any], layer: str, gate: str
) -> None:
    params = {"x": X, "t": "2", "layer": layer, "unit": "2", "gate": gate, "drawer": "unit"}
    page = site.get(both["links"]["page"], params=params).text
    (exact,) = re.findall(r"Prints (-?\d\.\d{6})\.", page)
    word = {"f": "forget_gate", "i": "input_gate", "g": "candidate", "o": "output_gate"}[gate]
    value = steps(site, both)[1]["layers"][NAMES.index(layer)][word][1]
    assert float(exact) == pytest.approx(value, abs=2e-6)
    read = 3 if layer.startswith("1") else 4
    assert f"x{read} = " in page
    assert f"x{read + 1} = " not in page


def test_network_that_is_read_at_its_ends_answers_once_all_is_read(site: httpx.Client) -> None:
    words = "i\nlove\nit\nnot\nbad\ngood\nfilm"
    files = {"file": samples()["words.keras"]}
    found = site.post("/api/v1/models", files=files, data={"vocabulary": words}).json()
    assert (found["output"], found["bidirectional"]) == ("classes", True)
    asked = {"text": "i love it not"}
    outputs = [s["output"] for s in site.get(found["links"]["trace"], params=asked).json()["steps"]]
    assert outputs[:3] == [None] * 3
    assert outputs[3]["kind"] == "classes"
    for drawer in ("none", "unit", "hold", "run", "gradients", "alike", "table", "about"):
        for t in ("2", "4"):
            shown = {**asked, "t": t, "drawer": drawer}
            page = words_of(site.get(found["links"]["page"], params=shown).text)
            assert ("it answers once all is read" in page) == (t == "2")
    lower = site.get(found["links"]["page"], params={**asked, "t": "4", "layer": "1"}).text
    assert '<small class="leads">layer above</small>' in lower
    guessing = {**asked, "t": "3", "guess": "first"}
    assert site.get(found["links"]["page"], params=guessing).status_code == 200
    lane = f"{found['id']}?text=i+love+it+not"
    beside = site.get(f"/compare?a={lane}&b={lane}%26clamp={HELD}&t=2", follow_redirects=True)
    assert beside.status_code == 200
    address = f"/api/v1/models/{found['id']}/interventions"
    answers = site.get(address, params={**asked, "layer": "1-backward"}).json()
    clamp = {**asked, "clamp": "forget_gate:1@2/layer:1-backward"}
    held = site.get(found["links"]["trace"], params=clamp).json()["steps"][-1]["output"]
    share = held["probabilities"][answers["of"]]
    assert answers["opened"]["forget_gate"][1] == pytest.approx(share, abs=1e-6)


def test_page_says_why_nothing_is_read_out(site: httpx.Client, both: dict[str, Any]) -> None:
    page = site.get(both["links"]["page"], params={"x": X, "drawer": "about"}).text
    assert "The file has no head that is known to stand right on the last hidden state." in page
    whole = site.post("/api/v1/models", files={"file": samples()["torch.safetensors"]}).json()
    about = site.get(whole["links"]["page"], params={"drawer": "about"}).text
    assert "whether module.fc.weight reads every step, or what the passes end with" in about
