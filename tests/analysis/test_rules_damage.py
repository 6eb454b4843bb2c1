"""What the toys lose without their one unit, worked out beside them from the rules alone."""

import numpy as np
import pytest

from gate_explorer.analysis.corpus import random_vectors
from gate_explorer.analysis.rules_damage import MIDDLE, of_toy


def shown(rows: list[list[float]], *, forget_at: int | None = None) -> list[float]:
    """What the rules show: x2 = 1 adds, x2 = -1 resets, x3 = 1 shows; forgetting is at one step."""
    memory, found = 0.0, []
    for t, (x1, x2, x3) in enumerate(rows):
        kept = 0.0 if x2 == -1 or t == forget_at else memory
        memory = kept + (x1 if x2 == 1 else 0.0)
        found.append(memory if x3 == 1 else 0.0)
    return found


def expected() -> tuple[float, float]:
    """The error with nothing shown, and with the memory erased once, in the middle."""
    silenced, erased = [], []
    for text in random_vectors().inputs:
        rows = [[float(number) for number in row.split(",")] for row in text.split(";")]
        whole = np.array(shown(rows))
        silenced.append((whole**2).mean())
        erased.append(((np.array(shown(rows, forget_at=MIDDLE)) - whole) ** 2).mean())
    return float(np.mean(silenced)), float(np.mean(erased))


@pytest.mark.parametrize(("model_id", "slack"), [("toy-rules", 1e-12), ("toy-lstm", 1e-3)])
def test_toy_without_its_unit_loses_what_the_rules_say(model_id: str, slack: float) -> None:
    (unit,) = of_toy(model_id).units
    silenced, erased = expected()
    assert unit.damage.whole == pytest.approx(0, abs=slack)
    assert unit.damage.silenced == pytest.approx(silenced, rel=1e-2)
    assert unit.damage.erased == pytest.approx(erased, rel=1e-2)
