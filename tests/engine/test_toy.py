"""The three rules against an independent model, and what is said about rows they can't read."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate_explorer.engine import toy
from gate_explorer.errors import InputError
from tests.toy_model import FOUNDING, NUMBERS, SEQUENCES, Row, remember


@settings(max_examples=2000)
@given(SEQUENCES, NUMBERS)
def test_toy_on_random_sequences_follows_the_independent_model(
    rows: list[Row], memory: float
) -> None:
    trace = toy.run(rows, memory)
    memories, shown = remember(rows, memory)
    assert trace.c.tolist() == memories
    assert trace.y.tolist() == [value or 0 for value in shown]
    assert trace.c_prev.tolist() == [memory, *memories[:-1]]


@settings(max_examples=300)
@given(SEQUENCES)
def test_toy_gates_on_random_sequences_are_those_that_the_rules_imply(rows: list[Row]) -> None:
    trace = toy.run(rows)
    for t, (x1, x2, x3) in enumerate(rows):
        gates = (trace.i[t], trace.f[t], trace.o[t])
        assert gates == (x2 == 1, x2 != -1, x3 == 1)
        assert trace.g[t] == x1
        assert trace.c[t] == trace.f[t] * trace.c_prev[t] + trace.i[t] * trace.g[t]
        assert trace.y[t] == trace.o[t] * trace.c[t]


def test_toy_on_the_founding_example_shows_three_and_five() -> None:
    trace = toy.run(FOUNDING)
    assert trace.c.tolist() == [3, 3, 5, 5]
    assert trace.y[trace.o == 1].tolist() == [3, 5]
    assert trace.o.tolist() == [0, 1, 0, 1]


def test_toy_on_the_founding_sentence_shows_ten_at_the_end() -> None:
    trace = toy.run([(3, 1, 0), (5, 1, 0), (2, 1, 1)])
    assert trace.c.tolist() == [3, 8, 10]
    assert trace.y.tolist() == [0, 0, 10]


@pytest.mark.parametrize(("x2", "shown"), [(1, 12), (0, 5), (-1, 0)])
def test_toy_memory_changes_before_it_is_shown(x2: int, shown: float) -> None:
    assert toy.run([(7, x2, 1)], memory=5).y.tolist() == [shown]


@settings(max_examples=200)
@given(SEQUENCES, st.data())
def test_toy_state_carried_on_equals_one_run(rows: list[Row], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(rows) - 1))
    whole = toy.run(rows)
    memory = float(whole.c[cut - 1]) if cut else 0.0
    rest = toy.run(rows[cut:], memory)
    for name in ("c_prev", "c", "y", "i", "f", "g", "o"):
        assert np.array_equal(getattr(rest, name), getattr(whole, name)[cut:])


def test_toy_trace_holds_the_rows_as_they_came() -> None:
    trace = toy.run([(0.1, 1, 0), (-7.25, 0, 1)])
    assert trace.x.tolist() == [[0.1, 1, 0], [-7.25, 0, 1]]
    assert trace.x.dtype == np.float64


def refused(rows: Sequence[Sequence[float]]) -> InputError:
    with pytest.raises(InputError) as caught:
        toy.run(rows)
    return caught.value


@pytest.mark.parametrize(
    ("row", "field", "value", "allowed"),
    [
        ((3, 2, 0), "x2", "2", ("1 (add)", "0 (leave alone)", "-1 (reset)")),
        ((3, 0.5, 0), "x2", "0.5", ("1 (add)", "0 (leave alone)", "-1 (reset)")),
        ((3, -2, 0), "x2", "-2", ("1 (add)", "0 (leave alone)", "-1 (reset)")),
        ((3, 1, -1), "x3", "-1", ("1 (output)", "0 (stay silent)")),
        ((3, 1, 0.5), "x3", "0.5", ("1 (output)", "0 (stay silent)")),
        ((3, 1, 2), "x3", "2", ("1 (output)", "0 (stay silent)")),
        ((math.nan, 1, 0), "x1", "nan", ("finite",)),
        ((math.inf, 1, 0), "x1", "inf", ("finite",)),
        ((-math.inf, 1, 0), "x1", "-inf", ("finite",)),
        ((3, math.nan, 0), "x2", "nan", ("finite",)),
        ((3, 1, math.inf), "x3", "inf", ("finite",)),
        ((1e10, 1, 0), "x1", "1e+10", ("at most", "1e+09")),
        ((-1e10, 0, 0), "x1", "-1e+10", ("at most", "1e+09")),
    ],
)
def test_toy_number_that_is_not_allowed_is_named_with_row_and_field(
    row: Row, field: str, value: str, allowed: tuple[str, ...]
) -> None:
    error = refused([(3, 1, 0), row])
    (fault,) = error.errors
    assert fault.loc == ("vectors", 1, field)
    assert fault.msg.startswith(f"Row 2: {field} is {value};")
    assert all(words in fault.msg for words in allowed)
    assert error.detail == fault.msg
    assert error.status == 422


@pytest.mark.parametrize(
    ("row", "length"),
    [((), "0 numbers"), ((3,), "1 number;"), ((3, 1), "2 numbers"), ((3, 1, 0, 1), "4 numbers")],
)
def test_toy_row_without_three_numbers_is_named_with_its_length(
    row: Sequence[float], length: str
) -> None:
    error = refused([(3, 1, 0), (5, 0, 1), row])
    assert [fault.loc for fault in error.errors] == [("vectors", 2)]
    assert error.detail.startswith(f"Row 3 has {length}")
    assert "three: x1, x2, x3" in error.detail


def test_toy_without_rows_says_what_is_needed() -> None:
    error = refused([])
    assert "at least one vector" in error.detail
    assert error.errors[0].loc == ("vectors",)


def test_toy_with_several_faults_names_each() -> None:
    error = refused([(3, 2, 3), (5, 0, 1), (1, 1), (math.nan, 1, 0)])
    assert [fault.loc for fault in error.errors] == [
        ("vectors", 0, "x2"),
        ("vectors", 0, "x3"),
        ("vectors", 2),
        ("vectors", 3, "x1"),
    ]
    assert "3 more" in error.detail


@pytest.mark.parametrize("x1", [1e9, -1e9, 0.0, -0.0, 5e-324, 1 / 3])
def test_toy_number_at_the_edge_is_stored_exactly(x1: float) -> None:
    assert toy.run([(x1, 1, 1)]).y.tolist() == [x1]
