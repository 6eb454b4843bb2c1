"""The sentence on how far back a gradient reaches follows its figures, whichever way they fall."""

import re
from dataclasses import replace

import pytest

from gate_explorer.analysis.distances_told import AT, HOLDS, in_words, lines_at
from gate_explorer.analysis.gradients import has_learned
from gate_explorer.analysis.gradients_told import MORE
from gate_explorer.analysis.words import share_words
from gate_explorer.runs.card import Card
from gate_explorer.zoo import registry
from gate_explorer.zoo.distances import Distances, Of, made_with

CARD, TWIN = registry.get("adding").card, registry.get("adding-rnn").card
FOUND = made_with("adding")
each_checkpoint = pytest.mark.parametrize("checkpoint", CARD.checkpoints)


def told(checkpoint: str, found: Distances = FOUND, twin: Card = TWIN) -> str:
    return in_words(found, CARD, twin, checkpoint)


def having(checkpoint: str, of: Of, mean: tuple[float, ...], model: str = "adding") -> Distances:
    """The findings with another line."""
    where = (model, checkpoint, of)
    lines = (
        replace(line, mean=mean) if (line.model, line.checkpoint, line.of) == where else line
        for line in FOUND.lines
    )
    return replace(FOUND, lines=tuple(lines))


def distances_told(words: str, who: str) -> set[int]:
    """After how many steps somebody keeps more, or both about as much."""
    found = re.search(rf"{who} (?:at every distance|after ([\d, and]+) steps)", words)
    if found is None:
        return set()
    return {int(each) for each in re.findall(r"\d+", found[1] or "")} or set(FOUND.distances)


@each_checkpoint
def test_sentence_tells_what_is_left_of_the_memorys_gradient(checkpoint: str) -> None:
    here, shown = FOUND.distances.index(AT), lines_at(FOUND, CARD, checkpoint)
    words = told(checkpoint)
    assert f"{share_words(shown.memory.mean[here])} of the gradient on the LSTM’s memory" in words
    assert f"alone would leave {share_words(shown.path.mean[here])}." in words


@each_checkpoint
def test_sentence_tells_who_keeps_more_at_each_distance(checkpoint: str) -> None:
    words, shown = told(checkpoint), lines_at(FOUND, CARD, checkpoint)
    pairs = list(zip(FOUND.distances, shown.hidden.mean, shown.twin.mean, strict=True))
    lstm = {steps for steps, own, other in pairs if own >= MORE * other}
    rnn = {steps for steps, own, other in pairs if other >= MORE * own}
    assert distances_told(words, "the LSTM keeps more") == lstm
    assert distances_told(words, "the RNN keeps more") == rnn
    assert distances_told(words, "both keep about as much") == {*FOUND.distances} - lstm - rnn


@each_checkpoint
def test_sentence_tells_whether_it_holds_and_who_learned_the_task(checkpoint: str) -> None:
    words, here = told(checkpoint), FOUND.distances.index(AT)
    holds = lines_at(FOUND, CARD, checkpoint).memory.mean[here] >= HOLDS
    assert ("has learned to hold" in words) == holds == (checkpoint in CARD.checkpoints[-2:])
    own, other = has_learned(CARD, checkpoint), has_learned(TWIN, checkpoint)
    assert ("The LSTM has learned the task, the RNN hasn’t." in words) == (own and not other)
    assert ("Neither has learned the task." in words) == (not own and not other)


@pytest.mark.parametrize(
    ("checkpoint", "mean", "expected"),
    [
        ("step-4000", 0.9, "the network has learned to hold"),
        ("step-4000", 1e-4, "more now, but it doesn’t hold yet"),
        ("step-4000", 9.98e-9, "it doesn’t hold yet"),
        ("step-4000", 1e-30, "it holds less than it did"),
        ("step-0", 1e-8, "It doesn’t hold; that would be learned."),
        ("step-0", 0.8, "It holds as it is."),
    ],
)
def test_sentence_of_other_figures_says_something_else(
    checkpoint: str, mean: float, expected: str
) -> None:
    assert expected in told(checkpoint, having(checkpoint, "memory", (mean,) * 5))


def test_sentence_of_what_held_from_the_start_doesnt_call_it_learned() -> None:
    words = told("step-4000", having("step-0", "memory", (0.9,) * 5))
    assert "90 %: it held from the start" in words
    assert "learned to hold" not in words


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (1.2, "both keep about as much at every distance"),
        (2.0, "the RNN keeps more at every distance"),
        (0.5, "the LSTM keeps more at every distance"),
    ],
)
def test_sentence_compares_by_a_stated_factor(factor: float, expected: str) -> None:
    own = FOUND.line("adding", "step-4000", "hidden").mean
    mean = tuple(factor * each for each in own)
    assert expected in told("step-4000", having("step-4000", "hidden", mean, "adding-rnn"))


def test_sentence_of_a_twin_that_learned_says_so() -> None:
    assert "Both have learned the task." in told("step-4000", twin=CARD)
