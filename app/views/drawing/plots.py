"""The whole run at a glance: a map of units by steps, and the chosen unit as a line over time.

Both are drawn as few SVG paths: one a level and sign for the map, so that a thousand cells weigh
little more than ten. Sizes are in cells; the style sheet stretches them.
"""

from collections.abc import Sequence

import numpy as np

from gate_explorer.engine.checks import Array

LEVELS = 4
LINE_HEIGHT = 40.0


def level_paths(values: Array, top: float) -> list[tuple[str, str]]:
    """(class, path) for each level and sign that occurs, of values (T, H) within [-top, top].

    Classes are `p1` to `p4` for positive and `n1` to `n4` for negative values, whose cells are
    lower too, so that the sign doesn't hang on colour; equal neighbours in time are one rectangle.
    Step t is column t, unit k row k.
    """
    levels = np.ceil(np.clip(np.abs(values) / top, 0, 1) * LEVELS).astype(int)
    levels = np.where(values < 0, -levels, levels).T
    paths: dict[int, list[str]] = {}
    for row, line in enumerate(levels.tolist()):
        for level, start, length in _runs(line):
            y, height = (row, "1") if level > 0 else (f"{row}.3", ".4")
            paths.setdefault(level, []).append(f"M{start} {y}h{length}v{height}h-{length}z")
    return [
        (f"{'n' if level < 0 else 'p'}{abs(level)}", "".join(paths[level]))
        for level in sorted(paths)
        if level
    ]


def line_points(values: Sequence[float], low: float, high: float) -> str:
    """The `points` of a polyline, one a step at the middle of its column, LINE_HEIGHT high."""
    scale = LINE_HEIGHT / (high - low)
    return " ".join(f"{t + 0.5:g},{(high - v) * scale:.1f}" for t, v in enumerate(values))


def curve_points(gate: bool) -> str:
    """The points of sigma (gate) or tanh over -6 to 6, for a plot 120 wide and 60 high."""
    a = np.linspace(-6, 6, 49)
    y = 1 / (1 + np.exp(-a)) if gate else (np.tanh(a) + 1) / 2
    pairs = zip(a, y, strict=True)
    return " ".join(f"{(each + 6) * 10:g},{60 - 60 * height:.1f}" for each, height in pairs)


def _runs(line: list[int]) -> list[tuple[int, int, int]]:
    """(level, start, length) for each run of equal levels."""
    starts = [0, *(t for t in range(1, len(line)) if line[t] != line[t - 1])]
    ends = [*starts[1:], len(line)]
    return [(line[a], a, b - a) for a, b in zip(starts, ends, strict=True)]
