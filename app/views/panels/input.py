"""The input as a form: what was typed, what is wrong with it and where, and examples to click."""

from collections.abc import Mapping
from dataclasses import dataclass

from gate_explorer.analysis.words import number
from gate_explorer.errors import ExplorerError
from gate_explorer.runs.card import Card
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import Run

from ...settings import settings
from ..address.state import Typed, plain, query_string, split_cells


@dataclass(frozen=True)
class Cell:
    """One number of a vector as typed, and what is wrong with it."""

    name: str
    value: str
    error: str | None


@dataclass(frozen=True)
class Row:
    """One vector; memory and output are filled in once the run has come that far."""

    n: int
    cells: tuple[Cell, ...]
    error: str | None
    memory: str | None
    output: str | None
    when: str


@dataclass(frozen=True)
class ExampleLink:
    """An example to open."""

    title: str
    note: str
    query: str
    current: bool


@dataclass(frozen=True)
class Form:
    """The input form of a model: a text field, or a table of vectors with a spare row."""

    card: Card
    text: str
    lines: str
    rows: tuple[Row, ...]
    sharpness: Cell | None
    examples: tuple[ExampleLink, ...]
    error: str | None
    text_wrong: bool


def make_form(
    card: Card, typed: Typed, run: Run | None, t: int, error: ExplorerError | None = None
) -> Form:
    """The form with what was typed, and a run's results in the rows up to step t, or an error."""
    cells = split_cells(typed.x)
    # What no run may have, no table has either: a page of so many rows would be as large.
    shown = cells[: settings().max_steps]
    table = [*shown, []] if card.input == "vectors" else []
    faults = {e.loc: e.msg for e in error.errors} if error else {}
    rows = [_row(card, n, row, run, t, faults) for n, row in enumerate(table, 1)]
    return Form(
        card=card,
        text=typed.text,
        lines="\n".join(", ".join(row) for row in cells),
        rows=tuple(rows),
        sharpness=_sharpness(card, typed, error),
        examples=tuple(
            ExampleLink(e.title, e.note, query_string(e.query), _is_current(e.query, typed))
            for e in card.examples
        ),
        error=_told(error, len(shown), len(cells)) if error else None,
        text_wrong=error is not None and not _elsewhere(error),
    )


def _elsewhere(error: ExplorerError) -> bool:
    """Whether the error names fields, and the text isn't among them."""
    return bool(error.errors) and all(fault.loc[0] != "text" for fault in error.errors)


def _told(error: ExplorerError, shown: int, typed: int) -> str:
    """The error, and how many of the rows that were typed the table shows, if not all."""
    left = f" The table shows the first {shown:,} of {typed:,} rows." if shown < typed else ""
    return f"{error.detail}{left}"


def _row(
    card: Card,
    n: int,
    typed: list[str],
    run: Run | None,
    t: int,
    faults: Mapping[tuple[str | int, ...], str],
) -> Row:
    width = max(card.input_size, len(typed))
    cells = [
        Cell(name, typed[k] if k < len(typed) else "", faults.get(("vectors", n - 1, name)))
        for k, name in enumerate(f"x{k + 1}" for k in range(width))
    ]
    here = run is not None and n <= len(run)
    memory, output = _results(run, n) if run and here and n <= t else (None, None)
    when = "spare" if not typed else "now" if n == t else "past" if n < t else "future"
    return Row(n, tuple(cells), faults.get(("vectors", n - 1)), memory, output, when)


def _results(run: Run, n: int) -> tuple[str, str]:
    output = run.outputs[n - 1]
    memory = float(run.layers[-1].memory[n - 1, 0]) / run.unit_scale
    if isinstance(output, NumberOutput) and output.shown:
        return number(memory), number(output.value)
    return number(memory), "–"


def _sharpness(card: Card, typed: Typed, error: ExplorerError | None) -> Cell | None:
    if card.sharpness is None:
        return None
    shown = typed.sharpness or plain(card.sharpness.usual)
    faults = {fault.loc[-1]: fault.msg for fault in error.errors} if error else {}
    return Cell("sharpness", shown, faults.get("sharpness"))


def _is_current(query: Mapping[str, str], typed: Typed) -> bool:
    return Typed(**query) == typed
