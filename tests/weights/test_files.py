"""Weight files by their content: what is opened, how it is understood, what is said of the rest."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from gate_explorer.engine import lstm, stack
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import (
    ChoiceError,
    InputError,
    LimitError,
    MediaTypeError,
    NonFiniteError,
)
from gate_explorer.weights import teaching, torch
from gate_explorer.weights.files import Limits, Opened, Options, Reference, read, settle
from gate_explorer.weights.files.packed import pack, unpack

from ..engine.builders import Array, assert_close, draw, draw_cell, draw_rnn
from .samples import (
    D,
    H,
    as_json,
    cell,
    chain_of_nodes,
    in_a_loop,
    model,
    node,
    npz,
    samples,
    state_dict,
    two_layers,
    zipped,
)

SAMPLES = samples()
X = draw(np.random.default_rng(100), 5, 1, D, dtype=np.float32)


def _h(opened: Opened, x: Array = X) -> Array:
    given = x.astype(opened.stack.dtype)
    return stack.forward(opened.stack, given, None, opened.states).h[:, 0]


def _of(made: Stack | lstm.LSTMParameters, x: Array = X) -> Array:
    whole = made if isinstance(made, Stack) else Stack(((Pass(made),),))
    return stack.forward(whole, x.astype(whole.dtype)).h[:, 0]


# PyTorch's names.


def test_state_dict_of_a_network_opens_with_its_ends_and_says_what_isnt_sure() -> None:
    opened = read(save(state_dict()))

    told = opened.interpretation
    assert (told.layout, told.network, told.networks) == (
        "torch",
        "module.encoder",
        ("module.encoder",),
    )
    assert (told.layers, told.directions, told.cell) == (2, ("forward", "backward"), "lstm")
    assert (told.gate_order, told.biases, told.concatenation) == ("ifgo", "two, added", None)
    assert told.activations == {"gate": "sigmoid", "candidate": "tanh", "cell": "tanh"}
    assert told.unused == ()
    assert_close(_h(opened), _of(two_layers()), 1e-6)
    assert opened.embedding is not None
    assert opened.head is not None
    assert not opened.head.certain
    assert opened.head.sources == ("module.fc.weight", "module.fc.bias")
    assert any("module.fc.weight reads h" in words for words in told.assumed)


def test_state_dict_leaves_nothing_unnamed() -> None:
    network = state_dict() | {"conv.weight": np.ones((2, 2, 3), np.float32)}

    told = read(save(network, {"trained": "long"})).interpretation

    assert told.unused == ("conv.weight", "metadata: trained")


def test_state_dict_with_a_norm_opens_folded_and_says_so() -> None:
    network = torch.stack_to_torch(two_layers())
    v = network.pop("weight_ih_l1_reverse")
    g = np.linalg.norm(v, axis=1, keepdims=True)
    network |= {"weight_ih_l1_reverse_g": g, "weight_ih_l1_reverse_v": v}

    opened = read(save(network))

    assert_close(_h(opened), _of(two_layers()), 1e-6)
    assert "weight norm folded into weight_ih_l1_reverse" in opened.interpretation.assumed
    assert opened.interpretation.unused == ()


def test_numbered_cells_whose_widths_fit_are_a_chain() -> None:
    lower, upper = cell(101), cell(102, H)
    network = {f"cells.{k}.{n}": a for k, c in enumerate((lower, upper)) for n, a in
               torch.to_torch(c, "").items()}  # fmt: skip

    opened = read(save(network))

    assert opened.interpretation.networks == ("cells.0", "cells.1", "cells.0 > cells.1")
    assert "cells.1 reads what cells.0 gives, by their names and widths" in (
        opened.interpretation.assumed
    )
    assert_close(_h(opened), _of(Stack(((Pass(lower),), (Pass(upper),)))), 1e-6)
    alone = read(save(network), Options(network="cells.1"))
    assert set(alone.interpretation.unused) == {n for n in network if n.startswith("cells.0")}


def test_encoder_and_decoder_are_no_chain() -> None:
    network = {f"{name}.{n}": a for name, seed in (("encoder", 103), ("decoder", 104)) for n, a in
               torch.to_torch(cell(seed, H)).items()}  # fmt: skip

    assert read(save(network)).interpretation.networks == ("decoder", "encoder")


def test_learnt_initial_state_is_taken() -> None:
    one, rng = cell(105), np.random.default_rng(106)
    h0, c0 = draw(rng, 1, 1, H, dtype=np.float32), draw(rng, 1, 1, H, dtype=np.float32)

    opened = read(save(torch.to_torch(one) | {"h0": h0, "c0": c0}))

    assert_close(_h(opened), lstm.forward(one, X, LSTMState(h0[0], c0[0])).h[:, 0], 1e-6)
    assert "h0 and c0 are its initial state" in opened.interpretation.assumed
    assert opened.interpretation.unused == ()


def test_rnn_of_torch_opens_with_tanh_and_says_so() -> None:
    one = draw_rnn(np.random.default_rng(107), D, H, np.float32)

    opened = read(save(torch.to_torch(one)))

    assert opened.interpretation.cell == "rnn"
    assert opened.interpretation.gate_order is None
    assert any("tanh" in words for words in opened.interpretation.assumed)
    assert_close(_h(opened), _of(Stack(((Pass(one),),))), 1e-6)


def test_gru_is_named_and_refused() -> None:
    rng = np.random.default_rng(108)
    gru = {"gru.weight_ih_l0": draw(rng, 3 * H, D), "gru.weight_hh_l0": draw(rng, 3 * H, H)}

    with pytest.raises(InputError, match=r"holds a GRU, gru\. A GRU has other gates"):
        read(save(gru))
    both = read(save(gru | {f"lstm.{n}": a for n, a in torch.to_torch(cell(109)).items()}))
    assert both.interpretation.networks == ("lstm",)
    assert set(both.interpretation.unused) == set(gru)


def test_gate_order_that_is_told_is_followed_in_any_layout() -> None:
    one = cell(110, biases=2)
    moved = {
        name: np.concatenate([np.split(array, 4)["ifgo".index(gate)] for gate in "ogfi"])
        for name, array in torch.to_torch(one).items()
    }

    opened = read(save(moved), Options(gate_order="ogfi"))

    assert opened.interpretation.gate_order == "ogfi"
    assert_close(_h(opened), _of(one), 1e-6)


# One's own names.


def _stacked(one: lstm.LSTMParameters, order: str = "ifgo") -> tuple[Array, Array, Array]:
    arrays = (one.weight_ih, one.weight_hh, one.bias)
    a, b, c = (
        np.concatenate([np.split(array, 4)["ifgo".index(gate)] for gate in order])
        for array in arrays
    )
    return a, b, c


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (("W_enc", "U_enc", "b_enc"), "enc"),
        (("Wx", "Wh", "b"), "lstm"),
        (("lstm/kernel", "lstm/recurrent_kernel", "lstm/bias"), "lstm"),
        (("rnn1_W_ih", "rnn1_W_hh", "rnn1_bias"), "rnn1"),
        (("p.weights_input", "p.weights_hidden", "p.bias"), "p"),
        (("arr_0", "arr_1", "arr_2"), "arr_0"),
        (("first", "second", "third"), "first"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_stacked_matrices_are_found_by_name_or_shape_either_way_round(
    names: tuple[str, str, str], title: str, turned: bool
) -> None:
    one = cell(111)
    w, u, b = _stacked(one)
    arrays = (w.T, u.T, b[None]) if turned else (w, u, b[:, None])
    if title == "lstm" and "/" in names[0] and not turned:
        return  # Keras's own names are always its layout
    opened = read(npz(dict(zip(names, arrays, strict=True))))

    assert opened.interpretation.network == title
    assert opened.interpretation.layout == ("keras" if turned else "torch")
    assert_close(_h(opened), _of(one), 1e-6)


def test_two_lstms_told_apart_by_what_is_left_of_their_names() -> None:
    one, other = cell(112), cell(113, H)
    arrays = {f"{k}_{n}": a for n, c in (("enc", one), ("dec", other)) for k, a in
              zip("WUb", _stacked(c), strict=True)}  # fmt: skip
    arrays |= {"W_R": np.ones((1, H)), "b_R": np.ones((1, 1)), "loss_history": np.ones(20)}

    opened = read(npz(arrays), Options(network="dec"))

    told = opened.interpretation
    assert told.networks == ("enc", "dec")
    assert set(told.unused) == {"W_enc", "U_enc", "b_enc", "W_R", "b_R", "loss_history"}
    assert told.assumed == ("the gates stand in the order ifgo, which isn't in the file",)
    assert_close(_h(opened, X[..., :H]), _of(other, X[..., :H]), 1e-6)


@pytest.mark.parametrize(
    ("layout", "order"),
    [("torch", "ifgo"), ("onnx", "iofg"), ("keras", "ifgo"), ("theano", "ifog")],
)
def test_layout_that_is_told_brings_its_order(layout: str, order: str) -> None:
    one = cell(114)
    w, u, b = _stacked(one, order)
    turned = layout in ("keras", "theano")
    data = npz({"W": w.T, "U": u.T, "b": b} if turned else {"W": w, "U": u, "b": b})

    opened = read(data, Options(layout=layout))

    assert (opened.interpretation.layout, opened.interpretation.gate_order) == (layout, order)
    assert opened.interpretation.assumed == ()
    assert_close(_h(opened), _of(one), 1e-6)
    wrong = "torch" if turned else "keras"
    with pytest.raises(ChoiceError, match=f"shapes of the layout {wrong}") as caught:
        read(data, Options(layout=wrong))
    assert caught.value.choices == {"layout": ("auto", "keras" if turned else "torch")}


@pytest.mark.parametrize("pair", [("backward", True), ("forward", False), ("bwd", True)])
def test_layer_called_backward_stays_backward(pair: tuple[str, bool]) -> None:
    name, reverse = pair
    one = cell(115)
    arrays = dict(zip((f"l_{name}_W", f"l_{name}_U", f"l_{name}_b"), _stacked(one), strict=True))

    opened = read(npz(arrays))

    assert opened.interpretation.directions == ("backward" if reverse else "forward",)
    assert_close(_h(opened), _of(Stack(((Pass(one, reverse),),))), 1e-6)


@pytest.mark.parametrize("order", ["hx", "xh"])
@pytest.mark.parametrize("make", [npz, as_json])
def test_teaching_matrices_open_in_either_concatenation(order: teaching.Order, make: Any) -> None:
    one = cell(116)
    gates = teaching.to_teaching(one, order)
    gates |= {"Wy": np.ones((1, H)), "by": np.ones(1)}

    opened = read(make(gates), Options(concatenation=order))

    told = opened.interpretation
    assert (told.layout, told.concatenation) == (f"numpy-{order}", f"[{order[0]}, {order[1]}]")
    assert told.gate_order == "each gate by name"
    assert told.unused == ("Wy", "by")
    assert_close(_h(opened), _of(one), 1e-6)
    assumed = read(make(gates)).interpretation
    assert assumed.concatenation == "[h, x]"
    assert any("[h, x] in that order" in words for words in assumed.assumed)
    assert read(make(gates), Options(layout=f"numpy-{order}")).interpretation.assumed == ()


GATES_APART = {
    "W_i{}/U": lambda g, w, u, b: {f"W_{g}": w, f"U_{g}": u, f"b_{g}": b},
    "Wx{}/Wh": lambda g, w, u, b: {f"Wx{g}": w, f"Wh{g}": u, f"b{g}": b},
    "W_i{}/W_h": lambda g, w, u, b: {f"W_i{g}": w, f"W_h{g}": u, f"b_i{g}": b, f"b_h{g}": 0 * b},
    "flax": lambda g, w, u, b: {f"i{g}/kernel": w.T, f"h{g}/kernel": u.T, f"h{g}/bias": b},
    "keras1": lambda g, w, u, b: {f"x_W_{g}": w.T, f"x_U_{g}": u.T, f"x_b_{g}": b},
}


@pytest.mark.parametrize("form", GATES_APART)
def test_gates_apart_open_by_their_names(form: str) -> None:
    one = cell(117)
    letters = "ifgo" if form in ("flax", "W_i{}/W_h") else "ifco"
    arrays: dict[str, Array] = {}
    parts = (np.split(a, 4) for a in (one.weight_ih, one.weight_hh, one.bias))
    for letter, w, u, b in zip(letters, *parts, strict=True):
        arrays |= GATES_APART[form](letter, w, u, b)

    opened = read(npz(arrays))

    assert opened.interpretation.unused == ()
    assert_close(_h(opened), _of(one), 1e-6)


def test_words_for_gates_are_read_too() -> None:
    one = cell(118)
    gates = teaching.to_teaching(one)
    words = {"f": "forget_gate", "i": "input_gate", "c": "cell_gate", "o": "output_gate"}
    network = {f"lstm.{words[g]}.weight": gates[f"W{g}"] for g in "ifco"}
    network |= {f"lstm.{words[g]}.bias": gates[f"b{g}"] for g in "ifco"}

    assert_close(
        _h(read(save({k: np.ascontiguousarray(a) for k, a in network.items()}))), _of(one), 1e-6
    )


def test_gate_order_for_gates_with_names_is_refused() -> None:
    with pytest.raises(ChoiceError, match="names of their own"):
        read(npz(teaching.to_teaching(cell(119))), Options(gate_order="figo"))


def test_tf1_kernel_gets_the_forget_bias_of_its_run_time() -> None:
    rng = np.random.default_rng(120)
    kernel, bias = draw(rng, D + H, 4 * H), draw(rng, 4 * H)
    name = "rnn/basic_lstm_cell"

    opened = read(npz({f"{name}/kernel": kernel, f"{name}/bias": bias}))

    told = opened.interpretation
    assert (told.layout, told.gate_order, told.concatenation) == ("tf1", "igfo", "[x, h]")
    assert any("forget bias of 1" in words for words in told.assumed)
    run = opened.stack.layers[0][0].parameters
    i, j, f, o = np.split(bias, 4)
    assert run.bias.tolist() == np.concatenate((i, f + 1, j, o)).tolist()


def test_dense_layer_of_a_fitting_size_is_no_lstm() -> None:
    rng = np.random.default_rng(121)
    with pytest.raises(InputError, match=r"No LSTM and no RNN.*arrays called fc1_W, fc1_b"):
        read(npz({"fc1_W": draw(rng, 84, 64), "fc1_b": draw(rng, 64)}))


def test_json_pair_before_a_matrix_of_both_is_read_both_ways() -> None:
    there, back = cell(122), cell(123)
    flat: dict[str, Any] = {}
    for k, array in enumerate(
        (*(a.T for a in _stacked(there)), *(a.T for a in _stacked(back))), start=2
    ):
        flat[f"mat{k}"] = {"v": 1, "dim": list(array.shape), "data": array.ravel().tolist()}
    flat["dic"] = {"b": 1, "a": 0, "c": 2}

    opened = read(json.dumps(flat).encode())

    assert opened.interpretation.network == "mat2-mat7"
    assert opened.interpretation.directions == ("forward", "backward")
    assert opened.vocabulary == ("a", "b", "c")
    assert_close(_h(opened), _of(Stack(((Pass(there), Pass(back, True)),))), 1e-6)


# ONNX.


def test_onnx_nodes_in_a_row_are_a_chain() -> None:
    made, expected = chain_of_nodes()

    opened = read(made.SerializeToString())

    told = opened.interpretation
    assert told.networks == ("lower", "upper", "lower > upper")
    assert (told.network, told.gate_order, told.biases) == ("lower > upper", "iofg", "two, added")
    assert told.unused == ("shape",)
    assert_close(_h(opened), _of(expected), 1e-6)


def test_onnx_node_in_a_subgraph_is_found_with_its_constants() -> None:
    made, expected = in_a_loop()

    opened = read(made.SerializeToString())

    assert opened.interpretation.networks[0] == "inner"
    assert_close(_h(opened), _of(expected), 1e-6)


@pytest.mark.parametrize("layout", [0, 1])
def test_onnx_initial_state_is_taken_in_either_layout(layout: int) -> None:
    one, rng = cell(124, biases=2), np.random.default_rng(125)
    h0, c0 = draw(rng, 1, 1, H, dtype=np.float32), draw(rng, 1, 1, H, dtype=np.float32)
    inputs = {"initial_h": "h0", "initial_c": "c0"}
    made, arrays = node("one", (Pass(one),), "x", "y", inputs=inputs, layout=layout)
    arrays += [numpy_helper.from_array(a, n) for n, a in (("h0", h0), ("c0", c0))]

    opened = read(model([made], arrays).SerializeToString())

    assert_close(_h(opened), lstm.forward(one, X, LSTMState(h0[0], c0[0])).h[:, 0], 1e-6)
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


# What isn't opened.


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", InputError, "file is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 138841280\n",
            InputError,
            "Git LFS pointer.*138,841,280 bytes",
        ),
        (pickle.dumps({"a": 1}), MediaTypeError, "This is a pickle.*never opened"),
        (pickle.dumps([1], protocol=0), MediaTypeError, "This is a pickle"),
        (zipped({"archive/data.pkl": b"\x80\x02}."}), MediaTypeError, "what torch.save writes"),
        (b"\0" * 257 + b"ustar" + b"\0" * 300, MediaTypeError, "oldest .pt files"),
        (b"<!DOCTYPE html><title>Not Found", InputError, "web page"),
        (b"\x1f\x8b\x08" + bytes(20), InputError, "gzip archive: unpack it"),
        (b"GGUF" + bytes(20), InputError, "GGUF"),
        (b"hello there, no weights", InputError, "no kind that is known"),
        (zipped({"readme.txt": b"hi"}), InputError, "neither an .npz nor a .keras.*readme.txt"),
        (zipped({"m/saved_model.pb": b"hi"}), InputError, "SavedModel"),
        (b'{"a": "no arrays"}', InputError, "No LSTM and no RNN"),
        (b'{"a": [1, 2', InputError, "isn't JSON that can be read"),
        (b"\x89HDF\r\n\x1a\n" + bytes(40), InputError, "cut short or damaged"),
        (b"\x08\x07\x3a", InputError, "cut short, damaged, or of another kind"),
    ],
)  # fmt: skip
def test_file_of_another_kind_is_named(data: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(data)
    assert type(caught.value) is error


def test_pickled_arrays_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "weights.npy"
    np.save(path, np.array([np.ones(2), np.ones(3)], object), allow_pickle=True)
    with pytest.raises(MediaTypeError, match="writes as a pickle"):
        read(path)
    np.save(path, np.ones(3))
    with pytest.raises(InputError, match="one array; an LSTM has several"):
        read(path)

    objects = np.array([{"a": 1}], object)
    with pytest.raises(MediaTypeError, match="All that this archive holds is pickled"):
        read(npz({"a": objects}))
    opened = read(npz(teaching.to_teaching(cell(130)) | {"history": objects}))
    assert opened.interpretation.unused == ("history (Python objects, a pickle)",)


@pytest.mark.parametrize(("package", "name"), [("h5py", "words.h5"), ("onnx", "chain.onnx")])
def test_package_that_is_missing_is_named_with_what_to_install(
    package: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(InputError, match=rf"need {package}.*pip install 'gate-explorer\[files\]'"):
        read(SAMPLES[name])


def test_files_without_them_open_without_h5py_and_onnx() -> None:
    code = (
        "import sys; sys.modules |= dict.fromkeys(('h5py', 'onnx'))\n"
        "from gate_explorer.weights.files import read\n"
        "print(read(sys.stdin.buffer.read()).interpretation.network)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=SAMPLES["torch.safetensors"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"module.encoder\n"


def _safetensors(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("header", "body", "words"),
    [
        ({"a": F32}, bytes(4), "should lie at 0 to 8, but the file has 4 bytes.*cut short"),
        ({"a": F32}, bytes(12), "end at 8, but the file has 12"),
        ({"a": F32, "b": F32}, bytes(8), "overlap, or leave gaps"),
        ({"a": F32 | {"shape": [3]}}, bytes(8), r"has the shape \(3,\) of F32, but 8 bytes"),
        ({"a": F32 | {"shape": [2**62, 4]}}, bytes(8), "which can't be"),
        ({"a": F32 | {"shape": [1.5]}}, bytes(8), "whole numbers"),
        ({"a": {"dtype": "F32"}}, b"", "should have dtype, shape and data_offsets"),
        (b'{"a": 1, "a": 2}', b"", "'a' stands twice"),
        (b"[]", b"", "isn't known|no kind|isn't JSON|should be a JSON object"),
        (b'{"a": NaN}', b"", "NaN isn't a number"),
    ],
)
def test_safetensors_that_arent_whole_are_named(header: Any, body: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(_safetensors(header, body))


def test_weights_that_arent_numbers_are_named() -> None:
    network = state_dict()
    network["module.encoder.weight_hh_l1"][3, 1] = np.nan
    with pytest.raises(NonFiniteError, match=r"module\.encoder\.weight_hh holds nan at \[3, 1\]"):
        read(save(network))


def test_file_larger_than_its_limits_is_refused_before_it_is_read() -> None:
    data = SAMPLES["torch.safetensors"]
    with pytest.raises(LimitError, match=r"has [\d,]+ bytes; read are 100\."):
        read(data, limits=Limits(file_bytes=100))
    with pytest.raises(LimitError, match="more than 3 arrays"):
        read(data, limits=Limits(arrays=3))
    with pytest.raises(LimitError, match="header has"):
        read(data, limits=Limits(header_bytes=30))


def test_zip_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    bomb = npz({"W": np.zeros((4 * 512, 4096), np.float32)}, packed=True)
    assert len(bomb) < 50_000
    with pytest.raises(LimitError, match=r"W\.npy unpacks to more than is read"):
        read(bomb, limits=Limits(unpacked_bytes=2**20))


def test_names_of_a_file_are_shown_short_and_plain() -> None:
    with pytest.raises(InputError) as caught:
        read(npz({"a\n\x1b[31m" + "x" * 300: np.ones(2)}))
    assert "\x1b" not in caught.value.detail
    assert "\n" not in caught.value.detail
    assert len(caught.value.detail) < 400


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"layout": "jax"}, "no layout 'jax'"),
        ({"gate_order": "ifg"}, "each once, such as ifgo"),
        ({"concatenation": "hh"}, "should be hx for"),
    ],
)
def test_option_that_doesnt_exist_is_answered_with_those_that_do(
    wrong: dict[str, str], words: str
) -> None:
    with pytest.raises(ChoiceError, match=words) as caught:
        Options(**wrong)
    assert caught.value.choices.keys() == wrong.keys()


# One output settles what a file can't tell.


@pytest.mark.parametrize("order", ["ifgo", "figo", "oigf"])
@pytest.mark.parametrize("what", ["h", "c", "both", "last"])
def test_reference_output_settles_the_gate_order(order: str, what: str) -> None:
    one = cell(131)
    data = npz(dict(zip("WUb", _stacked(one, order), strict=True)))
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
    assert opened.interpretation.assumed == (f"{order}: settled by the output that was given",)
    assert_close(_h(opened), h, 1e-6)


@pytest.mark.parametrize("order", ["hx", "xh"])
def test_reference_output_settles_the_concatenation(order: teaching.Order) -> None:
    one = draw_cell(np.random.default_rng(132), H, H, np.float32)
    x = X[..., :H]

    opened = settle(
        npz(teaching.to_teaching(one, order)), Reference(x[:, 0], lstm.forward(one, x).h[:, 0])
    )

    assert opened.interpretation.layout == f"numpy-{order}"
    assert_close(_h(opened, x), _of(one, x), 1e-6)


def test_reference_output_of_something_else_says_how_near_it_is() -> None:
    data = npz(dict(zip("WUb", _stacked(cell(133)), strict=True)))
    with pytest.raises(InputError, match=r"None of the 24 readings.*nearest is 0\.\d+ off"):
        settle(data, Reference(X[:, 0], np.full((5, H), 0.5)))
    with pytest.raises(InputError, match="needs h or c"):
        settle(data, Reference(X[:, 0]))
    with pytest.raises(InputError, match=r"should have the shape \(5, 2\), one row a step"):
        settle(data, Reference(X[:, 0], np.ones((4, 2))))


def test_reference_output_that_fits_several_readings_asks_for_more() -> None:
    """With x = 0 and no biases every reading gives zeros."""
    w, u, _ = _stacked(cell(134))
    with pytest.raises(InputError, match="readings give this output alike"):
        settle(npz({"W": w, "U": u}), Reference(np.zeros((3, D)), np.zeros((3, H))))


# What was read, packed and unpacked.


@pytest.mark.parametrize("name", SAMPLES)
def test_opened_file_packs_and_unpacks_to_the_same(name: str) -> None:
    opened = read(SAMPLES[name])

    again = unpack(b"".join(pack(opened)))

    assert again.interpretation == opened.interpretation
    assert again.vocabulary == opened.vocabulary
    x = np.random.default_rng(135).normal(size=(4, 1, opened.stack.input_size))
    assert _h(again, x).tobytes() == _h(opened, x).tobytes()
    for ours, theirs in ((again.embedding, opened.embedding), (again.head, opened.head)):
        assert (ours is None) == (theirs is None)
    if again.head is not None and opened.head is not None:
        assert again.head.weight.tolist() == opened.head.weight.tolist()
        told = [replace(h, weight=h.weight[:0], bias=None) for h in (again.head, opened.head)]
        assert told[0].name == told[1].name
