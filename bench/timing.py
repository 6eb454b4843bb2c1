"""Times that can be compared: all contestants take turns, so that a busy moment meets them all."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDS = 41
ROUND_SECONDS = 0.003


@dataclass(frozen=True)
class Spread:
    """A median, and the quartiles about it: half of what was measured lies between them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: NDArray[Any]) -> "Spread":
        """Of any numbers, one axis."""
        low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
        return cls(float(median), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def interleaved(contestants: Mapping[str, Callable[[], object]]) -> dict[str, NDArray[Any]]:
    """Seconds a call of each, one entry a round; in a round each runs once, in turning order."""
    repeats = {name: _repeats(call) for name, call in contestants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    gc.collect()
    gc.disable()
    try:
        for turn in range(ROUNDS):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                seconds[name].append(_time(contestants[name], repeats[name]))
    finally:
        gc.enable()
    return {name: np.array(values) for name, values in seconds.items()}


def _repeats(call: Callable[[], object]) -> int:
    """How many calls fill a turn; also warms the call up."""
    _time(call, 3)
    return max(1, round(ROUND_SECONDS / min(_time(call, 1) for _ in range(5))))


def _time(call: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats
