"""After which updates a checkpoint of the training is shown, and what each is called."""

import numpy as np

CHECKPOINTS = 8
FIRST = 10  # the update of the first checkpoint after the untrained one


def checkpoint_steps(updates: int, every: int = 1) -> tuple[int, ...]:
    """The updates after which a checkpoint is taken: 0, then log-spaced to the last.

    every: only its multiples count, but for the last.
    """
    spaced = np.geomspace(min(max(FIRST, every), updates), updates, CHECKPOINTS)
    steps = (np.maximum((spaced[:-1] / every).round(), 1) * every).astype(int).tolist()
    return tuple(sorted({0, *steps, updates}))


def label(step: int) -> str:
    """A checkpoint's name."""
    return f"step-{step}"
