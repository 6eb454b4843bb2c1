"""Bars: the classes say the value to the per cent, and the scale holds everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.bars import Bar, gate_level, nice_top, row, signed_level, strip, strip_level

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


def test_row_writes_a_button_a_unit_and_marks_the_chosen_one() -> None:
    bars = (Bar(1, "t6 u2", None, "0.62"), Bar(2, "p t1 u0", "p t0 u5", "+0.10"))
    assert row(bars, "f", 2, labelled=False) == (
        '<button form="pick-unit" name="unit" value="1" id="f1" class="unit" tabindex="-1"'
        ' title="unit 1: 0.62"><i class="bar t6 u2"></i></button>'
        '<button form="pick-unit" name="unit" value="2" id="f2" class="unit on" tabindex="-1"'
        ' title="unit 2: +0.10"><i class="bar p t1 u0 draft"></i><i class="bar p t0 u5"></i>'
        "</button>"
    )


def test_row_of_a_single_unit_says_its_number() -> None:
    assert '<b class="t6 u2">0.62</b></button>' in row(
        (Bar(1, "t6 u2", None, "0.62"),), "f", 1, labelled=True
    )


def test_strip_writes_a_mark_a_level() -> None:
    assert strip((-4, 0, 2)) == '<i class="c-4"></i><i class="c0"></i><i class="c2"></i>'
