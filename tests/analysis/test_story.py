"""Stories: each number and each word of them follows from the run's numbers."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate_explorer.analysis.outputs import tone_in_words
from gate_explorer.analysis.roles import roles
from gate_explorer.analysis.story import stories
from gate_explorer.analysis.words import number, percent, signed
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NumberOutput
from gate_explorer.runs.run import Run, gated
from gate_explorer.zoo.registry import get
from tests.toy_model import FOUNDING, SEQUENCES, Row, remember

SENTENCE = "The acting is superb, but the zxqv plot is a mess."
GATES = re.compile(
    r"^At (?P<where>.+?) (?:the Eraser keeps (?P<kept>[<>]?\d+ %) of the memory"
    r"|(?P<empty>the memory is still empty)), the Filter lets (?P<stored>[<>]?\d+ %) of the"
    r" Writer’s draft in, and the Presenter shows (?P<shown>[<>]?\d+ %)"
    r"(?:; units? (?P<movers>.+?) moves? most)?\."
)


def run(model_id: str, inputs: Vectors | Text, sharpness: float | None = None) -> Run:
    return get(model_id).run(inputs, None, Options(sharpness=sharpness))


def means(words: str, share: float) -> bool:
    """Whether a printed share is the true one, rounded; not quite all or nothing is said so."""
    if words == "<1 %":
        return 1e-4 < share <= 0.005
    if words == ">99 %":
        return 0.995 <= share < 1 - 1e-4
    return abs(int(words.removesuffix(" %")) - share * 100) <= 0.5


@settings(max_examples=300)
@given(SEQUENCES)
def test_story_of_the_toy_tells_the_rule_that_fired(rows: list[Row]) -> None:
    told = stories(run("toy-rules", Vectors(rows)))
    memories, shown = remember(rows)
    before = 0.0
    for story, (x1, x2, _), memory, show in zip(told, rows, memories, shown, strict=True):
        expected = {
            1: f"x2 = 1: added {number(x1)}, memory is {number(memory)}.",
            0: f"x2 = 0: {number(x1)} is ignored, memory stays {number(memory)}.",
            -1: f"x2 = −1: reset, memory goes from {number(before)} to 0.",
        }[int(x2)]
        output = "x3 = 0: nothing is shown." if show is None else f"x3 = 1: output {number(show)}."
        assert story == f"{expected} {output}"
        before = memory


def test_story_of_the_founding_example_reads_as_a_person_would_tell_it() -> None:
    assert stories(run("toy-rules", Vectors(FOUNDING))) == [
        "x2 = 1: added 3, memory is 3. x3 = 0: nothing is shown.",
        "x2 = 0: 5 is ignored, memory stays 3. x3 = 1: output 3.",
        "x2 = 1: added 2, memory is 5. x3 = 0: nothing is shown.",
        "x2 = 0: 3 is ignored, memory stays 5. x3 = 1: output 5.",
    ]


@pytest.mark.parametrize(
    "found",
    [
        run("sentiment", Text(SENTENCE)),
        run("toy-lstm", Vectors(FOUNDING)),
        run("toy-lstm", Vectors([(3, 1, 1), (2, -1, 1), (4, 0, 0), (-4, 1, 1)]), 2.5),
    ],
    ids=["sentiment", "toy-lstm", "soft"],
)
def test_story_of_an_lstm_prints_the_shares_of_the_roles(found: Run) -> None:
    for t, (story, role) in enumerate(zip(stories(found), roles(found.layers[-1]), strict=True)):
        told = GATES.match(story)
        assert told is not None, story
        where = f"“{found.tokens[t].text}”" if found.tokens else f"step {t + 1}"
        assert told["where"] == where
        assert means(told["stored"], role.store)
        assert means(told["shown"], role.output)
        assert bool(told["empty"]) == (not found.layers[-1].memory_before[t].any())
        assert told["empty"] or means(told["kept"], 1 - role.reset)


def test_story_names_the_units_whose_memory_moved_most() -> None:
    found = run("sentiment", Text(SENTENCE))
    layer = found.layers[-1]
    counts = set()
    for t, story in enumerate(stories(found)):
        told = GATES.match(story)
        assert told is not None, story
        movers = [int(unit) for unit in re.findall(r"\d+", told["movers"] or "")]
        moves = np.abs(layer.memory[t] - layer.memory_before[t])
        order = np.argsort(-moves)
        assert movers == (order[: len(movers)] + 1).tolist()
        assert len(movers) == (2 if moves[order[1]] >= 0.8 * moves[order[0]] else 1)
        counts.add(len(movers))
    assert counts == {1, 2}


def test_story_of_a_lone_unit_or_one_at_rest_names_no_mover() -> None:
    assert all("most" not in story for story in stories(run("toy-lstm", Vectors(FOUNDING))))
    found = run("sentiment", Text("love love"))
    layer = gated(found.layers[-1])
    still = dataclasses.replace(layer, c=layer.memory_before)
    assert all("most" not in s for s in stories(dataclasses.replace(found, layers=(still,))))


def test_story_of_the_toy_lstm_tells_what_its_memory_stands_for() -> None:
    told = stories(run("toy-lstm", Vectors(FOUNDING), 4))
    layer = run("toy-lstm", Vectors(FOUNDING), 4).layers[0]
    for t, story in enumerate(told):
        memory, output = layer.memory[t, 0] / 1e-7, layer.h[t, 0] / 1e-7
        shown = f"shown as {number(output)}" if FOUNDING[t][2] else "not shown"
        assert story.endswith(f" The memory stands for {number(memory)}, {shown}.")


def test_story_names_an_unknown_word_and_no_other() -> None:
    found = run("sentiment", Text(SENTENCE))
    told = [story for story in stories(found) if "vocabulary" in story]
    assert len(told) == 1
    assert "“zxqv” isn’t in its vocabulary: it sees its unknown-word vector instead." in told[0]


def test_story_names_the_word_that_a_misspelt_one_is_read_as() -> None:
    told = stories(run("sentiment", Text("horible service")))
    assert "It is read as “horrible”." in told[0]
    assert "read as" not in told[1]


def toned(*tones: float, before: float | None = None) -> Run:
    """A run of the sentence model with other verdicts, all of it between positive and negative."""
    found = run("sentiment", Text(" ".join(["love"] * len(tones))))
    start = None if before is None else verdict(before)
    return dataclasses.replace(found, outputs=tuple(map(verdict, tones)), before=start)


def verdict(tone: float) -> ClassesOutput:
    """A verdict of that tone."""
    sides = {"negative": max(-tone, 0.0), "neutral": 1 - abs(tone), "positive": max(tone, 0.0)}
    return ClassesOutput(sides, 0.5)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (0.0, 0.5, "The verdict rises to positive (+0.50)."),
        (0.5, 0.2, "The verdict falls to neutral, leaning positive (+0.20)."),
        (0.5, 0.51, "The verdict stays positive (+0.51)."),
        (0.0, 0.0, "The verdict stays neutral (0)."),
        (0.5, -0.36, "The verdict falls to neutral, leaning negative (−0.36)."),
    ],
)
def test_story_verdict_moves_as_the_tone_does(before: float, now: float, told: str) -> None:
    assert stories(toned(before, now))[1].endswith(told)


def test_story_of_the_first_word_compares_with_nothing() -> None:
    assert stories(toned(0.7))[0].endswith("So far it reads positive (+0.70).")


def test_story_carried_on_compares_with_the_step_before() -> None:
    assert stories(toned(0.7, before=0.5))[0].endswith("The verdict rises to positive (+0.70).")


def test_story_of_classes_without_a_scale_says_the_likeliest() -> None:
    found = run("counter", Text("ab"))
    said = found.outputs[-1]
    assert isinstance(said, ClassesOutput)
    label, share = said.likeliest
    assert stories(found)[-1].endswith(f"So far it says {label} ({percent(share)}).")


@settings(max_examples=50)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=6))
def test_story_verdicts_follow_from_random_tones(tones: list[float]) -> None:
    for story, before, now in zip(stories(toned(*tones))[1:], tones, tones[1:], strict=False):
        moved = (verdict(now).tone or 0.0) - (verdict(before).tone or 0.0)
        word = "stays" if abs(moved) < 0.02 else "rises to" if moved > 0 else "falls to"
        tone = signed(verdict(now).tone or 0.0)
        assert story.endswith(f"The verdict {word} {tone_in_words(verdict(now))} ({tone}).")


def test_story_carried_on_counts_its_steps_on() -> None:
    model = get("toy-lstm")
    first = model.run(Vectors(FOUNDING), None, Options())
    second = model.run(Vectors([(3, 0, 1)]), first.state, Options())
    assert stories(second)[0].startswith("At step 5 ")
    output = second.outputs[0]
    assert isinstance(output, NumberOutput)
    assert np.isclose(output.value, 5)
