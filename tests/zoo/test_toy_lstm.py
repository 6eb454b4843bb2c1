"""The compiled rules: how close they come, and that they are a standard LSTM's weights."""

import math
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate_explorer.engine.checks import Array
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import Run, RunState, gated
from gate_explorer.zoo.toy_lstm import SCALE, ToyLSTM
from tests.toy_model import FOUNDING, Row, remember

MODEL = ToyLSTM()
LONGEST = 512
MOST = 1000

Move = tuple[str, int, int]
MOVES = st.tuples(
    st.sampled_from(("write", "write", "write", "leave", "reset")),
    st.integers(-MOST, MOST),
    st.sampled_from((0, 1)),
)


@st.composite
def within_the_range(draw: st.DrawFn) -> list[Row]:
    """Rows of whole numbers that keep |memory| <= 1000: a pattern of moves, over and over."""
    pattern = draw(st.lists(MOVES, min_size=1, max_size=40))
    length = draw(st.integers(1, LONGEST))
    rows: list[Row] = []
    memory = 0
    for move, number, show in islice((pattern * length), length):
        if move == "write":
            rows.append((number - memory, 1, show))
            memory = number
        else:
            rows.append((number * 10**6, 0 if move == "leave" else -1, show))
            memory = memory if move == "leave" else 0
    return rows


def run(rows: list[Row], sharpness: float | None = None, state: RunState | None = None) -> Run:
    return MODEL.run(Vectors(rows), state, Options(sharpness=sharpness))


def values(found: Run) -> list[float]:
    return [output.value for output in found.outputs if isinstance(output, NumberOutput)]


def assert_follows_the_rules(rows: list[Row]) -> None:
    """To 1 %, or to 0.01 where the memory is 0; silent steps show nothing."""
    found = run(rows)
    memories, shown = remember(rows)
    assert max(map(abs, memories)) <= MOST
    stored = found.layers[0].memory[:, 0] / SCALE
    for t, memory in enumerate(memories):
        allowed = 0.01 * max(abs(memory), 1)
        assert abs(stored[t] - memory) <= allowed
        assert abs(values(found)[t] - (shown[t] or 0)) <= allowed


@settings(max_examples=300)
@given(within_the_range())
def test_toy_lstm_within_the_range_follows_the_rules_to_one_per_cent(rows: list[Row]) -> None:
    assert_follows_the_rules(rows)


@pytest.mark.parametrize("small", [1, 2, 3, 4, 8, 40, 100, 250, 1000])
@pytest.mark.parametrize("sign", [1, -1])
def test_toy_lstm_large_writes_cancelled_by_small_ones_follow_the_rules(
    small: int, sign: int
) -> None:
    rows: list[Row] = [(sign * MOST, 1, 1)]
    memory = MOST
    while len(rows) < LONGEST:
        step = -small if memory - small >= -MOST else MOST - memory
        memory += step
        rows.append((sign * step, 1, 1))
    assert_follows_the_rules(rows)


def test_toy_lstm_a_thousand_taken_back_by_ones_leaves_one() -> None:
    rows: list[Row] = [(511, 1, 0), *[(-1, 1, 0)] * 510, (0, 0, 1)]
    assert values(run(rows))[-1] == pytest.approx(1, rel=0.01)


def test_toy_lstm_on_the_founding_example_shows_three_and_five() -> None:
    found = run(FOUNDING)
    assert values(found) == pytest.approx([0, 3, 0, 5], rel=1e-6, abs=1e-6)
    assert [o.shown for o in found.outputs if isinstance(o, NumberOutput)] == [0, 1, 0, 1]


@given(within_the_range(), st.sampled_from((0.5, 4.0, 20.0, 100.0)))
def test_toy_lstm_deviation_is_its_output_less_that_of_the_rules(
    rows: list[Row], sharpness: float
) -> None:
    found = run(rows, sharpness)
    _, shown = remember(rows)
    assert found.deviation is not None
    expected = [value - (rule or 0) for value, rule in zip(values(found), shown, strict=True)]
    assert found.deviation.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 4.0, 10.0, 20.0])
def test_toy_lstm_of_lower_sharpness_has_soft_gates(sharpness: float) -> None:
    layer = gated(run([(3, x2, x3) for x2 in (-1, 0, 1) for x3 in (0, 1)], sharpness).layers[0])
    for gate in (layer.i, layer.f, layer.o):
        assert (gate > 0).all()
        assert (gate < 1).all()


