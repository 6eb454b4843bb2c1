"""A network out of someone's file, as a model: its passes are the run's layers, bit for bit."""

import dataclasses
from typing import Any, Literal

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.analysis.story import stories
from gate_explorer.engine import stack
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.lstm import LSTMOptions
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import InputError
from gate_explorer.runs.clamps import parse
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.run import RunState, gated
from gate_explorer.weights import files, torch
from gate_explorer.weights.files import Head, read
from gate_explorer.weights.files.wording import Vocabulary, with_vocabulary
from gate_explorer.zoo.brought import Brought, brought_card, why_silent

from ..engine.builders import assert_close
from ..weights.samples import FIXTURES, D, cell, samples, state_dict, two_layers

SAMPLES = samples()


def _brought(data: bytes, network: str | None = None) -> Brought:
    opened = read(data, files.Options(network=network))
    return Brought(brought_card("own-1", "Ours", opened), opened)


def holding(*clamps: str) -> Options:
    return Options(clamps=parse(clamps))


def _example(model: Brought) -> Vectors:
    text = model.card.examples[0].query["x"]
    return Vectors([[float(n) for n in row.split(",")] for row in text.split(";")])


@pytest.mark.parametrize("name", SAMPLES)
def test_brought_network_runs_its_example_and_every_pass_is_a_layer(name: str) -> None:
    model = _brought(SAMPLES[name])
    inputs = _example(model)

    run = model.run(inputs, None, Options())

    x = np.array(inputs.rows)[:, None]
    trace = stack.forward(model.stack, x, None, model.opened.states)
    passes = [each for layer in trace.layers for each in layer]
    assert len(run.layers) == len(passes)
    for layer, expected in zip(run.layers, passes, strict=True):
        assert layer.h.tobytes() == np.ascontiguousarray(expected.h[:, 0]).tobytes()
    assert [layer.direction for layer in run.layers] == [
        "backward" if each.reverse else "forward" for layer in model.stack.layers for each in layer
    ]
    assert model.card.provenance == "uploaded"
    assert not model.card.listed
    silent = [output is None for output in run.outputs]
    once = model.opened.head is not None and model.opened.head.reads == "ends"
    if model.card.output and once and not model.stack.is_one_way:
        assert silent == [True] * (len(run) - 1) + [False]
    else:
        assert silent == [model.card.output is None] * len(run)
    assert (why_silent(model.opened) == "") == (model.card.output is not None)


def test_brought_network_carries_on_as_one_run() -> None:
    model = _brought((FIXTURES / "graph.keras").read_bytes(), "simple > simple_too")
    rows = _example(model).rows
    whole = model.run(Vectors(rows), None, Options())

    first = model.run(Vectors(rows[:5]), None, Options())
    rest = model.run(Vectors(rows[5:]), first.state, Options())

    assert (rest.start, rest.state.t) == (5, len(rows))
    assert_close(rest.layers[1].h, whole.layers[1].h[5:], 1e-6)


def test_brought_bidirectional_network_cant_be_carried_on() -> None:
    model = _brought(save(state_dict()))
    run = model.run(_example(model), None, Options())
    with pytest.raises(InputError, match="reads backwards too"):
        model.run(_example(model), run.state, Options())


def test_brought_layer_alone_holds_its_gates() -> None:
    alone = _brought(save(torch.to_torch(cell(170))))
    run = alone.run(_example(alone), None, holding("forget_gate:0@3"))
    free = alone.run(_example(alone), None, Options())
    assert gated(run.layers[0]).f[2].tolist() == [0.0, 0.0]
    assert run.layers[0].h[:2].tobytes() == free.layers[0].h[:2].tobytes()
    assert run.layers[0].h[2].tolist() != free.layers[0].h[2].tolist()


@pytest.mark.parametrize("layer", [None, "1", "1-backward", "2", "2-backward"])
def test_brought_stack_holds_the_gates_of_the_layer_named_or_of_all(layer: str | None) -> None:
    model = _brought(save(state_dict()))
    free = model.run(_example(model), None, Options())
    run = model.run(
        _example(model), None, holding(f"forget_gate:0@3{f'/layer:{layer}' if layer else ''}")
    )
    assert run.is_held
    for name, place in run.places.items():
        looking = run.looking_at(place)
        shut = (gated(looking.layer).f == 0).all(axis=1).tolist()
        assert shut == [t == 2 and layer in {None, name} for t in range(len(run))]
        assert (looking.held is None) == (layer not in {None, name})
    places = range(len(run.layers)) if layer is None else [run.places[layer]]
    depth = min(run.depths[place] for place in places)
    for n, (ours, theirs) in enumerate(zip(run.layers, free.layers, strict=True)):
        untouched = n not in places and run.depths[n] <= depth
        assert (ours.h.tobytes() == theirs.h.tobytes()) == untouched


