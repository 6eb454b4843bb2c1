"""What the tests of both stores share: a clock that is told the time, and bytes to keep."""

import numpy as np


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def drawn_bytes(k: int, size: int = 100) -> bytes:
    """The bytes of that number, always the same."""
    return np.random.default_rng(k).bytes(size)
