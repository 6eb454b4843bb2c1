"""The desk over real HTTP: at every step the numbers, bars and words of the JSON twin."""

import math
from typing import Any

import httpx
import numpy as np
import pytest

from app.views.drawing.bars import nice_top
from gate_explorer.analysis.outputs import SMALLEST
from tests.web.asking import api
from tests.web.reading import Node, agrees, bar_sizes, page, rows, share_agrees, twin, values

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
    ("sentiment", "text=I+love+France&clamp=forget_gate:0@2"),
    ("characters", "text=ROMEO:%0AGood"),
    ("counter", "text=aaabbb"),
    ("counter-rnn", "text=aaabbb"),
    ("adding", "x=0.5,1;0.25,0;0.125,1"),
    ("adding-rnn", "x=0.5,1;0.25,0;0.125,1"),
    ("reber", "text=BTBTXSE"),
    ("agreement-rnn", ""),
]
FIELDS = {"f": "forget_gate", "i": "input_gate", "o": "output_gate", "g": "candidate",
          "c": "cell_state", "h": "hidden_state"}  # fmt: skip
GATES = ("f", "i", "o")
MET = {"c_prev": "f", "g": "i", "tanh_c": "o"}
SHORT = {"very negative": "very neg.", "very positive": "very pos."}

Document = dict[str, Any]
Values = dict[str, list[float]]


def expected(document: Document, t: int) -> Values:
    """Every row of the desk at step t, from the JSON alone."""
    layers = [step["layers"][-1] for step in document["steps"]]
    now, before = layers[t - 1], layers[t - 2] if t > 1 else None
    nothing = [0.0] * len(now["hidden_state"])
    if now["cell_state"] is None:
        before_h = before["hidden_state"] if before else nothing
        return {"h_prev": before_h, "h": now["hidden_state"]}
    found = {key: now[name] for key, name in FIELDS.items()}
    found["c_prev"] = before["cell_state"] if before else nothing
    if document["model"] != "toy-rules":
        found["tanh_c"] = [math.tanh(c) for c in now["cell_state"]]
    return found


def scale_of(document: Document) -> float:
    """What one printed unit is: `toy-lstm` prints the toy's numbers."""
    return 1e-7 if document["model"] == "toy-lstm" else 1.0


def tops(document: Document) -> dict[str, float]:
    """The end of each row's scale through the whole run."""
    every = [expected(document, t + 1) for t in range(len(document["steps"]))]
    keys = list(every[0])
    if document["model"].startswith("toy"):
        numbers = [v for each in every for k in keys if k not in GATES for v in each[k]]
        shared = nice_top(np.array(numbers))
        return {key: 1.0 if key in GATES else shared for key in keys}
    memory = [v for each in every for k in ("c_prev", "c") for v in each.get(k, [])]
    top = nice_top(np.array(memory or [0.0]))
    return {key: top if key in {"c_prev", "c"} else 1.0 for key in keys}


def assert_rows_agree(found: Node, document: Document, t: int, unit: int) -> None:
    """The desk's rows: the chosen unit's numbers, and every unit's bar with what passes."""
    wanted, scale = expected(document, t), scale_of(document)
    shown = rows(found)
    assert set(shown) == set(wanted)
    for key, printed in values(found).items():
        value = wanted[key][unit - 1]
        assert agrees(printed, value if key in GATES else value / scale), (key, printed)
    if found.has(class_="desk-fat"):
        return
    ends, order = tops(document), found.one(id="desk").get("data-order").split(",")
    for key, row in shown.items():
        in_order = [wanted[key][int(n) - 1] for n in order]
        whole, passing = bar_sizes(row)
        assert_sizes(whole, in_order, ends[key])
        gate = MET.get(key)
        assert (passing is not None) == (gate is not None)
        if gate and passing is not None:
            gates = [wanted[gate][int(n) - 1] for n in order]
            products = [v * g for v, g in zip(in_order, gates, strict=True)]
            assert_sizes(passing, products, ends[key])


def assert_sizes(sizes: list[int], wanted: list[float], top: float) -> None:
    """Bars to the per cent; what isn't zero can be seen, on its own side."""
    assert len(sizes) == len(wanted)
    for size, value in zip(sizes, wanted, strict=True):
        assert abs(size - 100 * value / top) <= 1
        assert (size > 0) - (size < 0) == (value > 0) - (value < 0)


