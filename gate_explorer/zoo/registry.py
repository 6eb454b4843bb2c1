"""Every model that can be opened, by id, in the order of the menu.

Models are made when first asked for, so that start-up reads no weights.
"""

from collections.abc import Callable
from functools import cache, partial

from gate_explorer.errors import NotFoundError
from gate_explorer.runs.card import Card
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.sentence import Sentiment
from gate_explorer.zoo.toy_lstm import ToyLSTM
from gate_explorer.zoo.toy_rules import ToyRules

MODELS: dict[str, Callable[[], Model]] = {
    "toy-rules": ToyRules,
    "toy-lstm": ToyLSTM,
    "sentiment": Sentiment,
    "characters": partial(Learned, "characters"),
    "counter": partial(Learned, "counter"),
    "adding": partial(Learned, "adding"),
    "reber": partial(Learned, "reber"),
    "agreement": partial(Learned, "agreement"),
    "counter-rnn": partial(Learned, "counter-rnn"),
    "adding-rnn": partial(Learned, "adding-rnn"),
    "reber-rnn": partial(Learned, "reber-rnn"),
    "agreement-rnn": partial(Learned, "agreement-rnn"),
}
DEFAULT = "toy-rules"


@cache
def get(model_id: str) -> Model:
    """The model of that id.

    Raises: NotFoundError naming the models there are.
    """
    if model_id not in MODELS:
        raise NotFoundError(f"There is no model of that name; there are {', '.join(MODELS)}.")
    return MODELS[model_id]()


def menu() -> list[Card]:
    """The cards that the menu shows."""
    return [model.card for model in all_models() if model.card.listed]


def memory_tasks() -> list[Card]:
    """The menu's cards of the memory tasks: those that an RNN without gates learned too."""
    return [card for card in menu() if card.twin]


def counterpart(card: Card) -> str | None:
    """The model of the same task with or without gates: the card's twin, or the one it is of."""
    return card.twin or next((lstm.id for lstm in memory_tasks() if lstm.twin == card.id), None)


def all_models() -> list[Model]:
    """Every model, in the order of the menu."""
    return [get(model_id) for model_id in MODELS]
