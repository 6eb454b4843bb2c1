"""Numbers as a person would write them."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.analysis.words import (
    number,
    numbers,
    percent,
    quoted,
    signed,
)

NUMBERS = st.floats(-1e12, 1e12)


def read_back(text: str) -> Decimal:
    return Decimal(text.replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (-3.0, "−3"),
        (2.5, "2.50"),
        (-0.126, "−0.13"),
        (999_999.0, "999999"),
        (1e6, "1.00e6"),
        (-1.5e9, "−1.50e9"),
        (0.005, "0.01"),
        (0.00499, "4.99e−3"),
        (-1.23e-7, "−1.23e−7"),
        (5e-324, "4.94e−324"),
    ],
)
def test_number_is_written_as_a_person_would(value: float, words: str) -> None:
    assert number(value) == words


@given(NUMBERS, st.integers(1, 5))
def test_number_reads_back_within_half_of_its_last_digit(value: float, digits: int) -> None:
    words = number(value, digits)
    exponent = read_back(words).as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(10) ** exponent / 2 if "." in words else 0
    assert abs(read_back(words) - Decimal(value)) <= half
    assert "-" not in words


@given(NUMBERS)
def test_signed_differs_only_in_the_plus_of_positive_numbers(value: float) -> None:
    assert signed(value) == ("+" if value > 0 else "") + number(value)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50 %"),
        (0.626, "63 %"),
        (0.004, "<1 %"),
        (0.996, ">99 %"),
        (1e-5, "0 %"),
        (1 - 1e-5, "100 %"),
    ],
)
def test_percent_is_whole_and_keeps_not_quite_apart_from_all(share: float, words: str) -> None:
    assert percent(share) == words


def test_quoted_token_stands_in_curly_marks() -> None:
    assert quoted("don't") == "“don't”"


@given(st.lists(NUMBERS | st.floats(-2, 2), min_size=1), st.integers(1, 4))
def test_numbers_writes_each_as_number_or_signed_does(values: list[float], digits: int) -> None:
    array = np.array(values)
    assert numbers(array, digits) == [number(value, digits) for value in values]
    assert numbers(array, digits, plus=True) == [signed(value, digits) for value in values]
