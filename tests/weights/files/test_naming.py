"""What names say of an array: the many ways to call four gates."""

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.weights import teaching
from gate_explorer.weights.files import read

from ...engine.builders import Array, assert_close
from ..samples import (
    cell,
    h_expected,
    h_of,
    npz,
)

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
    assert_close(h_of(opened), h_expected(one), 1e-6)


def test_words_for_gates_are_read_too() -> None:
    one = cell(118)
    gates = teaching.to_teaching(one)
    words = {"f": "forget_gate", "i": "input_gate", "c": "cell_gate", "o": "output_gate"}
    network = {f"lstm.{words[g]}.weight": gates[f"W{g}"] for g in "ifco"}
    network |= {f"lstm.{words[g]}.bias": gates[f"b{g}"] for g in "ifco"}

    assert_close(
        h_of(read(save({k: np.ascontiguousarray(a) for k, a in network.items()}))),
        h_expected(one),
        1e-6,
    )
