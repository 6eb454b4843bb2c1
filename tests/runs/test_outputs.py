"""What a model says: the likeliest class, the tone of a scale, what comes next."""

import pytest

from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, sides


def test_likeliest_class_is_the_one_with_the_most() -> None:
    assert ClassesOutput({"open": 0.2, "closed": 0.7, "broken": 0.1}).likeliest == ("closed", 0.7)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("very negative", "negative", "neutral", "positive", "very positive"), (-1, -1, 0, 1, 1)),
        (("negative", "positive"), (-1, 1)),
        (("open", "closed"), None),
        (("positive",), None),
    ],
)
def test_sides_are_those_of_a_scale(names: tuple[str, ...], expected: tuple[int] | None) -> None:
    assert sides(names) == expected


def test_tone_weighs_the_sides_and_stays_within_1() -> None:
    assert ClassesOutput({"negative": 0.3, "neutral": 0.2, "positive": 0.5}).tone == pytest.approx(
        0.2
    )
    assert ClassesOutput({"negative": 0.0, "positive": 1.0000001}).tone == 1
    assert ClassesOutput({"open": 1.0}).tone is None


def test_top_is_the_likeliest_first_and_no_more_than_asked_for() -> None:
    output = NextTokenOutput(("a", "b", "c"), (0.2, 0.5, 0.3))
    assert output.top(2) == [("b", 0.5), ("c", 0.3)]
    assert len(output.top()) == 3
