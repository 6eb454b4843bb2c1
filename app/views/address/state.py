"""The state of the explorer, which is its address: read from a query once, written back short.

`/models/sentiment?text=I+love+France&t=3&unit=7` is a whole state; what is at its default is left
out. Vectors are written `x=3,1,0;5,0,1`, one row a step.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import zip_longest
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import quote_plus

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from gate_explorer.analysis.patterns import Trait
from gate_explorer.analysis.words import MINUS
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Inputs, Options, Text, Vectors
from gate_explorer.runs.series import (
    LONGEST_SEASON,
    Series,
    column_text,
    label_text,
    plain,
    season_of,
    series_of,
)

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# A row may end with both, as people write it: `3,1,0;` and a new line.
ROW_END = re.compile(r";[^\S\n]*\n|[;\n]")
MOST_PINS = 4
PINS = re.compile(rf"[1-9]\d{{0,5}}(,[1-9]\d{{0,5}}){{0,{MOST_PINS - 1}}}", re.ASCII)
LAYER = rf"^{clamps.LAYER}$"
STRETCH = r"^[1-9]\d{0,6}(-[1-9]\d{0,6})?$"
READABLE = ",;:!()*@/"
# What once opened a panel of its own, and the drawer that it opens now: addresses stay good.
FORMER = {"words": "attribution", "gradient": "gradients"}
# A text with its line ends as signs, as the form of a model of characters writes it.
LINE, LINE_END = "line", "⏎"
COLUMNS = ("x1", "x2", "x3")
INPUT = {"x", "text", "columns", "rows", "scaling", "season"}
# The fields of the form that holds a gate.
HOLD = ("hold", "hold_at", "hold_steps", "hold_units", "hold_layer")

Fields = TypeVar("Fields", bound=BaseModel)


def split_clamps(given: object) -> object:
    """Clamps as an address writes them, one by one; what isn't text is left to be refused."""
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        return given
    return clamps.split(texts) or None


def _checked_pins(pins: str | None) -> str | None:
    if pins is not None and not PINS.fullmatch(pins):
        raise ValueError(f"write up to {MOST_PINS} units as 3,7; “{pins[:40]}” came")
    return pins


class Scope(Enum):
    """What a field of the address decides: the run, where in it one looks, or how that looks."""

    RUN = "run"
    STEP = "step"
    LOOK = "look"


