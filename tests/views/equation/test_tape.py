"""The tape: a column a step, the verdict's curve, what is said and how surely."""

import re

import pytest

from app.views.equation.tape import BOTTOM, TOP, WIDEST, curve, said, tape
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run
from gate_explorer.runs.series import series_of
from gate_explorer.zoo.registry import get
from tests.views.equation.runs import RUNS, at, each_run

POINT = re.compile(r"([\d.]+) ([\d.]+)")


@each_run
def test_tape_has_a_column_a_step_with_its_token(run: Run) -> None:
    found = tape(at(run, 1))
    assert [step.t for step in found.steps] == list(range(1, len(run) + 1))
    if run.tokens:
        assert [step.label for step in found.steps] == [
            token.text.replace("\n", "⏎").replace(" ", "␣") for token in run.tokens
        ]
    assert (found.earlier, found.later) == (0, 0)
    assert 1 <= found.width <= WIDEST


def test_tape_of_a_long_run_is_a_window_and_says_what_is_beyond() -> None:
    run = get("counter").run(Text("a" * 100 + "b" * 100), None, Options())
    found = tape(at(run, 100))
    assert found.earlier + found.columns + found.later == 200
    assert found.first <= 100 <= found.last


def test_curve_is_the_tones_solid_to_the_step_and_dotted_beyond() -> None:
    run = RUNS["sentiment"]
    for t in (1, 4, len(run)):
        found = curve(at(run, t))
        assert found is not None
        done, ahead = POINT.findall(found.done), POINT.findall(found.ahead)
        assert (len(done), len(ahead)) == (t, len(run) - t + 1)
        for n, (x, y) in enumerate([*done, *ahead[1:]]):
            output = run.outputs[n]
            assert isinstance(output, ClassesOutput)
            assert output.tone is not None
            height = (TOP + BOTTOM) / 2 - output.tone * (BOTTOM - TOP) / 2
            assert float(x) == n + 0.5
            assert float(y) == pytest.approx(height, abs=0.051)


def test_curve_of_a_held_run_keeps_the_runs_own_beside_it() -> None:
    text = Text("The movie was not good.")
    options = Options(clamps=clamps.parse(["input_gate:0@4"]))
    held, own = (
        get("sentiment").run(text, None, options),
        get("sentiment").run(text, None, Options()),
    )
    found, by_itself = curve(at(held, 4), at(own, 4)), curve(at(own))
    assert found is not None
    assert by_itself is not None
    assert found.own == by_itself.done
    assert curve(at(own, 4)).own == ""  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["counter", "characters", "toy", "rnn"])
def test_curve_is_for_verdicts_on_a_scale_alone(name: str) -> None:
    assert curve(at(RUNS[name])) is None


def test_tape_says_what_each_answer_is_and_how_surely() -> None:
    assert said(ClassesOutput({"open": 0.25, "closed": 0.75})) == ("closed", "t7 u5")
    assert said(NextTokenOutput(("a", "\n"), (0.4, 0.6))) == ("⏎", "t6 u0")
    assert said(NumberOutput(3.0, shown=True)) == ("3", "")
    assert said(NumberOutput(3.0, shown=False)) == ("–", "")


def test_tape_marks_where_the_likeliest_came_true() -> None:
    run = RUNS["characters"]
    assert run.tokens
    for step in tape(at(run, 1)).steps:
        output = run.outputs[step.t - 1]
        assert isinstance(output, NextTokenOutput)
        came = step.t < len(run) and output.top(1)[0][0] == run.tokens[step.t].key
        assert step.came == came


@pytest.mark.parametrize(
    ("text", "from_right"), [("שלום עולם", True), ("hello", False), ("1 2", False)]
)
def test_tape_runs_from_the_right_for_words_that_do(text: str, from_right: bool) -> None:
    assert tape(at(get("sentiment").run(Text(text), None, Options()))).from_right == from_right


def test_tape_of_a_series_has_labels_numbers_and_what_is_expected_in_its_units() -> None:
    series = series_of([[3.0], [1.0], [7.5], [5.0]], "flow (m)", "2001", "spread")
    run = get("forecast").run(Vectors.of(series), None, Options())
    found = tape(at(run))
    assert [(s.label, s.read) for s in found.steps] == [
        ("2001", "3"), ("2002", "1"), ("2003", "7.5"), ("2004", "5"),
    ]  # fmt: skip
    output = run.outputs[2]
    assert isinstance(output, NumberOutput)
    expected = output.value * series.spreads[0] + series.means[0]
    assert found.steps[2].said == f"→ {expected:.2f}"
    assert found.steps[2].whole.startswith("2003: flow 7.5\N{NO-BREAK SPACE}m; it expects ")
    assert found.legend == "flow (m); → what it expects next"


def test_tape_of_what_is_no_series_has_no_legend() -> None:
    found = tape(at(get("adding").run(Vectors([[0.5, 1], [0.2, 1]]), None, Options())))
    assert (found.legend, found.steps[0].read, found.steps[0].whole) == ("", "", "")
