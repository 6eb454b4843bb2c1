"""The map of interventions: every entry is the run under the clamp that says the same."""

import numpy as np
import pytest

from app.views.address.state import read_query
from gate_explorer.analysis import interventions as module
from gate_explorer.analysis.interventions import (
    SWITCHED,
    VALUES,
    Interventions,
    experiments,
    interventions,
    strongest,
    work,
)
from gate_explorer.engine.cells import LSTMOptions, LSTMParameters
from gate_explorer.errors import InputError, LimitError
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Inputs, Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry
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
    odd = Run(**{**vars(run), "cell": wide})
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
    assert work(len(run), 128, 1) < module.MOST_WORK < work(len(run), 128, 128)
    with pytest.raises(LimitError, match=r"billion multiplications .* at most 20.0 billion"):
        interventions(run, units="each")


def test_work_is_what_the_formula_says() -> None:
    assert work(3, 4, 4) == 6 * 4 * (3 * 4 // 2) * 4 * (4 * 4 + 60)


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
