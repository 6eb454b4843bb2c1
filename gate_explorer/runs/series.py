"""A series as people have it: a column a quantity, with its name and unit, and a label a row.

`read_series` reads what is pasted, CSV or a column of numbers; `series_of` puts one together from
its parts, as an address carries them. What the cell receives is `scaled`: the numbers as they are,
or each column less its mean, by its spread (the population's standard deviation), both over what
was given. `in_units` leads back.
"""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gate_explorer.errors import FieldError, InputError, LimitError
from gate_explorer.runs.card import Scaling

LONGEST_NAME = 40
MOST_LABEL = 24
LONGEST_SEASON = 400
LARGEST, STEADY = 1e15, 1e-12  # of a number; of a spread beside its mean, for one that varies
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MINUS = "\N{MINUS SIGN}"
# A first column of numbers under one of these names is no quantity: it says when.
WHEN = re.compile(r"(year|quarter|month|week|date|day|hour|minute|time|step|index|t)s?", re.I)
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
UNIT = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]+)[)\]]")
MONTHS = 12


@dataclass(frozen=True)
class Column:
    """A quantity: its name and, where it has one, its unit."""

    name: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True)
class Series:
    """Rows of numbers (T, C) in their own units, a column each of C; labels: of rows, or none.

    scaling: how the numbers become what a cell receives. season: how many steps make a year, 1 for
    a series without one.
    """

    rows: tuple[tuple[float, ...], ...]
    columns: tuple[Column, ...]
    labels: tuple[str, ...] = ()
    scaling: Scaling = "none"
    season: int = 1

    @cached_property
    def means(self) -> tuple[float, ...]:
        """What is taken off each column: its mean, or 0 unscaled."""
        if self.scaling == "none":
            return (0.0,) * len(self.columns)
        return tuple(np.mean(self.rows, axis=0).tolist())

    @cached_property
    def spreads(self) -> tuple[float, ...]:
        """What each column is divided by: its spread, or 1 unscaled and where nothing varies."""
        if self.scaling == "none":
            return (1.0,) * len(self.columns)
        found = zip(np.std(self.rows, axis=0).tolist(), self.means, strict=True)
        return tuple(s if s > abs(mean) * STEADY else 1.0 for s, mean in found)

    @cached_property
    def spread(self) -> float:
        """The standard deviation of the first column, in its units."""
        return float(np.std([row[0] for row in self.rows]))

    @cached_property
    def scaled(self) -> tuple[tuple[float, ...], ...]:
        """What the cell receives, row by row."""
        scales = tuple(zip(self.means, self.spreads, strict=True))
        return tuple(
            tuple((v - mean) / spread for v, (mean, spread) in zip(row, scales, strict=True))
            for row in self.rows
        )

    def label(self, n: int) -> str:
        """The label of row n, from 0, beyond the last where they count on; "" for none."""
        if n < len(self.labels):
            return self.labels[n]
        counted = _counted_on(self.labels[0], n + 1) if self.labels else []
        regular = list(self.labels) == counted[: len(self.labels)]
        return counted[n] if regular and len(counted) > n else ""

    def in_units(self, value: float, column: int = 0) -> float:
        """A number on the cell's scale, in the units of a column (from 0)."""
        return value * self.spreads[column] + self.means[column]


def read_series(
    text: str,
    width: int,
    chosen: str = "",
    scaling: Scaling = "none",
    season: int | None = None,
    most: int | None = None,
    last: bool = False,
) -> Series:
    """A series out of CSV or a column of numbers, for a cell that reads `width` numbers.

    A first row that isn't of numbers has the names, each with its unit in brackets: `flow (m³/s)`.
    A first column of dates, or under a name such as year, has the labels of the rows. Columns are
    parted by tabs, semicolons, commas or spaces; beside semicolons and tabs a comma in a number is
    its decimal point.

    chosen: names or places (from 1) of the columns to read, with commas between. season: steps in a
    year; told by the labels if None: 12 where they are months. most: rows that are read; last:
    whether to read the last of them where there are more, rather than refuse.
    Raises: InputError naming row and column of each cell that is no number; LimitError.
    """
    table = _table(text, width)
    if most is not None and len(table.rows) > most:
        if not last:
            raise _too_long(len(table.rows), most)
        table = table.last(most)
    places = _places(table, width, chosen)
    faults = list(_faults(table, places))
    if faults:
        raise InputError.telling(faults)
    rows = tuple(tuple(table.number(n, k) for k in places) for n in range(len(table.rows)))
    labels = tuple(row[0] for row in table.rows) if table.labelled else ()
    return _checked(rows, tuple(table.columns[k] for k in places), labels, scaling, season)


