"""Every mapping there and back gives the same numbers, bit for bit, and lays them where the
framework looks for them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import rnn
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.engine.stack import Parameters, Pass, Stack
from gate_explorer.errors import InputError, ShapeError
from gate_explorer.weights import keras, onnx, teaching, torch

from ..engine.builders import DTYPES, Array, arrays_of, draw, draw_cell, draw_rnn

SIZES = st.integers(1, 9)
SEEDS = st.integers(0, 2**32)
ACTIVATIONS = st.sampled_from([Activation(name) for name in onnx.KNOWN])


def _assert_same(found: Parameters, expected: Parameters) -> None:
    ours, theirs = arrays_of(found), arrays_of(expected)
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype, name
        np.testing.assert_array_equal(array, theirs[name], name)


def _assert_same_biases(found: Parameters, expected: Parameters) -> None:
    pairs = zip(found.stored_biases, expected.stored_biases, strict=True)
    assert all(ours.tobytes() == theirs.tobytes() for ours, theirs in pairs)


@given(
    layers=st.integers(1, 3),
    both=st.booleans(),
    width=SIZES,
    hidden=SIZES,
    projection=st.one_of(st.none(), st.integers(1, 4)),
    biases=st.integers(0, 2),
    dtype=st.sampled_from(DTYPES),
    seed=SEEDS,
)
def test_torch_stack_of_any_size_reads_back_as_it_was_written(
    layers: int,
    both: bool,
    width: int,
    hidden: int,
    projection: int | None,
    biases: int,
    dtype: Any,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(layers):
        cells = [
            draw_cell(rng, width, hidden, dtype, projection=projection, biases=biases)
            for _ in range(1 + both)
        ]
        made.append(tuple(Pass(cell, k == 1) for k, cell in enumerate(cells)))
        width = sum(cell.output_size for cell in cells)
    stack = Stack(tuple(made))

    written = torch.stack_to_torch(stack)
    read = torch.stack_from_torch(written)

    assert [len(layer) for layer in read.layers] == [len(layer) for layer in stack.layers]
    for layer, original in zip(read.layers, stack.layers, strict=True):
        for run, expected in zip(layer, original, strict=True):
            assert run.reverse == expected.reverse
            _assert_same(run.parameters, expected.parameters)
            if biases != 1:
                _assert_same_biases(run.parameters, expected.parameters)
    again = torch.stack_to_torch(read)
    assert again.keys() == written.keys()
    assert all(again[name].tobytes() == array.tobytes() for name, array in written.items())


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_torch_rnn_reads_back_as_it_was_written(nonlinearity: str) -> None:
    rng = np.random.default_rng(41)
    p = draw_rnn(rng, 2, 3)
    p = rnn.RNNParameters(p.weight_ih, p.weight_hh, p.bias, activation=Activation(nonlinearity))
    stack = Stack(((Pass(p), Pass(p, True)),))

    read = torch.rnn_stack_from_torch(torch.stack_to_torch(stack), nonlinearity)

    for run, expected in zip(read.layers[0], stack.layers[0], strict=True):
        _assert_same(run.parameters, expected.parameters)
        assert isinstance(run.parameters, rnn.RNNParameters)
        assert run.parameters.activation == p.activation


def test_torch_names_are_those_of_its_state_dicts() -> None:
    rng = np.random.default_rng(42)
    cells = [draw_cell(rng, 2, 3, projection=2) for _ in range(2)]
    stack = Stack(((Pass(cells[0]), Pass(cells[1], True)),))
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")

    names = torch.stack_to_torch(stack).keys()

    assert names == {f"{part}_l0{direction}" for part in parts for direction in ("", "_reverse")}
    cell = draw_cell(rng, 2, 3)
    assert torch.to_torch(cell, "").keys() == {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}
    _assert_same(torch.from_torch(torch.to_torch(cell, ""), ""), cell)


def test_torch_tensor_that_is_missing_is_named() -> None:
    written = torch.to_torch(draw_cell(np.random.default_rng(43), 2, 3))
    del written["bias_hh_l0"]

    with pytest.raises(InputError, match="lack bias_hh_l0; they hold bias_ih_l0, weight_hh_l0"):
        torch.from_torch(written)
    with pytest.raises(InputError, match="lack weight_ih_l0, weight_hh_l0"):
        torch.stack_from_torch({})


def test_what_torch_lacks_is_named() -> None:
    rng = np.random.default_rng(44)
    plain, peeping = draw_cell(rng, 2, 3), draw_cell(rng, 2, 3, peephole=True)
    upper, wide = draw_cell(rng, 3, 3), draw_cell(rng, 3, 4)
    simple = draw_rnn(rng, 2, 3)
    odd = rnn.RNNParameters(
        simple.weight_ih, simple.weight_hh, simple.bias, activation=Activation("elu")
    )
    for layers, words in (
        (((Pass(peeping),),), "no peepholes"),
        (((Pass(draw_cell(rng, 2, 3, options=LSTMOptions(clip=1.0))),),), "no clip"),
        (((Pass(odd),),), "tanh or relu"),
        (((Pass(plain, True),),), "all layers forwards"),
        (((Pass(plain, True), Pass(plain)),), "forwards first"),
        (((Pass(plain),), (Pass(upper), Pass(upper, True))), "forwards, or all both ways"),
        (((Pass(plain),), (Pass(wide),)), "same number of units"),
    ):
        with pytest.raises(InputError, match=words):
            torch.stack_to_torch(Stack(layers))
    with pytest.raises(InputError, match="tanh and relu, but 'elu' came"):
        torch.rnn_from_torch({}, nonlinearity="elu")


@given(
    width=SIZES,
    hidden=SIZES,
    biases=st.integers(0, 1),
    squashed=ACTIVATIONS,
    gate=ACTIVATIONS,
    dtype=st.sampled_from(DTYPES),
    seed=SEEDS,
)
def test_keras_layer_of_any_size_reads_back_as_it_was_written(
    width: int,
    hidden: int,
    biases: int,
    squashed: Activation,
    gate: Activation,
    dtype: Any,
    seed: int,
) -> None:
    options = LSTMOptions(gate, squashed, squashed)
    cell = draw_cell(
        np.random.default_rng(seed), width, hidden, dtype, options=options, biases=biases
    )

    written = keras.to_keras(cell)
    read = keras.from_keras(written)

    _assert_same(read, cell)
    _assert_same_biases(read, cell)
    assert read.options == options
    assert written.kernel.shape == (width, 4 * hidden)
    assert written.recurrent_kernel.shape == (hidden, 4 * hidden)
    assert (written.bias is None) == (biases == 0)


def test_keras_simple_rnn_reads_back_as_it_was_written() -> None:
    p = draw_rnn(np.random.default_rng(45), 2, 3)
    p = rnn.RNNParameters(p.weight_ih, p.weight_hh, p.bias, activation=Activation("relu"))

    read = keras.rnn_from_keras(keras.rnn_to_keras(p))

    _assert_same(read, p)
    assert read.activation == p.activation


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("hard_sigmoid", 2, Activation("hard_sigmoid", 0.2)),
        ("hard_sigmoid", 3, Activation("hard_sigmoid", 1 / 6)),
        ("leaky_relu", 3, Activation("leaky_relu", 0.2)),
        ("swish", 3, Activation("silu")),
        (None, 3, Activation("linear")),
        ("tanh", 2, Activation("tanh")),
    ],
)
def test_keras_name_means_what_its_version_means(
    name: str | None, version: int, expected: Activation
) -> None:
    assert keras.activation(name, version) == expected


def test_what_keras_lacks_is_named() -> None:
    rng = np.random.default_rng(46)
    odd = LSTMOptions(candidate=Activation("relu"), clip=1.0, input_forget=True)
    cell = draw_cell(rng, 2, 3, peephole=True, projection=2, options=odd)
    words = "no peepholes, a projection, a clip, coupled gates, different activations"

    with pytest.raises(InputError, match=words):
        keras.to_keras(cell)
    with pytest.raises(InputError, match="no activation 'softmax'"):
        keras.activation("softmax")
    written = keras.rnn_to_keras(draw_rnn(rng, 2, 3))
    with pytest.raises(InputError, match="need a recurrent_activation"):
        keras.from_keras(written)


@given(
    directions=st.sampled_from(((False,), (True,), (False, True))),
    width=SIZES,
    hidden=SIZES,
    biases=st.sampled_from((0, 2)),
    peephole=st.booleans(),
    activations=st.tuples(ACTIVATIONS, ACTIVATIONS, ACTIVATIONS),
    clip=st.one_of(st.none(), st.floats(0.1, 9)),
    coupled=st.booleans(),
    dtype=st.sampled_from(DTYPES),
    seed=SEEDS,
)
def test_onnx_lstm_of_any_kind_reads_back_as_it_was_written(
    directions: tuple[bool, ...],
    width: int,
    hidden: int,
    biases: int,
    peephole: bool,
    activations: tuple[Activation, Activation, Activation],
    clip: float | None,
    coupled: bool,
    dtype: Any,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    options = LSTMOptions(*activations, clip=clip, input_forget=coupled)
    layer = tuple(
        Pass(
            draw_cell(rng, width, hidden, dtype, peephole=peephole, options=options, biases=biases),
            reverse,
        )
        for reverse in directions
    )

    written = onnx.to_onnx(layer)
    read = onnx.from_onnx(written)

    for run, expected in zip(read, layer, strict=True):
        assert run.reverse == expected.reverse
        assert isinstance(run.parameters, LSTMParameters)
        assert run.parameters.options == options
        _assert_same(run.parameters, expected.parameters)
        _assert_same_biases(run.parameters, expected.parameters)
    assert written.W.shape == (len(directions), 4 * hidden, width)
    assert (written.P is None) == (not peephole)


def test_onnx_rows_are_i_o_f_c_and_peepholes_i_o_f() -> None:
    cell = LSTMParameters(
        np.array([[1.0], [2], [3], [4]]),
        np.array([[5.0], [6], [7], [8]]),
        np.array([9.0, 10, 11, 12]),
        peephole=np.array([13.0, 14, 15]),
    )

    written = onnx.to_onnx([Pass(cell)])

    assert written.B is not None
    assert written.P is not None
    assert written.W.tolist() == [[[1], [4], [2], [3]]]
    assert written.R.tolist() == [[[5], [8], [6], [7]]]
    assert written.B.tolist() == [[9, 12, 10, 11, 0, 0, 0, 0]]
    assert written.P.tolist() == [[13, 15, 14]]


@given(
    directions=st.sampled_from(((False,), (True,), (False, True))),
    activation=ACTIVATIONS,
    clip=st.one_of(st.none(), st.floats(0.1, 9)),
    biases=st.sampled_from((0, 2)),
    seed=SEEDS,
)
def test_onnx_rnn_of_any_kind_reads_back_as_it_was_written(
    directions: tuple[bool, ...],
    activation: Activation,
    clip: float | None,
    biases: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    layer = []
    for reverse in directions:
        parts = [draw(rng, 3) for _ in range(biases)]
        p = rnn.RNNParameters.with_biases(
            draw(rng, 3, 2), draw(rng, 3, 3), parts, activation=activation, clip=clip
        )
        layer.append(Pass(p, reverse))

    read = onnx.rnn_from_onnx(onnx.rnn_to_onnx(layer))

    for run, expected in zip(read, layer, strict=True):
        assert isinstance(run.parameters, rnn.RNNParameters)
        assert (run.parameters.activation, run.parameters.clip) == (activation, clip)
        _assert_same(run.parameters, expected.parameters)
        _assert_same_biases(run.parameters, expected.parameters)


def test_onnx_parameters_go_to_the_activations_that_take_them() -> None:
    written = onnx.to_onnx([Pass(draw_cell(np.random.default_rng(47), 2, 3))])
    attributes = dict(written.attributes) | {
        "activations": ["hardsigmoid", "LeakyRelu", "ScaledTanh"],
        "activation_alpha": [0.3, 0.7],
        "activation_beta": [0.4],
    }

    (run,) = onnx.from_onnx(onnx.OnnxWeights(written.W, written.R, attributes=attributes))

    assert isinstance(run.parameters, LSTMParameters)
    assert run.parameters.options == LSTMOptions(
        Activation("hard_sigmoid", 0.3, 0.4),
        Activation("leaky_relu", 0.7),
        Activation("scaled_tanh"),
    )
    assert run.parameters.stored_biases == ()


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"direction": "sideways"}, "should be one of forward, reverse, bidirectional"),
        ({"activations": ["Tanh"]}, "should be 3 activations, not 1"),
        ({"activations": ["Tanh", "Gelu", "Tanh"]}, "no activation 'Gelu'; it has Sigmoid, Tanh"),
        ({"clip": -1.0}, "clip is -1.0"),
        ({"hidden_size": 5}, "hidden_size is 5, but R, of the shape"),
        ({"activation": ["Relu"] * 3}, "no attribute activation; it has activation_alpha"),
        ({"linear_before_reset": 1}, "no attribute linear_before_reset"),
        ({"layout": 2}, "layout is 2; it should be 0 or 1"),
        ({"activation_alpha": [0.1]}, "activation_alpha has 1 more values than these activations"),
        ({"direction": b"sideways"}, "'sideways'; it should be one of"),
    ],
)
def test_onnx_attribute_that_isnt_known_is_named(attributes: dict[str, Any], words: str) -> None:
    written = onnx.to_onnx([Pass(draw_cell(np.random.default_rng(48), 2, 3))])

    with pytest.raises(InputError, match=words):
        onnx.from_onnx(onnx.OnnxWeights(written.W, written.R, attributes=attributes))


def test_onnx_attributes_read_as_bytes_as_they_do_as_text() -> None:
    """The onnx package gives every text as bytes."""
    rng = np.random.default_rng(51)
    options = LSTMOptions(Activation("hard_sigmoid", 0.3), Activation("softsign"))
    layer = [Pass(draw_cell(rng, 2, 3, options=options), reverse) for reverse in (False, True)]
    written = onnx.to_onnx(layer)
    attributes = dict(written.attributes)
    attributes["direction"] = attributes["direction"].encode()
    attributes["activations"] = [name.encode() for name in attributes["activations"]]

    read = onnx.from_onnx(onnx.OnnxWeights(written.W, written.R, written.B, attributes=attributes))

    for run, expected in zip(read, layer, strict=True):
        assert isinstance(run.parameters, LSTMParameters)
        assert run.parameters.options == options
        _assert_same(run.parameters, expected.parameters)


def test_onnx_tensor_that_doesnt_fit_is_named() -> None:
    written = onnx.to_onnx([Pass(draw_cell(np.random.default_rng(49), 2, 3))])

    with pytest.raises(ShapeError, match=r"W should have the shape \(1, 12, D\)"):
        onnx.from_onnx(onnx.OnnxWeights(written.W[:, :8], written.R))
    with pytest.raises(ShapeError, match=r"R should have the shape \(1, 12, 3\)"):
        onnx.from_onnx(onnx.OnnxWeights(written.W, written.R[:, :8]))
    with pytest.raises(ShapeError, match=r"R should have the shape \(2, 4H, H\)"):
        onnx.from_onnx(
            onnx.OnnxWeights(written.W, written.R, attributes={"direction": "bidirectional"})
        )


def test_what_onnx_lacks_is_named() -> None:
    rng = np.random.default_rng(50)
    plain, clipped = draw_cell(rng, 2, 3), draw_cell(rng, 2, 3, options=LSTMOptions(clip=1.0))
    gelu = LSTMOptions(gate=Activation("gelu"))
    for layer, words in (
        ([Pass(draw_cell(rng, 2, 3, projection=2))], "without a projection"),
        ([Pass(draw_rnn(rng, 2, 3))], "takes LSTM passes"),
        ([Pass(plain), Pass(clipped, True)], "one clip"),
        ([Pass(plain, True), Pass(plain)], "both ways with the forward first"),
        ([Pass(draw_cell(rng, 2, 3, options=gelu))], "no activation gelu"),
        ([Pass(plain), Pass(draw_cell(rng, 2, 3, biases=0), True)], "biases in both"),
        ([Pass(plain), Pass(draw_cell(rng, 2, 3, peephole=True), True)], "peepholes in both"),
    ):
        with pytest.raises(InputError, match=words):
            onnx.to_onnx(layer)
    with pytest.raises(InputError, match="takes Elman passes"):
        onnx.rnn_to_onnx([Pass(plain)])


@given(
    width=SIZES,
    hidden=SIZES,
    biases=st.integers(0, 1),
    order=st.sampled_from(("hx", "xh")),
    dtype=st.sampled_from(DTYPES),
    seed=SEEDS,
)
def test_teaching_matrices_of_any_size_read_back_as_they_were_written(
    width: int, hidden: int, biases: int, order: teaching.Order, dtype: Any, seed: int
) -> None:
    cell = draw_cell(np.random.default_rng(seed), width, hidden, dtype, biases=biases)

    written = teaching.to_teaching(cell, order)
    read = teaching.from_teaching(written, order)

    _assert_same(read, cell)
    _assert_same_biases(read, cell)
    assert len(written) == 4 + 4 * biases


def test_teaching_matrices_meet_h_and_x_in_the_order_told() -> None:
    weights: dict[str, Array] = {
        f"W{gate}": np.array([[k, 10.0 * k, 100.0 * k]]) for k, gate in enumerate("ifco", start=1)
    }
    weights |= {f"b{gate}": np.array([[-float(k)]]) for k, gate in enumerate("ifco", start=1)}

    on_hx, on_xh = teaching.from_teaching(weights), teaching.from_teaching(weights, "xh")

    assert on_hx.weight_hh.tolist() == [[1], [2], [3], [4]]
    assert on_hx.weight_ih.tolist() == [[10, 100], [20, 200], [30, 300], [40, 400]]
    assert on_xh.weight_hh.tolist() == [[100], [200], [300], [400]]
    assert on_xh.weight_ih.tolist() == [[1, 10], [2, 20], [3, 30], [4, 40]]
    assert on_hx.bias.tolist() == on_xh.bias.tolist() == [-1, -2, -3, -4]


def test_teaching_matrices_that_dont_fit_are_named() -> None:
    cell = draw_cell(np.random.default_rng(51), 2, 3)
    written = teaching.to_teaching(cell)

    with pytest.raises(InputError, match="lack Wo, bo; they hold Wc, Wf"):
        teaching.from_teaching({k: v for k, v in written.items() if k not in ("Wo", "bo")})
    with pytest.raises(ShapeError, match=r"Wf should have the shape \(3, 5\), but has \(3, 4\)"):
        teaching.from_teaching(written | {"Wf": written["Wf"][:, 1:]})
    with pytest.raises(InputError, match=r"hold Wy, by besides.*leave them out"):
        teaching.from_teaching(written | {"Wy": np.ones((1, 3)), "by": np.ones(1)})
    with pytest.raises(InputError, match="'hx' for"):
        teaching.from_teaching(written, "fx")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="standard LSTM alone"):
        teaching.to_teaching(draw_cell(np.random.default_rng(52), 2, 3, peephole=True))


def test_teaching_matrices_of_code_that_multiplies_from_the_left_read_the_same() -> None:
    cell = draw_cell(np.random.default_rng(53), 2, 3)
    written = teaching.to_teaching(cell)
    turned = {name: a.T if name[0] == "W" else a[None] for name, a in written.items()}

    _assert_same(teaching.from_teaching(turned), cell)
