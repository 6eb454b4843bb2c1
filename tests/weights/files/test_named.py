"""Layers in arrays of people's own code: by names or shapes, either way round, in any order."""

from typing import Any

import numpy as np
import pytest

from gate_explorer.errors import (
    ChoiceError,
    InputError,
)
from gate_explorer.weights import teaching
from gate_explorer.weights.files import Options, read

from ...engine.builders import assert_close, draw
from ..samples import (
    D,
    H,
    X,
    as_json,
    cell,
    h_expected,
    h_of,
    npz,
    stacked,
)


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
    w, u, b = stacked(one)
    arrays = (w.T, u.T, b[None]) if turned else (w, u, b[:, None])
    opened = read(npz(dict(zip(names, arrays, strict=True))))

    assert opened.interpretation.network == title
    assert opened.interpretation.layout == ("keras" if turned else "torch")
    assert_close(h_of(opened), h_expected(one), 1e-6)


def test_two_lstms_told_apart_by_what_is_left_of_their_names() -> None:
    one, other = cell(112), cell(113, H)
    arrays = {f"{k}_{n}": a for n, c in (("enc", one), ("dec", other)) for k, a in
              zip("WUb", stacked(c), strict=True)}  # fmt: skip
    arrays |= {"W_R": np.ones((1, H)), "b_R": np.ones((1, 1)), "loss_history": np.ones(20)}

    opened = read(npz(arrays), Options(network="dec"))

    told = opened.interpretation
    assert told.networks == ("enc", "dec")
    assert set(told.unused) == {"W_enc", "U_enc", "b_enc", "W_R", "b_R", "loss_history"}
    assert told.assumed == ("the gates stand in the order ifgo, which isn't in the file",)
    assert_close(h_of(opened, X[..., :H]), h_expected(other, X[..., :H]), 1e-6)


@pytest.mark.parametrize(
    ("layout", "order"),
    [("torch", "ifgo"), ("onnx", "iofg"), ("keras", "ifgo"), ("theano", "ifog")],
)
def test_layout_that_is_told_brings_its_order(layout: str, order: str) -> None:
    one = cell(114)
    w, u, b = stacked(one, order)
    turned = layout in ("keras", "theano")
    data = npz({"W": w.T, "U": u.T, "b": b} if turned else {"W": w, "U": u, "b": b})

    opened = read(data, Options(layout=layout))

    assert (opened.interpretation.layout, opened.interpretation.gate_order) == (layout, order)
    assert opened.interpretation.assumed == ()
    assert_close(h_of(opened), h_expected(one), 1e-6)
    wrong = "torch" if turned else "keras"
    with pytest.raises(ChoiceError, match=f"shapes of the layout {wrong}") as caught:
        read(data, Options(layout=wrong))
    assert caught.value.choices == {"layout": ("auto", "keras" if turned else "torch")}


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
    assert_close(h_of(opened), h_expected(one), 1e-6)
    assumed = read(make(gates)).interpretation
    assert assumed.concatenation == "[h, x]"
    assert any("[h, x] in that order" in words for words in assumed.assumed)
    assert read(make(gates), Options(layout=f"numpy-{order}")).interpretation.assumed == ()


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


def test_what_an_optimizer_keeps_is_no_layer_of_its_own() -> None:
    rng = np.random.default_rng(160)
    name = "rnn/basic_lstm_cell"
    arrays = {f"{name}/kernel": draw(rng, D + H, 4 * H), f"{name}/bias": draw(rng, 4 * H)}
    slots = {f"{key}/{slot}": array for key, array in arrays.items() for slot in ("Adam", "Adam_1")}

    told = read(npz(arrays | slots)).interpretation

    assert told.networks == ("rnn/basic_lstm_cell",)
    assert set(told.unused) == set(slots)


def test_quantised_weights_are_named() -> None:
    w, u, b = stacked(cell(161))
    with pytest.raises(InputError, match="W is quantised, of the type int8"):
        read(npz({"W": (w * 100).astype(np.int8), "U": u, "b": b}))
