"""Recurrent nodes of ONNX models, in subgraphs too, as the onnx package writes them."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gate_explorer.engine import lstm
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Pass
from gate_explorer.errors import (
    InputError,
)
from gate_explorer.weights.files import read

from ...engine.builders import assert_close, draw
from ..samples import (
    D,
    H,
    X,
    cell,
    chain_of_nodes,
    h_expected,
    h_of,
    in_a_loop,
    model,
    node,
)


def test_onnx_nodes_in_a_row_are_a_chain() -> None:
    made, expected = chain_of_nodes()

    opened = read(made.SerializeToString())

    told = opened.interpretation
    assert told.networks == ("lower", "upper", "lower > upper")
    assert (told.network, told.gate_order, told.biases) == ("lower > upper", "iofg", "two, added")
    assert told.unused == ("shape",)
    assert_close(h_of(opened), h_expected(expected), 1e-6)


def test_onnx_node_in_a_subgraph_is_found_with_its_constants() -> None:
    made, expected = in_a_loop()

    opened = read(made.SerializeToString())

    assert opened.interpretation.networks[0] == "inner"
    assert_close(h_of(opened), h_expected(expected), 1e-6)


@pytest.mark.parametrize("layout", [0, 1])
def test_onnx_initial_state_is_taken_in_either_layout(layout: int) -> None:
    one, rng = cell(124, biases=2), np.random.default_rng(125)
    h0, c0 = draw(rng, 1, 1, H, dtype=np.float32), draw(rng, 1, 1, H, dtype=np.float32)
    inputs = {"initial_h": "h0", "initial_c": "c0"}
    made, arrays = node("one", (Pass(one),), "x", "y", inputs=inputs, layout=layout)
    arrays += [numpy_helper.from_array(a, n) for n, a in (("h0", h0), ("c0", c0))]

    opened = read(model([made], arrays).SerializeToString())

    assert_close(h_of(opened), lstm.forward(one, X, LSTMState(h0[0], c0[0])).h[:, 0], 1e-6)
    assert opened.interpretation.unused == ()


def test_onnx_initial_state_that_is_worked_out_is_said_to_be_zeros() -> None:
    made, arrays = node("one", (Pass(cell(126)),), "x", "y", inputs={"initial_h": "x"})

    opened = read(model([made], arrays).SerializeToString())

    assert opened.states is None
    assert "one starts from zeros: x is worked out by the model" in opened.interpretation.assumed


def test_onnx_weights_that_arent_in_the_file_are_named() -> None:
    made, arrays = node("one", (Pass(cell(127)),), "x", "y")
    with pytest.raises(InputError, match=r"one takes one\.W as an input of the model"):
        read(model([made], arrays[1:]).SerializeToString())

    arrays[0].data_location = TensorProto.EXTERNAL
    with pytest.raises(InputError, match=r"one\.W is kept in another file"):
        read(model([made], arrays).SerializeToString())

    relu = helper.make_node("Relu", ["one.V"], ["one.W"])
    arrays[0] = numpy_helper.from_array(np.ones((1, 4 * H, D), np.float32), "one.V")
    with pytest.raises(InputError, match="works out with Relu"):
        read(model([relu, made], arrays).SerializeToString())


def test_onnx_node_that_cant_be_read_is_left_beside_one_that_can() -> None:
    good, arrays = node("good", (Pass(cell(128)),), "x", "y")
    bad, more = node("bad", (Pass(cell(129)),), "x", "z", hidden_size=7)

    opened = read(model([bad, good], [*arrays, *more]).SerializeToString())

    assert opened.interpretation.networks == ("good",)
    assert any("hidden_size is 7" in words for words in opened.interpretation.unused)


def test_onnx_graph_with_grus_alone_names_them() -> None:
    gru = helper.make_node("GRU", ["x", "W", "R"], ["y"], name="GRU_1", hidden_size=H)

    with pytest.raises(InputError, match=r"holds 1 GRU layers \(GRU_1\); operators: GRU \(1\)"):
        read(model([gru], []).SerializeToString())


def test_onnx_chain_begins_from_zeros_where_one_layer_alone_has_a_state() -> None:
    rng = np.random.default_rng(162)
    one, other = cell(163, biases=2), cell(164, H, biases=2)
    h0 = draw(rng, 1, 3, H, dtype=np.float32)
    lower, arrays = node("lower", (Pass(one),), "x", "a", inputs={"initial_h": "h0"})
    upper, more = node("upper", (Pass(other),), "b", "y")
    squeeze = helper.make_node("Squeeze", ["a", "axes"], ["b"])
    arrays += [numpy_helper.from_array(h0, "h0"), numpy_helper.from_array(np.array([1]), "axes")]

    opened = read(model([lower, squeeze, upper], [*arrays, *more]).SerializeToString())

    assert opened.interpretation.network == "lower > upper"
    assert "lower starts from the first of its 3 initial states" in opened.interpretation.assumed
    zeros = np.zeros((1, H), np.float32)
    below = lstm.forward(one, X, LSTMState(h0[0, :1], zeros)).h
    assert_close(h_of(opened), lstm.forward(other, below).h[:, 0], 1e-6)
