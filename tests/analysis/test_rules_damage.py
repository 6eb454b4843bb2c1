"""What the toys lose without their one unit."""

import numpy as np
import pytest

from gate_explorer.analysis.corpus import STEPS, inputs_of, random_vectors
from gate_explorer.analysis.rules_damage import MIDDLE, of_toy
from gate_explorer.engine import toy
from gate_explorer.runs.inputs import Vectors
from gate_explorer.zoo import registry


def test_toy_without_its_unit_shows_nothing_and_erased_it_starts_anew() -> None:
    damage = of_toy("toy-rules").of(1).damage
    wrong, anew = [], []
    for one in random_vectors().inputs:
        inputs = inputs_of(registry.get("toy-rules"), one)
        assert isinstance(inputs, Vectors)
        rules = toy.run(inputs.rows)
        after = toy.run(inputs.rows[MIDDLE:])
        wrong += (rules.y**2).tolist()
        anew += [0.0] * MIDDLE + ((rules.y[MIDDLE:] - after.y) ** 2).tolist()
    assert damage.whole == 0
    assert damage.silenced == pytest.approx(np.mean(wrong), rel=1e-3)
    assert damage.erased == pytest.approx(np.mean(anew), rel=1e-3)
    assert (damage.rank, damage.erased_rank) == (1, 1)
    assert STEPS > MIDDLE > 0


def test_toy_in_an_lstm_loses_what_the_rules_lose() -> None:
    rules, lstm = (of_toy(name).of(1).damage for name in ("toy-rules", "toy-lstm"))
    assert lstm.silenced == pytest.approx(rules.silenced, rel=1e-3)
    assert lstm.erased == pytest.approx(rules.erased, rel=1e-3)
    assert of_toy("toy-rules").first == 1
