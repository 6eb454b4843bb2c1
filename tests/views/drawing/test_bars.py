"""Bars as paths and classes: sizes that round to the values, paths that turn into one another."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.views.drawing.bars import (
    COLUMN,
    HEIGHT,
    MOST_APART,
    ZERO,
    Bars,
    gate_level,
    level,
    nice_top,
    signed_level,
    sizes,
)
from gate_explorer.engine.checks import Array

SHARES = st.floats(-1, 1)
BAR = re.compile(r"h([\d.]+)V(-?[\d.]+)h([\d.]+)V(-?[\d.]+)h([\d.]+)")


def bars(*values: float, top: float = 1.0, passing: tuple[float, ...] | None = None) -> Bars:
    """The bars of some values."""
    (whole,) = sizes(np.array([values]), top)
    through = None if passing is None else sizes(np.array([passing]), top)[0]
    return Bars(whole, through, signed=min(values) < 0)


@given(arrays(float, (3, 5), elements=SHARES))
def test_sizes_are_whole_per_cent_and_only_zero_is_none(values: Array) -> None:
    for row, found in zip(values, sizes(values, 1.0), strict=True):
        for value, size in zip(row.tolist(), found, strict=True):
            share = size - ZERO
            assert (share == 0) == (value == 0)
            assert share == 0 or np.sign(share) == np.sign(value)
            assert abs(abs(share) - abs(value) * 100) <= 1


@pytest.mark.parametrize("count", [1, 4, 32, MOST_APART, MOST_APART + 1, 128])
def test_bars_fill_their_columns_and_end_at_the_zero_line(count: int) -> None:
    drawn = bars(*([0.5] * count))
    assert drawn.width == COLUMN * count
    found = [tuple(map(float, each)) for each in BAR.findall(drawn.whole)]
    assert len(found) == count
    for before, top, width, zero, after in found:
        assert before + width + after == pytest.approx(COLUMN)
        assert top == HEIGHT / 2
        assert zero == HEIGHT


def test_bars_of_many_units_stand_nearer_than_those_of_few() -> None:
    few, many = (BAR.findall(bars(*([0.5] * n)).whole)[0] for n in (MOST_APART, MOST_APART + 1))
    assert float(many[2]) > float(few[2])


@given(st.lists(SHARES, min_size=4, max_size=4), st.lists(SHARES, min_size=4, max_size=4))
def test_bars_of_one_row_can_turn_into_any_others(first: list[float], then: list[float]) -> None:
    commands = [re.sub(r"-?[\d.]+", "", bars(*each).whole) for each in (first, then)]
    assert commands[0] == commands[1]


def test_bars_go_up_for_positive_and_down_for_negative_values() -> None:
    up, down, none = BAR.findall(bars(0.25, -0.5, 0.0).whole)
    assert (float(up[1]), float(down[1]), float(none[1])) == (75, 150, 100)


def test_bars_that_are_signed_have_twice_the_room() -> None:
    assert bars(0.5, -0.5).height == 2 * bars(0.5, 0.5).height


def test_bars_pass_what_their_gate_lets_through() -> None:
    drawn = bars(1.0, passing=(0.25,))
    assert float(BAR.findall(drawn.passes)[0][1]) == 75
    assert float(BAR.findall(drawn.track)[0][1]) == 0
    assert bars(1.0).passes == ""


@pytest.mark.parametrize(("share", "classes"), [(0, "t0 u0"), (0.62, "t6 u2"), (1, "t10 u0")])
def test_levels_are_tens_and_units_of_per_cent(share: float, classes: str) -> None:
    assert gate_level(share) == classes
    assert level(round(share * 100) + ZERO, signed=False) == classes


def test_levels_of_what_is_not_zero_can_be_seen() -> None:
    assert gate_level(1e-9) == "t0 u1"
    assert signed_level(-1e-9, 1.0) == "n t0 u1"


def test_levels_with_a_sign_say_their_side() -> None:
    assert level(ZERO - 40, signed=True) == "n t4 u0"
    assert level(ZERO + 40, signed=True) == "p t4 u0"
    assert signed_level(3.0, 4.0) == "p t7 u5"


@given(arrays(float, 4, elements=st.floats(-1e300, 1e300)))
def test_nice_top_holds_every_value_and_no_more_than_twice(values: Array) -> None:
    top, largest = nice_top(values), float(np.abs(values).max())
    assert top >= largest * (1 - 1e-9)
    assert largest == 0 or largest < 1e-290 or top <= 2 * largest


def test_nice_top_of_nothing_is_one() -> None:
    assert nice_top() == nice_top(np.zeros(3)) == 1.0
