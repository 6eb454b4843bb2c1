"""The sentence model as a model of the zoo: tokens, states, outputs, refusals."""

import math

import numpy as np
import pytest

from gate_explorer.engine.lstm import forward
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import OneToken, Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.run import Run, RunState, gated
from gate_explorer.weights.torch import from_torch
from gate_explorer.zoo.sentence import Sentiment

MODEL = Sentiment()
SENTENCE = "I didn’t LOVE “France”, but zxqv wasnt a wonderfull film sooo far 😀"
FIELDS = ("i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")


def read(text: str, state: RunState | None = None) -> Run:
    return MODEL.run(Text(text), state, Options())


def test_sentence_tokens_are_kept_as_typed() -> None:
    run = read(SENTENCE)
    assert run.tokens is not None
    assert "".join(token.text for token in run.tokens) == SENTENCE.replace(" ", "")
    assert [token.text for token in run.tokens[:5]] == ["I", "did", "n’t", "LOVE", "“"]
    assert [token.key for token in run.tokens[:4]] == ["i", "did", "n't", "love"]


def test_sentence_unknown_word_is_marked_and_read_as_the_unknown_row() -> None:
    run = read("I love zxqv and qqvzx")
    assert run.tokens is not None
    assert [token.known for token in run.tokens] == [True, True, False, True, False]
    assert np.array_equal(run.x[2], run.x[4])
    assert not np.array_equal(run.x[1], run.x[2])


def test_sentence_misspelt_word_is_read_as_the_one_it_is_meant_for_and_says_so() -> None:
    typed, meant = read("the servise was horible"), read("the service was horrible")
    assert typed.tokens is not None
    assert [token.text for token in typed.tokens] == ["the", "servise", "was", "horible"]
    assert [token.read_as for token in typed.tokens] == [None, "service", None, "horrible"]
    assert all(token.known for token in typed.tokens)
    assert list(typed.outputs) == list(meant.outputs)


def test_sentence_outputs_are_five_probabilities_and_a_score() -> None:
    for output in read(SENTENCE).outputs:
        assert isinstance(output, ClassesOutput)
        labels = ["very negative", "negative", "neutral", "positive", "very positive"]
        assert list(output.probabilities) == labels
        assert math.isclose(sum(output.probabilities.values()), 1, rel_tol=1e-6)
        assert all(0 <= p <= 1 for p in output.probabilities.values())
        assert output.score is not None
        assert 0 <= output.score <= 1


def test_sentence_stepping_by_token_equals_the_whole_run_bit_for_bit() -> None:
    whole, state = read(SENTENCE), None
    assert whole.tokens is not None
    for t, token in enumerate(whole.tokens):
        # A curly n’t on its own is read as the suffix that it is.
        step = MODEL.run(OneToken(token.text), state, Options())
        state = step.state
        assert step.start == t
        for name in FIELDS:
            ours, theirs = getattr(step.layers[0], name), getattr(whole.layers[0], name)
            assert np.array_equal(ours[0], theirs[t]), (token.text, name)
        assert step.outputs[0] == whole.outputs[t]
    assert state is not None
    assert state.t == len(whole)


def test_sentence_carried_on_equals_one_run() -> None:
    whole, first = read("I love France because it is lovely"), read("I love France")
    rest = read("because it is lovely", first.state)
    assert rest.start == 3
    assert rest.before == first.outputs[-1]
    assert first.before is None
    assert list(rest.outputs) == list(whole.outputs[3:])
    assert np.array_equal(rest.layers[0].memory, whole.layers[0].memory[3:])


def test_sentence_weights_under_torch_names_give_the_same_gates() -> None:
    run = read(SENTENCE)
    weights = MODEL.weights(Options())
    trace = forward(from_torch(weights), run.x[:, None])
    for name in FIELDS:
        assert np.array_equal(getattr(trace, name)[:, 0], getattr(run.layers[0], name))
    assert not weights["bias_hh_l0"].any()


def test_sentence_gates_are_finite_and_within_their_ranges() -> None:
    layer = gated(read(" ".join([SENTENCE] * 20)).layers[0])
    for gate in (layer.i, layer.f, layer.o):
        assert gate.min() >= 0
        assert gate.max() <= 1
    for value in (layer.g, layer.tanh_c, layer.h):
        assert np.abs(value).max() <= 1
    assert np.isfinite(layer.c).all()


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u200b"])
def test_sentence_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no word"):
        read(text)


def test_sentence_step_of_two_tokens_says_how_it_is_read() -> None:
    with pytest.raises(InputError, match=r"takes one token.*“do”, “n't”"):
        MODEL.run(OneToken("don't"), None, Options())


def test_sentence_given_vectors_says_how_to_write_text() -> None:
    with pytest.raises(InputError, match="text=The movie was not good"):
        MODEL.run(Vectors([[3, 1, 0]]), None, Options())


@pytest.mark.parametrize(
    ("options", "field"),
    [(Options(sharpness=4.0), "sharpness"), (Options(checkpoint="epoch-1"), "checkpoint")],
)
def test_sentence_option_that_it_does_not_have_is_refused(options: Options, field: str) -> None:
    for ask in (lambda: MODEL.run(Text("love"), None, options), lambda: MODEL.weights(options)):
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.errors[0].loc == (field,)


@pytest.mark.parametrize(
    ("layers", "named"),
    [((), "0 layers"), (((np.zeros(3), np.zeros(16)),), "3 and 16"),
     (((np.zeros(16), np.zeros(16)),) * 2, "2 layers")],
)  # fmt: skip
def test_sentence_state_of_another_size_is_refused(
    layers: tuple[tuple[np.ndarray, np.ndarray], ...], named: str
) -> None:
    with pytest.raises(InputError, match=named):
        read("love", RunState(1, layers))
