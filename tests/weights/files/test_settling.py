"""One output settles what a file can't tell."""

import io
from dataclasses import replace

import h5py
import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.activations import SIGMOID, Activation
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.engine.stack import Stack
from gate_explorer.errors import InputError, LimitError
from gate_explorer.weights import teaching, torch
from gate_explorer.weights.files import Reference, read, settle
from gate_explorer.weights.keras import HARD_SIGMOID, OLD_HARD_SIGMOID

from ...engine.builders import assert_close, draw_cell, draw_rnn
from ..samples import (
    D,
    H,
    X,
    cell,
    h_expected,
    h_of,
    npz,
    samples,
    stacked,
    two_layers,
)


@pytest.mark.parametrize("order", ["ifgo", "figo", "oigf"])
@pytest.mark.parametrize("what", ["h", "c", "both", "last"])
def test_reference_output_settles_the_gate_order(order: str, what: str) -> None:
    one = cell(131)
    data = npz(dict(zip("WUb", stacked(one, order), strict=True)))
    trace = lstm.forward(one, X)
    h, c = trace.h[:, 0], trace.c[:, 0]
    given = {
        "h": {"h": h},
        "c": {"c": c},
        "both": {"h": h, "c": c},
        "last": {"h": h[-1], "c": c[-1]},
    }

    opened = settle(data, Reference(X[:, 0], **given[what]))

    assert opened.interpretation.gate_order == order
    told = opened.interpretation
    (said,) = told.assumed
    assert said.startswith(f"{order}: settled by the output that was given, which it gives ")
    assert told.settled is not None
    assert told.settled["reading"] == order
    assert told.settled["difference"] < 1e-5
    assert told.settled["also_fits"] == []
    assert_close(h_of(opened), h, 1e-6)


@pytest.mark.parametrize("order", ["hx", "xh"])
def test_reference_output_settles_the_concatenation(order: teaching.Order) -> None:
    one = draw_cell(np.random.default_rng(132), H, H, np.float32)
    x = X[..., :H]

    opened = settle(
        npz(teaching.to_teaching(one, order)), Reference(x[:, 0], lstm.forward(one, x).h[:, 0])
    )

    assert opened.interpretation.layout == f"numpy-{order}"
    assert_close(h_of(opened, x), h_expected(one, x), 1e-6)


def test_reference_output_of_something_else_says_how_near_it_is() -> None:
    data = npz(dict(zip("WUb", stacked(cell(133)), strict=True)))
    with pytest.raises(InputError, match=r"None of the 144 readings.*nearest \(.*\) is .* off"):
        settle(data, Reference(X[:, 0], np.full((5, H), 0.5)))
    with pytest.raises(InputError, match="needs h or c"):
        settle(data, Reference(X[:, 0]))
    with pytest.raises(InputError, match=r"should have the shape \(5, 2\), one row a step"):
        settle(data, Reference(X[:, 0], np.ones((4, 2))))


def test_reference_output_that_fits_several_readings_names_the_others() -> None:
    """With x = 0 and no biases every reading gives zeros: the usual one is taken."""
    w, u, _ = stacked(cell(134))
    opened = settle(npz({"W": w, "U": u}), Reference(np.zeros((3, D)), np.zeros((3, H))))
    settled = opened.interpretation.settled
    assert settled is not None
    assert settled["reading"] == "ifgo"
    assert len(settled["also_fits"]) == 7
    assert settled["also_fits"][-1].endswith(" more")
    assert "a longer output would tell" in opened.interpretation.assumed[-1]


def changed(one: LSTMParameters, gate: Activation, forget: float) -> LSTMParameters:
    """The cell as a program runs it that squashes its gates otherwise, and adds a forget bias."""
    bias = one.bias.copy()
    bias[one.hidden_size : 2 * one.hidden_size] += bias.dtype.type(forget)
    return replace(one, bias=bias, biases=None, options=LSTMOptions(gate=gate))


def torch_file(one: LSTMParameters) -> bytes:
    return save(torch.to_torch(one))


def keras_file(one: LSTMParameters) -> bytes:
    """A .weights.h5 without a configuration."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for k, array in enumerate((one.weight_ih.T, one.weight_hh.T, one.bias)):
            file[f"layers/lstm/cell/vars/{k}"] = array
    return stream.getvalue()


def flat_file(one: LSTMParameters) -> bytes:
    """Keras's matrices in an .npz under names of one's own."""
    return npz({"W": one.weight_ih.T, "U": one.weight_hh.T, "b": one.bias})


def joined_file(one: LSTMParameters) -> bytes:
    """A matrix a gate on [h, x]."""
    return npz(teaching.to_teaching(one, "hx"))


def tf1_file(one: LSTMParameters) -> bytes:
    """A BasicLSTMCell's kernel, columns i j f o on [x, h], without its forget bias."""
    w, u, b = stacked(one, "igfo")
    kernel = np.concatenate((w, u), axis=1).T
    return npz({"rnn/basic_lstm_cell/kernel": kernel, "rnn/basic_lstm_cell/bias": b})