def assert_sum_agrees(found: Node, document: Document, t: int, unit: int) -> None:
    """The chosen unit's sum in numbers: its terms are the rows' numbers, in their order."""
    wanted, scale = expected(document, t), scale_of(document)
    lines = [[b.text for b in p.all("b")] for p in found.one(id="numbers").all("p")]
    if "h_prev" in wanted:
        *terms, mixed = (float(text.replace("−", "-")) for text in lines[0])
        assert sum(terms) == pytest.approx(mixed, abs=0.02)
        assert math.tanh(mixed) == pytest.approx(wanted["h"][unit - 1], abs=0.01)
        assert agrees(lines[1][1], wanted["h"][unit - 1])
        return
    squashed = "tanh_c" if "tanh_c" in wanted else "c"
    keys = (["c_prev", "f", "i", "g", "c"], [squashed, "o", "h"])
    for line, names in zip(lines, keys, strict=True):
        for text, key in zip(line, names, strict=True):
            value = wanted[key][unit - 1]
            assert agrees(text, value if key in GATES else value / scale), (key, text)


def assert_words_agree(found: Node, document: Document, t: int) -> None:
    """Story and verdict of the step."""
    step = document["steps"][t - 1]
    assert found.one(id="story").text == step["story"]
    verdict, output = found.one(id="verdict"), step["output"]
    printed = [(li.all("small")[-1].text, li.one("b").text) for li in verdict.all("li")]
    if output["kind"] == "number":
        headline = verdict.one(class_="headline").one("b").text
        assert agrees(headline, output["value"]) if output["shown"] else headline == "nothing"
    elif output["kind"] == "classes":
        shares = output["probabilities"]
        assert [label for label, _ in printed] == [SHORT.get(each, each) for each in shares]
        for (_, share), value in zip(printed, shares.values(), strict=True):
            assert share_agrees(share, value)
        if output["tone"] is not None:
            tone = verdict.one(class_="headline").one("small").text.removeprefix("tone ")
            # What two places don't show is 0.
            small = abs(output["tone"]) < SMALLEST
            assert tone == "0" if small else agrees(tone.replace("+", ""), output["tone"])
    else:
        named = [each for each in printed if not each[0].endswith(" more")]
        assert named
        for (label, share), each in zip(named, output["top"], strict=False):
            assert label == each["token"].replace("\n", "⏎").replace(" ", "␣")
            assert share_agrees(share, each["probability"])


def assert_tape_agrees(found: Node, document: Document, t: int) -> None:
    """Every step of the document, which has to fit into one window, in a column of its own."""
    steps = [n for n in found.one(id="tape").walk() if n.get("id").startswith("step")]
    for column, step in zip(steps, document["steps"], strict=True):
        assert column.get("id") == f"step{step['t']}"
        assert column.all("button", name="t")[0].get("value") == str(step["t"])
        assert ("now" in column.get("class").split()) == (step["t"] == t)
        if step["token"] is None:
            typed = [float(n.get("value")) for n in column.all("input")]
            assert typed == step["x"]
            continue
        assert column.one("button").one("b").text == " ".join(
            step["token"].replace("\n", "⏎").split()
        )
        assert ("unknown" in column.get("class").split()) == (step["known"] is False)


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_desk_at_every_step_is_that_of_the_json_twin(
    client: httpx.Client, model_id: str, query: str
) -> None:
    document = twin(client, model_id, query)
    first = client.get(api(model_id)).json()
    for t in range(1, len(document["steps"]) + 1):
        found = page(client, f"/models/{model_id}?{query}&t={t}")
        unit = int(found.one(id="desk").get("data-unit"))
        assert 1 <= unit <= first["hidden_size"]
        assert found.one("output", class_="where").text == f"{t} of {len(document['steps'])}"
        assert_rows_agree(found, document, t, unit)
        assert_sum_agrees(found, document, t, unit)
        assert_words_agree(found, document, t)
        assert_tape_agrees(found, document, t)


