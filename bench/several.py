"""Several sequences of any lengths at once, against the same one by one: in the engine alone, and
as runs of models with their answers."""

from collections.abc import Callable

import numpy as np

from gate_explorer.engine import lstm, ragged
from gate_explorer.runs.inputs import Inputs, Options, Text, Vectors
from gate_explorer.zoo import registry

INPUTS = 64
SHORTEST, LONGEST = 4, 40
MODELS = ("sentiment", "characters", "adding")


def in_the_engine(
    rng: np.random.Generator, width: int, hidden: int
) -> dict[str, Callable[[], object]]:
    """The forward pass over INPUTS sequences of random lengths."""
    cell = lstm.LSTMParameters(
        rng.normal(0, width**-0.5, (4 * hidden, width)).astype(np.float32),
        rng.normal(0, hidden**-0.5, (4 * hidden, hidden)).astype(np.float32),
        np.zeros(4 * hidden, np.float32),
    )
    lengths = rng.integers(SHORTEST, LONGEST + 1, INPUTS)
    xs = [rng.standard_normal((n, width)).astype(np.float32) for n in lengths]

    def one_by_one() -> None:
        for x in xs:
            lstm.forward(cell, x[:, None])

    return {"at once": lambda: ragged.through_lstm(cell, xs), "one by one": one_by_one}


def contestants(rng: np.random.Generator, model_id: str) -> dict[str, Callable[[], object]]:
    """The runs of INPUTS starts of the model's first example, repeated, of random lengths."""
    model = registry.get(model_id)
    inputs = [_input(model_id, int(n)) for n in rng.integers(SHORTEST, LONGEST + 1, INPUTS)]
    model.run(inputs[0], None, Options())  # reads the weights

    def one_by_one() -> None:
        for each in inputs:
            model.run(each, None, Options())

    return {
        "at once": lambda: model.runs(inputs, None, Options()),
        "one by one": one_by_one,
    }


def _input(model_id: str, steps: int) -> Inputs:
    card = registry.get(model_id).card
    query = card.examples[0].query
    if card.input == "vectors":
        rows = [[float(x) for x in row.split(",")] for row in query["x"].split(";")]
        return Vectors([rows[k % len(rows)] for k in range(steps)])
    if card.input == "words":
        words = query["text"].split()
        return Text(" ".join(words[k % len(words)] for k in range(steps)))
    return Text((query["text"] * steps)[:steps])
