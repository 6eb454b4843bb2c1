"""Models that learned a task, as models of the zoo: inputs, states, outputs, checkpoints."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from app.views.address.state import read_query
from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import (
    Inputs,
    OneToken,
    Options,
    Text,
    Vectors,
)
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run, RunState
from gate_explorer.weights.torch import from_torch
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned, continue_text

MODELS = [
    model for model_id in registry.MODELS if isinstance(model := registry.get(model_id), Learned)
]
KINDS = {"number": NumberOutput, "classes": ClassesOutput, "next_token": NextTokenOutput}
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.card.id)


def example_of(model: Learned) -> Inputs:
    inputs = read_query(list(model.card.examples[0].query.items())).inputs
    assert inputs is not None
    return inputs


def items(inputs: Inputs, run: Run) -> list[Inputs]:
    """The input a step at a time."""
    if isinstance(inputs, Vectors):
        return [Vectors([row]) for row in inputs.rows]
    return [OneToken(token.text) for token in run.tokens or ()]


@each_model
def test_learned_stepping_equals_the_whole_run_bit_for_bit(model: Learned) -> None:
    inputs = example_of(model)
    whole, state = model.run(inputs, None, Options()), None
    for t, one in enumerate(items(inputs, whole)):
        step = model.run(one, state, Options())
        state = step.state
        assert step.start == t
        assert step.before == (whole.outputs[t - 1] if t else None)
        for name in (q.key for q in whole.equation.quantities):
            ours, theirs = getattr(step.layers[0], name)[0], getattr(whole.layers[0], name)[t]
            assert np.array_equal(ours, theirs), (t, name)
        assert step.outputs[0] == whole.outputs[t]
    assert state is not None
    assert state.t == len(whole)


@each_model
def test_learned_outputs_are_of_the_cards_kind_and_sum_to_one(model: Learned) -> None:
    for output in model.run(example_of(model), None, Options()).outputs:
        assert isinstance(output, KINDS[model.card.output or ""])
        if isinstance(output, ClassesOutput):
            assert math.isclose(sum(output.probabilities.values()), 1, rel_tol=1e-5)
        if isinstance(output, NextTokenOutput):
            assert math.isclose(sum(output.probabilities), 1, rel_tol=1e-5)
            top = [p for _, p in output.top()]
            assert top == sorted(output.probabilities, reverse=True)[: len(top)]


@each_model
def test_learned_checkpoints_run_and_differ(model: Learned) -> None:
    card = model.card
    assert 6 <= len(card.checkpoints) <= 10
    assert [point.checkpoint for point in card.curve] == list(card.checkpoints)
    assert card.curve[0].step == 0
    inputs = example_of(model)
    last = model.run(inputs, None, Options()).layers[0].h
    runs = [model.run(inputs, None, Options(label)).layers[0].h for label in card.checkpoints]
    assert np.array_equal(runs[-1], last)
    assert not any(np.array_equal(runs[k], runs[k + 1]) for k in range(len(runs) - 1))


@each_model
def test_learned_weights_of_a_checkpoint_give_its_gates(model: Learned) -> None:
    label = model.card.checkpoints[3]
    run, weights = model.run(example_of(model), None, Options(label)), model.weights(Options(label))
    if model.card.cell == "rnn":
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
        h = rnn.forward(RNNParameters(*(weights[name] for name in names)), run.x[:, None]).h
    else:
        h = lstm.forward(from_torch(weights), run.x[:, None]).h
    assert np.array_equal(h[:, 0], run.layers[0].h)


@each_model
def test_learned_checkpoint_that_it_does_not_have_is_refused(model: Learned) -> None:
    with pytest.raises(InputError) as caught:
        model.run(example_of(model), None, Options("step-7"))
    assert caught.value.errors[0].loc == ("checkpoint",)


@each_model
def test_learned_state_of_another_size_is_refused(model: Learned) -> None:
    with pytest.raises(InputError, match="3 and 3 numbers"):
        model.run(example_of(model), RunState(1, ((np.zeros(3), np.zeros(3)),)), Options())


@each_model
def test_learned_twin_is_an_rnn_of_the_same_size_that_the_menu_does_not_show(
    model: Learned,
) -> None:
    card = model.card
    assert card.listed == (card.cell == "lstm")
    if card.twin:
        twin = registry.get(card.twin).card
        assert (twin.cell, twin.listed, twin.twin) == ("rnn", False, None)
        assert (twin.hidden_size, twin.input_size) == (card.hidden_size, card.input_size)
        assert twin.measured == card.twin_measured
        assert card.measured == twin.twin_measured


@each_model
def test_learned_card_says_how_it_was_measured(model: Learned) -> None:
    card = model.card
    assert card.measured
    assert card.training
    assert card.measured.seeds == len(card.training.seeds) >= 3
    assert card.measured.figures.keys() == {figure.name for figure in card.figures}
    assert all(figure.what and figure.split for figure in card.figures)
    assert card.task


def test_learned_rnn_carries_a_hidden_state_and_no_cell_state() -> None:
    model = registry.get("counter-rnn")
    run = model.run(Text("aab"), None, Options())
    ((h, c),) = run.state.layers
    assert (h.shape, c.shape) == ((4,), (0,))
    assert isinstance(run.cell, RNNParameters)
    assert np.array_equal(run.layers[0].memory_before[1], run.layers[0].h[0])


def test_learned_symbol_that_it_does_not_have_reaches_the_cell_as_zeros() -> None:
    run = registry.get("counter").run(Text("aXb"), None, Options())
    assert [token.known for token in run.tokens or ()] == [True, False, True]
    assert run.x.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_learned_characters_are_read_in_their_other_case_and_blanks_left_out() -> None:
    run = registry.get("reber").run(Text("bt\nx S"), None, Options())
    assert [(token.text, token.key) for token in run.tokens or ()] == [
        ("b", "B"), ("t", "T"), ("x", "X"), ("S", "S"),
    ]  # fmt: skip


def test_learned_words_are_cut_as_people_type_them() -> None:
    run = registry.get("agreement").run(Text("The KEYS are lost."), None, Options())
    assert [token.key for token in run.tokens or ()] == ["the", "keys", "are", "lost", "."]
    assert all(token.known for token in run.tokens or ())


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([[0.5, 1], [0.5]], "Row 2 has 1 numbers"),
        ([[0.5, 1, 0]], "Row 1 has 3 numbers"),
        ([[0.5, 2]], "Row 1: the mark is 2"),
        ([[-1, 0]], "Row 1: the number is -1"),
        ([[float("nan"), 0]], "Row 1: the number is nan"),
        ([], "There is no row"),
    ],
)
def test_learned_vectors_out_of_range_are_named(rows: list[list[float]], named: str) -> None:
    with pytest.raises(InputError, match=named):
        registry.get("adding").run(Vectors(rows), None, Options())


def test_learned_text_for_a_model_of_vectors_says_how_to_write_them() -> None:
    with pytest.raises(InputError, match=r"2 numbers, not text: give x=0\.9,0;0\.5,0 in"):
        registry.get("adding").run(Text("0.5 1"), None, Options())


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_learned_text_without_a_symbol_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nothing to read"):
        registry.get("counter").run(Text(text), None, Options())


def test_learned_step_of_two_symbols_says_how_it_is_read() -> None:
    with pytest.raises(InputError, match="reads this as 2"):
        registry.get("counter").run(OneToken("ab"), None, Options())


def test_continue_text_writes_the_same_from_the_same_seed_and_carries_the_state() -> None:
    model = registry.get("agreement")
    assert isinstance(model, Learned)
    one, other = (
        list(continue_text(model, "the keys", 8, 1.0, np.random.default_rng(4))) for _ in range(2)
    )
    words = [run.tokens[-1].text for run in one if run.tokens]
    assert words == [run.tokens[-1].text for run in other if run.tokens]
    assert [run.state.t for run in one] == list(range(2, 11))
    whole = model.run(Text(f"the keys {' '.join(words[1:])}"), None, Options())
    assert np.array_equal(one[-1].layers[0].memory[-1], whole.layers[0].memory[-1])


def test_continue_text_at_temperature_0_takes_the_likeliest() -> None:
    model = registry.get("reber")
    assert isinstance(model, Learned)
    runs = list(continue_text(model, "BT", 5, 0, np.random.default_rng(1)))
    for before, after in itertools.pairwise(runs):
        output = before.outputs[-1]
        assert isinstance(output, NextTokenOutput)
        assert after.tokens
        assert after.tokens[0].text == output.top(1)[0][0]


@pytest.mark.parametrize(
    ("model_id", "temperature", "named"),
    [
        ("agreement", -0.1, "temperature"),
        ("agreement", 9, "temperature"),
        ("counter", 1, "write on"),
    ],
)
def test_continue_text_that_cannot_be_is_refused(
    model_id: str, temperature: float, named: str
) -> None:
    model = registry.get(model_id)
    assert isinstance(model, Learned)
    with pytest.raises(InputError, match=named):
        next(continue_text(model, "the", 1, temperature, np.random.default_rng(1)))


def test_learned_reads_no_weights_before_a_run() -> None:
    model = Learned(registry.ZOO / "counter")
    assert model.card.id == "counter"
    assert not model.loaded


def test_zoo_takes_at_most_20_megabytes() -> None:
    folder = Path(registry.__file__).parent
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 20_000_000


def test_learned_cards_hold_nothing_but_json() -> None:
    for path in Path(registry.__file__).parent.glob("*/card.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
