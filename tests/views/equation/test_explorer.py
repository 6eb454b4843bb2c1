"""The explorer's view-model: scales that hold, levels and labels that are the run's numbers."""

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.address.state import ExplorerState
from app.views.drawing.bars import (
    ZERO,
    gate_level,
    nice_top,
    strip,
    strip_level,
)
from app.views.equation.explorer import WINDOW, Explorer, Panel
from gate_explorer.analysis.roles import roles
from gate_explorer.analysis.story import stories
from gate_explorer.runs.inputs import Inputs, Options, Text, Vectors
from gate_explorer.runs.run import Run, gated
from gate_explorer.zoo.registry import get
from tests.toy_model import FOUNDING

SENTENCE = Text("The acting is superb, but the plot is a mess.")
SIGNED = Vectors([(3, 1, 0), (-5, 1, 1), (2, -1, 0), (-0.5, 1, 1), (40, 0, 0)])
RUNS: dict[str, Run] = {
    "toy": get("toy-rules").run(Vectors(FOUNDING), None, Options()),
    "signed": get("toy-rules").run(SIGNED, None, Options()),
    "toy-lstm": get("toy-lstm").run(Vectors(FOUNDING), None, Options()),
    "soft": get("toy-lstm").run(SIGNED, None, Options(sharpness=2.0)),
    "sentiment": get("sentiment").run(SENTENCE, None, Options()),
}
GATES = ("f", "i", "o")
PASSING = {"c_prev": "f", "g": "i", "tanh_c": "o"}
each_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def at(run: Run, t: int | None = None, unit: int | None = None) -> Explorer:
    return Explorer(run, ExplorerState(t=t, unit=unit))


def panels(explorer: Explorer) -> dict[str, Panel]:
    return {p.kind.key: p for p in (*explorer.memory_row, *explorer.output_row)}


def long_run(model_id: str, inputs: Inputs) -> Run:
    return get(model_id).run(inputs, None, Options())


def per_cent(value: float, top: float) -> int:
    """A value as a bar's size: whole per cent of the scale's end, 0 for zero alone."""
    return int(np.copysign(max(round(abs(value) / top * 100), 1), value)) if value else 0


def reads(words: str, value: float) -> bool:
    """Whether a printed number is the value, rounded to its last digit."""
    printed = Decimal(words.replace("\N{MINUS SIGN}", "-"))
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(10) ** exponent / 2 if "." in words else Decimal(0)
    return abs(printed - Decimal(value)) <= half * Decimal("1.000001")


@each_run
def test_explorer_scale_holds_through_a_run(run: Run) -> None:
    ends = [
        {
            key: (panel.top, panel.bottom, panel.bars.signed)
            for key, panel in panels(at(run, t)).items()
        }
        for t in range(1, len(run) + 1)
    ]
    assert all(each == ends[0] for each in ends)


@each_run
def test_explorer_scale_holds_every_value_of_the_run(run: Run) -> None:
    explorer, layer = at(run), run.layers[-1]
    for key, top in explorer.tops.items():
        assert np.abs(getattr(layer, key)).max() <= top * (1 + 1e-12)


@each_run
def test_explorer_bars_have_the_sizes_and_labels_of_the_run(run: Run) -> None:
    layer = run.layers[-1]
    for t in range(len(run)):
        explorer = at(run, t + 1)
        for key, panel in panels(explorer).items():
            values = getattr(layer, key)[t].tolist()
            top, scale = (1.0, 1.0) if key in GATES else (explorer.tops[key], run.unit_scale)
            assert panel.bars.units == tuple(range(1, len(values) + 1))
            assert [size - ZERO for size in panel.bars.sizes] == [per_cent(v, top) for v in values]
            for label, value in zip(panel.bars.labels.split("|"), values, strict=True):
                assert reads(label, value / scale)


