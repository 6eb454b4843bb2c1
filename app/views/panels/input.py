"""What goes in, as a field: what was typed, what is wrong with it, and examples to open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gate_explorer.runs.card import Card
from gate_explorer.runs.series import label_text, plain

from ...settings import settings
from ..address.state import (
    LINE,
    LINE_END,
    Typed,
    as_texts,
    as_typed,
    of_series,
    query_string,
    split_cells,
)
from ..equation.explorer import FOUNDING_TEXT, FOUNDING_VECTORS
from .context import Context

MOST_BESIDE, ROOM = 3, 23
# The founding text's sentence as the other model reads it, a press away.
FOUNDING = {
    "toy-rules": ("sentiment", {"text": FOUNDING_TEXT}, "The words behind 3, 5, 2"),
    "sentiment": ("toy-rules", {"x": FOUNDING_VECTORS}, "“I love France” as the toy’s numbers"),
}


@dataclass(frozen=True)
class ExampleLink:
    """An example to open."""

    title: str
    note: str
    address: str
    current: bool

    @property
    def short(self) -> str:
        """The title where there is little room for it."""
        return self.title if len(self.title) <= ROOM else f"{self.title[:ROOM].rstrip(' ,')}…"


@dataclass(frozen=True)
class Sharpness:
    """How hard the toy LSTM's sigmoids are, as typed, and what is wrong with it."""

    value: str
    error: str | None


@dataclass(frozen=True)
class Input:
    """The field of a model's input, and its examples; the first few of them stand beside it.

    name, value: of the field. label, placeholder: its words.
    wrong: whether what stands in the field is at fault. cells: the cells of the tape that are, by
    their ids and what is wrong with each. series: what the form carries of a series beside its
    numbers. onward: the founding sentence elsewhere.
    """

    name: str
    value: str
    label: str
    placeholder: str
    longest: int
    examples: tuple[ExampleLink, ...]
    sharpness: Sharpness | None
    error: str
    wrong: bool
    cells: tuple[tuple[str, str], ...]
    onward: tuple[str, str] | None
    series: dict[str, str]

    @property
    def beside(self) -> tuple[ExampleLink, ...]:
        """The examples that stand beside the field: the one that is open among them."""
        first = list(self.examples[:MOST_BESIDE])
        current = next((each for each in self.examples if each.current), None)
        if current and current not in first:
            first[-1] = current
        return tuple(first)

    @property
    def note(self) -> str:
        """What to look for in the example that is open."""
        return next((each.note for each in self.examples if each.current), "")


def make_input(context: Context, typed: Typed | None) -> Input:
    """The field with what was typed, or with the state's own input."""
    card, error = context.card, context.error
    typed = typed or as_typed(context.state)
    reads_vectors = card.input == "vectors"
    label, placeholder = _words(card)
    onward = FOUNDING.get(card.id)
    return Input(
        name=_name(card),
        value=_one_line(typed.x) if reads_vectors else in_one_line(typed.text, card),
        label=label,
        placeholder=placeholder,
        longest=settings().max_text,
        examples=_examples(context, typed),
        sharpness=_sharpness(context, typed),
        error=error.detail if error else "",
        wrong=error is not None and _is_of_the_field(context),
        cells=tuple(_cells(context)),
        onward=(context.links.opening(query_string(onward[1]), onward[0]), onward[2])
        if onward
        else None,
        series=_series(context),
    )


def _series(context: Context) -> dict[str, str]:
    """Names, scaling and season; labels only where they count on, however many rows are typed."""
    state, shown = context.state, context.run.series
    if context.card.series is None:
        return {}
    if state.x is None or shown is None:
        scaling = context.card.series.scaling
        return {} if scaling == "none" else {"scaling": scaling}
    left_out = {"x", "rows"}
    fields = {n: text for n, text in as_texts(of_series(shown)).items() if n not in left_out}
    counts_on = len(shown.labels) > 1 and label_text(shown) == shown.labels[0]
    return {**fields, "rows": shown.labels[0]} if counts_on else fields


def _name(card: Card) -> str:
    """The field's name: what has line ends is written in one line, and named so."""
    return {"vectors": "x", "words": "text", "characters": LINE}[card.input]


def in_one_line(text: str, card: Card) -> str:
    """A text as the field shows it: where line ends count, each as the sign for it."""
    return text.replace("\n", LINE_END) if card.input == "characters" else text


def _words(card: Card) -> tuple[str, str]:
    if card.input == "vectors":
        names = ", ".join(f"x{k + 1}" for k in range(card.input_size))
        return f"Vectors of {card.input_size} numbers, a semicolon between steps", f"{names}; …"
    if card.input == "words":
        return "A sentence", "Type a sentence"
    return "A text", "Type a text"


def _one_line(x: str) -> str:
    return "; ".join(",".join(row) for row in split_cells(x))


def _examples(context: Context, typed: Typed) -> tuple[ExampleLink, ...]:
    kept = context.state.model_dump(exclude_none=True, include={"layer"})
    return tuple(
        ExampleLink(
            each.title,
            context.explorer.named(each.note),
            context.links.opening(query_string({**each.query, **kept})),
            _is_current(each.query, typed),
        )
        for each in context.card.examples
    )


def _cells(context: Context) -> Iterator[tuple[str, str]]:
    """The numbers of the tape that are at fault, each with what is wrong with it."""
    for fault in context.error.errors if context.error else ():
        match fault.loc:
            case ("vectors", int(row), str(name)):
                yield f"r{row + 1}{name}", fault.msg


def _is_of_the_field(context: Context) -> bool:
    """Whether the error is of the input: it names no field, or the input's."""
    faults = context.error.errors if context.error else ()
    return not faults or any(fault.loc[0] in {"text", "vectors", "x"} for fault in faults)


def _sharpness(context: Context, typed: Typed) -> Sharpness | None:
    if context.card.sharpness is None:
        return None
    shown = typed.sharpness or plain(context.card.sharpness.usual)
    faults = {f.loc[-1]: f.msg for f in context.error.errors} if context.error else {}
    return Sharpness(shown, faults.get("sharpness"))


def _is_current(query: Mapping[str, str], typed: Typed) -> bool:
    x, text, sharpness = (query.get(name, "") for name in ("x", "text", "sharpness"))
    return Typed(x, text, sharpness) == typed
