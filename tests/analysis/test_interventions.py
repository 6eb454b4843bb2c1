"""The map of interventions: every entry is the run under the clamp that says the same."""

from dataclasses import replace
from itertools import product
from typing import Literal

import numpy as np
import pytest
from safetensors.numpy import save

from app.views.address.state import read_query
from gate_explorer.analysis import interventions as module
from gate_explorer.analysis.interventions import (
    SWITCHED,
    VALUES,
    Interventions,
    experiments,
    interventions,
    most_work_of,
    strongest,
    unit_words,
    work,
    work_at,
)
from gate_explorer.engine.cells import LSTMOptions, LSTMParameters
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import InputError, LimitError
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Inputs, Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.run import Run
from gate_explorer.weights import files, torch
from gate_explorer.zoo import registry
from gate_explorer.zoo.brought import Brought, brought_card
from tests.engine.builders import draw_cell
from tests.zoo.first_run import first_run

GATED = [name for name in registry.MODELS if registry.get(name).card.cell != "rnn"]
UNGATED = [name for name in registry.MODELS if registry.get(name).card.cell == "rnn"]
each_gated = pytest.mark.parametrize("model_id", GATED)


def example_of(model_id: str) -> Inputs:
    inputs = read_query(list(registry.get(model_id).card.examples[0].query.items())).inputs
    assert inputs is not None
    return inputs


def held(model_id: str, inputs: Inputs, *texts: str) -> Run:
    return registry.get(model_id).run(inputs, None, Options(clamps=clamps.parse(texts)))


def mapped(model_id: str, inputs: Inputs, *texts: str, of: str | None = None,
           units: str = "*") -> Interventions:  # fmt: skip
    options = Options(clamps=clamps.parse(texts))
    model = registry.get(model_id)
    return interventions(model.run(inputs, None, options), of, units)


def said(output: Output, of: str) -> float:
    if isinstance(output, NumberOutput):
        return output.value
    if isinstance(output, NextTokenOutput):
        return output.probabilities[output.tokens.index(of)]
    assert isinstance(output, ClassesOutput)
    return output.probabilities[of] if output.tone is None or of != "tone" else output.tone


@each_gated
def test_interventions_every_entry_is_the_run_under_its_clamp(model_id: str) -> None:
    inputs = example_of(model_id)
    found = mapped(model_id, inputs)
    run = held(model_id, inputs)
    largest = max(1.0, abs(found.answer))
    assert found.answer == pytest.approx(said(run.outputs[-1], found.of), rel=1e-5, abs=1e-5)
    for switch, value in VALUES.items():
        for gate in SWITCHED:
            expected = [
                said(held(model_id, inputs, f"{gate}:{value:g}@{t}").outputs[-1], found.of)
                for t in range(1, len(run) + 1)
            ]
            given = found.under(switch)[gate]
            assert given == pytest.approx(np.array(expected), rel=1e-4, abs=2e-5 * largest)


@each_gated
@pytest.mark.parametrize("asked", ["each", "some"])
def test_interventions_of_some_units_are_the_runs_under_their_clamps(
    model_id: str, asked: str
) -> None:
    inputs, hidden = example_of(model_id), registry.get(model_id).card.hidden_size
    units = asked if asked == "each" else "1" if hidden == 1 else f"2,3-{hidden}"
    found = mapped(model_id, inputs, units=units)
    steps = len(held(model_id, inputs))
    rng = np.random.default_rng(len(model_id))
    for _ in range(12):
        t, unit = int(rng.integers(1, steps + 1)), int(rng.integers(1, hidden + 1))
        gate, switch = str(rng.choice(SWITCHED)), str(rng.choice(list(VALUES)))
        where = unit if units == "each" else units
        run = held(model_id, inputs, f"{gate}:{VALUES[switch]:g}@{t}/{where}")
        answers = found.under(switch)[gate]
        given = answers[t - 1, unit - 1] if units == "each" else answers[t - 1]
        assert given == pytest.approx(said(run.outputs[-1], found.of), rel=1e-4, abs=2e-5)


@each_gated
def test_interventions_of_a_run_that_is_held_already_come_on_top(model_id: str) -> None:
    inputs = example_of(model_id)
    before = ("output_gate:0.5@2", "candidate:-0.5@2-3", "forget_gate:0.9@3")
    found = mapped(model_id, inputs, *before)
    for t in (1, 2, 3):
        run = held(model_id, inputs, *before, f"forget_gate:0@{t}")
        expected = said(run.outputs[-1], found.of)
        assert found.closed["forget_gate"][t - 1] == pytest.approx(expected, rel=1e-4, abs=2e-5)


