"""How far gradients reach back: against difference quotients, the rules, and the founding claim."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.analysis.gradients import (
    answers,
    forget_products,
    has_learned,
    highway,
    reach,
    target,
)
from gate_explorer.analysis.gradients_told import in_words
from gate_explorer.analysis.pull import pulls, telling
from gate_explorer.engine import lstm, plain, rnn, stack
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.checks import Array
from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import InputError, NonFiniteError
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Run, RunState, gated
from gate_explorer.weights import torch
from gate_explorer.weights.files import read as read_file
from gate_explorer.zoo import registry
from gate_explorer.zoo.brought import Brought, brought_card
from gate_explorer.zoo.toy_lstm import SCALE
from tests.engine.builders import draw, draw_cell, draw_lstm, draw_rnn

STEPS, WIDTH, HIDDEN = 6, 3, 4
STEP = 1e-5
NOTHING = (np.zeros((1, HIDDEN)), np.zeros((1, HIDDEN)))
EARLIER = (np.full((1, HIDDEN), 0.3), np.full((1, HIDDEN), -0.8))


def slope_norm(value: Callable[..., float], at: Array, *others: Any) -> float:
    """The size of a function's slope by its first argument, by central differences."""
    slopes = []
    for k in np.ndindex(at.shape):
        there = np.zeros_like(at)
        there[k] = STEP
        slopes.append((value(at + there, *others) - value(at - there, *others)) / (2 * STEP))
    return float(np.linalg.norm(slopes))


def read(model_id: str, inputs: Text | Vectors, state: RunState | None = None) -> Run:
    return registry.get(model_id).run(inputs, state, Options())


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("before", [NOTHING, EARLIER])
def test_reach_in_an_lstm_agrees_with_difference_quotients(
    rng: np.random.Generator, before: tuple[Array, Array]
) -> None:
    cell, w, x = draw_lstm(rng, WIDTH, HIDDEN), draw(rng, 1, HIDDEN), draw(rng, STEPS, WIDTH)
    trace = lstm.forward(cell, x[:, None], lstm.LSTMState(*before))

    def y(h: Array, c: Array, later: Array) -> float:
        state = lstm.LSTMState(h, c)
        last = lstm.forward(cell, later[:, None], state).h[-1] if len(later) else h
        return float((last @ w.T).item())

    state = RunState(0, ((before[0][0], before[1][0]),))
    found = reach(Readout(cell, w, np.zeros(len(w))), x, "number", state)

    by_h, by_c, by_x = [], [], []
    for t in range(STEPS):
        s, later = trace.at(t), x[t + 1 :]
        by_h.append(slope_norm(y, s.h, s.c, later))
        # What is changed in c is changed in h too.
        by_c.append(slope_norm(lambda c, o, later: y(o * np.tanh(c), c, later), s.c, s.o, later))
        by_x.append(
            slope_norm(
                lambda x_t, h, c, x: y(h, c, np.r_[[x_t], x]), x[t], s.h_prev, s.c_prev, later
            )
        )
    np.testing.assert_allclose(found.hidden, by_h, rtol=1e-6)
    assert found.cell is not None
    np.testing.assert_allclose(found.cell, by_c, rtol=1e-6)
    np.testing.assert_allclose(found.input, by_x, rtol=1e-6)


def test_reach_in_an_rnn_agrees_with_difference_quotients(rng: np.random.Generator) -> None:
    cell, w, x = draw_rnn(rng, WIDTH, HIDDEN), draw(rng, 1, HIDDEN), draw(rng, STEPS, WIDTH)
    trace = rnn.forward(cell, x[:, None])

    def y(h: Array, later: Array) -> float:
        last = rnn.forward(cell, later[:, None], h).h[-1] if len(later) else h
        return float((last @ w.T).item())

    found = reach(Readout(cell, w, np.zeros(len(w))), x, "number")

    by_h, by_x = [], []
    for t in range(STEPS):
        s, later = trace.at(t), x[t + 1 :]
        by_h.append(slope_norm(y, s.h, later))
        by_x.append(slope_norm(lambda x_t, h, x: y(h, np.r_[[x_t], x]), x[t], s.h_prev, later))
    assert found.cell is None
    np.testing.assert_allclose(found.hidden, by_h, rtol=1e-6)
    np.testing.assert_allclose(found.input, by_x, rtol=1e-6)


def test_reach_of_a_class_is_that_of_its_logit_less_their_mean(rng: np.random.Generator) -> None:
    cell, weight, x = draw_lstm(rng, WIDTH, HIDDEN), draw(rng, 3, HIDDEN), draw(rng, STEPS, WIDTH)

    by_class = reach(Readout(cell, weight, np.zeros(3), ("a", "b", "c")), x, "b")
    by_number = reach(Readout(cell, weight[1:2] - weight.mean(axis=0), np.zeros(1)), x, "number")

    np.testing.assert_allclose(by_class.input, by_number.input, rtol=1e-12)
    assert by_class.hidden[-1] == pytest.approx(np.linalg.norm(weight[1] - weight.mean(axis=0)))


