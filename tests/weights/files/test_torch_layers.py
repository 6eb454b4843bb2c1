"""Recurrent modules under PyTorch's names, anywhere in a file."""

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.engine import lstm
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import (
    InputError,
)
from gate_explorer.weights import torch
from gate_explorer.weights.files import Options, read

from ...engine.builders import assert_close, draw, draw_rnn
from ..samples import (
    D,
    H,
    X,
    cell,
    h_expected,
    h_of,
    state_dict,
    two_layers,
)


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

    assert_close(h_of(opened), h_expected(two_layers()), 1e-6)
    assert "weight norm folded into weight_ih_l1_reverse" in opened.interpretation.assumed
    assert opened.interpretation.unused == ()


def test_learnt_initial_state_is_taken() -> None:
    one, rng = cell(105), np.random.default_rng(106)
    h0, c0 = draw(rng, 1, 1, H, dtype=np.float32), draw(rng, 1, 1, H, dtype=np.float32)

    opened = read(save(torch.to_torch(one) | {"h0": h0, "c0": c0}))

    assert_close(h_of(opened), lstm.forward(one, X, LSTMState(h0[0], c0[0])).h[:, 0], 1e-6)
    assert "h0 and c0 are its initial state" in opened.interpretation.assumed
    assert opened.interpretation.unused == ()


def test_rnn_of_torch_opens_with_tanh_and_says_so() -> None:
    one = draw_rnn(np.random.default_rng(107), D, H, np.float32)

    opened = read(save(torch.to_torch(one)))

    assert opened.interpretation.cell == "rnn"
    assert opened.interpretation.gate_order is None
    assert any("tanh" in words for words in opened.interpretation.assumed)
    assert_close(h_of(opened), h_expected(Stack(((Pass(one),),))), 1e-6)


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
    assert_close(h_of(opened), h_expected(one), 1e-6)