def test_interventions_of_a_run_from_a_state_go_on_from_it() -> None:
    model = registry.get("counter")
    first = model.run(Text("aaa"), None, Options())
    whole = mapped("counter", Text("aaabbb"), of="closed")
    run = model.run(Text("bbb"), first.state, Options())
    found = interventions(run, "closed")
    assert found.first == 4
    for switch in VALUES:
        for gate in SWITCHED:
            assert found.under(switch)[gate] == pytest.approx(whole.under(switch)[gate][3:])
    assert experiments(found, 5)[0].clamp.endswith("@5")


def test_interventions_of_a_cell_with_a_coupled_gate_are_those_of_its_equations() -> None:
    """The path of cells that aren't the standard one, on the standard one's own numbers."""
    model = registry.get("counter")
    run = model.run(Text("aabb"), None, Options())
    cell = run.cell
    assert cell is not None
    wide = LSTMParameters(
        cell.weight_ih, cell.weight_hh, cell.bias, options=LSTMOptions(clip=100.0)
    )
    assert not wide.is_standard
    odd = replace(run, cells=(wide,))
    plain, fast = (interventions(each, units="each") for each in (odd, run))
    for switch in VALUES:
        for gate in SWITCHED:
            assert plain.under(switch)[gate] == pytest.approx(fast.under(switch)[gate], abs=1e-6)


def test_interventions_by_parts_are_those_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mapped("reber", example_of("reber"), units="each")
    monkeypatch.setattr(module, "ROWS", 100)
    parts = mapped("reber", example_of("reber"), units="each")
    for switch in VALUES:
        for gate in SWITCHED:
            assert parts.under(switch)[gate] == pytest.approx(whole.under(switch)[gate], abs=1e-6)


@pytest.mark.parametrize(
    ("model_id", "of"),
    [
        ("sentiment", "tone"),
        ("sentiment", "very negative"),
        ("counter", "closed"),
        ("counter", "unit 2"),
        ("adding", "number"),
        ("toy-rules", "unit 1"),
        ("characters", "e"),
    ],
)
def test_interventions_answer_what_they_are_asked(model_id: str, of: str) -> None:
    found = mapped(model_id, example_of(model_id), of=of)
    assert found.of == of


def test_interventions_by_default_ask_for_tone_likeliest_and_number() -> None:
    assert mapped("sentiment", Text("I love France")).of == "tone"
    assert mapped("counter", Text("aabb")).of == "closed"
    text = Text("The keys to the cabinet")
    output = held("agreement", text).outputs[-1]
    assert isinstance(output, NextTokenOutput)
    assert mapped("agreement", text).of == output.top(1)[0][0]
    assert mapped("adding", example_of("adding")).of == "number"


@pytest.mark.parametrize("model_id", UNGATED)
def test_interventions_without_gates_are_refused_saying_why(model_id: str) -> None:
    with pytest.raises(InputError, match="no gates to close or open"):
        mapped(model_id, example_of(model_id))


