"""What is run again where a layer of a stack holds something at a step, and from where."""

import pytest

from gate_explorer.analysis.reruns import Again, passes_again, work
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.run import Run
from gate_explorer.zoo.brought import Brought
from tests.analysis.test_interventions import HIDDEN, STEPS, brought, example

OWN, FROM_THERE, FROM_ITS_BEGINNING = Again(True, False), Again(True, True), Again(False, True)


def run_of(model: Brought) -> Run:
    inputs = example(model)
    assert isinstance(inputs, Vectors)
    return model.run(inputs, None, Options())


@pytest.mark.parametrize(
    ("held", "again"),
    [
        ([0], (OWN, FROM_THERE, FROM_THERE)),
        ([1], (None, OWN, FROM_THERE)),
        ([2], (None, None, OWN)),
        ([0, 2], (OWN, FROM_THERE, FROM_THERE)),
    ],
)
def test_stack_that_reads_forwards_is_run_again_from_the_held_step_on(
    held: list[int], again: tuple[Again | None, ...]
) -> None:
    assert passes_again(run_of(brought(3, both=False)), held) == again


@pytest.mark.parametrize(
    ("held", "again"),
    [
        # What forwards has changed from a step on is read backwards from the end.
        ([0], (OWN, None, FROM_THERE, FROM_ITS_BEGINNING) + (FROM_ITS_BEGINNING,) * 2),
        ([1], (None, OWN, FROM_ITS_BEGINNING, FROM_THERE) + (FROM_ITS_BEGINNING,) * 2),
        ([0, 1], (OWN, OWN) + (FROM_ITS_BEGINNING,) * 4),
        ([2], (None, None, OWN, None, FROM_THERE, FROM_ITS_BEGINNING)),
        ([5], (None,) * 5 + (OWN,)),
    ],
)
def test_stack_read_both_ways_is_run_again_as_far_as_what_it_reads_has_changed(
    held: list[int], again: tuple[Again | None, ...]
) -> None:
    assert passes_again(run_of(brought(3, both=True)), held) == again


def test_work_is_that_of_the_steps_that_are_run_again() -> None:
    run = run_of(brought(1, both=True))
    a_step = HIDDEN * (4 * HIDDEN + 60)
    for t in range(STEPS):
        assert work(run, [0], range(t, t + 1)) == (STEPS - t) * a_step
        assert work(run, [1], range(t, t + 1)) == (t + 1) * a_step
    assert work(run, [0, 1], range(STEPS)) == STEPS * (STEPS + 1) * a_step
