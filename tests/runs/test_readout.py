"""What outputs follow from: z = weight h + bias, and it is what the models say."""

import numpy as np

from gate_explorer.runs.readout import Readout
from tests.engine.builders import draw_lstm


def test_readout_gives_the_logits() -> None:
    cell = draw_lstm(np.random.default_rng(1), 2, 3)
    readout = Readout(cell, np.arange(6.0).reshape(2, 3), np.array([1.0, -1.0]))
    assert readout.logits(np.array([1.0, 0.0, 2.0])).tolist() == [5.0, 12.0]
