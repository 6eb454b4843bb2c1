"""How a file that was brought was read: a sentence, a table, and what can be chosen otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from gate_explorer.weights.files import LAYOUTS
from gate_explorer.weights.files.opened import (
    AUTO,
    BY_NAME,
    CONCATENATIONS,
    GATE_ORDERS,
    Interpretation,
)
from gate_explorer.zoo.brought import Brought, why_silent

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
OUTPUTS = {"number": "1 out", "classes": "classes out", "next_token": "what comes next out"}
TELLING = {"keras", "onnx"}  # layouts whose files say what their functions are
MOST_SHOWN = 12  # of a list of names


@dataclass(frozen=True)
class Row:
    """A line of the table.

    field, choices: of what can be chosen otherwise; "" and none for what can't. source: where it is
    known from: `in the file`, `by the layout`, `assumed`, `chosen`, `given`; or why it was taken.
    """

    name: str
    value: str
    source: str = ""
    field: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""


@dataclass(frozen=True)
class Reading:
    """The sentence, the table, what was assumed and what was left unread; of a kept model."""

    model_id: str
    sentence: str
    rows: tuple[Row, ...]
    assumed: tuple[str, ...]
    unused: tuple[str, ...]
    more_unused: int


def reading(model: Brought) -> Reading:
    """How the model's file was read."""
    told = model.opened.interpretation
    return Reading(
        model_id=model.card.id,
        sentence=sentence(model),
        rows=tuple(row for row in _rows(model) if row.value),
        assumed=told.assumed,
        unused=told.unused[:MOST_SHOWN],
        more_unused=max(0, len(told.unused) - MOST_SHOWN),
    )


def sentence(model: Brought) -> str:
    """`Two LSTM layers, both directions, 16 units each way: 2 numbers a step in, 1 out.`"""
    told, stack, card = model.opened.interpretation, model.stack, model.card
    count = len(stack.layers)
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    both = len(told.directions) > 1
    sizes = list(dict.fromkeys(r.parameters.hidden_size for each in stack.layers for r in each))
    units = " and ".join(map(str, sizes))
    way = (
        ", both directions" if both else ", from the end" if told.directions[0] != "forward" else ""
    )
    reads = {"vectors": f"{card.input_size} number{_s(card.input_size)} a step in"}.get(
        card.input, f"{card.input} in"
    )
    gives = f", {OUTPUTS[card.output]}" if card.output else ""
    layers = f"{number.capitalize()} {told.cell.upper()} layer{_s(count)}"
    each = " each way" if both else ""
    return f"{layers}{way}, {units} unit{_s(max(sizes))}{each}: {reads}{gives}."


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _rows(model: Brought) -> Sequence[Row]:
    told, choices, opened = model.opened.interpretation, model.choices, model.opened
    networks = tuple((name, name) for name in told.networks)
    orders = dict.fromkeys((*GATE_ORDERS.values(), choices.gate_order or "ifgo"))
    activations = ", ".join(f"{of}: {name}" for of, name in told.activations.items())
    head, embedding = opened.head, opened.embedding
    return (
        Row(
            "Network",
            told.network,
            _chosen(choices.network, "the longest" if len(networks) > 1 else ""),
            "network" if len(networks) > 1 else "",
            (("", "the longest chain"), *networks),
            choices.network or "",
        ),
        Row(
            "Layout",
            told.layout,
            _chosen(choices.layout if choices.layout != AUTO else None, "in the file"),
            "layout",
            tuple((name, "as the file says" if name == AUTO else name) for name in LAYOUTS),
            choices.layout,
        ),
        Row(
            "Gate order",
            told.gate_order or "",
            _chosen(choices.gate_order, _assumed(told, "gates stand in the order")),
            "gate_order" if told.gate_order and len(told.gate_order) == len("ifgo") else "",
            (("", "as is usual"), *((order, ", ".join(order)) for order in orders)),
            choices.gate_order or "",
        ),
        Row(
            "Concatenation",
            told.concatenation or "",
            _chosen(choices.concatenation, _assumed(told, "meets [")),
            "concatenation",
            (("", "as is usual"), *CONCATENATIONS.items()),
            choices.concatenation or "",
        ),
        Row("Biases", told.biases, "in the file"),
        Row("Activations", activations, _assumed(told, "squash")),
        Row(
            "Embedding",
            f"{embedding.name}, {len(embedding.matrix)} rows" if embedding else "",
            "in the file" if embedding and embedding.certain else "assumed",
        ),
        Row("Vocabulary", _words(model), "given"),
        Row("Head", _head(model), "in the file" if head and head.certain else "assumed"),
        Row("No answer", why_silent(opened)),
    )


def _head(model: Brought) -> str:
    head = model.opened.head
    if head is None:
        return ""
    use = "" if model.card.output else ", no answer"
    return f"{head.name}, {head.weight.shape[1]} → {len(head.weight)}{use}"


def _words(model: Brought) -> str:
    if model.card.input == "vectors" or model.opened.vocabulary is None:
        return ""
    named = [word for word in model.opened.vocabulary if word]
    return f"{len(named)} {model.card.input}"


def _chosen(choice: str | None, else_: str) -> str:
    return "chosen" if choice else else_


def _assumed(told: Interpretation, words: str) -> str:
    """Where something is known from; `by the layout` where that has but one way to write it."""
    if any(words in each for each in told.assumed):
        return "assumed"
    return (
        "in the file" if told.layout in TELLING or told.gate_order == BY_NAME else "by the layout"
    )
