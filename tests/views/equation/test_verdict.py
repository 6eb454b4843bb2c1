"""The verdict: a headline that says what the output says, and every answer with its share."""

import pytest

from app.views.equation.verdict import LIKELIEST, MOST_READ, verdict
from gate_explorer.analysis.outputs import tone_in_words
from gate_explorer.analysis.words import percent
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get
from tests.views.equation.runs import RUNS, at, each_run


def test_verdict_on_a_scale_is_the_tone_in_words() -> None:
    run = RUNS["sentiment"]
    for t, output in enumerate(run.outputs, 1):
        assert isinstance(output, ClassesOutput)
        found = verdict(at(run, t))
        assert f"{found.plain} {found.strong}".strip() == tone_in_words(output)
        assert [a.percent for a in found.answers] == list(
            map(percent, output.probabilities.values())
        )


def test_verdict_shows_each_share_before_but_at_the_first_step() -> None:
    run = RUNS["sentiment"]
    assert all(answer.before == "" for answer in verdict(at(run, 1)).answers)
    first = [answer.level for answer in verdict(at(run, 1)).answers]
    assert [answer.before for answer in verdict(at(run, 2)).answers] == first


def test_verdict_of_classes_without_a_scale_names_the_likeliest() -> None:
    found = verdict(at(RUNS["counter"], 1))
    assert (found.plain, found.strong) == ("it says", "open")


def test_verdict_of_what_comes_next_lists_the_likeliest_and_the_rest() -> None:
    found = verdict(at(RUNS["characters"], 3))
    assert len(found.answers) == LIKELIEST + 1
    assert found.answers[-1].label.endswith(" more")
    assert found.verb == "it expects"


@pytest.mark.parametrize(("t", "strong"), [(1, "nothing"), (2, "3"), (4, "5")])
def test_verdict_of_the_toy_is_what_comes_out(t: int, strong: str) -> None:
    assert verdict(at(RUNS["toy"], t)).strong == strong


@each_run
def test_verdict_tells_what_was_read_last(run: Run) -> None:
    for t in range(1, len(run) + 1):
        explorer = at(run, t)
        assert verdict(explorer).after[1] == explorer.token


def test_verdict_of_a_long_text_tells_its_end() -> None:
    run = get("sentiment").run(Text("word " * 100), None, Options())
    before, token = verdict(at(run)).after
    assert token == "word"
    assert before.startswith("…")
    assert len(before) <= MOST_READ + 2
