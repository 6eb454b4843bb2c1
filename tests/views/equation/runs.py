"""Runs for the tests of the desk: of every cell, of few units and many, signed and not."""

import numpy as np
import pytest

from app.views.address.state import ExplorerState
from app.views.equation.explorer import Explorer
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get
from tests.toy_model import FOUNDING

SENTENCE = Text("The acting is superb, but the plot is a mess.")
SIGNED = Vectors([(3, 1, 0), (-5, 1, 1), (2, -1, 0), (-0.5, 1, 1), (40, 0, 0)])
RUNS: dict[str, Run] = {
    "toy": get("toy-rules").run(Vectors(FOUNDING), None, Options()),
    "signed": get("toy-rules").run(SIGNED, None, Options()),
    "toy-lstm": get("toy-lstm").run(Vectors(FOUNDING), None, Options()),
    "soft": get("toy-lstm").run(SIGNED, None, Options(sharpness=2.0)),
    "sentiment": get("sentiment").run(SENTENCE, None, Options()),
    "counter": get("counter").run(Text("aabbb"), None, Options()),
    "characters": get("characters").run(Text("ROMEO:\nGood"), None, Options()),
    "rnn": get("counter-rnn").run(Text("aabbb"), None, Options()),
}
each_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def at(run: Run, t: int | None = None, unit: int | None = None, **state: object) -> Explorer:
    """The run at a step and a unit."""
    return Explorer(run, ExplorerState.model_validate({"t": t, "unit": unit, **state}))


def of(run: Run, key: str, t: int) -> Array:
    """A quantity's values at step t, from 1, (H,)."""
    found: Array = np.asarray(getattr(run.layers[-1], key)[t - 1])
    return found