class ExplorerState(BaseModel):
    """What is looked at: an input, a step and a unit (both from 1), and how the model runs.

    The one table of the address's fields: each says its scope, and whoever needs a part of the
    address (API, exports, lanes, sharing) takes it by scope.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    x: Annotated[str | None, StringConstraints(strip_whitespace=True), Scope.RUN] = None
    text: Annotated[str | None, Scope.RUN] = None
    columns: Annotated[
        str | None,
        Field(description="Of a series: the names of its columns, units in brackets, as CSV."),
        Scope.RUN,
    ] = None
    rows: Annotated[
        str | None,
        Field(description="Of a series: the labels of its rows, as CSV; one alone counts on."),
        Scope.RUN,
    ] = None
    scaling: Annotated[
        Literal["none", "spread"] | None,
        Field(
            description="Of a series: what the cell receives; `spread`: each column less its mean,"
            " by its standard deviation. As they are if left out."
        ),
        Scope.RUN,
    ] = None
    season: Annotated[
        int | None,
        Field(ge=1, le=LONGEST_SEASON, description="Of a series: the steps in a year."),
        Scope.RUN,
    ] = None
    t: Annotated[int | None, Field(ge=1, le=1_000_000), Scope.STEP] = None
    unit: Annotated[int | None, Field(ge=1, le=1_000_000), Scope.STEP] = None
    layer: Annotated[
        str | None,
        StringConstraints(pattern=LAYER),
        Field(
            description="The layer of a stack to look at, from 1, and `-backward` for the pass of a"
            " layer of both directions that begins at the end: 1, 2-backward; the last if left out."
        ),
        Scope.STEP,
    ] = None
    drawer: Annotated[
        str | None,
        StringConstraints(pattern=r"^[a-z]{1,20}$"),
        Field(description="On the page: the drawer that is open; `none` for none."),
        Scope.LOOK,
    ] = None
    gate: Annotated[
        Literal["i", "f", "g", "o"] | None,
        Field(description="On the page: the gate whose arithmetic is open."),
        Scope.LOOK,
    ] = None
    show: Annotated[
        Literal["c", "h", "f", "i", "g", "o"] | None,
        Field(description="On the page: the quantity on the map of units by steps."),
        Scope.LOOK,
    ] = None
    sort: Annotated[
        Literal["number", "importance", "similarity"] | None,
        Field(description="On the page: the order of the units."),
        Scope.LOOK,
    ] = None
    only: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="On the page: how many units are drawn at once."),
        Scope.LOOK,
    ] = None
    page: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="On the page: which of the windows of units."),
        Scope.LOOK,
    ] = None
    pins: Annotated[
        str | None,
        AfterValidator(_checked_pins),
        Field(
            description=f"On the page: up to {MOST_PINS} units that keep a line of their own: 3,7."
        ),
        Scope.LOOK,
    ] = None
    among: Annotated[
        Literal["unit"] | None,
        Field(description="On the page: whether the map of what-ifs is of the chosen unit alone."),
        Scope.LOOK,
    ] = None
    stretch: Annotated[
        str | None,
        StringConstraints(pattern=STRETCH),
        Field(description="On the page: the steps that are marked: 3, 2-5; that shown if none."),
        Scope.LOOK,
    ] = None
    trait: Annotated[
        Trait | None,
        Field(description="On the page: what is looked for that units do alike where marked."),
        Scope.LOOK,
    ] = None
    tables: Annotated[
        Literal["shown"] | None,
        Field(description="On the page: whether each plot stands there as a table too."),
        Scope.LOOK,
    ] = None
    names: Annotated[
        Literal["symbols"] | None,
        Field(description="On the page: gates by the field's words instead of nicknames."),
        Scope.LOOK,
    ] = None
    guess: Annotated[
        Literal["first"] | None,
        Field(description="On the page: what comes after the step is hidden, to be guessed."),
        Scope.LOOK,
    ] = None
    guessed: Annotated[
        int | None,
        Field(ge=1, le=3, description="On the page: the answer chosen for this step, of three."),
        Scope.LOOK,
    ] = None
    tour: Annotated[
        int | None,
        Field(ge=1, le=5, description="On the page: the stop of the tour."),
        Scope.LOOK,
    ] = None
    checkpoint: Annotated[str | None, Scope.RUN] = None
    sharpness: Annotated[float | None, Field(allow_inf_nan=False), Scope.RUN] = None
    clamp: Annotated[tuple[str, ...] | None, BeforeValidator(split_clamps), Scope.RUN] = None

    @classmethod
    def of_scope(cls, *scopes: Scope) -> set[str]:
        """The names of the fields of these scopes."""
        return {
            name
            for name, field in ExplorerState.model_fields.items()
            if any(scope in field.metadata for scope in scopes)
        }

    @property
    def pinned(self) -> tuple[int, ...]:
        """The units of `pins`, each once."""
        return tuple(dict.fromkeys(int(pin) for pin in (self.pins or "").split(",") if pin))

    @property
    def options(self) -> Options:
        """How the model is to be run. Raises: InputError for a clamp that can't be read."""
        return Options(self.checkpoint, self.sharpness, clamps.parse(self.clamp or ()))

    @property
    def inputs(self) -> Inputs | None:
        """What goes in; None where the address names nothing.

        Raises: InputError if both vectors and a text are given, or a cell isn't a number.
        """
        if self.x is not None and self.text is not None:
            raise InputError("Give vectors (x=…) or a text (text=…), not both.")
        if self.x is not None:
            rows = parse_vectors(self.x)
            if (self.columns, self.rows, self.scaling, self.season) == (None,) * 4:
                return Vectors(rows)
            scaling = self.scaling or "none"
            return Vectors.of(series_of(rows, self.columns, self.rows, scaling, self.season))
        return None if self.text is None else Text(self.text)

    @property
    def input_fields(self) -> dict[str, object]:
        """What says the input: the fields of `of_series`, and the text."""
        return self.model_dump(exclude_none=True, include=INPUT)

    def having(self, **changes: object) -> Self:
        """The same state with some fields changed."""
        return self.model_copy(update=changes)

    def run_query(self) -> str:
        """The part of the state that decides the run, without where in it one looks."""
        return query_string(self.model_dump(exclude_none=True, include=self.of_scope(Scope.RUN)))

    def query(self) -> str:
        """The state as a query string, defaults left out, readable where an address may be."""
        return query_string(self.model_dump(exclude_none=True))


