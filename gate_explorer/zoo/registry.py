"""Every model that can be opened, by id, in the order of the menu.

A model is a folder beside this file with a card: its name is the model's id, and the card says
which family opens it and where it stands in the menu. Those whose weights are set by hand follow
from their code alone, and their cards stand in it. No weights are read here.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache, partial
from operator import itemgetter
from pathlib import Path

from gate_explorer.errors import DataError, NotFoundError
from gate_explorer.runs.card import Card
from gate_explorer.runs.card_file import CARD, read_card
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.exercise import ExerciseLSTM
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.sentence import Sentiment
from gate_explorer.zoo.toy_lstm import ToyLSTM
from gate_explorer.zoo.toy_rules import ToyRules

ZOO = Path(__file__).parent
FAMILIES: Mapping[str, Callable[[Path], Model]] = {"learned": Learned, "sentence": Sentiment}
SET_BY_HAND = (ToyRules, ToyLSTM, ExerciseLSTM)
DEFAULT = ToyRules.card.id


def open_model(folder: Path) -> Model:
    """The model in a folder, opened as its card's family.

    Raises: DataError for a card that is missing or not whole, or of a family that isn't there.
    """
    family = read_card(folder).family
    if family not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise DataError(f"{folder / CARD}: expected one of the families {known}, got “{family}”")
    return FAMILIES[family](folder)


def model_folders(zoo: Path) -> list[Path]:
    """The folders of a zoo's models, in the order that their cards say.

    A card that can't be read puts its model last, where asking for it says what is wrong.
    """
    return sorted((path.parent for path in zoo.glob(f"*/{CARD}")), key=_order)


def _order(folder: Path) -> tuple[float, str]:
    try:
        return read_card(folder).order, folder.name
    except DataError:
        return math.inf, folder.name


def _openers() -> dict[str, Callable[[], Model]]:
    """How each model is opened, by id, in the order of the menu."""
    found: list[tuple[float, str, Callable[[], Model]]] = [
        (model.card.order, model.card.id, model) for model in SET_BY_HAND
    ]
    found += [(*_order(folder), partial(open_model, folder)) for folder in model_folders(ZOO)]
    return {name: opener for _, name, opener in sorted(found, key=itemgetter(0, 1))}


MODELS: Mapping[str, Callable[[], Model]] = _openers()


# What opens other models, by how their ids begin.
ELSEWHERE: dict[str, Callable[[str], Model]] = {}


def get(model_id: str) -> Model:
    """The model of that id.

    Raises: NotFoundError naming the models there are; DataError for files that can't be used.
    """
    for start, opener in ELSEWHERE.items():
        if model_id.startswith(start):
            return opener(model_id)
    return _of_the_zoo(model_id)


@cache
def _of_the_zoo(model_id: str) -> Model:
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