def test_forget_product_is_that_of_all_later_steps() -> None:
    run = read("sentiment", Text("A good film, but a long one"))
    found = forget_products(run.layer)
    f = gated(run.layer).f
    assert found is not None
    for t in range(len(run)):
        assert found[t] == pytest.approx(np.prod(f[t + 1 :], axis=0).mean(), rel=1e-5)
    assert forget_products(read("counter-rnn", Text("aabb")).layer) is None


def test_reach_of_the_rules_stops_at_a_reset() -> None:
    run = read("toy-rules", Vectors([[3, 1, 0], [5, -1, 0], [2, 1, 0], [3, 0, 1]]))
    found = highway(registry.get("toy-rules"), run, Options())
    assert (found.of, found.twin) == ("number", None)
    assert found.own.cell is not None
    assert found.own.cell.tolist() == [0, 1, 1, 1]
    assert found.own.input.tolist() == [0, 0, 1, 0]
    assert found.own.hidden.tolist() == [0, 0, 0, 1]


def test_reach_of_the_rules_in_an_lstm_is_that_of_the_rules() -> None:
    rows = Vectors([[3, 1, 0], [5, -1, 0], [2, 1, 0], [3, 0, 1]])
    rules = highway(registry.get("toy-rules"), read("toy-rules", rows), Options()).own
    found = highway(registry.get("toy-lstm"), read("toy-lstm", rows), Options()).own
    assert rules.cell is not None
    assert found.cell is not None
    np.testing.assert_allclose(found.cell * SCALE, rules.cell, atol=1e-9)
    np.testing.assert_allclose(found.input, rules.input, atol=1e-9)


def test_gradient_flows_through_a_hundred_steps_of_the_lstm_and_vanishes_in_its_twin() -> None:
    model = registry.get("adding")
    rows = [[float(v) for v in r.split(",")] for r in model.card.examples[0].query["x"].split(";")]
    run = read("adding", Vectors(rows))
    found = highway(model, run, Options())
    assert len(run) == 100
    assert found.own.cell is not None
    assert found.twin is not None
    assert found.own.cell[0] > found.own.cell[-1] / 2
    assert found.twin.hidden[0] < found.twin.hidden[-1] * 1e-6


def test_highway_from_a_state_leaves_the_twin_out() -> None:
    model = registry.get("counter")
    first = read("counter", Text("aaa"))
    run = read("counter", Text("bbb"), first.state)
    found = highway(model, run, Options(), "closed", first.state)
    whole = highway(model, read("counter", Text("aaabbb")), Options(), "closed")
    assert found.twin is None
    np.testing.assert_allclose(found.own.hidden, whole.own.hidden[3:], rtol=1e-5)


@pytest.mark.parametrize("of", ["7", "unit 7", "unit:7", "Unit 7"])
def test_target_names_a_unit_in_one_way(of: str) -> None:
    readout = registry.get("sentiment").readout(Options())
    assert target(readout, None, of) == "unit 7"


def test_target_left_out_is_the_likeliest() -> None:
    run = read("sentiment", Text("a superb film"))
    output: Any = run.outputs[-1]
    found = target(registry.get("sentiment").readout(Options()), output, None)
    assert output.probabilities[found] == max(output.probabilities.values())


@pytest.mark.parametrize(
    ("model_id", "of"),
    [("sentiment", "good"), ("sentiment", "999"), ("sentiment", "0"), ("sentiment", "number"),
     ("toy-rules", "2"), ("toy-rules", "open"), ("counter", "")],
)  # fmt: skip
def test_target_that_isnt_there_is_refused(model_id: str, of: str) -> None:
    with pytest.raises(InputError, match=r"of is .* or a unit, 1 to") as refused:
        target(registry.get(model_id).readout(Options()), None, of)
    assert [fault.loc for fault in refused.value.errors] == [("of",)]


def test_path_is_what_the_forget_gates_alone_leave_of_the_cells_gradient() -> None:
    model = registry.get("counter")
    run = read("counter", Text("aaabbb"))
    found = highway(model, run, Options(), "closed").own
    readout = model.readout(Options())
    assert readout is not None
    assert found.cell is not None
    assert found.path is not None
    layer = gated(run.layers[0])
    slope = readout.weight[1] - readout.weight.mean(axis=0)
    at_end = slope * layer.o[-1] * (1 - layer.tanh_c[-1] ** 2)
    expected = np.linalg.norm(np.prod(layer.f[2:], axis=0) * at_end)
    assert found.path[1] == pytest.approx(expected, rel=1e-4)
    assert found.path[-1] == pytest.approx(found.cell[-1])