@pytest.mark.parametrize("sharpness", [0.5, 4.0, 12.0])
def test_toy_lstm_gates_open_and_shut_about_the_middle(sharpness: float) -> None:
    def sigma(a: float) -> float:
        return 1 / (1 + math.exp(-sharpness * a))

    rows: list[Row] = [(3, x2, x3) for x2 in (-1, 0, 1) for x3 in (0, 1)]
    layer = gated(run(rows, sharpness).layers[0])
    for t, (_, x2, x3) in enumerate(rows):
        gates = [float(gate[t, 0]) for gate in (layer.i, layer.f, layer.o)]
        assert gates == pytest.approx([sigma(x2 - 0.5), sigma(x2 + 0.5), sigma(x3 - 0.5)])


def test_toy_lstm_of_lower_sharpness_drifts_further() -> None:
    drifts = []
    for sharpness in (100.0, 20.0, 8.0, 4.0, 2.0):
        deviation = run(FOUNDING, sharpness).deviation
        assert deviation is not None
        drifts.append(float(np.abs(deviation).max()))
    assert drifts == sorted(drifts)
    assert drifts[-1] > 1


def plain_lstm(weights: dict[str, Array], rows: list[Row]) -> list[tuple[float, float]]:
    """h and c of an LSTM of one unit, as a textbook writes it: rows i, f, g, o."""
    w, u = weights["weight_ih_l0"].tolist(), weights["weight_hh_l0"][:, 0].tolist()
    b = (weights["bias_ih_l0"] + weights["bias_hh_l0"]).tolist()
    h = c = 0.0
    steps = []
    for row in rows:
        a = [sum(k * x for k, x in zip(w[n], row, strict=True)) + u[n] * h + b[n] for n in range(4)]
        i, f, o = (1 / (1 + math.exp(-a[n])) for n in (0, 1, 3))
        c = f * c + i * math.tanh(a[2])
        h = o * math.tanh(c)
        steps.append((h, c))
    return steps


@given(within_the_range(), st.sampled_from((0.5, 4.0, 20.0, 100.0)))
def test_toy_lstm_weights_in_an_independent_lstm_give_the_same(
    rows: list[Row], sharpness: float
) -> None:
    found = run(rows, sharpness).layers[0]
    steps = plain_lstm(MODEL.weights(Options(sharpness=sharpness)), rows)
    ours = list(zip(found.h[:, 0].tolist(), found.memory[:, 0].tolist(), strict=True))
    np.testing.assert_allclose(ours, steps, rtol=1e-9, atol=1e-15)


def test_toy_lstm_stepping_equals_the_whole_run_bit_for_bit() -> None:
    rows: list[Row] = [*FOUNDING, (0.1, 1, 1), (9, -1, 1), (-7.25, 1, 1)]
    whole, state = run(rows, 4), None
    for t, row in enumerate(rows):
        step = run([row], 4, state)
        state = step.state
        for name in ("i", "f", "g", "o", "c_prev", "c", "tanh_c", "h"):
            ours, theirs = getattr(step.layers[0], name), getattr(whole.layers[0], name)
            assert np.array_equal(ours[0], theirs[t])
        assert step.outputs[0] == whole.outputs[t]


@pytest.mark.parametrize("sharpness", [0.5, 1000.0])
def test_toy_lstm_sharpness_at_the_ends_of_its_range_runs(sharpness: float) -> None:
    assert np.isfinite(values(run(FOUNDING, sharpness))).all()


@pytest.mark.parametrize(
    ("sharpness", "named"),
    [(0.49, "0.49"), (1001.0, "1001"), (0.0, "0"), (-4.0, "-4"), (math.inf, "inf"),
     (math.nan, "nan")],
)  # fmt: skip
def test_toy_lstm_sharpness_out_of_range_is_named(sharpness: float, named: str) -> None:
    for ask in (lambda: run(FOUNDING, sharpness), lambda: MODEL.weights(Options(None, sharpness))):
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.detail.startswith(f"The sharpness is {named};")
        assert "0.5 and 1000" in caught.value.detail
        assert caught.value.errors[0].loc == ("sharpness",)


def test_toy_lstm_row_that_the_rules_can_not_read_is_named() -> None:
    with pytest.raises(InputError) as caught:
        run([(3, 1, 0), (3, 2, 0)])
    assert caught.value.errors[0].loc == ("vectors", 1, "x2")