FILES = {
    "torch": torch_file,
    "keras": keras_file,
    "flat": flat_file,
    "joined": joined_file,
    "tf1": tf1_file,
}
GATES = {"sigmoid": SIGMOID, "old": OLD_HARD_SIGMOID, "new": HARD_SIGMOID}


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize(
    ("kind", "forget"),
    # Keras keeps its forget bias in the file.
    [(kind, forget) for kind in FILES for forget in (0.0, 1.0) if kind != "keras" or not forget],
)
def test_reference_output_settles_activations_and_forget_bias(
    kind: str, gate: str, forget: float
) -> None:
    one = cell(135)
    run = changed(one, GATES[gate], forget)
    expected = h_expected(run)

    opened = settle(FILES[kind](one), Reference(X[:, 0], expected))

    told = opened.interpretation
    assert_close(h_of(opened), expected, 1e-6)
    assert told.activations["gate"].startswith("sigmoid" if gate == "sigmoid" else "hard_sigmoid")
    assert not any("squashes with" in words for words in told.assumed)
    as_read = 1.0 if kind == "tf1" else 0.0
    assert ("on the forget gate's" in told.biases) == (forget != as_read)


@pytest.mark.parametrize("squash", ["tanh", "relu"])
def test_reference_output_settles_what_an_rnn_squashes_with(squash: str) -> None:
    one = replace(draw_rnn(np.random.default_rng(136), D, H, np.float32),
                  activation=Activation(squash))  # fmt: skip
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    arrays = (one.weight_ih, one.weight_hh, one.bias, np.zeros_like(one.bias))
    expected = rnn.forward(one, X).h[:, 0]

    opened = settle(save(dict(zip(names, arrays, strict=True))), Reference(X[:, 0], expected))

    assert opened.interpretation.activations == {"hidden": squash}
    assert_close(h_of(opened), expected, 1e-6)


def test_reference_output_settles_on_which_side_of_square_matrices_x_stands() -> None:
    one = draw_cell(np.random.default_rng(137), H, H, np.float32)
    gates = {g: np.split(one.weight_ih, 4)[k].T for k, g in enumerate("ifgo")}
    more = {g: np.split(one.weight_hh, 4)[k].T for k, g in enumerate("ifgo")}
    biases = {g: np.split(one.bias, 4)[k] for k, g in enumerate("ifgo")}
    named = {f"W_x{g}": a for g, a in gates.items()} | {f"W_h{g}": a for g, a in more.items()}
    named |= {f"b_{g}": a for g, a in biases.items()}
    x = X[..., :H]

    opened = settle(npz(named), Reference(x[:, 0], h_expected(one, x)))

    assert_close(h_of(opened, x), h_expected(one, x), 1e-6)
    assert opened.interpretation.layout == "keras"


def test_reference_output_settles_a_stack_read_both_ways() -> None:
    made = two_layers(138)
    run = Stack(tuple(
        tuple(replace(each, parameters=changed(each.parameters, HARD_SIGMOID, 0))
              for each in layer if isinstance(each.parameters, LSTMParameters))
        for layer in made.layers
    ))  # fmt: skip
    opened = settle(save(torch.stack_to_torch(made)), Reference(X[:, 0], h_expected(run)))
    assert_close(h_of(opened), h_expected(run), 1e-6)


@pytest.mark.parametrize("name", ["chain.onnx", "words.keras", "graph.h5"])
def test_file_that_leaves_nothing_open_is_held_to_the_output(name: str) -> None:
    data = samples()[name]
    read_as = read(data)
    x = np.random.default_rng(139).standard_normal((4, 1, read_as.stack.input_size))
    h = h_of(read_as, x)
    settled = settle(data, Reference(x[:, 0], h)).interpretation.settled
    assert settled is not None
    assert (settled["reading"], settled["tried"]) == ("as the file says", 1)
    with pytest.raises(InputError, match="The only reading doesn't give this output"):
        settle(data, Reference(x[:, 0], h + 0.1))


def test_reference_that_would_take_too_long_is_told_how_many_steps_it_may_have() -> None:
    data = torch_file(draw_cell(np.random.default_rng(140), 8, 256, np.float32))
    with pytest.raises(LimitError, match=r"144 readings .* at most 102"):
        settle(data, Reference(np.zeros((400, 8)), np.zeros((400, 256))))
