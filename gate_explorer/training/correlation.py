"""How closely the units of a cell follow a quantity."""

import numpy as np

from gate_explorer.engine.checks import Array


def correlation_with(c: Array, score: Array) -> Array:
    """Pearson's r of each column of c (M, H) with score (M,): (H,)."""
    centred = c - c.mean(axis=0)
    wanted = score - score.mean()
    spread = np.sqrt((centred**2).sum(axis=0) * (wanted**2).sum())
    result: Array = wanted @ centred / spread
    return result