def series_of(
    rows: Sequence[Sequence[float]],
    columns: str | None = None,
    labels: str | None = None,
    scaling: Scaling = "none",
    season: int | None = None,
) -> Series:
    """A series from its parts, as `column_text` and `label_text` write them.

    Raises: InputError where names, labels and rows don't fit one another.
    """
    width = len(rows[0]) if rows else 0
    for n, row in enumerate(rows, 1):
        if len(row) != width:
            words = f"Row {n} has {len(row)} numbers; a series has as many in each: {width}."
            raise InputError(words, [FieldError(("vectors", n - 1), words)])
    names = _fields(columns) if columns else [f"x{k + 1}" for k in range(width)]
    if len(names) != width:
        words = f"There are {len(names)} names of columns for rows of {width} numbers."
        raise InputError(words, [FieldError(("columns",), words)])
    given = _fields(labels) if labels else []
    if len(given) == 1:
        given = _counted_on(given[0], len(rows))
    if given and len(given) != len(rows):
        words = (
            f"There are {len(given)} labels for {len(rows)} rows: give one a row, the first alone"
            " to count on from it, or none."
        )
        raise InputError(words, [FieldError(("rows",), words)])
    kept = tuple(tuple(row) for row in rows)
    return _checked(kept, tuple(map(_column, names)), tuple(given), scaling, season)


def column_text(series: Series) -> str:
    """The names and units of a series' columns, as a row of CSV."""
    return _row([str(column) for column in series.columns])


def label_text(series: Series) -> str:
    """The labels of a series' rows as a row of CSV; the first alone where the others count on."""
    labels = list(series.labels)
    if len(labels) > 1 and labels == _counted_on(labels[0], len(labels)):
        return _row(labels[:1])
    return _row(labels)


def csv_text(series: Series) -> str:
    """A series as CSV that `read_series` reads: a header, and dates where the rows have labels."""
    heads = [str(column) for column in series.columns]
    lines = [_row(["date", *heads] if series.labels else heads)]
    for n, row in enumerate(series.rows):
        cells = [plain(value) for value in row]
        lines.append(_row([series.labels[n], *cells] if series.labels else cells))
    return "\n".join(lines)


def season_of(labels: Sequence[str]) -> int:
    """How many steps make a year, by the labels: 12 where they are months, else 1."""
    return MONTHS if labels and all(MONTH.fullmatch(label) for label in labels) else 1


def plain(value: float) -> str:
    """A number as short as can be without losing a digit: 4 rather than 4.0."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


@dataclass(frozen=True)
class _Table:
    """The cells of a text; labelled: the first column is no quantity. comma: whether a comma is a
    decimal point. lines: which line of the text each row is, from 1.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    labelled: bool
    comma: bool

    def last(self, count: int) -> "_Table":
        """The last rows alone."""
        return replace(self, rows=self.rows[-count:], lines=self.lines[-count:])

    def plain(self, n: int, k: int) -> str:
        """A cell as a number is written, as far as it is one."""
        cell = self.rows[n][k].strip().replace(MINUS, "-")
        return cell.replace(",", ".") if self.comma and "." not in cell else cell

    def is_number(self, n: int, k: int) -> bool:
        cell = self.plain(n, k)
        return bool(NUMBER.fullmatch(cell)) and math.isfinite(float(cell))

    def number(self, n: int, k: int) -> float:
        return float(self.plain(n, k))


