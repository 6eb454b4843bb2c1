"""The state in the address: there and back, short, and exact about what it can't read."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.views.address.state import (
    COLUMNS,
    ExplorerState,
    Typed,
    comes_from_form,
    parse_vectors,
    read_query,
    typed_only,
)
from gate_explorer.errors import MOST_TOLD, InputError
from gate_explorer.runs.inputs import Options, Text, Vectors
from tests.toy_model import SEQUENCES, Row, as_query

# Everything that UTF-8 can write; what means something in an address comes often.
CHARACTERS = st.one_of(
    st.sampled_from("&=;+%#?/\\\"'<>\n\r\t ,.😀é漢\u202e\x00"),
    st.characters(codec="utf-8"),
)
TEXTS = st.text(CHARACTERS, max_size=60)
WHOLE = st.one_of(st.none(), st.integers(1, 1_000_000))
SHARPNESS = st.one_of(st.none(), st.floats(0.5, 1000))


def read(query: str) -> ExplorerState:
    """The state of a query string, decoded as the server decodes it."""
    return read_query(parse_qsl(query, keep_blank_values=True))


@settings(max_examples=1000)
@given(TEXTS, WHOLE, WHOLE, SHARPNESS)
def test_state_with_any_text_comes_back_from_its_query(
    text: str, t: int | None, unit: int | None, sharpness: float | None
) -> None:
    state = ExplorerState(text=text, t=t, unit=unit, sharpness=sharpness)
    assert read(state.query()) == state


@given(SEQUENCES, WHOLE)
def test_state_with_any_vectors_comes_back_from_its_query(rows: list[Row], t: int | None) -> None:
    state = ExplorerState(x=as_query(rows), t=t)
    found = read(state.query())
    assert found == state
    assert found.inputs == Vectors([list(row) for row in rows])


@given(TEXTS)
def test_state_query_is_plain_ascii_without_quotes(text: str) -> None:
    query = ExplorerState(text=text).query()
    assert query.isascii()
    assert not set(query) & set("\"'<>& \n#")


def test_state_at_its_defaults_is_left_out() -> None:
    assert ExplorerState().query() == ""
    assert ExplorerState(text="I love France").query() == "text=I+love+France"
    assert ExplorerState(x="3,1,0;5,0,1", t=2).query() == "x=3,1,0;5,0,1&t=2"
    assert ExplorerState(text="a", unit=7).having(unit=None).query() == "text=a"


@pytest.mark.parametrize(
    ("sharpness", "query"), [(4.0, "sharpness=4"), (0.5, "sharpness=0.5"), (1 / 3 + 4, None)]
)
def test_state_sharpness_is_written_short_but_keeps_every_digit(
    sharpness: float, query: str | None
) -> None:
    written = ExplorerState(sharpness=sharpness).query()
    assert query is None or written == query
    assert read(written).options == Options(None, sharpness)


def test_state_text_that_is_blank_is_still_a_text() -> None:
    assert read("text=").inputs == Text("")
    assert read("text=+").inputs == Text(" ")


@pytest.mark.parametrize("query", ["", "x=", "x=+&t=&unit=", "sharpness=+", "unknown=1"])
def test_state_of_a_query_that_names_nothing_is_empty(query: str) -> None:
    assert read(query) == ExplorerState()
    assert read(query).inputs is None


def test_state_with_vectors_and_text_is_refused() -> None:
    with pytest.raises(InputError, match="not both"):
        _ = read("x=3,1,0&text=love").inputs


@pytest.mark.parametrize(
    ("query", "field"),
    [("t=0", "t"), ("t=-1", "t"), ("t=abc", "t"), ("t=1.5", "t"), ("t=nan", "t"),
     ("unit=0", "unit"), ("unit=x", "unit"), ("t=" + "9" * 40, "t"),
     ("sharpness=NaN", "sharpness"), ("sharpness=inf", "sharpness"),
     ("sharpness=1e999", "sharpness"), ("sharpness=hard", "sharpness"),
     ("pins=0", "pins"), ("pins=3,", "pins"), ("pins=1,2,3,4,5", "pins"), ("pins=x", "pins"),
     ("sort=size", "sort"), ("only=0", "only"), ("tables=2", "tables")],
)  # fmt: skip
def test_state_field_that_can_not_be_read_is_named(query: str, field: str) -> None:
    with pytest.raises(InputError) as caught:
        read(query)
    assert caught.value.errors[0].loc == (field,)
    assert caught.value.detail.startswith(f"{field}: ")


def test_state_with_several_faults_names_each() -> None:
    with pytest.raises(InputError) as caught:
        read("t=0&unit=0")
    assert [fault.loc for fault in caught.value.errors] == [("t",), ("unit",)]


@pytest.mark.parametrize(
    "x",
    ["3,1,0;5,0,1", " 3 , 1 , 0 ; 5,0,1 ", "3,1,0;5,0,1;", ";;3,1,0;5,0,1; ;", "3,1,0\n5,0,1\n",
     "\n3,1,0; \n5,0,1;\n", "3.,1,0;5e0,+0,1.0", "03,1,-0;.5e1,0,1"],
)  # fmt: skip
def test_vectors_with_spaces_and_blank_rows_around_them_are_read(x: str) -> None:
    assert parse_vectors(x) == [[3, 1, 0], [5, 0, 1]]


@pytest.mark.parametrize("minus", ["-", "\N{MINUS SIGN}"])
def test_vectors_with_a_real_minus_sign_are_read(minus: str) -> None:
    assert parse_vectors(f"{minus}2.5,{minus}1,0") == [[-2.5, -1, 0]]


@pytest.mark.parametrize(
    ("x", "loc", "words"),
    [
        ("3,1,0;5,y,1", ("vectors", 1, "x2"), "Row 2: x2 is “y”, which isn't a number"),
        ("3,1,0;5,0,", ("vectors", 1, "x3"), "Row 2: x3 is empty"),
        ("3,1,0;;5,0,1", ("vectors", 1), "Row 2 is empty; write its numbers"),
        ("3,1,0; \n \n5,0,1", ("vectors", 1), "Row 2 is empty"),
        (";3,1,0;5,0,1;;2,1,0;", ("vectors", 2), "Row 3 is empty"),
        ("٣,1,0", ("vectors", 0, "x1"), "Row 1: x1 is “٣”"),
        ("1_0,1,0", ("vectors", 0, "x1"), "Row 1: x1 is “1_0”"),
        ("nan,1,0", ("vectors", 0, "x1"), "Row 1: x1 is “nan”"),
        ("3,1,0,z", ("vectors", 0, "x4"), "Row 1: x4 is “z”"),
        ("a" * 500 + ",1,0", ("vectors", 0, "x1"), "Row 1: x1 is “" + "a" * 20 + "”"),
    ],
)
def test_vectors_cell_that_is_no_number_is_named_by_row_and_place(
    x: str, loc: tuple[str | int, ...], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse_vectors(x)
    assert caught.value.errors[0].loc == loc
    assert caught.value.detail.startswith(words)
    assert len(caught.value.detail) < 200


def test_vectors_with_several_faults_name_each() -> None:
    with pytest.raises(InputError) as caught:
        parse_vectors("a,1,0;5,b,c")
    assert [fault.loc[1:] for fault in caught.value.errors] == [(0, "x1"), (1, "x2"), (1, "x3")]
    assert caught.value.detail.endswith("(2 more below.)")


def test_vectors_with_very_many_faults_name_the_first_and_count_the_rest() -> None:
    with pytest.raises(InputError) as caught:
        parse_vectors(";".join(["a"] * 1_500))
    assert len(caught.value.errors) == MOST_TOLD == 20
    assert caught.value.detail.endswith("(19 more below, 1,480 more beyond those.)")


@given(SEQUENCES)
def test_vectors_of_any_numbers_are_read_exactly(rows: list[Row]) -> None:
    assert parse_vectors(as_query(rows)) == [list(row) for row in rows]


def form(*rows: tuple[str, str, str], drop: str | None = None) -> list[tuple[str, str]]:
    """What a browser sends for the table of vectors."""
    cells = [(name, cell) for row in rows for name, cell in zip(COLUMNS, row, strict=True)]
    return cells if drop is None else [*cells, ("drop", drop)]


SPARE = ("", "", "")


def test_form_rows_become_vectors_without_the_spare_row() -> None:
    items = form(("3", "1", "0"), ("5", "0", "1"), SPARE)
    assert comes_from_form(items)
    assert read_query(items) == ExplorerState(x="3,1,0;5,0,1")


def test_form_dropped_row_is_left_out() -> None:
    items = form(("3", "1", "0"), ("5", "0", "1"), ("2", "1", "0"), SPARE, drop="2")
    assert read_query(items).x == "3,1,0;2,1,0"


def test_form_dropped_row_is_counted_as_the_page_counts() -> None:
    items = form(SPARE, ("5", "0", "1"), ("2", "1", "0"), drop="2")
    assert read_query(items).x == "2,1,0"


def test_form_half_filled_row_is_kept_and_told() -> None:
    state = read_query(form(("3", "1", "0"), ("5", "", "")))
    assert state.x == "3,1,0;5,,"
    with pytest.raises(InputError, match="Row 2: x2 is empty"):
        _ = state.inputs


def test_form_comma_typed_into_a_cell_is_a_decimal_point() -> None:
    assert read_query(form(("2,5", "1", "0"))).inputs == Vectors([[2.5, 1, 0]])


@pytest.mark.parametrize("typed", ["3;4", "3\n4", "3;"])
def test_form_separator_typed_into_a_cell_makes_no_second_row(typed: str) -> None:
    x = read_query(form((typed, "1", "0"), ("5", "0", "1"))).x
    assert x is not None
    assert x.count(";") == 1
    assert "\n" not in x


def test_form_without_any_number_is_an_empty_input() -> None:
    assert read_query(form(SPARE, SPARE)).inputs == Vectors([])


def test_form_with_other_fields_keeps_them() -> None:
    items = [*form(("3", "1", "0")), ("sharpness", "4"), ("unit", "")]
    assert read_query(items) == ExplorerState(x="3,1,0", sharpness=4.0)


def test_query_of_an_address_is_no_form() -> None:
    assert not comes_from_form([("x", "3,1,0"), ("t", "1")])


def test_typed_only_keeps_what_was_typed_whatever_is_wrong() -> None:
    assert typed_only([*form(("3", "y", "0")), ("t", "abc")]) == Typed(x="3,y,0")
    assert typed_only([("text", "love"), ("sharpness", "hard")]) == Typed("", "love", "hard")
    assert typed_only([("x", "3,1"), ("text", "love")]) == Typed(x="3,1", text="love")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("stretch=0-2", "“0-2” can’t be read. On the page: the steps that are marked: 3, 2-5;"),
        ("layer=two", "“two” can’t be read. The layer of a stack to look at, from 1,"),
    ],
)
def test_field_of_a_form_of_its_own_says_how_it_is_written(query: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        read(query)
    assert told in refused.value.detail
    assert "pattern" not in refused.value.detail