@pytest.mark.parametrize(
    ("of", "units", "named"),
    [
        ("shut", "*", "“closed”"),
        ("tone", "*", "of is “tone”"),
        ("number", "*", "of is “number”"),
        ("unit 5", "*", "unit 1 to unit 4"),
        (None, "5", "units 1 to 4"),
        (None, "3-2", "units 1 to 4"),
        (None, "0", "units 1 to 4"),
        (None, "", "names no units"),
        (None, "all", "names no units"),
    ],
)
def test_interventions_that_cannot_be_say_what_can(of: str | None, units: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        mapped("counter", Text("aabb"), of=of, units=units)


def test_interventions_beyond_the_budget_are_refused_with_the_formula() -> None:
    model = registry.get("characters")
    run = model.run(Text("to be or not to be " * 10), None, Options())
    assert work(run) < module.MOST_WORK < work(run, 128)
    with pytest.raises(LimitError, match=r"billion multiplications .* at most 20.0 billion"):
        interventions(run, units="each")


def test_work_is_what_the_formula_says() -> None:
    model = registry.get("counter")
    run = model.run(Text("aab"), None, Options())
    assert work(run, 4) == 6 * 4 * (3 * 4 // 2) * 4 * (4 * 4 + 60)
    assert work(run, 4) == most_work_of(model.card, 3, 4)
    assert work_at(run, 2) == 6 * 2 * 4 * (4 * 4 + 60)
    assert sum(work_at(run, t) for t in (1, 2, 3)) == work(run)


@each_gated
def test_strongest_is_the_largest_change_and_keeps_its_promise(model_id: str) -> None:
    inputs = example_of(model_id)
    found = mapped(model_id, inputs)
    steps = len(held(model_id, inputs))
    for t in {1, steps // 2, steps}:
        best = strongest(found, t)
        changes = [
            abs(found.under(switch)[gate][t - 1] - found.answer)
            for switch in VALUES
            for gate in SWITCHED
        ]
        assert abs(best.change) == pytest.approx(max(changes))
        run = held(model_id, inputs, best.clamp)
        assert said(run.outputs[-1], found.of) == pytest.approx(best.after, rel=1e-4, abs=2e-5)
    everywhere = strongest(found)
    assert abs(everywhere.change) >= abs(strongest(found, steps).change)


def test_strongest_at_not_is_to_shut_the_filter() -> None:
    found = mapped("sentiment", Text("The movie was not good."))
    best = strongest(found, 4)
    assert best.clamp == "input_gate:0@4"
    assert best.before < -0.7
    assert best.after > 0.7


def test_experiments_of_each_unit_name_it() -> None:
    found = mapped("counter", Text("aabb"), units="each")
    best = strongest(found)
    assert best.unit in (1, 2, 3, 4)
    assert best.clamp.endswith(f"/{best.unit}")
    assert len(experiments(found, 1)) == 3 * 2 * 4


def test_strongest_in_the_toy_rules_is_what_the_rules_say() -> None:
    found = mapped("toy-rules", Vectors([[3, 1, 0], [5, 0, 1]]))
    assert found.answer == 3
    assert found.opened["input_gate"].tolist() == [3, 8]
    assert found.closed["forget_gate"].tolist() == [3, 0]


@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm", "sentiment", "counter"])
def test_map_of_one_step_is_that_column_of_the_whole_map(model_id: str) -> None:
    run = first_run(registry.get(model_id))
    whole = interventions(run)
    for t in range(1, len(run) + 1):
        alone = interventions(run, at=t)
        assert (alone.first, alone.of, alone.answer) == (t, whole.of, whole.answer)
        for switch in VALUES:
            for gate, answers in whole.under(switch).items():
                np.testing.assert_allclose(
                    alone.under(switch)[gate], answers[t - 1 : t], rtol=1e-5, atol=1e-6
                )


STEPS, WIDTH, HIDDEN = 6, 3, 4


def brought(
    layers: int,
    both: bool,
    projected: bool = False,
    head: str | None = None,
    reads: Literal["steps", "ends"] | None = None,
) -> Brought:
    """A stack of so many layers as a model; head: how the number that it says is squashed, reads:
    which hidden states it is said of.
    """
    rng = np.random.default_rng(layers)
    shown = 2 if projected else HIDDEN
    widths = [WIDTH, *[shown * (1 + both)] * layers]
    made = Stack(
        tuple(
            tuple(
                Pass(
                    draw_cell(
                        rng, widths[n], HIDDEN, np.float64, projection=shown if projected else None,
                        scale=2,
                    ),
                    k == 1,
                )
                for k in range(1 + both)
            )
            for n in range(layers)
        )
    )  # fmt: skip
    opened = files.read(save(torch.stack_to_torch(made)))
    if head:
        weight = rng.normal(size=(1, widths[-1]))
        found = files.Head("fc", weight, np.ones(1), head, True, True, ("fc",), reads)
        opened = replace(opened, head=found)
    return Brought(brought_card("own-1", "Ours", opened), opened)


def example(model: Brought) -> Vectors:
    rows = model.card.examples[0].query["x"].split(";")[:STEPS]
    return Vectors([[float(number) for number in row.split(",")] for row in rows])


def under(model: Brought, *texts: str) -> Run:
    return model.run(example(model), None, Options(clamps=clamps.parse(texts)))


def answer_of(run: Run, of: str) -> float:
    """The number said at the end, or a unit of the uppermost layer where its pass ended."""
    if of == "number":
        return said(run.outputs[-1], of)
    ends = [h for (h, _), depth in zip(run.state.layers, run.depths, strict=True)
            if depth == run.depths[-1]]  # fmt: skip
    return float(np.concatenate(ends)[int(of.removeprefix("unit ")) - 1])


STACKS = [
    *product((1, 2, 3), (False, True), (False, True), (None,), (None,)),
    *product((1, 2), (False,), (False,), ("linear", "sigmoid"), (None,)),
    *product((1, 2), (True,), (False,), ("sigmoid",), ("steps", "ends")),
]


@pytest.mark.parametrize(("layers", "both", "projected", "head", "reads"), STACKS)
def test_interventions_in_a_stack_are_the_runs_under_their_clamps(
    layers: int,
    both: bool,
    projected: bool,
    head: str | None,
    reads: Literal["steps", "ends"] | None,
) -> None:
    model = brought(layers, both, projected, head, reads)
    run = under(model)
    assert (head is None) == (interventions(run).of != "number")
    for layer in (None, *run.places):
        found = interventions(run, layer=layer)
        suffix = f"/layer:{layer}" if layer else ""
        assert found.answer == pytest.approx(answer_of(run, found.of), abs=1e-12)
        for switch, gate in product(VALUES, SWITCHED):
            expected = [
                answer_of(under(model, f"{gate}:{VALUES[switch]:g}@{t}{suffix}"), found.of)
                for t in range(1, len(run) + 1)
            ]
            assert found.under(switch)[gate] == pytest.approx(np.array(expected), abs=1e-12)
        assert any(np.abs(found.closed[g] - found.answer).max() > 1e-4 for g in SWITCHED)


@pytest.mark.parametrize("layer", [None, "1-backward", "2"])
def test_interventions_in_a_stack_on_top_of_what_is_held_unit_by_unit(layer: str | None) -> None:
    model = brought(2, both=True)
    before = (
        "output_gate:0.5@2/layer:1",
        "candidate:-0.5@3/2/layer:2-backward",
        "input_gate:0.3@5",
    )
    run = under(model, *before)
    suffix = f"/layer:{layer}" if layer else ""
    for of in ("unit 2", "unit 7"):
        found = interventions(run, of, "each", layer)
        for gate, t, unit in product(SWITCHED, (2, 5), (1, 4)):
            held_run = under(model, *before, f"{gate}:1@{t}/{unit}{suffix}")
            given = found.opened[gate][t - 1, unit - 1]
            assert given == pytest.approx(answer_of(held_run, of), abs=1e-12)
        best = strongest(found)
        assert best.after == pytest.approx(
            answer_of(under(model, *before, best.clamp), of), abs=1e-12
        )


def test_interventions_in_a_stack_by_parts_are_those_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = under(brought(3, both=True))
    whole = interventions(run, layer="1")
    monkeypatch.setattr(module, "MOST_WAITING", 500)
    parts = interventions(run, layer="1")
    for switch, gate in product(VALUES, SWITCHED):
        assert parts.under(switch)[gate] == pytest.approx(whole.under(switch)[gate], abs=1e-12)


def test_interventions_in_a_stack_tell_of_a_unit_that_can_change() -> None:
    run = under(brought(2, both=True))
    width = HIDDEN
    for layer, units in (
        ("2", range(1, width + 1)),
        ("2-backward", range(width + 1, 2 * width + 1)),
    ):
        assert int(interventions(run, layer=layer).of.removeprefix("unit ")) in units
    assert unit_words(run, "unit 3") == "unit 3 of layer 2, forward"
    assert unit_words(run, "unit 7") == "unit 3 of layer 2, backward"
    assert unit_words(under(brought(1, both=False)), "unit 3") == "unit 3"
    with pytest.raises(InputError, match="unit 1 to unit 8"):
        interventions(run, "unit 9")
    with pytest.raises(InputError, match="has no layer 3; it has 1, 1-backward, 2, 2-backward"):
        interventions(run, layer="3")


def test_work_in_a_stack_counts_every_layer_that_is_run_again() -> None:
    model = brought(2, both=True)
    run = under(model)
    alone, above = HIDDEN * (4 * HIDDEN + 60), HIDDEN * (4 * (HIDDEN + 2 * HIDDEN) + 60)
    steps = STEPS * (STEPS + 1) // 2
    assert work(run, layer="2") == work(run, layer="2-backward") == 6 * steps * alone
    upper = steps + STEPS * STEPS  # from the step on; and from the end, where the last step changed
    assert (
        work(run, layer="1") == work(run, layer="1-backward") == 6 * (steps * alone + upper * above)
    )
    assert work(run) == 6 * 2 * (steps * alone + STEPS * STEPS * above)
    assert work(run) <= most_work_of(model.card, STEPS, 1)


def test_interventions_in_a_stack_beyond_the_budget_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = under(brought(2, both=True))
    monkeypatch.setattr(module, "MOST_WORK", work(run, layer="1"))
    interventions(run, layer="1")
    with pytest.raises(LimitError, match="or a layer nearer the answer"):
        interventions(run)