def _table(text: str, width: int) -> _Table:
    """The cells of a text. Raises: InputError for no rows, and rows of several lengths."""
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip("\ufeff \t")]
    if not numbered:
        raise _refused("There is nothing in the series; paste a column of numbers, or CSV.")
    lines = [line.strip("\ufeff \r") for _, line in numbered]
    mark = _mark(lines)
    cells = [tuple(cell.strip() for cell in row) for row in _cells(lines, mark)]
    if width == 1 and len(cells) == 1:  # a column that lies on its side
        cells = [(cell,) for cell in cells[0]]
        numbered = [(n, "") for n in range(1, len(cells) + 1)]
    bare = _Table((), tuple(cells), tuple(n for n, _ in numbered), False, mark in {";", "\t"})
    headed = not any(bare.is_number(0, k) for k in range(len(cells[0]))) and len(cells) > 1
    names = cells[0] if headed else tuple(f"x{k + 1}" for k in range(len(cells[0])))
    found = replace(
        bare,
        columns=tuple(map(_column, names)),
        rows=bare.rows[headed:],
        lines=bare.lines[headed:],
    )
    _check_lengths(found)
    return replace(found, labelled=_is_labelled(found, headed))


def _check_lengths(table: _Table) -> None:
    wanted = len(table.columns)
    for line, row in zip(table.lines, table.rows, strict=True):
        if len(row) != wanted:
            words = (
                f"Row {line} has {_counted(len(row), 'cell')} where the first row has {wanted};"
                " give each row as many, parted by the same sign."
            )
            raise InputError(words, [FieldError(("series", line), words)])


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _mark(lines: Sequence[str]) -> str:
    """The sign between columns: a tab, semicolon or comma by which the first row and the last come
    apart alike, or that is in the first at least; else a space.
    """
    for sign in "\t;,":
        ends = [len(row) for row in _cells([lines[0], lines[-1]], sign)]
        if ends[0] == ends[1] > 1:
            return sign
    found = next((sign for sign in "\t;," if sign in lines[0]), "")
    return found or (" " if len(lines[-1].split()) > 1 else ",")


def _cells(lines: Sequence[str], mark: str) -> list[list[str]]:
    """The cells of each line by itself, so that a row is a line. Raises: InputError."""
    if mark == " ":
        return [line.split() for line in lines]
    try:
        return [next(csv.reader([ln], delimiter=mark, skipinitialspace=True)) for ln in lines]
    except csv.Error as error:
        raise _refused(f"The series is not CSV: {error}. Paste fewer quotes, or none.") from None


def _is_labelled(table: _Table, headed: bool) -> bool:
    """Whether the first of several columns says when, and not how much."""
    if len(table.columns) < 2:
        return False
    if headed and WHEN.fullmatch(table.columns[0].name):
        return True
    labels = [row[0] for row in table.rows]
    counts_on = len(labels) > 1 and not headed and labels == _counted_on(labels[0], len(labels))
    return counts_on or not any(table.is_number(n, 0) for n in range(len(table.rows)))


def _places(table: _Table, width: int, chosen: str) -> tuple[int, ...]:
    """The columns to read, from 0. Raises: InputError that names those that there are."""
    open_ones = range(1 if table.labelled else 0, len(table.columns))
    names = [table.columns[k].name for k in open_ones]
    known = {str(k + 1): place for k, place in enumerate(open_ones)}
    known |= {
        name.casefold(): k for name, k in zip(reversed(names), reversed(open_ones), strict=True)
    }
    asked = [one.strip() for one in _fields(chosen) if one.strip()]
    lost = next((one for one in asked if one.casefold() not in known), None)
    if lost is not None:
        words = f"There is no column “{lost[:LONGEST_NAME]}”; there are {_told(names)}."
        raise InputError(words, [FieldError(("column",), words)])
    places = tuple(known[one.casefold()] for one in asked)
    places = places or tuple(open_ones)
    if len(places) == width:
        return places
    wanted = "one number" if width == 1 else f"{width} numbers"
    words = (
        f"The model reads {wanted} at a step; the series has {_counted(len(names), 'column')}:"
        f" {_told(names)}."
    )
    if len(names) > width:
        words += f" Name {'the one' if width == 1 else f'the {width}'} to read."
    elif len(names) < width:
        words += f" Paste {width - len(names)} more beside them, in the model's own order."
    raise InputError(words, [FieldError(("column",), words)])


