"""Bars: the classes say the value to the per cent, and the scale holds everything."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.drawing.bars import (
    ZERO,
    Bars,
    gate_level,
    nice_top,
    row,
    signed_level,
    sizes,
    strip,
    strip_level,
)

PATH = re.compile(' d="([^"]*)"')
SIZES = st.floats(5e-324, 1e300)


def share(level: str) -> int:
    """Per cent of the plot: `t6 u2` is 62."""
    tens, units = level.split()[-2:]
    return int(tens.removeprefix("t")) * 10 + int(units.removeprefix("u"))


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.62, "t6 u2"), (0, "t0 u0"), (1, "t10 u0"), (0.005, "t0 u1"), (1e-9, "t0 u1"),
     (0.999, "t10 u0"), (0.07, "t0 u7")],
)  # fmt: skip
def test_gate_level_is_written_in_tens_and_units(value: float, level: str) -> None:
    assert gate_level(value) == level


@pytest.mark.parametrize(
    ("value", "top", "level"),
    [(3.1, 5, "p t6 u2"), (-3.1, 5, "n t6 u2"), (0, 5, "p t0 u0"), (-5, 5, "n t10 u0"),
     (-1e-9, 5, "n t0 u1")],
)  # fmt: skip
def test_signed_level_tells_side_and_size(value: float, top: float, level: str) -> None:
    assert signed_level(value, top) == level


@given(st.floats(0, 1))
def test_gate_level_of_any_share_is_within_a_per_cent(value: float) -> None:
    assert abs(share(gate_level(value)) - value * 100) <= 1


@given(SIZES, st.floats(-1, 1))
def test_signed_level_of_any_value_on_its_scale_is_within_a_per_cent(
    top: float, value: float
) -> None:
    found = signed_level(value * top, top)
    assert found[0] == ("n" if value * top < 0 else "p")
    # A scale of subnormal size rounds its values coarsely, but no page's scale is that small.
    assert top < 1e-300 or abs(share(found) - abs(value) * 100) <= 1


@given(SIZES)
def test_nice_top_of_any_size_holds_the_value_closely(largest: float) -> None:
    top = nice_top(np.array([-largest]))
    assert largest <= top * (1 + 1e-12)
    assert largest < 1e-300 or top <= 1.5 * largest * (1 + 1e-9)


@pytest.mark.parametrize(
    ("values", "top"),
    [([3, 5, -2], 5), ([10], 10), ([11], 15), ([0.11], 0.15), ([0.0], 1), ([1], 1), ([], 1),
     ([1.01], 1.5), ([99], 100), ([5.5], 6), ([0.07], 0.08)],
)  # fmt: skip
def test_nice_top_is_the_next_round_number(values: list[float], top: float) -> None:
    arrays = [np.array([value]) for value in values]
    assert nice_top(*arrays) == pytest.approx(top)


@pytest.mark.parametrize(
    ("value", "level"), [(0, 0), (1, 4), (-1, -4), (0.01, 1), (-0.01, -1), (0.5, 2), (0.51, 3)]
)
def test_strip_level_is_zero_for_zero_alone(value: float, level: int) -> None:
    assert strip_level(value, 1) == level


HALF = Bars((1, 2), bytes([ZERO + 62, ZERO - 10]), None, "0.62|−0.10", signed=True, dense=False)
VIEW = 'viewBox="0 0 20 100" preserveAspectRatio="none" aria-hidden="true"'


@pytest.mark.parametrize(
    ("values", "top", "found"),
    [([0.62, -0.1, 0], 1, [62, -10, 0]), ([1e-9, -1e-9, 5], 5, [1, -1, 100]),
     ([2.5, -7], 5, [50, -100])],
)  # fmt: skip
def test_sizes_are_whole_per_cent_and_zero_for_zero_alone(
    values: list[float], top: float, found: list[int]
) -> None:
    (row_of_sizes,) = sizes(np.array([values]), top)
    assert [size - ZERO for size in row_of_sizes] == found


def test_row_draws_signed_bars_as_a_path_a_side() -> None:
    assert row(HALF, "c", 2).startswith(
        f'<svg class="bars up" {VIEW}><path d="M1 100V38h8V100h2V100h8V100h2"/></svg>'
        f'<svg class="bars down" {VIEW}><path d="M1 0V0h8V0h2V10h8V0h2"/></svg>'
    )


def test_row_draws_what_passes_over_what_was_there() -> None:
    bars = replace(HALF, passing=bytes([ZERO + 31, ZERO]), signed=False)
    assert row(bars, "c", 1).startswith(
        f'<svg class="bars up" {VIEW}><path class="draft" d="M1 100V38h8V100h2V100h8V100h2"/>'
        '<path d="M1 100V69h8V100h2V100h8V100h2"/></svg>'
    )


def test_row_of_many_units_leaves_no_gaps() -> None:
    assert 'd="M0 100V38h10V100V100h10V100"' in row(replace(HALF, dense=True), "c", 1)


@given(st.binary(min_size=40, max_size=40))
def test_row_of_any_sizes_has_the_same_commands(drawn: bytes) -> None:
    bars = replace(HALF, sizes=bytes(size % 201 for size in drawn), units=tuple(range(1, 41)))
    commands = re.findall("[A-Za-z]", "".join(PATH.findall(row(bars, "c", 1, kept=True))))
    assert commands == [*"M", *"VhVh" * 40] * 2


def test_row_writes_a_button_a_unit_and_marks_the_chosen_one() -> None:
    assert row(HALF, "f", 2).endswith(
        '<div id="f-units" class="hits">'
        '<button form="pick-unit" name="unit" value="1" id="f1" class="unit" tabindex="-1"'
        ' title="unit 1: 0.62"></button>'
        '<button form="pick-unit" name="unit" value="2" id="f2" class="unit on" tabindex="-1"'
        ' title="unit 2: −0.10"></button></div>'
    )


def test_row_for_a_page_that_has_the_buttons_sends_their_numbers_alone() -> None:
    assert row(HALF, "f", 2, kept=True).endswith(
        '<div id="f-units" data-labels="0.62|−0.10" data-kept></div>'
    )


def test_row_of_a_single_unit_says_its_number() -> None:
    bars = Bars((1,), bytes([ZERO + 62]), bytes([ZERO - 5]), "0.62", signed=True, dense=False)
    assert row(bars, "g", 1) == (
        '<button form="pick-unit" name="unit" value="1" id="g1" class="unit on" tabindex="-1"'
        ' title="unit 1: 0.62"><i class="bar p t6 u2 draft"></i><i class="bar n t0 u5"></i>'
        '<b class="p t6 u2">0.62</b></button>'
    )


def test_strip_draws_a_mark_a_level_up_or_down() -> None:
    assert strip((-4, 0, 2)) == (
        '<svg class="strip" viewBox="0 0 30 8" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 4V4h9V4h1V4h9V4h1V2h9V4h1"/>'
        '<path class="n" d="M0 4V8h9V4h1V4h9V4h1V4h9V4h1"/></svg>'
    )
