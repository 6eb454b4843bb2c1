"""Where else units do the same: a quarter of a million steps as masks of bits, and as booleans."""

from collections.abc import Callable

import numpy as np

from gate_explorer.analysis.patterns import Patterns

TEXTS, LENGTH, UNITS, MARKED = 1250, 200, 128, 5


def contestants(rng: np.random.Generator) -> dict[str, Callable[[], object]]:
    """Find the ten places where most of MARKED units have a trait together."""
    mask = rng.random((TEXTS * LENGTH, UNITS)) < 0.3
    units = np.zeros(UNITS, bool)
    units[rng.choice(UNITS, MARKED, replace=False)] = True
    patterns = Patterns.of(np.full(TEXTS, LENGTH), {"high": mask})
    return {
        "bits": lambda: patterns.find(patterns.counts("high", units), 10),
        "booleans": lambda: (mask & units).sum(axis=1).argsort()[-10:],
    }
