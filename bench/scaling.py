"""How time and memory grow with the number of steps: the exponent of a power law, 1 is linear."""

import itertools
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.peers import Array
from gate_explorer.engine import lstm

STEPS = (100, 1_000, 10_000, 100_000)
WIDTH, HIDDEN, CHUNK = 50, 16, 64
REPEATS = 3


@dataclass(frozen=True)
class Growth:
    """Seconds and bytes at each of STEPS; the least of some runs, and the peak of one."""

    seconds: tuple[float, ...]
    peaks: tuple[int, ...]

    @property
    def exponents(self) -> tuple[float, float]:
        """Of time and of memory: the slope of a line through the logarithms."""
        steps = np.log(STEPS)
        time_slope, memory_slope = (
            np.polyfit(steps, np.log(values), 1)[0] for values in (self.seconds, self.peaks)
        )
        return float(time_slope), float(memory_slope)


def measure(rng: np.random.Generator) -> dict[str, Growth]:
    """The run that keeps every array, and the stream that keeps nothing."""
    shapes = ((4 * HIDDEN, WIDTH), (4 * HIDDEN, HIDDEN), (4 * HIDDEN,))
    bound = HIDDEN**-0.5
    cell = lstm.LSTMParameters(*(rng.uniform(-bound, bound, s).astype(np.float32) for s in shapes))
    x = rng.normal(size=(max(STEPS), 1, WIDTH)).astype(np.float32)

    def stream(inputs: Array) -> None:
        for _ in lstm.stream(cell, itertools.chain(inputs), chunk=CHUNK):
            pass

    modes: dict[str, Callable[[Array], object]] = {
        "forward": lambda inputs: lstm.forward(cell, inputs),
        "stream": stream,
    }
    return {
        name: Growth(
            tuple(_seconds(run, x[:steps]) for steps in STEPS),
            tuple(_peak(run, x[:steps]) for steps in STEPS),
        )
        for name, run in modes.items()
    }


def _seconds(run: Callable[[Array], object], x: Array) -> float:
    run(x)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run(x)
        times.append(time.perf_counter() - start)
    return min(times)


def _peak(run: Callable[[Array], object], x: Array) -> int:
    """Bytes allocated at most, the input not counted."""
    tracemalloc.start()
    run(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
