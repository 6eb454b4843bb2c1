"""Stacks against PyTorch 2.13: results and all gradients, frozen in tests/fixtures/torch.

tests/fixtures/make_torch_stacks.py made them, and says how to make them anew: layers x directions
x projection x bias (LSTM) or nonlinearity x bias (RNN) x dtype, on sequences of different lengths.
tests/fixtures/make_torch_held.py made those whose gates are held.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from gate_explorer.engine import ragged, stack
from gate_explorer.engine.lstm import Held, LSTMGradients, LSTMState
from gate_explorer.engine.stack import Stack, State
from gate_explorer.weights.torch import rnn_stack_from_torch, stack_from_torch, stack_to_torch

from .builders import Array, assert_close

FOLDER = Path(__file__).parents[1] / "fixtures" / "torch"
TOLERANCES = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-12}
FILES = {
    (kind, dtype): load_file(FOLDER / f"stacks-{kind}-{dtype}.safetensors")
    for kind in ("lstm", "rnn")
    for dtype in ("float32", "float64")
}
CASES = [
    (kind, dtype, case)
    for (kind, dtype), tensors in FILES.items()
    for case in sorted({name.split("/")[0] for name in tensors})
]

Fixture = dict[str, Array]


def _read(kind: str, dtype: str, case: str) -> tuple[Fixture, Stack, list[list[State]]]:
    """A case's tensors, the stack of its weights, its initial states."""
    tensors = FILES[kind, dtype]
    fixture = {n.split("/")[1]: v for n, v in tensors.items() if n.split("/")[0] == case}
    relu = "relu" if "relu" in case else "tanh"
    weights = {n: v for n, v in fixture.items() if n.startswith(("weight_", "bias_"))}
    made = stack_from_torch(weights) if kind == "lstm" else rnn_stack_from_torch(weights, relu)
    return fixture, made, _states(made, fixture["h0"], fixture.get("c0"))


def _states(made: Stack, h: Array, c: Array | None) -> list[list[State]]:
    """torch's states, one row a pass, layer by layer."""
    rows: Iterator[State]
    rows = iter(h) if c is None else (LSTMState(*pair) for pair in zip(h, c, strict=True))
    return [[next(rows) for _ in layer] for layer in made.layers]


def test_fixtures_cover_every_combination() -> None:
    for kind, third in (("lstm", ("whole", "projected")), ("rnn", ("tanh", "relu"))):
        expected = {
            f"{layers}-{directions}-{word}-{bias}"
            for layers in (1, 2)
            for directions in ("one", "both")
            for word in third
            for bias in ("bias", "nobias")
        }
        for dtype in ("float32", "float64"):
            assert {c for k, d, c in CASES if (k, d) == (kind, dtype)} == expected


@pytest.mark.parametrize(("kind", "dtype", "case"), CASES)
def test_stack_forward_equals_torch(kind: str, dtype: str, case: str) -> None:
    fixture, made, states = _read(kind, dtype, case)
    tolerance = TOLERANCES[fixture["x"].dtype]

    trace = stack.forward(made, fixture["x"], fixture["lengths"], states)

    assert trace.h.dtype == fixture["h"].dtype
    assert_close(trace.h, fixture["h"], tolerance)
    ends = [state for layer in trace.states for state in layer]
    for n, state in enumerate(ends):
        if isinstance(state, LSTMState):
            assert_close(state.h, fixture["hn"][n], tolerance)
            assert_close(state.c, fixture["cn"][n], tolerance)
        else:
            assert_close(state, fixture["hn"][n], tolerance)


@pytest.mark.parametrize(("kind", "dtype", "case"), CASES)
def test_stack_gradients_equal_torch(kind: str, dtype: str, case: str) -> None:
    fixture, made, states = _read(kind, dtype, case)
    tolerance = TOLERANCES[fixture["x"].dtype]
    d_states = _states(made, fixture["d_hn"], fixture.get("d_cn"))
    trace = stack.forward(made, fixture["x"], fixture["lengths"], states)

    found = stack.backward(made, trace, fixture["d_h"], d_states)

    assert_close(found.d_x, fixture["grad.x"], tolerance)
    every = [gradients for layer in found.layers for gradients in layer]
    for n, gradients in enumerate(every):
        assert_close(gradients.d_h0, fixture["grad.h0"][n], tolerance)
        if isinstance(gradients, LSTMGradients):
            assert_close(gradients.d_c0, fixture["grad.c0"][n], tolerance)
    ours = _named(every, made)
    theirs = {k.removeprefix("grad."): v for k, v in fixture.items() if k.startswith("grad.")}
    for name in theirs.keys() - {"x", "h0", "c0"}:
        assert_close(ours[name], theirs[name], tolerance, name)


def _named(every: list[stack.Gradients], made: Stack) -> Fixture:
    """The weights' gradients under torch's names; its two biases have the same one."""
    named: Fixture = {}
    rest = iter(every)
    for k, layer in enumerate(made.layers):
        for run in layer:
            suffix = f"_l{k}{'_reverse' if run.reverse else ''}"
            gradients = next(rest)
            parts = {"weight_ih": gradients.d_weight_ih, "weight_hh": gradients.d_weight_hh}
            parts |= {"bias_ih": gradients.d_bias, "bias_hh": gradients.d_bias}
            if isinstance(gradients, LSTMGradients) and gradients.d_weight_hr is not None:
                parts["weight_hr"] = gradients.d_weight_hr
            named |= {f"{name}{suffix}": array for name, array in parts.items()}
    return named


@pytest.mark.parametrize(("kind", "dtype", "case"), CASES)
def test_state_dict_of_torch_is_written_as_it_was_read(kind: str, dtype: str, case: str) -> None:
    fixture, made, _ = _read(kind, dtype, case)

    written = stack_to_torch(made)

    assert written.keys() == {name for name in fixture if name.startswith(("weight", "bias"))}
    for name, array in written.items():
        assert array.tobytes() == fixture[name].tobytes(), name


HELD = load_file(FOLDER / "held-float64.safetensors")
HELD_CASES = sorted({name.split("/")[0] for name in HELD})


def test_held_fixture_covers_every_combination() -> None:
    assert set(HELD_CASES) == {
        f"{layers}-{directions}-{word}"
        for layers in (1, 2, 3)
        for directions in ("one", "both")
        for word in ("whole", "projected")
    }


@pytest.mark.parametrize("case", HELD_CASES)
def test_stack_with_gates_held_in_any_pass_equals_torch(case: str) -> None:
    fixture = {n.split("/")[1]: v for n, v in HELD.items() if n.split("/")[0] == case}
    weights = {n: v for n, v in fixture.items() if n.startswith(("weight_", "bias_"))}
    made = stack_from_torch(weights)
    passes = sum(len(layer) for layer in made.layers)
    held = [Held(*(fixture[f"{n}.held.{k}"] for k in "ifgo")) for n in range(passes)]
    assert not all(np.isnan(array).all() for each in held for array in each)

    for holds in (held, [None if np.isnan(np.stack(each)).all() else each for each in held]):
        trace = ragged.through_stack(made, [fixture["x"]], None, [holds])[0]
        found = [each for layer in trace.layers for each in layer]
        for n, values in enumerate(found):
            for key in (*"ifgo", "c", "h"):
                assert_close(getattr(values, key)[:, 0], fixture[f"{n}.{key}"], 1e-13, key)
