"""Two runs on one tape: every step in its column, gaps between, and curves that go over them."""

import re

import pytest

from app.views.address.state import ExplorerState
from app.views.equation.explorer import WINDOW, Explorer
from app.views.equation.paired import paired
from app.views.equation.tape import height, tones_of
from gate_explorer.analysis.difference import Beside
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.zoo.registry import get

POINT = re.compile(r"M([\d.]+) ([\d.]+)h0")


def explorers(model_id: str, *texts: str) -> tuple[Explorer, Explorer]:
    a, b = (
        Explorer(get(model_id).run(Text(text), None, Options()), ExplorerState(t=1))
        for text in texts
    )
    return a, b


def test_tape_holds_each_word_in_its_column_and_marks_what_differs() -> None:
    both = explorers("sentiment", "I love it", "I really hate it")
    tape = paired(both, Beside(both[0].run, both[1].run).alignment, 3)
    labels = [tuple(step.label if step else "" for step in c.steps) for c in tape.columns]
    assert labels == [("I", "I"), ("", "really"), ("love", "hate"), ("it", "it")]
    assert [column.differs for column in tape.columns] == [False, True, True, False]
    assert [column.t for column in tape.columns] == [1, 2, 3, 4]


def test_curves_stand_at_every_steps_tone_and_go_over_gaps() -> None:
    both = explorers("sentiment", "I love it", "I really hate it")
    tape = paired(both, Beside(both[0].run, both[1].run).alignment, 3)
    for line, explorer, columns in zip(tape.lines, both, ([1, 3, 4], [1, 2, 3, 4]), strict=True):
        drawn = [(float(x), float(y)) for x, y in POINT.findall(line.dots)]
        expected = [
            (n - 0.5, round(height(tone), 1))
            for n, tone in zip(columns, tones_of(explorer), strict=True)
        ]
        assert drawn == expected
        # Each way between two neighbours is drawn once: up to the step shown, or beyond it.
        assert (line.done + line.ahead).count("M") == len(columns) - 1
        assert line.ahead.count("M") == 1


def test_tape_of_answers_that_are_no_scale_has_words_and_no_curve() -> None:
    both = explorers("counter", "aabb", "abab")
    tape = paired(both, Beside(both[0].run, both[1].run).alignment, 1)
    assert not tape.lines
    assert tape.says


@pytest.mark.parametrize("t", [1, 70, 150])
def test_tape_of_a_long_run_is_a_window_round_the_step(t: int) -> None:
    both = explorers("sentiment", "word " * 150, "word " * 140)
    tape = paired(both, Beside(both[0].run, both[1].run).alignment, t)
    assert len(tape.columns) == WINDOW
    assert tape.first <= t <= tape.last
    assert tape.earlier + len(tape.columns) + tape.later == tape.total == 150