@each_run
def test_explorer_what_passes_is_the_product_with_its_gate(run: Run) -> None:
    layer = run.layers[-1]
    for t in range(len(run)):
        explorer = at(run, t + 1)
        for key, panel in panels(explorer).items():
            if key not in PASSING:
                assert panel.bars.passing is None
                continue
            product = (getattr(layer, PASSING[key]) * getattr(layer, key))[t].tolist()
            assert panel.bars.passing is not None
            found = [size - ZERO for size in panel.bars.passing]
            assert found == [per_cent(value, explorer.tops[key]) for value in product]


def test_explorer_products_add_up_to_the_memory() -> None:
    layer = gated(RUNS["sentiment"].layers[-1])
    np.testing.assert_allclose(layer.f * layer.c_prev + layer.i * layer.g, layer.c, atol=1e-6)
    np.testing.assert_allclose(layer.o * layer.tanh_c, layer.h, atol=1e-7)


def test_explorer_gate_of_62_per_cent_is_t6_u2() -> None:
    assert gate_level(0.62) == "t6 u2"


def test_explorer_signs_are_those_of_the_numbers() -> None:
    run = RUNS["sentiment"]
    for t in range(len(run)):
        bars = panels(at(run, t + 1))["c"].bars
        for size, label, value in zip(
            bars.sizes, bars.labels.split("|"), run.layers[-1].memory[t], strict=True
        ):
            assert np.sign(size - ZERO) == np.sign(value)
            assert label[0] == ("−" if value < 0 else "+" if value > 0 else "0")


def test_explorer_toy_has_one_scale_for_all_its_numbers() -> None:
    explorer = at(RUNS["toy"])
    assert set(explorer.tops.values()) == {5}
    assert {p.top for key, p in panels(explorer).items() if key not in GATES} == {"5"}
    assert not explorer.below_zero
    assert panels(explorer)["c"].bottom == "0"


def test_explorer_with_a_negative_number_has_room_below_zero() -> None:
    explorer = at(RUNS["signed"])
    assert explorer.below_zero
    assert panels(explorer)["c"].bottom == "−" + panels(explorer)["c"].top == "−40"
    assert panels(explorer)["f"].bottom == "0"


def test_explorer_toy_lstm_prints_in_units_of_the_toy() -> None:
    explorer = at(RUNS["toy-lstm"], 4)
    assert explorer.unit_note == "numbers in units of 1e-07"
    assert panels(explorer)["c"].value == "5.00"
    assert float(panels(explorer)["c"].top) == 5
    assert at(RUNS["toy"]).unit_note is None


def test_explorer_toy_shows_the_memory_as_it_is() -> None:
    found = panels(at(RUNS["toy"]))
    assert "h" not in found
    assert (found["tanh_c"].name, found["tanh_c"].symbol) == ("Memory", "c")
    assert panels(at(RUNS["toy-lstm"]))["tanh_c"].symbol == "tanh c"


@pytest.mark.parametrize(("t", "expected"), [(None, 4), (1, 1), (4, 4), (5, 4), (1_000_000, 4)])
def test_explorer_step_is_clamped_to_the_run(t: int | None, expected: int) -> None:
    assert at(RUNS["toy"], t).t == expected


@pytest.mark.parametrize(("unit", "expected"), [(1, 1), (32, 32), (33, 32), (1_000_000, 32)])
def test_explorer_unit_is_clamped_to_the_layer(unit: int, expected: int) -> None:
    assert at(RUNS["sentiment"], unit=unit).unit == expected


def test_explorer_without_a_unit_shows_the_one_that_tells_most() -> None:
    assert at(RUNS["sentiment"]).unit == get("sentiment").card.first_unit
    assert at(RUNS["toy"]).unit == 1


@given(st.integers(1, 16), st.integers(1, 11))
def test_explorer_chosen_unit_is_told_in_panels_and_formula(unit: int, t: int) -> None:
    run = RUNS["sentiment"]
    explorer = at(run, t, unit)
    for panel in panels(explorer).values():
        assert panel.value == panel.bars.labels.split("|")[unit - 1]
    memory, output = explorer.arithmetic
    layer = gated(run.layers[-1])
    for words, key in zip(
        [text for text, role in memory if role not in {"", "op"}],
        ("f", "c_prev", "i", "g", "c"),
        strict=True,
    ):
        assert reads(words, float(getattr(layer, key)[t - 1, unit - 1]))
    gate, inside, product = [text for text, role in output if role not in {"", "op"}]
    assert reads(gate, float(layer.o[t - 1, unit - 1]))
    assert inside == f"tanh({memory[-1][0]})"
    assert reads(product, float(layer.h[t - 1, unit - 1]))


