"""The tone of a verdict, and its words."""

import pytest

from gate_explorer.analysis.outputs import tone_in_figures, tone_in_words
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.zoo import registry

LABELS = ("very negative", "negative", "neutral", "positive", "very positive")


def verdict(*shares: float) -> ClassesOutput:
    return ClassesOutput(dict(zip(LABELS, shares, strict=True)))


@pytest.mark.parametrize(
    ("shares", "tone", "words"),
    [
        ((0.0, 0.02, 0.96, 0.02, 0.0), 0.0, "neutral"),
        ((0.05, 0.25, 0.6, 0.1, 0.0), -0.2, "neutral, leaning negative"),
        ((0.0, 0.1, 0.5, 0.3, 0.1), 0.3, "neutral, leaning positive"),
        ((0.1, 0.6, 0.2, 0.1, 0.0), -0.6, "negative"),
        ((0.0, 0.0, 0.05, 0.9, 0.05), 0.95, "positive"),
        ((0.0, 0.0, 0.05, 0.05, 0.9), 0.95, "very positive"),
        ((0.8, 0.15, 0.05, 0.0, 0.0), -0.95, "very negative"),
        ((0.1, 0.4, 0.05, 0.35, 0.1), -0.05, "mixed"),
        ((0.1, 0.3, 0.05, 0.45, 0.1), 0.15, "mixed, leaning positive"),
    ],
)
def test_tone_and_its_words_follow_the_stated_thresholds(
    shares: tuple[float, ...], tone: float, words: str
) -> None:
    output = verdict(*shares)
    assert output.tone == pytest.approx(tone)
    assert tone_in_words(output) == words


def test_tone_of_two_sides_alone_has_no_neutral_between() -> None:
    output = ClassesOutput({"negative": 0.3, "positive": 0.7})
    assert output.tone == pytest.approx(0.4)
    assert tone_in_words(output) == "mixed, leaning positive"
    assert tone_in_words(ClassesOutput({"negative": 0.2, "positive": 0.8})) == "positive"


def test_tone_of_classes_without_a_scale_is_none_and_has_no_words() -> None:
    output = ClassesOutput({"open": 0.2, "closed": 0.7, "broken": 0.1})
    assert output.tone is None
    with pytest.raises(ValueError, match="scale"):
        tone_in_words(output)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I", "neutral"),
        ("The movie is not bad.", "positive"),
        ("I hate it.", "negative"),
    ],
)
def test_tone_of_the_sentence_model_calls_neutral_what_is_neutral(text: str, words: str) -> None:
    output = registry.get("sentiment").run(Text(text), None, Options()).outputs[-1]
    assert isinstance(output, ClassesOutput)
    assert tone_in_words(output) == words


@pytest.mark.parametrize(
    ("tone", "words"),
    [(0.41, "+0.41"), (-0.005, "−0.01"), (0.000267, "0"), (-0.004, "0"), (1.0, "+1"), (0.0, "0")],
)
def test_tone_in_figures_has_two_places_and_calls_what_they_do_not_show_0(
    tone: float, words: str
) -> None:
    assert tone_in_figures(tone) == words
