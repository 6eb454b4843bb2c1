"""Which units are drawn, and in what order: what is drawn is bounded, whatever the model's size."""

from gate_explorer.analysis.ordering import by_movement, by_similarity
from gate_explorer.runs.run import Run

from ..address.state import ExplorerState

MOST_DRAWN = 128
COUNTS = (8, 16, 32, 64)
ORDERS = {
    None: ("by number", "in the order of the weights"),
    "importance": (
        "by importance",
        "first the units that the model’s card names, then those whose shown state moves most in"
        " this run",
    ),
    "similarity": ("by similarity", "units whose memory goes alike in this run stand together"),
}


def drawn_units(run: Run, state: ExplorerState, chosen: int) -> tuple[int, ...]:
    """The units to draw, from 1, in the state's order; the chosen one is always among them.

    With `state.only` they are that many of the most important ones.
    """
    layer = run.layers[-1]
    total = layer.memory.shape[1]
    ranked = _by_importance(run)
    kept = set(ranked[: min(state.only or total, MOST_DRAWN)])
    if chosen not in kept:
        kept = {*ranked[: len(kept) - 1], chosen}
    if state.sort is None:
        return tuple(sorted(kept))
    order = ranked if state.sort == "importance" else _by_similarity(run)
    return tuple(unit for unit in order if unit in kept)


def _by_similarity(run: Run) -> list[int]:
    return [int(unit) + 1 for unit in by_similarity(run.layers[-1].memory)]


def _by_importance(run: Run) -> list[int]:
    layer = run.layers[-1]
    named = [fact.unit for fact in run.card.units]
    moving = [int(unit) + 1 for unit in by_movement(layer.h)]
    return [*named, *(unit for unit in moving if unit not in named)]
