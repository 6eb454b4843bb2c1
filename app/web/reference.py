"""An output that a visitor's own code gave, as a form has it, to settle what a file leaves open."""

import json
import math
from typing import Any

from gate_explorer.errors import FieldError, InputError, LimitError, MalformedError
from gate_explorer.weights.files import Reference

from ..settings import settings
from ..views.address.state import parse_vectors
from .body import parse_json

REFERENCE = ("reference_input", "reference_output")
LARGEST = 1e18
FORM = "as 3,1,0;5,0,1 or [[3, 1, 0], [5, 0, 1]]"


def read_reference(given: str, gave: str) -> Reference | None:
    """The inputs and hidden states of two fields; None where both are empty.

    Raises: InputError naming the field that can't be read, or is missing; LimitError for more steps
    than are run.
    """
    if not (given.strip() or gave.strip()):
        return None
    for name, text in zip(REFERENCE, (given, gave), strict=True):
        if not text.strip():
            raise _refused(name, f"Give {REFERENCE[0]} and {REFERENCE[1]} together, {FORM}.")
    x, h = (_rows(name, text) for name, text in zip(REFERENCE, (given, gave), strict=True))
    if len(x) > settings().max_steps:
        words = f"The reference has {len(x):,} steps; at most {settings().max_steps:,} are run."
        raise LimitError(words, [FieldError((REFERENCE[0],), words)])
    return Reference(x, h=h[0] if len(h) == 1 else h)


def _rows(name: str, text: str) -> list[list[float]]:
    """Rows of numbers, all of a width; a list of numbers alone is one row."""
    rows: Any
    try:
        rows = parse_json(text.encode()) if text.lstrip().startswith("[") else parse_vectors(text)
    except (InputError, MalformedError) as error:
        raise _refused(name, f"{error.detail} Write it {FORM}.") from None
    if rows and not any(isinstance(row, list) for row in rows):
        rows = [rows]
    widths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(widths) != 1 or 0 in widths:
        raise _refused(name, f"It should be rows of numbers, all of one width: write it {FORM}.")
    for n, row in enumerate(rows):
        for k, value in enumerate(row):
            if not _is_number(value):
                told = json.dumps(value)[:20]
                raise _refused(name, f"Row {n + 1}, place {k + 1} is {told}, which is no number.")
    return [[float(value) for value in row] for row in rows]


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST if isinstance(value, int) else math.isfinite(value)


def _refused(name: str, words: str) -> InputError:
    return InputError(f"{name}: {words}", [FieldError((name,), words)])
