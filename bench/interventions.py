"""The whole map of interventions in one batch, against the same runs one by one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.peers import Array
from gate_explorer.analysis.interventions import SWITCHED, VALUES, interventions
from gate_explorer.engine import lstm
from gate_explorer.engine.cells import Held, LSTMParameters, LSTMState
from gate_explorer.runs.clamps import GATES
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import gated
from gate_explorer.zoo import registry

MODEL, STEPS = "sentiment", 40
WORDS = "the acting is superb but the plot is a mess and"
SAMPLE = 120  # of the runs one by one; their time is scaled up to all of them


@dataclass(frozen=True)
class Contest:
    """How many runs the map stands for, and the contestants; `one by one` makes SAMPLE of them."""

    runs: int
    contestants: dict[str, Callable[[], object]]


def contest(rng: np.random.Generator) -> Contest:
    """Each gate of each unit closed and opened at each of STEPS words."""
    model = registry.get(MODEL)
    words = [WORDS.split()[k % 11] for k in range(STEPS)]
    run = model.run(Text(" ".join(words)), None, Options())
    cell, x, hidden = run.cell, run.x, run.card.hidden_size
    if not isinstance(cell, LSTMParameters):
        raise TypeError(f"expected an LSTM, got {MODEL}")
    places = [
        (int(rng.integers(len(run))), str(rng.choice(SWITCHED)), float(rng.integers(2)), unit)
        for unit in rng.integers(hidden, size=SAMPLE).tolist()
    ]

    def one_by_one() -> None:
        """Each from the original's state at its step, as the map has it."""
        layer = gated(run.layers[0])
        for t, gate, value, unit in places:
            before = LSTMState(
                layer.h[t - 1 : t] if t else 0 * layer.h[:1], layer.c_prev[t : t + 1]
            )
            _run_held(cell, x[t:], before, GATES[gate], value, unit)

    return Contest(
        runs=len(run) * len(SWITCHED) * len(VALUES) * hidden,
        contestants={
            "map": lambda: interventions(run, units="each"),
            "one by one": one_by_one,
        },
    )


def _run_held(
    cell: LSTMParameters, x: Array, before: LSTMState, letter: str, value: float, unit: int
) -> None:
    held = Held.nothing((len(x), cell.hidden_size))
    getattr(held, letter)[0, unit] = value
    lstm.forward(cell, x[:, None], before, held)
