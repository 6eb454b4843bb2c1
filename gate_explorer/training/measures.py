"""What units are missed by, and limits told with: what several tasks measure and say."""

from collections.abc import Sequence

import numpy as np

from gate_explorer.analysis.damage import Measure, Steps
from gate_explorer.engine.checks import Array
from gate_explorer.zoo.sentiment_network import log_softmax

# Sequences that units are tried by, and the seed they are drawn with: nothing else is made of them.
TRIED, SEED, AGAIN = 500, 3003, 3004


def tried_by(again: bool) -> np.random.Generator:
    """What the sequences that units are tried by are drawn with; again: others."""
    return np.random.default_rng(AGAIN if again else SEED)


def bits(z: Array, right: Array, where: Array) -> float:
    """-log2 p of what came, on average over the steps that count.

    Shapes: z (T, N, K), right (T, N) the places of what came, where (T, N) of booleans.
    """
    log_p = np.take_along_axis(log_softmax(z), right[..., None], axis=-1)[..., 0]
    return float(-log_p[where].mean() / np.log(2))


def spans(holds: Array) -> str:
    """For which n, from 1, something holds: `1 to 34`, `1 and 3 to 34`, `none`."""
    padded = np.concatenate(([False], holds, [False]))
    edges = (np.flatnonzero(padded[1:] != padded[:-1]) + 1).reshape(-1, 2).tolist()
    parts = [f"{low}" if high - low == 1 else f"{low} to {high - 1}" for low, high in edges]
    return listed(parts) or "none"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = parts or [""]
    return f"{', '.join(most)} and {last}" if most else last


def either(words: str, steps: Steps, right: Array, wrong: Array) -> tuple[Measure, Measure]:
    """Which of two is right, at one step of each sequence: in bits, and as the share right.

    Shapes: all (N,): the step that is asked about, and the places of the two in the readout.
    """
    columns = np.arange(len(steps))

    def lead(z: Array) -> Array:
        result: Array = z[steps, columns, right] - z[steps, columns, wrong]
        return result

    return (
        Measure(
            f"bits to tell {words}",
            lambda z: float(np.logaddexp(0, -lead(z).astype(float)).mean() / np.log(2)),
        ),
        Measure(
            f"the share right in telling {words}",
            lambda z: float((lead(z) > 0).mean()),
            more=True,
        ),
    )
