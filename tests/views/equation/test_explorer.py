"""A run at a step and a unit: scales that hold through it, words that are its numbers."""

import dataclasses
from decimal import Decimal

import numpy as np
import pytest
from safetensors.numpy import save

from app.views.address.state import ExplorerState
from app.views.equation.explorer import (
    OF_THE_STEP,
    TINY,
    WINDOW,
    Explorer,
    explorer_of,
    kept_explorers,
)
from app.views.equation.numbers import numbers
from gate_explorer.analysis.story import stories
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.cells import LSTMOptions, LSTMParameters
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.run import Run, gated
from gate_explorer.weights.files import read
from gate_explorer.weights.torch import to_torch
from gate_explorer.zoo.brought import Brought, brought_card
from gate_explorer.zoo.registry import get
from tests.engine.builders import draw_cell
from tests.views.equation.runs import RUNS, at, each_run, of


def reads(words: str, value: float) -> bool:
    """Whether a printed number is the value, rounded to its last digit."""
    printed = Decimal(words.replace("\N{MINUS SIGN}", "-"))
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(10) ** exponent / 2 if "." in words else Decimal(0)
    return abs(printed - Decimal(value)) <= half * Decimal("1.000001")


@each_run
def test_explorer_scale_holds_every_value_of_the_run(run: Run) -> None:
    explorer = at(run)
    for quantity in run.equation.quantities:
        values = np.abs(getattr(run.layers[-1], quantity.key))
        assert values.max() <= explorer.top(quantity.key) * (1 + 1e-9)


@each_run
def test_explorer_scale_is_one_for_all_steps(run: Run) -> None:
    first = at(run, 1)
    assert all(first.at(t).tops == first.tops for t in range(1, len(run) + 1))


@each_run
def test_explorer_memory_before_and_now_share_a_scale(run: Run) -> None:
    explorer = at(run)
    equation = run.equation
    assert explorer.top(equation.before) == explorer.top(equation.memory)


def test_explorer_gives_the_toy_no_room_below_zero_unless_it_goes_there() -> None:
    assert not at(RUNS["toy"]).signed("c")
    assert at(RUNS["signed"]).signed("c")
    assert not at(RUNS["signed"]).signed("f")
    assert at(RUNS["sentiment"]).signed("g")


@each_run
def test_explorer_words_are_the_units_numbers(run: Run) -> None:
    for t in range(1, len(run) + 1):
        for unit in {1, run.layers[-1].memory.shape[1]}:
            explorer = at(run, t, unit)
            for quantity in run.equation.quantities:
                value = float(of(run, quantity.key, t)[unit - 1])
                scale = 1.0 if quantity.is_gate else run.unit_scale
                assert reads(explorer.value_word(quantity.key), value / scale)


@each_run
def test_explorer_short_words_are_the_numbers_or_about_nothing(run: Run) -> None:
    for t in range(1, len(run) + 1):
        explorer = at(run, t, 1)
        for quantity in run.equation.quantities:
            scale = 1.0 if quantity.is_gate else run.unit_scale
            value = float(of(run, quantity.key, t)[0]) / scale
            tiny = 0 < abs(value) < TINY
            assert explorer.short(quantity.key) == (
                "≈0" if tiny else explorer.value_word(quantity.key)
            )


def test_explorer_signs_what_can_be_negative_but_for_the_toys_numbers() -> None:
    assert at(RUNS["sentiment"]).word("c", 0.5) == "+0.50"
    assert at(RUNS["sentiment"]).word("f", 0.5) == "0.50"
    assert at(RUNS["toy"]).word("c", 3.0) == "3"


@pytest.mark.parametrize("asked", [None, 99])
def test_explorer_of_no_step_or_one_too_far_is_at_the_last(asked: int | None) -> None:
    assert at(RUNS["counter"], asked).t == 5


