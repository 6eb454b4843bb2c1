"""What the toys lose without their one unit: the same trial for the rules, and for their LSTM.

Random vectors that the rules read; the mean squared error of what is shown against the rules' own,
as it is, with the Presenter shut throughout, and with the Eraser shut once, in the middle.
"""

from functools import cache

import numpy as np

from gate_explorer.analysis.corpus import STEPS, inputs_of, random_vectors
from gate_explorer.engine import toy
from gate_explorer.runs import clamps
from gate_explorer.runs.card import Damage
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.zoo import registry
from gate_explorer.zoo.units import Findings, Unit

MIDDLE = STEPS // 2
NAME = "holds the sum"


@cache
def of_toy(model_id: str) -> Findings:
    """A toy's one unit, as `units.json` would have it."""
    whole, silenced, erased = (
        _error(model_id, held)
        for held in ((), ("output_gate:0@*",), (f"forget_gate:0@{MIDDLE + 1}",))
    )
    damage = Damage(
        "the mean squared error of what is shown, against the rules", whole, silenced, 1, erased, 1
    )
    words = (
        f"{NAME}: erased once, it takes {damage.measure} from {whole:g} to {erased:g}; there is no"
        " other unit"
    )
    unit = Unit(1, NAME, None, None, "the sum of what was added since the last reset", damage,
                words=words)  # fmt: skip
    return Findings(
        f"{len(random_vectors().inputs)} random sequences of {STEPS} vectors",
        f"at step {MIDDLE + 1}", (unit,),
    )  # fmt: skip


def _error(model_id: str, held: tuple[str, ...]) -> float:
    """The mean squared error of a run's numbers, under clamps, against the rules' own."""
    model, errors = registry.get(model_id), []
    for one in random_vectors().inputs:
        inputs = inputs_of(model, one)
        if not isinstance(inputs, Vectors):
            raise TypeError(f"expected vectors, got {inputs}")
        outputs = model.run(inputs, None, Options(clamps=clamps.parse(held))).outputs
        numbers = [output.value for output in outputs if isinstance(output, NumberOutput)]
        errors.append((np.array(numbers) - toy.run(inputs.rows).y) ** 2)
    return float(f"{np.concatenate(errors).mean():.4g}")