def _told(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(name[:LONGEST_NAME] for name in names[:most]) + more


def _faults(table: _Table, places: Sequence[int]) -> Iterator[FieldError]:
    """A fault a cell that is no number, with its row as the text counts it, the header's among."""
    for n in range(len(table.rows)):
        for k in places:
            if not table.is_number(n, k):
                row, name = table.lines[n], table.columns[k].name[:LONGEST_NAME]
                cell = table.rows[n][k]
                came = f"“{cell[:20]}” came" if cell else "nothing came"
                words = (
                    f"Row {row}, column {name}: {came}, and a number such as 3 or -0.5 was"
                    " expected; mend the cell, or take out the row."
                )
                yield FieldError(("series", row, name), words)


def _checked(
    rows: tuple[tuple[float, ...], ...],
    columns: tuple[Column, ...],
    labels: tuple[str, ...],
    scaling: Scaling,
    season: int | None,
) -> Series:
    """A series, if it has numbers of sizes that can be scaled, short names and labels, a season."""
    for n, row in enumerate(rows):
        for column, value in zip(columns, row, strict=True):
            if not abs(value) <= LARGEST:
                where = labels[n] if labels else str(n + 1)
                words = (
                    f"Row {where}, column {column.name}: {value:g} came; numbers up to"
                    f" {LARGEST:g} can be scaled."
                )
                raise InputError(words, [FieldError(("vectors", n, column.name), words)])
    for column in columns:
        if not column.name or len(str(column)) > LONGEST_NAME:
            words = (
                f"A column's name and unit have {len(str(column))} characters; they should have 1"
                f" to {LONGEST_NAME}."
            )
            raise InputError(words, [FieldError(("columns",), words)])
    long = next((label for label in labels if len(label) > MOST_LABEL), None)
    if long is not None:
        words = f"The label “{long[:MOST_LABEL]}…” is longer than {MOST_LABEL} characters."
        raise InputError(words, [FieldError(("rows",), words)])
    season = season_of(labels) if season is None else season
    if not 1 <= season <= LONGEST_SEASON:
        words = f"A year of {season} steps came; it should have 1 to {LONGEST_SEASON}."
        raise InputError(words, [FieldError(("season",), words)])
    return Series(rows, columns, labels, scaling, season)


def _column(head: str) -> Column:
    """A column by its head: `flow (m³/s)` and `flow [m³/s]` have a unit."""
    found = UNIT.fullmatch(head.strip())
    return Column(found["name"], found["unit"].strip()) if found else Column(head.strip())


def _counted_on(first: str, count: int) -> list[str]:
    """A label and those after it: years, months, whole numbers; others stand alone."""
    month = MONTH.fullmatch(first)
    if month:
        start = int(month[1]) * MONTHS + int(month[2]) - 1
        return [f"{n // MONTHS:04}-{n % MONTHS + 1:02}" for n in range(start, start + count)]
    if WHOLE.fullmatch(first):
        return [f"{n:0{len(first)}}" for n in range(int(first), int(first) + count)]
    return [first]


def _fields(text: str) -> list[str]:
    """The fields of one row of CSV. Raises: InputError."""
    try:
        return next(csv.reader([text.replace("\n", " ").replace("\r", " ")]), [])
    except csv.Error as error:
        raise _refused(f"“{text[:LONGEST_NAME]}” is no row of CSV: {error}.") from None


def _row(fields: Sequence[str]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="").writerow(fields)
    return file.getvalue()


def _too_long(rows: int, most: int) -> LimitError:
    words = (
        f"The series has {rows:,} rows; at most {most:,} steps are run. Take the last {most:,} of"
        " them, or paste fewer."
    )
    return LimitError(words, [FieldError(("series",), words)])


def _refused(words: str) -> InputError:
    return InputError(words, [FieldError(("series",), words)])
