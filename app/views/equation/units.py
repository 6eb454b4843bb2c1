"""Which units are drawn, and in what order: what is drawn is bounded, whatever the model's size.

Up to MOST_BY_NUMBER units stand by number. More are put in order, the most telling first, since a
narrow page shows a window of WINDOW of them.
"""

from dataclasses import dataclass

from gate_explorer.analysis.ordering import by_movement, by_similarity
from gate_explorer.runs.run import Run

from ..address.state import ExplorerState

MOST_DRAWN = 128
MOST_BY_NUMBER = 32
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
    """Units to draw, from 1, and their order in words."""

    units: tuple[int, ...]
    words: str


def order_of(run: Run, state: ExplorerState) -> str:
    """The order that the units stand in: the state's, or what suits their number."""
    many = run.layer.memory.shape[1] > MOST_BY_NUMBER
    return state.sort or ("importance" if many else "number")


def drawn_units(run: Run, state: ExplorerState, chosen: int) -> tuple[int, ...]:
    """The units to draw, from 1, in the state's order; the chosen one is always among them.

    With `state.only` they are that many of the most telling ones.
    """
    total = run.layer.memory.shape[1]
    ranked = _by_importance(run)
    kept = set(ranked[: min(state.only or total, MOST_DRAWN)])
    if chosen not in kept:
        kept = {*ranked[: len(kept) - 1], chosen}
    order = order_of(run, state)
    if order == "number":
        return tuple(sorted(kept))
    ordered = ranked if order == "importance" else _by_similarity(run)
    return tuple(unit for unit in ordered if unit in kept)


def _by_similarity(run: Run) -> list[int]:
    return [int(unit) + 1 for unit in by_similarity(run.layer.memory)]


def _by_importance(run: Run) -> list[int]:
    layer = run.layer
    named = [fact.unit for fact in run.card.units]
    moving = [int(unit) + 1 for unit in by_movement(layer.h)]
    return [*named, *(unit for unit in moving if unit not in named)]
