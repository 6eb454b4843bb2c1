"""Which updates of a training are shown."""

import pytest

from gate_explorer.training.schedule import checkpoint_steps, label


@pytest.mark.parametrize("updates", [1, 40, 3000, 10_000])
def test_checkpoint_steps_go_from_untrained_to_done_in_growing_strides(updates: int) -> None:
    steps = checkpoint_steps(updates)
    assert (steps[0], steps[-1]) == (0, updates)
    assert list(steps) == sorted(set(steps))
    assert len(steps) <= 10


def test_checkpoint_steps_of_a_long_run_are_six_to_ten() -> None:
    assert 6 <= len(checkpoint_steps(3000)) <= 10
    assert 6 <= len(checkpoint_steps(6152, every=16)) <= 10


def test_label_names_the_updates_made() -> None:
    assert label(496) == "step-496"