def of_series(series: Series) -> dict[str, object]:
    """The fields of an address that say a series."""
    labels = label_text(series)
    fields = {
        "x": ";".join(",".join(plain(value) for value in row) for row in series.rows),
        "columns": column_text(series),
        "rows": labels or None,
        "scaling": series.scaling if series.scaling != "none" else None,
        "season": series.season if series.season != season_of(series.labels) else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def read_query(items: Sequence[tuple[str, str]]) -> ExplorerState:
    """The state of a query's name-value pairs, as an address or the page's own forms write them.

    A form of vectors sends its cells as `x1`, `x2`, `x3`, once a row, and may `drop` a row; a field
    left blank counts as not given, but for the text, whose blank is a person's and is told so.
    Raises: InputError naming each field that can't be read.
    """
    # A form ends its lines with CR and LF.
    fields = {
        name: value.replace("\r\n", "\n")
        for name, value in items
        if value.strip() or name in {"text", LINE}
    }
    rows = _rows(items)
    if rows is not None:
        fields["x"] = rows
    if LINE in fields:
        fields["text"] = fields.pop(LINE).replace(LINE_END, "\n")
    for name, drawer in FORMER.items():
        if fields.pop(name, None):
            fields.setdefault("drawer", drawer)
    held = _with_hold([value for name, value in items if name == "clamp"], dict(items))
    if held:
        fields["clamp"] = ";".join(held)
    return validated(ExplorerState, fields)


def validated(model: type[Fields], fields: Mapping[str, str]) -> Fields:
    """The fields of a query, read.

    Raises: InputError naming each field that can't be read.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        faults = [
            FieldError(tuple(e["loc"]), _told(model, str(e["loc"][0]), e)) for e in error.errors()
        ]
        raise InputError(" ".join(fault.msg for fault in faults), faults) from error


def _told(model: type[Fields], name: str, error: ErrorDetails) -> str:
    """What is wrong with a field; of one with a form of its own, what it says of itself."""
    about = model.model_fields[name].description
    if error["type"] != "string_pattern_mismatch" or not about:
        return f"{name}: {error['msg']}."
    return f"{name}: “{str(error['input'])[:40]}” can’t be read. {about}"


def readable(model: type[Fields], fields: Mapping[str, str]) -> tuple[Fields, InputError | None]:
    """What can be read of a query's fields, and the error that names the others."""
    try:
        return validated(model, fields), None
    except InputError as error:
        wrong = {fault.loc[0] for fault in error.errors}
        return validated(model, {n: v for n, v in fields.items() if n not in wrong}), error


@dataclass(frozen=True)
class Pasted:
    """What stands in the form for a series: the pasted text, and the choices beside it."""

    series: str = ""
    column: str = ""
    scaling: str = ""
    season: str = ""
    last: str = ""


@dataclass(frozen=True)
class Typed:
    """What stands in a form's fields as typed, right or wrong, so that none of it is lost."""

    x: str = ""
    text: str = ""
    sharpness: str = ""
    pasted: Pasted | None = None


def typed_only(items: Sequence[tuple[str, str]]) -> Typed:
    """What was typed, whatever is wrong with it."""
    fields, rows = dict(items), _rows(items)
    x = fields.get("x", "") if rows is None else rows
    text = fields.get("text", "") or fields.get(LINE, "").replace(LINE_END, "\n")
    return Typed(x, text, fields.get("sharpness", ""))


def as_typed(state: ExplorerState) -> Typed:
    """A state's fields as they would be typed."""
    sharpness = "" if state.sharpness is None else plain(state.sharpness)
    return Typed(state.x or "", state.text or "", sharpness)


def comes_from_form(items: Sequence[tuple[str, str]]) -> bool:
    """Whether the query is a form's, which the canonical address says shorter."""
    return _rows(items) is not None or any(name in {HOLD[0], LINE} for name, _ in items)


def _with_hold(held: list[str], fields: Mapping[str, str]) -> list[str]:
    """The clamps, and the one that the page's form asks for, which replaces one of its place."""
    gate = fields.get(HOLD[0], "").strip()
    if not gate:
        return held
    value, steps, units, layer = (fields.get(name, "").strip() for name in HOLD[1:])
    value = value.replace(MINUS, "-").replace(",", ".")
    steps = fields.get("t", "") if steps == "t" else steps
    where = f"{steps or '*'}/{units}" if units else steps or "*"
    where += f"{clamps.IN_LAYER}{layer}" if layer else ""
    kept = [
        clamp
        for clamp in clamps.split(held)
        if not (clamp.startswith(f"{gate}:") and clamp.endswith(f"@{where}"))
    ]
    return [*kept, f"{gate}:{value}@{where}"]


def _rows(items: Sequence[tuple[str, str]]) -> str | None:
    """A form's cells as `3,1,0;5,0,1`, less empty rows and the one to drop; None: no form."""
    given = {name for name, _ in items}
    columns = [
        [value for name, value in items if name == column] for column in COLUMNS if column in given
    ]
    if not columns:
        return None
    cells = [[_cell(cell) for cell in row] for row in zip_longest(*columns, fillvalue="")]
    dropped = {value for name, value in items if name == "drop"}
    kept = [row for n, row in enumerate(cells, 1) if any(row) and str(n) not in dropped]
    return join_cells(kept)


def _cell(typed: str) -> str:
    """A cell as one cell: a separator typed into it would make two."""
    return typed.replace(",", ".").replace(";", " ").replace("\n", " ").strip()


def query_string(fields: Mapping[str, object]) -> str:
    """Fields as a query string: spaces as +, commas and semicolons left as they are."""
    return "&".join(f"{name}={_quoted(text)}" for name, text in as_texts(fields).items())


@lru_cache(maxsize=128)
def _quoted(text: str) -> str:
    """A text as a query string writes it; a page writes the same input some fifty times."""
    return quote_plus(text, safe=READABLE)


def as_texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Fields as an address and a form's hidden inputs write them."""
    return {name: _as_text(value) for name, value in fields.items()}


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    return plain(value) if isinstance(value, float) else str(value)


def split_cells(x: str) -> list[list[str]]:
    """`3,1,0;5,0,1` as rows of cells, as typed; blank rows before the first and after the last are
    none, one between them is a row of one empty cell.
    """
    rows = [row.strip() for row in ROW_END.split(x)]
    filled = [n for n, row in enumerate(rows) if row]
    kept = rows[filled[0] : filled[-1] + 1] if filled else []
    return [[cell.strip() for cell in row.split(",")] for row in kept]


def join_cells(rows: list[list[str]]) -> str:
    """Rows of cells as `3,1,0;5,0,1`."""
    return ";".join(",".join(row) for row in rows)


def parse_vectors(x: str) -> list[list[float]]:
    """The rows of `3,1,0;5,0,1` as numbers.

    Raises: InputError naming each cell that isn't a number by its row and place, and each row that
    is empty.
    """
    rows = split_cells(x)
    errors = [fault for n, row in enumerate(rows) for fault in _faults(n, row)]
    if errors:
        raise InputError.telling(errors)
    return [[float(_plain(cell)) for cell in row] for row in rows]


def _faults(n: int, row: Sequence[str]) -> list[FieldError]:
    """What is wrong with a row, `n` from 0."""
    if row == [""]:
        words = f"Row {n + 1} is empty; write its numbers, or take out the row."
        return [FieldError(("vectors", n), words)]
    return [
        FieldError(("vectors", n, f"x{k + 1}"), _not_a_number(n, k, cell))
        for k, cell in enumerate(row)
        if not NUMBER.fullmatch(_plain(cell))
    ]


def _plain(cell: str) -> str:
    return cell.replace(MINUS, "-")


def _not_a_number(n: int, k: int, cell: str) -> str:
    came = f"“{cell[:20]}”, which isn't a number" if cell else "empty"
    return f"Row {n + 1}: x{k + 1} is {came}; write a number such as 3 or -0.5."
