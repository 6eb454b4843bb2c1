"""The experiment on how much of a gradient is left: what is kept is what the weights do."""

import numpy as np
import pytest

from gate_explorer.training.distances import INPUTS, MODELS, SEED, STEPS, lines_of
from gate_explorer.training.tasks.adding import sequences
from gate_explorer.zoo import registry
from gate_explorer.zoo.distances import load

WHOLE = {("adding", "step-0"), ("adding", "step-722"), ("adding", "step-4000")}
EACH = [
    (model_id, checkpoint)
    for model_id in MODELS
    for checkpoint in registry.get(model_id).card.checkpoints
]


@pytest.mark.parametrize(("model_id", "checkpoint"), EACH)
def test_distances_are_those_of_the_shipped_weights(model_id: str, checkpoint: str) -> None:
    """At every distance in the twin and at three points of the LSTM's training; else at two."""
    kept = load(registry.ZOO / "adding")
    assert kept is not None
    whole = (model_id, checkpoint) in WHOLE or model_id == MODELS[1]
    rng, some = np.random.default_rng(SEED), len(STEPS) if whole else 2
    inputs = [sequences(INPUTS, steps, rng)[0] for steps in STEPS[:some]]
    for line in lines_of(model_id, checkpoint, inputs):
        stands = kept.line(model_id, checkpoint, line.of)
        assert stands.mean[:some] == pytest.approx(line.mean, rel=0.02)
        assert stands.low[:some] == pytest.approx(line.low, rel=0.05)
        assert all(a <= b <= c for a, b, c in zip(line.low, line.mean, line.high, strict=True))
