"""The three rules as a model of the zoo."""

import pytest
from hypothesis import given

from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import Run, RunState, gated
from gate_explorer.zoo.toy_rules import ToyRules
from tests.toy_model import FOUNDING, SEQUENCES, Row, remember

MODEL = ToyRules()


def run(rows: list[Row], state: RunState | None = None) -> Run:
    return MODEL.run(Vectors(rows), state, Options())


@given(SEQUENCES)
def test_toy_rules_outputs_are_what_the_rules_show(rows: list[Row]) -> None:
    found = run(rows)
    memories, shown = remember(rows)
    assert found.layers[0].memory[:, 0].tolist() == memories
    assert gated(found.layers[0]).tanh_c[:, 0].tolist() == memories
    assert list(found.outputs) == [NumberOutput(v or 0.0, v is not None) for v in shown]


@given(SEQUENCES)
def test_toy_rules_stepping_equals_the_whole_run(rows: list[Row]) -> None:
    whole, state = run(rows), None
    for t, row in enumerate(rows):
        step = run([row], state)
        state = step.state
        assert step.start == t
        assert step.layers[0].memory[0] == whole.layers[0].memory[t]
        assert step.outputs[0] == whole.outputs[t]
    assert state is not None
    assert state.t == whole.state.t == len(rows)
    assert [h.tolist() for h in state.layers[0]] == [h.tolist() for h in whole.state.layers[0]]


def test_toy_rules_first_example_is_the_founding_one() -> None:
    assert MODEL.card.examples[0].query == {"x": "3,1,0;5,0,1;2,1,0;3,0,1"}
    outputs = run(FOUNDING).outputs
    assert [o.value for o in outputs if isinstance(o, NumberOutput) and o.shown] == [3, 5]


def test_toy_rules_have_no_weights() -> None:
    assert MODEL.weights(Options()) is None  # type: ignore[func-returns-value]


def test_toy_rules_given_a_text_say_how_to_write_vectors() -> None:
    with pytest.raises(InputError, match="x=3,1,0;5,0,1"):
        MODEL.run(Text("I love France"), None, Options())


@pytest.mark.parametrize("options", [Options(sharpness=4.0), Options(checkpoint="1")])
def test_toy_rules_refuse_an_option_that_they_do_not_have(options: Options) -> None:
    with pytest.raises(InputError) as caught:
        MODEL.run(Vectors(FOUNDING), None, options)
    assert caught.value.errors[0].loc[0] in {"sharpness", "checkpoint"}