def test_explorer_at_another_step_has_nothing_of_the_first() -> None:
    explorer = at(RUNS["sentiment"], 1)
    assert explorer.story == stories(RUNS["sentiment"])[0]
    assert explorer.at(4).story == stories(RUNS["sentiment"])[3]
    assert explorer.at(4).token == "superb"
    assert set(OF_THE_STEP) >= {"token", "story", "window"}


def test_explorer_story_with_symbols_has_no_nickname() -> None:
    words = at(RUNS["sentiment"], 4, names="symbols").story
    assert "forget gate" in words
    assert not {"Eraser", "Filter", "Writer", "Presenter"} & set(words.replace("’s", "").split())


def test_explorer_window_moves_on_by_several_steps_and_holds_the_step() -> None:
    run = get("counter").run(Text("a" * 100 + "b" * 100), None, Options())
    windows = [at(run, t).window for t in range(1, 201)]
    for t, (first, last) in enumerate(windows, 1):
        assert first <= t <= last
        assert last - first + 1 == WINDOW
    assert len(set(windows)) < 25


def test_explorer_of_the_same_run_and_look_is_kept() -> None:
    run = RUNS["counter"]
    first = explorer_of(run, ExplorerState(text="aabbb", t=1))
    again = explorer_of(run, ExplorerState(text="aabbb", t=3, drawer="run"))
    other = explorer_of(run, ExplorerState(text="aabbb", t=3, sort="similarity"))
    assert again.once("made", lambda: object()) is first.once("made", lambda: object())
    assert other.once("made", lambda: object()) is not first.once("made", lambda: object())
    assert (again.t, again.state.drawer) == (3, "run")
    assert isinstance(again, Explorer)
    assert kept_explorers is not None


def brought_run(cell: LSTMParameters, rows: list[list[float]]) -> Run:
    """A run of a cell that came as a file, with functions of its own or a projection."""
    standard = draw_cell(np.random.default_rng(1), cell.input_size, cell.hidden_size)
    opened = read(save(to_torch(standard)))
    stack = Stack(((Pass(cell),),))
    made = dataclasses.replace(opened, stack=stack)
    return Brought(brought_card("own-1", "Ours", made), made).run(Vectors(rows), None, Options())


def test_functions_of_a_network_of_its_own_are_named_and_its_scales_follow() -> None:
    relu = Activation("relu")
    options = LSTMOptions(candidate=relu, cell=relu)
    cell = draw_cell(np.random.default_rng(3), 2, 4, options=options)
    run = brought_run(cell, [[9.0, 9.0]] * 12)
    layer = gated(run.layer)
    assert layer.h.max() > 1
    explorer = Explorer(run, ExplorerState())
    for key in ("c_prev", "c", "tanh_c", "h", "g"):
        largest = np.abs(getattr(layer, key)).max()
        assert largest <= explorer.top(key) <= 2 * np.abs(layer.c).max(), key
        assert largest > explorer.top(key) / 20, key
    assert run.equation["tanh_c"].letter == "relu c"
    assert "relu" in {term.operator for line in numbers(explorer) for term in line}
    assert explorer.top("f") == 1


def test_gate_without_bounds_has_a_scale_that_holds_it() -> None:
    options = LSTMOptions(gate=Activation("relu"))
    cell = draw_cell(np.random.default_rng(5), 2, 4, options=options)
    run = brought_run(cell, [[3.0, -4.0], [9.0, 2.0]])
    explorer = Explorer(run, ExplorerState())
    for key in ("f", "i", "o"):
        largest = getattr(gated(run.layer), key).max()
        assert max(largest, 1) <= explorer.top(key) <= max(2 * largest, 1)


def test_hidden_state_that_is_projected_is_drawn_as_each_unit_has_it_before() -> None:
    cell = draw_cell(np.random.default_rng(4), 2, 4, projection=2)
    run = brought_run(cell, [[1.0, 2.0]] * 3)
    layer = gated(run.layer)
    assert layer.h.shape == (3, 2)
    shown = Explorer(run, ExplorerState()).values("h")
    np.testing.assert_allclose(shown, (layer.o * layer.tanh_c)[-1])
    assert run.equation["h"].does == "before it is projected to 2"
