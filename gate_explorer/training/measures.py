"""What units are missed by: the figures that several tasks ask of what is read out."""

import numpy as np

from gate_explorer.analysis.damage import Measure, Steps
from gate_explorer.engine.checks import Array
from gate_explorer.zoo.sentiment_network import log_softmax

# Sequences that units are tried by, and the seed they are drawn with: nothing else is made of them.
TRIED, SEED = 500, 3003


def bits(z: Array, right: Array, where: Array) -> float:
    """-log2 p of what came, on average over the steps that count.

    Shapes: z (T, N, K), right (T, N) the places of what came, where (T, N) of booleans.
    """
    log_p = np.take_along_axis(log_softmax(z), right[..., None], axis=-1)[..., 0]
    return float(-log_p[where].mean() / np.log(2))


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
