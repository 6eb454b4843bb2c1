"""`python -m gate_explorer.training.distances`: how much of a gradient is left, how far back.

Random sequences of the adding problem, of 10 to 300 steps, through the LSTM and its twin without
gates, at every checkpoint of their training: the size of the answer's gradient at the first step,
as a share of that at the last. Over the course of its training the LSTM learns to hold. Writes
`distances.json` beside the model's card; nothing is trained.
"""

import numpy as np

from gate_explorer.analysis.gradients import NUMBER, reach
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.readout import Readout
from gate_explorer.training.tasks.adding import sequences
from gate_explorer.zoo import registry
from gate_explorer.zoo.distances import DISTANCES, Distances, Line, Of, to_json

MODELS = ("adding", "adding-rnn")
STEPS = (10, 30, 100, 200, 300)
INPUTS, SEED = 30, 7
SMALLEST = 1e-300  # what is less than that is written so, since zero has no logarithm


def measure(model_ids: tuple[str, ...] = MODELS) -> Distances:
    """Every line of the experiment."""
    rng = np.random.default_rng(SEED)
    inputs = [sequences(INPUTS, steps, rng)[0] for steps in STEPS]
    lines = [
        line
        for model_id in model_ids
        for checkpoint in registry.get(model_id).card.checkpoints
        for line in lines_of(model_id, checkpoint, inputs)
    ]
    data = f"{INPUTS} random sequences of the adding problem at each distance"
    return Distances(STEPS, INPUTS, data, tuple(lines))


def lines_of(model_id: str, checkpoint: str, inputs: list[Array]) -> list[Line]:
    """A network's lines: of h, and in an LSTM of c and of the forget gates alone."""
    readout = registry.get(model_id).readout(Options(checkpoint))
    if readout is None:
        raise TypeError(f"{model_id} has no weights")
    left = [[_left(readout, x[:, n]) for n in range(x.shape[1])] for x in inputs]
    return [
        _line(model_id, checkpoint, of, [np.array([one[of] for one in at]) for at in left])
        for of in left[0][0]
    ]


def _left(readout: Readout, x: Array) -> dict[Of, float]:
    """What is left at the first step of each size at the last."""
    found = reach(readout, x, NUMBER)
    sizes: dict[Of, Array | None] = {
        "hidden": found.hidden,
        "memory": found.cell,
        "path": found.path,
    }
    return {of: float(size[0] / size[-1]) for of, size in sizes.items() if size is not None}


def _line(model_id: str, checkpoint: str, of: Of, left: list[Array]) -> Line:
    logs = [np.log(np.maximum(shares, SMALLEST)) for shares in left]
    middle, spread = (np.array([f(log) for log in logs]) for f in (np.mean, np.std))
    ends = (middle, middle - spread, middle + spread)
    return Line(model_id, checkpoint, of, *(_rounded(np.exp(each)) for each in ends))


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(float(f"{value:.3g}") for value in values)


def main() -> None:
    """Measure, and write beside the first model's card."""
    path = registry.ZOO / MODELS[0] / DISTANCES
    path.write_text(to_json(measure()), encoding="utf-8")
    print(f"written to {path}")


if __name__ == "__main__":
    main()