@pytest.mark.parametrize(("model_id", "query"), STATES)
def test_desk_numbers_of_every_unit_are_those_of_the_json_twin(
    client: httpx.Client, model_id: str, query: str
) -> None:
    document = twin(client, model_id, query)
    t = (len(document["steps"]) + 1) // 2
    units = len(expected(document, t)["h"])
    for unit in range(1, units + 1, max(1, units // 16)):
        found = page(client, f"/models/{model_id}?{query}&t={t}&unit={unit}")
        assert found.one(id="desk").get("data-unit") == str(unit)
        assert_rows_agree(found, document, t, unit)
        assert_sum_agrees(found, document, t, unit)


def test_desk_in_a_frame_is_the_same(client: httpx.Client) -> None:
    document = twin(client, "sentiment", SENTENCE)
    found = page(client, f"/embed/models/sentiment?{SENTENCE}&t=4&unit=2")
    assert_rows_agree(found, document, 4, 2)
    assert_sum_agrees(found, document, 4, 2)
    assert_words_agree(found, document, 4)


@pytest.mark.parametrize("query", [FOUNDING, f"{FOUNDING}&sharpness=4", SIGNED])
def test_desk_of_the_toy_lstm_tells_how_far_it_is_off(client: httpx.Client, query: str) -> None:
    document = twin(client, "toy-lstm", query)
    for t, (step, off) in enumerate(zip(document["steps"], document["deviation"], strict=True), 1):
        told = page(client, f"/models/toy-lstm?{query}&t={t}").one("p", class_="deviation")
        rules, deviation = (node.text for node in told.all("b"))
        assert agrees(deviation, off)
        wanted = step["output"]["value"] - off
        assert float(rules.replace("−", "-")) == pytest.approx(wanted, rel=0.005, abs=0.005)


@pytest.mark.parametrize(
    ("query", "t", "fired"),
    [
        ("x=3,1,0", 1, ["add"]),
        ("x=3,0,1", 1, ["show"]),
        ("x=3,1,1;0,-1,1", 2, ["reset", "show"]),
        ("x=3,0,0", 1, []),
        ("x=3,1,1&clamp=input_gate:0@1", 1, []),
    ],
)
def test_rules_that_fired_are_marked(
    client: httpx.Client, query: str, t: int, fired: list[str]
) -> None:
    found = page(client, f"/models/toy-rules?{query}&t={t}").one("ol", class_="rules")
    assert [rule.one("b").text for rule in found.all("li")] == ["add", "reset", "show"]
    assert [rule.one("b").text for rule in found.all("li", class_="fired")] == fired


@pytest.mark.parametrize(
    ("model_id", "query", "steps"),
    [
        ("sentiment", "text=good", 1),
        ("sentiment", "text=" + "+".join(["wonderful", "dull", "but", "fine"] * 50), 200),
        ("sentiment", "text=" + "+".join(["so"] * 512), 512),
        ("toy-rules", "x=3,1,1", 1),
        ("toy-rules", "x=" + ";".join(["1,1,1"] * 512), 512),
        ("toy-lstm", "x=" + ";".join(["1,1,1"] * 512), 512),
        ("adding", "x=" + ";".join(["0.5,1"] * 300), 300),
    ],
)
def test_desk_of_a_run_of_any_length_shows_every_step_asked_for(
    client: httpx.Client, model_id: str, query: str, steps: int
) -> None:
    document = twin(client, model_id, query)
    for t in sorted({1, (steps + 1) // 2, steps}):
        found = page(client, f"/models/{model_id}?{query}&t={t}")
        assert found.one("output", class_="where").text == f"{t} of {steps}"
        unit = int(found.one(id="desk").get("data-unit"))
        assert_rows_agree(found, document, t, unit)
        columns = [n.get("id") for n in found.one(id="tape").walk() if n.get("id")[:4] == "step"]
        assert len(columns) == min(steps, 60)
        assert f"step{t}" in columns


@pytest.mark.parametrize(
    ("query", "held"),
    [
        ("clamp=input_gate:0@2", "held shut by you"),
        ("clamp=input_gate:1@2", "held open by you"),
        ("clamp=input_gate:0.25@*", "held at 0.25 by you"),
        ("clamp=input_gate:0@2/3", "held shut in unit 3"),
        ("clamp=input_gate:0@1", ""),
    ],
)
def test_row_that_is_held_says_so(client: httpx.Client, query: str, held: str) -> None:
    found = page(client, f"/models/sentiment?text=I+love+France&t=2&{query}")
    row = found.one(class_="row-i")
    assert ("held" in row.get("class").split()) == bool(held)
    assert held in row.text
    assert found.one(id="held").one("a", id="let-go").get("href") == (
        "/models/sentiment?text=I+love+France&t=2"
    )
