"""A series as people paste it: columns, names, units and labels, scaling, and what is refused."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.errors import InputError, LimitError
from gate_explorer.runs.series import (
    LARGEST,
    Column,
    Series,
    column_text,
    csv_text,
    label_text,
    plain,
    read_series,
    season_of,
    series_of,
)

NUMBERS = st.floats(-LARGEST, LARGEST, allow_nan=False)
NAMES = st.text(
    st.characters(
        blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Nd"), blacklist_characters="()[]"
    ),
    min_size=1,
    max_size=12,
)


def refusal(text: str, width: int = 1, **choices: str | int) -> InputError:
    with pytest.raises(InputError) as caught:
        read_series(text, width, **choices)  # type: ignore[arg-type]
    return caught.value


def test_header_gives_names_and_units_and_dates_give_labels() -> None:
    found = read_series("year,flow (m³/s),rain [mm]\n1871,1120,3\n1872,1160.5,4", width=2)
    assert found.columns == (Column("flow", "m³/s"), Column("rain", "mm"))
    assert found.labels == ("1871", "1872")
    assert found.rows == ((1120.0, 3.0), (1160.5, 4.0))
    assert str(found.columns[0]) == "flow (m³/s)"


@pytest.mark.parametrize(
    "text", ["1\n-2\n3.5", "1, -2, 3.5", "1 −2 3.5", "1\t-2\t3.5", "\ufeff1\r\n\r\n-2\r\n3.5\r\n"]
)
def test_bare_column_of_numbers_is_read_lying_or_standing(text: str) -> None:
    found = read_series(text, width=1)
    assert found.rows == ((1.0,), (-2.0,), (3.5,))
    assert found.columns == (Column("x1"),)
    assert found.labels == ()


def test_semicolons_part_columns_and_leave_the_comma_to_the_numbers() -> None:
    found = read_series("Datum;Pegel\n01.02.2020;1,5\n02.02.2020;2", width=1)
    assert (found.labels, found.rows) == (("01.02.2020", "02.02.2020"), ((1.5,), (2.0,)))


def test_spaces_part_columns_and_years_that_count_on_are_labels() -> None:
    found = read_series("1871 1120\n1872 1160", width=1)
    assert (found.labels, found.rows) == (("1871", "1872"), ((1120.0,), (1160.0,)))


@pytest.mark.parametrize("chosen", ["b", "B", "2", " 2 "])
def test_columns_are_chosen_by_name_or_number(chosen: str) -> None:
    found = read_series("date,a,b\n2020-01,1,2\n2020-02,3,4", width=1, chosen=chosen)
    assert (found.columns, found.rows) == ((Column("b"),), ((2.0,), (4.0,)))
    swapped = read_series("a,b\n1,2\n3,4", width=2, chosen="b,a")
    assert swapped.rows == ((2.0, 1.0), (4.0, 3.0))


def test_bad_cells_are_told_by_row_column_what_came_and_what_was_expected() -> None:
    error = refusal("a,b\n1,2\n\n,n/a\n5,nan", width=2)
    words = [fault.msg for fault in error.errors]
    assert [fault.loc[1:] for fault in error.errors] == [(4, "a"), (4, "b"), (5, "b")]
    assert words[0].startswith("Row 4, column a: nothing came, and a number such as")
    assert words[1].startswith("Row 4, column b: “n/a” came, and a number such as")
    assert words[2].startswith("Row 5, column b: “nan” came")
    assert "mend the cell, or take out the row" in words[0]


@pytest.mark.parametrize(
    ("text", "width", "told"),
    [
        ("", 1, "nothing in the series"),
        (" \n\t\n", 1, "nothing in the series"),
        ("a,b\n1,2", 1, "the series has 2 columns: a, b. Name the one to read"),
        ("a\n1", 3, "the series has 1 column: a. Paste 2 more beside them"),
        ("a,b\n1,2\n3", 2, "Row 3 has 1 cell where the first row has 2"),
        ("1\n1e400", 1, "Row 2, column x1: “1e400” came"),
        ("1\n2e15", 1, "numbers up to 1e+15 can be scaled"),
        (f"{'n' * 50}\n1", 1, "50 characters; they should have 1 to 40"),
        (f"date,a\n{'d' * 30},1\nx,2", 1, "longer than 24 characters"),
        ('"a' + "x" * 140_000 + "\n1", 1, "is not CSV"),
    ],
)
def test_what_is_no_series_is_told_and_how_to_mend_it(text: str, width: int, told: str) -> None:
    assert told in refusal(text, width).detail


def test_errors_stay_short_however_long_the_names_are() -> None:
    long = "n" * 50_000
    for text, width in ((f"{long},b\n1,x", 2), (f"{long},b\nx,1\n2,3", 3), (f"a,{long}\n1,x", 2)):
        assert len(refusal(text, width).detail) < 300


def test_column_that_is_not_there_is_told_with_those_that_are() -> None:
    error = refusal("a,b\n1,2", 1, chosen="c")
    assert error.detail == "There is no column “c”; there are a, b."


def test_too_many_rows_are_refused_unless_the_last_are_asked_for() -> None:
    text = "v\n" + "\n".join(map(str, range(10)))
    with pytest.raises(LimitError, match=r"has 10 rows; at most 4 steps are run\. Take the last 4"):
        read_series(text, 1, most=4)
    assert [row[0] for row in read_series(text, 1, most=4, last=True).rows] == [6, 7, 8, 9]
    assert refusal(text + "\nx", 1, most=4, last=True).errors[0].loc[1] == 12


def test_spread_scales_by_the_populations_mean_and_deviation_and_back() -> None:
    values = [3.0, 1.0, 7.0, 5.0]
    found = read_series("\n".join(map(str, values)), 1, scaling="spread")
    mean, spread = statistics.fmean(values), statistics.pstdev(values)
    assert found.means == pytest.approx((mean,))
    assert found.spreads == pytest.approx((spread,))
    assert [row[0] for row in found.scaled] == pytest.approx([(v - mean) / spread for v in values])
    assert [found.in_units(row[0]) for row in found.scaled] == pytest.approx(values)


def test_column_that_never_changes_is_only_centred() -> None:
    found = read_series("0.1\n0.1\n0.1", 1, scaling="spread")
    assert found.spreads == (1.0,)
    assert [row[0] for row in found.scaled] == pytest.approx([0, 0, 0])


def test_unscaled_numbers_reach_the_cell_as_they_are() -> None:
    found = read_series("a,b\n1,2\n3,4", 2)
    assert found.scaled == found.rows
    assert found.in_units(0.5, column=1) == 0.5


def test_months_make_a_season_of_twelve_unless_another_is_said() -> None:
    text = "month,v\n1958-11,1\n1958-12,2\n1959-01,3"
    assert read_series(text, 1).season == 12
    assert read_series(text, 1, season=4).season == 4
    assert season_of(["1958", "1959"]) == season_of([]) == 1
    assert "400" in refusal("1", season=401).detail


def test_labels_that_count_on_are_written_as_the_first_alone() -> None:
    months = read_series("month,v\n1958-11,1\n1958-12,2\n1959-01,3", 1)
    assert label_text(months) == "1958-11"
    assert [months.label(n) for n in range(5)] == [*months.labels, "1959-02", "1959-03"]
    gap = read_series("month,v\n1958-11,1\n1959-01,3", 1)
    assert label_text(gap) == "1958-11,1959-01"
    assert gap.label(2) == ""


@pytest.mark.parametrize(
    ("columns", "labels", "told"),
    [
        ("a,b", None, "2 names of columns for rows of 1 numbers"),
        (None, "x,y", "2 labels for 3 rows"),
        ("", "q", "1 labels for 3 rows"),
        ("   ", None, "0 characters; they should have"),
    ],
)
def test_parts_that_do_not_fit_one_another_are_told(
    columns: str | None, labels: str | None, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        series_of([[1.0], [2.0], [3.0]], columns, labels)


def test_rows_of_several_lengths_are_no_series() -> None:
    with pytest.raises(InputError, match="Row 2 has 2 numbers; a series has as many in each: 1"):
        series_of([[1.0], [2.0, 3.0]])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8), NAMES, NAMES)
def test_series_comes_back_from_its_address_and_from_csv(
    rows: list[tuple[float, float]], name: str, unit: str
) -> None:
    series = Series(tuple(rows), (Column(name, unit), Column("b")), tuple("pqrstuvw"[: len(rows)]))
    again = series_of(series.rows, column_text(series), label_text(series))
    assert (again.columns, again.rows) == (series.columns, series.rows)
    assert again.labels == series.labels
    assert read_series(csv_text(series), 2, season=1) == series


@given(NUMBERS)
def test_plain_number_loses_no_digit(value: float) -> None:
    assert float(plain(value)) == value
    assert plain(4.0) == "4"