@pytest.mark.parametrize("model_id", ["counter", "sentiment", "counter-rnn", "toy-lstm"])
def test_highway_of_an_earlier_answer_is_that_of_the_run_which_ends_there(model_id: str) -> None:
    inputs = {"sentiment": "a dull and lifeless film"}.get(model_id, "aaabbb")
    whole = Text(inputs) if model_id != "toy-lstm" else Vectors([[3, 1, 1], [2, 1, 1], [5, 0, 1]])
    short = (
        Text("a dull" if model_id == "sentiment" else "aa")
        if isinstance(whole, Text)
        else Vectors(whole.rows[:2])
    )
    model = registry.get(model_id)
    found = highway(model, read(model_id, whole), Options(), t=2)
    alone = highway(model, read(model_id, short), Options())
    assert (found.of, found.at) == (alone.of, 2)
    np.testing.assert_allclose(found.own.hidden[:2], alone.own.hidden, rtol=1e-5, atol=1e-12)
    assert not found.own.hidden[2:].any()
    assert not found.own.input[2:].any()


def test_highway_asks_by_default_where_the_network_was_trained_to_answer() -> None:
    agreement = highway(
        registry.get("agreement"), read("agreement", Text("The keys are lost.")), Options()
    )
    assert (agreement.at, agreement.trained, agreement.of) == (4, True, ".")
    text = registry.get("reber").card.examples[0].query["text"]
    reber = highway(registry.get("reber"), read("reber", Text(text)), Options())
    assert (reber.at, reber.of) == (len(text) - 1, "E")
    inner = highway(registry.get("reber"), read("reber", Text("BTBTXSE")), Options())
    assert inner.at == 7
    sums = highway(
        registry.get("adding"), read("adding", Vectors([[0.3, 1], [0.2, 0], [0.5, 1]])), Options()
    )
    assert (sums.at, sums.trained) == (3, True)


def test_highway_where_the_network_never_answered_says_so() -> None:
    run = read("adding", Vectors([[0.3, 1], [0.2, 0], [0.5, 1], [0.1, 0]]))
    found = highway(registry.get("adding"), run, Options(), t=2)
    assert (found.at, found.trained) == (2, False)
    assert "never trained to answer there" in in_words(found, run)
    assert answers(run).tolist() == [False, False, True, True]


@pytest.mark.parametrize("t", [0, 4, -1])
def test_highway_of_a_step_that_isnt_there_is_refused(t: int) -> None:
    with pytest.raises(InputError, match="the run has steps 1 to 3") as refused:
        highway(registry.get("counter"), read("counter", Text("aab")), Options(), t=t)
    assert refused.value.errors[0].loc == ("t",)


@pytest.mark.parametrize(
    ("model_id", "checkpoint", "learned"),
    [
        ("adding", None, True),
        ("adding", "step-722", False),
        ("adding", "step-1700", True),
        ("adding-rnn", None, False),
        ("counter-rnn", None, True),
        ("counter-rnn", "step-0", False),
        ("reber-rnn", None, False),
        ("agreement-rnn", None, True),
        ("sentiment", None, None),
        ("characters", None, None),
        ("toy-lstm", None, None),
        ("toy-learned", None, True),
        ("toy-learned", "step-55", False),
        ("toy-learned-rnn", None, False),
    ],
)
def test_has_learned_follows_the_figures_of_the_card(
    model_id: str, checkpoint: str | None, learned: bool | None
) -> None:
    assert has_learned(registry.get(model_id).card, checkpoint) is learned


KINDS: dict[str, dict[str, Any]] = {
    "standard": {},
    "other activations": {
        "options": lstm.LSTMOptions(gate=Activation("hard_sigmoid"), cell=Activation("softsign"))
    },
    "peepholes": {"peephole": True},
    "coupled": {"options": lstm.LSTMOptions(input_forget=True)},
    "projected": {"projection": 3},
}


def brought(*cells: lstm.LSTMParameters | rnn.RNNParameters, both_ways: bool = False) -> Brought:
    layers = tuple((Pass(cell), Pass(cell, True))[: 1 + both_ways] for cell in cells)
    any_file = save(torch.to_torch(draw_lstm(np.random.default_rng(0), WIDTH, HIDDEN)))
    opened = read_file(any_file)
    opened = dataclasses.replace(opened, stack=Stack(layers))
    return Brought(brought_card("own-1", "Ours", opened), opened)


