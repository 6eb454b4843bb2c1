"""Wires into the chosen unit of a cell without gates: weight x value, from every unit."""

import numpy as np
import pytest

from app.views.equation.mixing import THICKEST, THINNEST, mixed
from gate_explorer.analysis.arithmetic import mixing
from tests.views.equation.runs import RUNS, at

RNN = RUNS["rnn"]


def test_mixed_has_a_wire_from_every_unit_as_thick_as_its_product() -> None:
    found, sum_of = mixed(at(RNN, 4, 3)), mixing(RNN, 4, 3)
    assert found is not None
    assert len(found.wires) == RNN.layers[-1].h.shape[1]
    assert [wire.negative for wire in found.wires] == (sum_of.products < 0).tolist()
    widths = [float(wire.width) for wire in found.wires]
    assert max(widths) == THICKEST
    assert min(widths) >= THINNEST
    assert np.argmax(widths) == np.argmax(np.abs(sum_of.products))


def test_mixing_comes_to_what_the_cell_shows() -> None:
    for t in range(1, len(RNN) + 1):
        for unit in (1, 4):
            found = mixing(RNN, t, unit)
            assert found.states + found.inputs + found.bias == pytest.approx(found.total)
            assert np.tanh(found.total) == pytest.approx(
                RNN.layers[-1].h[t - 1, unit - 1], abs=1e-5
            )


def test_mixed_is_for_cells_without_gates_alone() -> None:
    assert mixed(at(RUNS["counter"])) is None