def test_brought_stack_refuses_to_hold_a_layer_that_it_lacks() -> None:
    model = _brought(save(state_dict()))
    with pytest.raises(InputError, match="the run has layers 1, 1-backward, 2, 2-backward"):
        model.run(_example(model), None, holding("forget_gate:0@3/layer:3"))


def test_brought_candidate_without_a_bound_is_held_at_any_number() -> None:
    relu = dataclasses.replace(cell(173), options=LSTMOptions(candidate=Activation("relu")))
    opened = read(save(torch.to_torch(cell(173))))
    opened = dataclasses.replace(opened, stack=Stack(((Pass(relu),),)))
    model = Brought(brought_card("own-1", "Ours", opened), opened)
    run = model.run(_example(model), None, holding("candidate:5@2"))
    assert gated(run.layer).g[1].tolist() == [5, 5]
    bounded = _brought(save(torch.to_torch(cell(173))))
    with pytest.raises(InputError, match="it can be -1 to 1"):
        bounded.run(_example(bounded), None, holding("candidate:5@2"))


def test_brought_network_refuses_what_doesnt_fit_in_words() -> None:
    model = _brought(save(torch.to_torch(cell(171))))
    with pytest.raises(InputError, match=f"Row 1 has 1 numbers; own-1 reads {D}: x1, x2, x3"):
        model.run(Vectors([[1.0]]), None, Options())
    with pytest.raises(InputError, match="reads vectors of 3 numbers, not text"):
        model.run(Text("hello"), None, Options())
    with pytest.raises(InputError, match="doesn't fit own-1, which has 1 layers"):
        model.run(_example(model), RunState(1, ()), Options())


@pytest.mark.parametrize("biases", [0, 1, 2])
def test_brought_weights_are_those_of_the_file_with_one_bias_beside_zeros(biases: int) -> None:
    one = cell(172, biases=biases)
    model = _brought(save(torch.to_torch(one)))
    found = model.weights(Options())
    expected = {"weight_ih_l0": one.weight_ih, "weight_hh_l0": one.weight_hh}
    expected |= {"bias_ih_l0": one.bias, "bias_hh_l0": np.zeros_like(one.bias)}
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in expected.items()
    }
    assert model.readout(Options()) is None


def _with_words(name: str, words: tuple[str, ...]) -> Brought:
    opened = with_vocabulary(read(SAMPLES[name]), Vocabulary(words))
    return Brought(brought_card("own-1", "Ours", opened), opened)


def test_text_is_read_as_the_rows_of_its_words_and_unknown_ones_as_zeros() -> None:
    embedding = read(SAMPLES["torch.safetensors"]).embedding
    assert embedding
    rows, matrix = len(embedding.matrix), embedding.matrix
    model = _with_words("torch.safetensors", tuple(f"w{n}" for n in range(rows)))
    assert (model.card.input, model.card.examples[0].query) == (
        "words",
        {"text": " ".join(f"w{n}" for n in range(min(rows, 10)))},
    )
    run = model.run(Text("w2 W0 nothing"), None, Options())
    assert run.tokens
    assert [(token.text, token.known) for token in run.tokens] == [
        ("w2", True),
        ("W0", True),
        ("nothing", False),
    ]
    np.testing.assert_array_equal(run.x, np.stack([matrix[2], matrix[0], 0 * matrix[0]]))
    assert "it sees zeros instead" in stories(run)[2]
    with pytest.raises(InputError, match="no word in the text"):
        model.run(Text("  "), None, Options())
    with pytest.raises(InputError, match="reads words, not vectors"):
        model.run(Vectors([[1.0]]), None, Options())


