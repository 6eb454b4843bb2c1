"""Which units are drawn, and in what order: what is drawn is bounded, whatever the model's size.

Up to MOST_BY_NUMBER units stand by number. More are put in order, the most telling first, since a
narrow page shows a window of WINDOW of them, and any page a block of MOST_DRAWN.
"""

from dataclasses import dataclass

from gate_explorer.analysis.ordering import by_movement, by_similarity
from gate_explorer.runs.run import Run, by_unit

from ..address.state import ExplorerState

MOST_DRAWN = 128
MOST_BY_NUMBER = 32
FEW = 8  # units of a network that was brought, which stand by number
WINDOW = 32
COUNTS = (8, 16, 32, 64)
ORDERS = {
    "number": ("by number", "in the order of the weights"),
    "importance": (
        "most telling first",
        "first the units that the model’s card names, then those whose shown state moves most in"
        " this run",
    ),
    "similarity": ("by similarity", "units whose memory goes alike in this run stand together"),
}


@dataclass(frozen=True)
class Drawn:
    """Units to draw, from 1, and their order in words.

    first: how many units of that order come before them, of `total` in all; before, after: the
    first units of the block before them and of that after; None for none.
    """

    units: tuple[int, ...]
    words: str
    first: int = 0
    total: int = 0
    before: int | None = None
    after: int | None = None


def order_of(run: Run, state: ExplorerState) -> str:
    """The order that the units stand in: the state's, or what suits their number.

    Of a network that a visitor brought nothing is known but how its units move.
    """
    most = MOST_BY_NUMBER if run.card.provenance != "uploaded" else FEW
    many = run.layer.memory.shape[1] > most
    return state.sort or ("importance" if many else "number")


def order_words(run: Run, order: str) -> str:
    """An order in words; where no unit is named, the most telling are those that move most."""
    named = order != "importance" or run.card.provenance != "uploaded"
    return ORDERS[order][0] if named else "what moves most first"


def drawn_units(run: Run, state: ExplorerState, chosen: int) -> Drawn:
    """The units to draw, from 1, in the state's order; the chosen one is always among them.

    With `state.only` they are of so many of the most telling ones. Of more than MOST_DRAWN they are
    the block that holds the window `state.page`, or the chosen unit.
    """
    order = order_of(run, state)
    ranked = _by_importance(run)
    kept = ranked[: state.only] if state.only else ranked
    if chosen not in kept:
        kept = [*kept[:-1], chosen]
    ordered = _ordered(run, order, kept)
    first = 0
    if len(ordered) > MOST_DRAWN:
        last = (len(ordered) - 1) // MOST_DRAWN
        place = (state.page - 1) * WINDOW if state.page else ordered.index(chosen)
        first = min(place // MOST_DRAWN, last) * MOST_DRAWN
    units = ordered[first : first + MOST_DRAWN]
    if chosen not in units:
        units[-1] = chosen
    end = first + MOST_DRAWN
    return Drawn(
        tuple(units),
        order_words(run, order),
        first,
        len(ordered),
        before=ordered[first - MOST_DRAWN] if first else None,
        after=ordered[end] if end < len(ordered) else None,
    )


def _ordered(run: Run, order: str, kept: list[int]) -> list[int]:
    if order == "number":
        return sorted(kept)
    if order == "importance":
        return kept
    among = set(kept)
    return [unit for unit in _by_similarity(run) if unit in among]


def _by_similarity(run: Run) -> list[int]:
    return [int(unit) + 1 for unit in by_similarity(run.layer.memory)]


def _by_importance(run: Run) -> list[int]:
    named = [fact.unit for fact in run.card.units]
    return [*named, *(unit for unit in _moving(run) if unit not in named)]


def _moving(run: Run) -> list[int]:
    """The units that move most first, by what they show."""
    return [int(unit) + 1 for unit in by_movement(by_unit(run.layer, "h"))]
