"""What a unit did to the answer: the answer less what is said with that unit's move taken back."""

import numpy as np
import pytest

from gate_explorer.analysis.pull import are_on_the_answer, pulls, telling
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.outputs import sides
from gate_explorer.runs.run import Run
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import all_models, get
from tests.zoo.first_run import first_run

each_model = pytest.mark.parametrize("model", all_models(), ids=lambda model: model.card.id)


def answer(run: Run, t: int, h: Array) -> float:
    """What the model's readout says of a hidden state, on the scale of step t's own answer."""
    assert run.readout is not None
    z = run.readout.weight.astype(float) @ h + run.readout.bias
    names = run.readout.names
    if not names:
        return float(z[0])
    if sides(names):
        p = np.exp(z - z.max())
        return float(p @ np.array(sides(names)) / p.sum())
    said = int(np.argmax(run.readout.weight @ run.layers[-1].h[t] + run.readout.bias))
    return float(z[said] - z.mean())


@each_model
def test_pull_is_the_answer_less_the_answer_without_the_units_move(model: Model) -> None:
    run = first_run(model)
    found, h = pulls(run), run.layers[-1].h.astype(float)
    assert found.shape == h.shape
    if not are_on_the_answer(run):
        assert np.array_equal(found, np.diff(h, axis=0, prepend=0))
        return
    for t in range(len(run)):
        before = h[t - 1] if t else np.zeros_like(h[0])
        for k in range(0, h.shape[1], 5):
            without = h[t].copy()
            without[k] = before[k]
            moved = answer(run, t, h[t]) - answer(run, t, without)
            assert found[t, k] == pytest.approx(moved, rel=1e-4, abs=1e-5)


def test_pulls_of_a_run_carried_on_start_from_what_was_shown_before() -> None:
    model = get("sentiment")
    whole = model.run(Text("The movie was not good."), None, Options())
    first = model.run(Text("The movie was"), None, Options())
    rest = model.run(Text("not good."), first.state, Options())
    assert np.allclose(pulls(rest), pulls(whole)[3:], atol=1e-6)


def test_telling_unit_is_the_one_that_pulls_most_in_all_whatever_the_sign() -> None:
    assert telling(np.array([0.1, -0.3, 0.2])) == 2
    assert telling(np.array([[0.1, -0.3, 0.2], [0.1, 0.0, -0.2]])) == 3