@pytest.mark.parametrize(
    "run",
    [long_run("toy-rules", Vectors([(1, 1, 1)] * 512)), long_run("sentiment", Text("so " * 512))],
    ids=["toy", "sentiment"],
)
def test_explorer_tape_of_a_long_run_is_a_window_around_the_step(run: Run) -> None:
    for t in (1, 2, 30, 31, 256, 481, 482, 511, 512):
        explorer = at(run, t)
        first, last = explorer.window
        assert last - first + 1 == WINDOW == len(explorer.chips)
        assert 1 <= first <= t <= last <= 512
        assert [chip.t for chip in explorer.chips] == list(range(first, last + 1))


def test_explorer_tape_has_the_step_near_its_middle_and_moves_on_now_and_then() -> None:
    run = long_run("toy-rules", Vectors([(1, 1, 1)] * 512))
    windows = [at(run, t).window for t in range(1, 513)]
    assert windows[0] == windows[29] == (1, WINDOW)
    assert windows[511] == windows[482] == (453, 512)
    for t, (first, last) in enumerate(windows[30:480], 31):
        assert abs(t - (first + last) / 2) <= 5
    moves = sum(a != b for a, b in itertools.pairwise(windows))
    assert moves <= 512 / 10


def test_explorer_tape_of_a_short_run_is_the_whole_run() -> None:
    for t in (1, 2, 4):
        assert at(RUNS["toy"], t).window == (1, 4)
    assert at(long_run("toy-rules", Vectors([(1, 1, 1)])), 1).window == (1, 1)


def test_explorer_chip_of_one_unit_tells_memory_and_output() -> None:
    chips = at(RUNS["toy"]).chips
    assert [(chip.memory, chip.verdict) for chip in chips] == [
        ("3", "–"),
        ("3", "3"),
        ("5", "–"),
        ("5", "5"),
    ]
    assert [chip.label for chip in chips] == ["(3, 1, 0)", "(5, 0, 1)", "(2, 1, 0)", "(3, 0, 1)"]
    assert not any(chip.strip for chip in chips)


def test_explorer_chip_of_many_units_has_a_strip_and_the_verdict() -> None:
    run = RUNS["sentiment"]
    top = np.abs(run.layers[-1].memory).max()
    for t, chip in enumerate(at(run).chips):
        assert chip.memory is None
        assert chip.strip == strip([strip_level(v, top) for v in run.layers[-1].memory[t].tolist()])
        assert chip.verdict_level


def test_explorer_story_and_roles_are_those_of_the_step() -> None:
    run = RUNS["sentiment"]
    for t, (story, role) in enumerate(zip(stories(run), roles(run.layers[-1]), strict=True), 1):
        explorer = at(run, t)
        assert explorer.story == story
        for view, value in zip(explorer.roles, (role.store, role.reset, role.output), strict=True):
            assert reads(view.value, value)
            assert view.level == gate_level(value)


@pytest.mark.parametrize("smallest", [5e-324, 1e-310, 2.2e-308, 1e-300])
def test_explorer_of_tiny_numbers_still_has_a_scale(smallest: float) -> None:
    explorer = at(long_run("toy-rules", Vectors([(smallest, 1, 1)])))
    assert panels(explorer)["c"].bars.sizes[0] > ZERO
    assert nice_top(np.array([smallest])) > 0


def test_explorer_of_huge_numbers_still_has_a_scale() -> None:
    explorer = at(long_run("toy-rules", Vectors([(1e9, 1, 1)] * 512)))
    assert explorer.tops["c"] >= 512e9
    assert panels(explorer)["c"].bars.sizes[0] == ZERO + 85