def _with_head(activation: str | None, rows: int, words: bool) -> Brought:
    """One layer of three units on symbols, with a head of so many rows right on it."""
    rng = np.random.default_rng(7)
    opened = read(save(torch.to_torch(cell(1, 5, 3))))
    head = Head(
        "head", rng.normal(size=(rows, 3)), rng.normal(size=rows), activation, True, True, ()
    )
    opened = dataclasses.replace(opened, head=head)
    if words:
        opened = with_vocabulary(opened, Vocabulary(("a", "b", "c", "d", "e")))
    return Brought(brought_card("own-1", "Ours", opened), opened)


@pytest.mark.parametrize(
    ("activation", "rows", "words", "output"),
    [
        (None, 1, False, "number"),
        ("sigmoid", 1, False, "number"),
        ("relu", 1, False, None),
        ("softmax", 4, False, "classes"),
        (None, 4, False, None),
        (None, 5, True, "next_token"),
        ("softmax", 5, True, "next_token"),
        ("softmax", 4, True, "classes"),
    ],
)
def test_head_answers_where_its_shape_and_the_vocabulary_say_what_it_means(
    activation: str | None, rows: int, words: bool, output: str | None
) -> None:
    model = _with_head(activation, rows, words)
    assert model.card.output == output
    inputs = Text("abad") if words else _example(model)
    run = model.run(inputs, None, Options())
    head = model.opened.head
    assert head
    z = run.layer.h @ head.weight.T + np.asarray(head.bias)
    if output is None:
        expected = np.zeros((len(z), 0))
    elif output == "number":
        expected = 1 / (1 + np.exp(-z)) if activation == "sigmoid" else z
    else:
        expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose([_said(each) for each in run.outputs], expected, rtol=1e-5)
    if isinstance(run.outputs[0], NextTokenOutput):
        assert run.outputs[0].tokens == ("a", "b", "c", "d", "e")


def _said(output: Output) -> list[float]:
    match output:
        case NumberOutput(value):
            return [value]
        case ClassesOutput(probabilities):
            return list(probabilities.values())
        case NextTokenOutput():
            return list(output.probabilities)
    return []


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "linear"])
@pytest.mark.parametrize("reads", ["steps", "ends"])
def test_head_on_both_directions_is_read_where_the_file_says_what_it_reads(
    reads: Literal["steps", "ends"], activation: str
) -> None:
    rng, rows = np.random.default_rng(8), 3 if activation == "softmax" else 1
    weight, bias = rng.normal(size=(rows, 4)), rng.normal(size=rows)
    head = Head("fc", weight, bias, activation, True, True, ("fc",), reads)
    opened = dataclasses.replace(read(save(torch.stack_to_torch(two_layers()))), head=head)
    model = Brought(brought_card("own-1", "Ours", opened), opened)
    run = model.run(_example(model), None, Options())

    forward, backward = run.layers[2:]
    joined = np.concatenate([forward.h, backward.h], axis=1)
    if reads == "ends":
        joined = np.concatenate([forward.h[-1:], backward.h[:1]], axis=1)
    z = joined @ weight.T + bias
    expected = {
        "softmax": np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
        "sigmoid": 1 / (1 + np.exp(-z)),
        "linear": z,
    }[activation]
    said = [_said(each) for each in run.outputs if each is not None]
    np.testing.assert_allclose(said, expected, rtol=1e-5)
    assert run.outputs[-1] is not None
    assert why_silent(opened) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reads": None}, "doesn’t say whether fc reads every step, or what the passes end with"),
        ({"last": False}, "More layers follow fc"),
        ({"weight": np.ones((3, 7))}, "fc reads 7 numbers, not the 4 shown"),
        ({"weight": np.ones((3000, 4))}, "fc has 3,000 rows; shares are told of up to 2,048"),
        ({"activation": "relu"}, "fc is followed by relu"),
        ({"activation": None}, "fc has 3 rows, and the file doesn’t say what they are"),
    ],
)
def test_network_without_an_answer_says_why(changes: dict[str, Any], words: str) -> None:
    head = Head("fc", np.ones((3, 4)), None, "softmax", True, True, ("fc",), "steps")
    opened = read(save(torch.stack_to_torch(two_layers())))
    assert "no head" in why_silent(opened)
    assert why_silent(dataclasses.replace(opened, head=head)) == ""
    changed = dataclasses.replace(opened, head=dataclasses.replace(head, **changes))
    assert words in why_silent(changed)
    assert brought_card("own-1", "Ours", changed).output is None
