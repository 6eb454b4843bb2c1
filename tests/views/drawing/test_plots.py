"""Maps and lines as paths: what is drawn is the numbers, to the level or the tenth."""

import re

import numpy as np
import pytest

from app.views.drawing.plots import LEVELS, LINE_HEIGHT, curve_points, level_paths, line_points


def cells(paths: list[tuple[str, str]]) -> dict[tuple[int, int], int]:
    """The level of each cell (step, unit) that a map draws."""
    found = {}
    for kind, path in paths:
        sign = 1 if kind[0] == "p" else -1
        for start, row, length in re.findall(r"M(\d+) (\d+)(?:\.3)?h(\d+)", path):
            for t in range(int(start), int(start) + int(length)):
                assert (t, int(row)) not in found, "no cell is drawn twice"
                found[t, int(row)] = sign * int(kind[1])
    return found


def test_map_draws_every_cell_at_its_level_and_sign() -> None:
    values = np.random.default_rng(1).normal(size=(30, 7))
    values[3] = 0
    top = float(np.abs(values).max())
    drawn = cells(level_paths(values, top))
    for (t, unit), value in np.ndenumerate(values):
        level = int(np.sign(value) * np.ceil(abs(value) / top * LEVELS))
        assert drawn.get((t, unit), 0) == level


def test_map_beyond_its_top_is_drawn_at_the_highest_level() -> None:
    assert cells(level_paths(np.array([[9.0], [-9.0]]), 1.0)) == {(0, 0): LEVELS, (1, 0): -LEVELS}


def test_map_of_equal_neighbours_is_one_rectangle() -> None:
    ((kind, path),) = level_paths(np.full((100, 1), 0.9), 1.0)
    assert (kind, path.count("M")) == ("p4", 1)


def test_line_goes_through_the_middles_of_the_steps() -> None:
    assert line_points([0.0, 1.0, 0.5], 0.0, 1.0) == (
        f"0.5,{LINE_HEIGHT:.1f} 1.5,0.0 2.5,{LINE_HEIGHT / 2:.1f}"
    )


@pytest.mark.parametrize("gate", [True, False])
def test_curve_rises_from_its_least_to_its_largest_through_the_middle(gate: bool) -> None:
    points = [pair.split(",") for pair in curve_points(gate).split()]
    heights = {float(x): float(y) for x, y in points}
    assert list(heights.values()) == sorted(heights.values(), reverse=True)
    assert (min(heights), max(heights)) == (0.0, 120.0)
    assert heights[60.0] == 30.0
