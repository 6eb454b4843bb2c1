"""Roles against loops written from the contract's formulas, and against the three rules."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gate_explorer.analysis.roles import Roles, roles
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.run import LSTMLayer, gated
from gate_explorer.zoo.registry import get
from gate_explorer.zoo.toy_rules import ToyRules
from tests.toy_model import SEQUENCES, Row

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 6))
GATES = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
AMOUNTS = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.floats(-1e6, -1e-6))
WILD = st.floats(-1e300, 1e300)
LETTERS = ("h_prev", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")


@st.composite
def layers(draw: st.DrawFn, amounts: st.SearchStrategy[float] = AMOUNTS) -> LSTMLayer:
    shape = draw(SHAPES)
    values = {
        letter: draw(arrays(np.float64, shape, elements=GATES if letter in "ifo" else amounts))
        for letter in LETTERS
    }
    return LSTMLayer("forward", **values)


def share(gate: Array, amount: Array) -> float:
    """sum(gate * |amount|) / sum(|amount|), or the mean of the gate where that is 0 / 0."""
    above = below = total = 0.0
    for g, a in zip(gate.tolist(), amount.tolist(), strict=True):
        above += g * abs(a)
        below += abs(a)
        total += g
    return above / below if below else total / len(gate)


@settings(max_examples=500)
@given(layers())
def test_roles_of_random_arrays_follow_the_formulas(layer: LSTMLayer) -> None:
    for t, found in enumerate(roles(layer)):
        expected = (
            share(layer.i[t], layer.g[t]),
            1 - share(layer.f[t], layer.c_prev[t]),
            share(layer.o[t], layer.tanh_c[t]),
        )
        assert (found.store, found.reset, found.output) == pytest.approx(expected, abs=1e-12)


@given(layers(WILD), st.sampled_from([np.float32, np.float64]))
def test_roles_of_any_arrays_stay_within_zero_and_one(layer: LSTMLayer, dtype: type) -> None:
    with np.errstate(over="ignore"):
        cast = {name: np.clip(getattr(layer, name).astype(dtype), -1e37, 1e37) for name in LETTERS}
    for found in roles(LSTMLayer("forward", **cast)):
        assert all(0 <= value <= 1 for value in (found.store, found.reset, found.output))


@settings(max_examples=500)
@given(SEQUENCES)
def test_roles_on_the_toy_are_exactly_the_three_rules(rows: list[Row]) -> None:
    run = ToyRules().run(Vectors(rows), None, Options())
    expected = [Roles(float(x2 == 1), float(x2 == -1), float(x3 == 1)) for _, x2, x3 in rows]
    assert roles(run.layers[0]) == expected


def one_step(**values: list[float]) -> Roles:
    filled = {letter: np.array([values.get(letter, [0.0, 0.0])]) for letter in LETTERS}
    return roles(LSTMLayer("forward", **filled))[0]


def test_roles_with_an_empty_draft_take_the_mean_of_the_input_gate() -> None:
    assert one_step(i=[0.2, 0.6], g=[0, 0]).store == pytest.approx(0.4)


def test_roles_with_an_empty_memory_take_the_mean_of_the_forget_gate() -> None:
    assert one_step(f=[0.2, 0.6], c_prev=[0, 0]).reset == pytest.approx(0.6)


def test_roles_with_nothing_to_show_take_the_mean_of_the_output_gate() -> None:
    assert one_step(o=[0.2, 0.6], tanh_c=[0, 0]).output == pytest.approx(0.4)


def test_roles_weigh_each_unit_by_its_size_whatever_its_sign() -> None:
    found = one_step(
        i=[1, 0], g=[-0.3, 0.1], f=[1, 0], c_prev=[2, -6], o=[0.5, 1], tanh_c=[-0.5, 0.5]
    )
    assert found.store == pytest.approx(0.75)
    assert found.reset == pytest.approx(0.75)
    assert found.output == pytest.approx(0.75)


@pytest.mark.parametrize("sharpness", [0.5, 4.0, 100.0])
def test_roles_on_the_toy_lstm_are_its_gates(sharpness: float) -> None:
    rows = [(3, 1, 0), (5, 0, 1), (2, -1, 0), (3, 1, 1)]
    layer = gated(get("toy-lstm").run(Vectors(rows), None, Options(None, sharpness)).layers[0])
    for t, found in enumerate(roles(layer)):
        expected = (layer.i[t, 0], 1 - layer.f[t, 0], layer.o[t, 0])
        assert (found.store, found.reset, found.output) == pytest.approx(expected, abs=1e-12)


def test_roles_are_plain_floats() -> None:
    found = one_step(i=[0.5, 0.5])
    assert [type(v) for v in (found.store, found.reset, found.output)] == [float] * 3
    assert math.isclose(found.store, 0.5)