def by_quotients(model: Brought, x: Array, place: int, unit: int, t: int) -> list[float]:
    """|dy/dh_t|, |dy/dx_t| and |dy/dc_t|: a step's values are changed, and all that follows is run
    anew, layer by layer; the cell's and the hidden state's are those of the layer at `place`."""
    passes = [layer[0].parameters for layer in model.stack.layers]
    whole = stack.forward(model.stack, x[:, None])

    def y(x: Array, put: dict[str, Array]) -> float:
        below = x[:, None]
        for k, cell in enumerate(passes):
            state, rows = None, []
            for n, row in enumerate(below):
                s = (rnn if isinstance(cell, rnn.RNNParameters) else lstm).step(cell, row, state)
                if "c" in put and (k, n) == (place, t) and isinstance(cell, lstm.LSTMParameters):
                    m = s.a[:, 3 * cell.hidden_size :].copy()
                    if cell.peephole is not None:
                        m += (put["c"] - s.c) * np.split(cell.peephole, 3)[2]
                    m = plain.squash(cell.options.gate, m, None) * cell.options.cell(put["c"])
                    h = m if cell.weight_hr is None else m @ cell.weight_hr.T
                    s = s._replace(c=put["c"], h=h)
                if "h" in put and (k, n) == (place, t):
                    s = s._replace(h=put["h"])
                state = s.state
                rows.append(s.h)
            below = np.stack(rows)
        return float(below[-1, 0, unit])

    def size(key: str, at: Array) -> float:
        at = at.copy()
        return float(np.linalg.norm(numerical_gradient(lambda: y(x, {key: at}), at)))

    s = whole.layers[place][0].at(t)
    moved = x.copy()
    slopes = numerical_gradient(lambda: y(moved, {}), moved)
    cells = [size("c", s.c)] if isinstance(s, lstm.LSTMTrace) else []
    return [size("h", s.h), float(np.linalg.norm(slopes[t])), *cells]


@pytest.mark.parametrize("kind", [*KINDS, "rnn", "rnn of relu"])
@pytest.mark.parametrize("layers", [1, 2])
def test_highway_of_a_brought_network_agrees_with_difference_quotients(
    rng: np.random.Generator, kind: str, layers: int
) -> None:
    width = WIDTH
    cells: list[lstm.LSTMParameters | rnn.RNNParameters] = []
    for _ in range(layers):
        if kind in KINDS:
            cells.append(draw_cell(rng, width, HIDDEN, **KINDS[kind]))
        else:
            drawn = draw_rnn(rng, width, HIDDEN)
            named = Activation("relu" if "relu" in kind else "tanh")
            cells.append(dataclasses.replace(drawn, activation=named))
        width = cells[-1].output_size
    model, x = brought(*cells), draw(rng, STEPS, WIDTH)
    run = model.run(Vectors(x.tolist()), None, Options())

    for place in range(layers):
        found = highway(model, run.looking_at(place), Options(), "2").own
        for t in range(STEPS):
            sizes = [found.hidden[t], found.input[t]]
            sizes += [] if found.cell is None else [found.cell[t]]
            np.testing.assert_allclose(sizes, by_quotients(model, x, place, 1, t), atol=1e-6)


def test_highway_of_a_brought_network_asks_of_the_unit_that_moves_most(
    rng: np.random.Generator,
) -> None:
    model = brought(draw_lstm(rng, WIDTH, HIDDEN))
    run = model.run(Vectors(draw(rng, STEPS, WIDTH).tolist()), None, Options())
    found = highway(model, run, Options())
    assert found.of == f"unit {telling(pulls(run))}"
    assert (found.at, found.trained, found.learned, found.twin) == (STEPS, None, None, None)
    assert in_words(found, run).startswith(f"The answer after step 6 is what {found.of} shows.")
    with pytest.raises(InputError, match="a unit of the last hidden state, 1 to 4"):
        highway(model, run, Options(), "number")
    carried = model.run(Vectors(run.x[2:].tolist()), _after(model, run, 2), Options())
    rest = highway(model, carried, Options(), found.of)
    np.testing.assert_allclose(rest.own.hidden, found.own.hidden[2:], atol=1e-9)


def _after(model: Brought, run: Run, count: int) -> RunState:
    return model.run(Vectors(run.x[:count].tolist()), None, Options()).state


def test_highway_of_a_network_that_reads_backwards_says_what_to_open(
    rng: np.random.Generator,
) -> None:
    model = brought(draw_lstm(rng, WIDTH, HIDDEN), both_ways=True)
    run = model.run(Vectors(draw(rng, STEPS, WIDTH).tolist()), None, Options())
    with pytest.raises(InputError, match=r"reads backwards too.*Open the forward layer alone"):
        highway(model, run, Options())


def test_gradient_that_grows_beyond_all_numbers_is_refused() -> None:
    weights = np.zeros((1, 1)), np.full((1, 1), 1e200), np.zeros(1)
    model = brought(rnn.RNNParameters(*weights, activation=Activation("linear")))
    run = model.run(Vectors([[0.0]] * 4), None, Options())
    with pytest.raises(NonFiniteError, match="grows beyond the range of float64"):
        highway(model, run, Options())
