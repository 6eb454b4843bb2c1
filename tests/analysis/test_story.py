"""Stories: each number and each word of them follows from the run's numbers."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate_explorer.analysis.outputs import tone_in_figures, tone_in_words
from gate_explorer.analysis.pull import pulls, telling
from gate_explorer.analysis.story import stories
from gate_explorer.analysis.words import number, percent, visible
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run, gated
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import all_models, get
from tests.toy_model import FOUNDING, SEQUENCES, Row, remember
from tests.zoo.first_run import example_runs

SENTENCE = "The acting is superb, but the zxqv plot is a mess."
N = r"[+−]?\d+(?:\.\d+)?(?:e−?\d+)?"
OWNER = r"(?:unit\ (?P<unit>\d+)|the\ memory)’s"
GATES = re.compile(
    rf"""At\ (?P<where>“.+?”|step\ \d+)\ (?:the\ Eraser\ (?P<eraser>wipes|keeps|leaves
    \ (?P<left>{N})\ of)\ {OWNER}\ (?P<before>{N})\ and\ )?
    (?:(?P<draftless>the\ Writer\ drafts\ nothing)
    |the\ Filter\ (?P<filter>keeps|lets)\ (?:the\ Writer’s\ opposite,\ (?P<opposite>{N}),
    |(?:(?P<part>{N})\ of\ )?the\ Writer’s\ (?P<draft>{N})))
    (?:\ (?:in|out|for|into|out\ of))?(?:\ empty\ unit\ (?P<empty>\d+)|\ the\ empty\ memory)?
    (?::\ it\ holds\ (?P<after>{N})
    (?:\ and\ shows\ (?P<shown>{N})|(?P<hidden>,\ and\ the\ Presenter\ hides\ it))?)?\.""",
    re.VERBOSE,
)
RNN = re.compile(
    r"At (?:“.+?”|step \d+) unit (?P<unit>\d+) is mixed anew, from "
    rf"(?P<before>{N}) to (?P<after>{N})(?:: the (?P<pushes>.+?))?\. "
)
MOVED = re.compile(
    rf"That (?:moves the (?:verdict|answer) by (?P<by>{N})|(?P<hardly>hardly) moves the \w+"
    r"|speaks (?P<speaks>for|against) (?P<said>.+?))"
    r"(?:(?P<still>, nor does any other unit)|; no other unit does half as much|; "
    r"units? (?P<along>[\d, and]+?) pulls? with it(?:, units? (?P<back>[\d, and]+?) against)?"
    r"|; units? (?P<against>[\d, and]+?) pulls? against it)\."
)
each_model = pytest.mark.parametrize("model", all_models(), ids=lambda model: model.card.id)


def run(model_id: str, inputs: Vectors | Text, sharpness: float | None = None) -> Run:
    return get(model_id).run(inputs, None, Options(sharpness=sharpness))


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


def read(words: str) -> float:
    """A printed number."""
    return float(words.replace("−", "-"))


def told_as(words: str, value: float) -> bool:
    """Whether a printed number is the true one, rounded to what is printed."""
    return abs(read(words) - value) <= 0.00501 or abs(read(words) - value) <= 0.006 * abs(value)


def gate_word(value: float, shut: str, opened: str, between: str) -> str:
    """What a gate is said to do."""
    return shut if value <= 0.1 else opened if value >= 0.9 else between


def all_stories(model: Model) -> list[tuple[Run, int, str]]:
    """Every story of every example of a model that isn't the rules themselves."""
    found = []
    for made in example_runs(model):
        found += [(made, t, story) for t, story in enumerate(stories(made))]
    return found


@each_model
def test_story_of_gates_is_one_units_sum_with_its_own_numbers(model: Model) -> None:
    if model.card.cell != "lstm":
        return
    for found, t, story in all_stories(model):
        told = GATES.match(story)
        assert told is not None, story
        where = f"“{visible(found.tokens[t].text)}”" if found.tokens else f"step {t + 1}"
        assert told["where"] == where
        unit = int(told["unit"] or told["empty"] or 1)
        assert unit == telling(pulls(found)[t])
        layer, scale = gated(found.layers[-1]), found.unit_scale
        c_prev, f, i, g, c, o, h = (
            float(getattr(layer, name)[t, unit - 1])
            for name in ("c_prev", "f", "i", "g", "c", "o", "h")
        )
        assert bool(told["eraser"]) == (abs(c_prev / scale) >= 0.005), story
        if told["eraser"]:
            assert told_as(told["before"], c_prev / scale), story
            assert told["eraser"].split()[0] == gate_word(f, "wipes", "keeps", "leaves"), story
            assert told["left"] is None or told_as(told["left"], f * c_prev / scale), story
        assert bool(told["draftless"]) == (abs(g / scale) < 0.005), story
        if told["filter"]:
            assert told["filter"] == ("keeps" if i <= 0.1 else "lets"), story
            opposite = i > 0.1 and bool(told["eraser"]) and c_prev * g < 0
            assert bool(told["opposite"]) == opposite, story
            shown = told["opposite"] or told["part"]
            assert shown is None or told_as(shown, i * g / scale), story
            assert told["draft"] is None or told_as(told["draft"], g / scale), story
            assert bool(told["part"]) == (0.1 < i < 0.9 and not opposite), story
        if told["after"]:
            assert told_as(told["after"], c / scale), story
            assert bool(told["hidden"]) == (o <= 0.1), story
            assert told["hidden"] or told_as(told["shown"], h / scale), story


@each_model
def test_story_of_an_rnn_is_one_units_mixture(model: Model) -> None:
    if model.card.cell != "rnn":
        return
    for found, t, story in all_stories(model):
        told = RNN.match(story)
        assert told is not None, story
        unit, cell = int(told["unit"]), found.cell
        assert isinstance(cell, RNNParameters)
        h = found.layers[-1].h[:, unit - 1]
        assert told_as(told["before"], h[t - 1] if t else 0)
        assert told_as(told["after"], h[t])
        before = found.layers[-1].h[t - 1] if t else np.zeros(cell.hidden_size)
        sums = {
            "input": cell.weight_ih[unit - 1] @ found.x[t],
            "state before": cell.weight_hh[unit - 1] @ before,
            "bias": cell.bias[unit - 1],
        }
        pushed = dict(re.findall(rf"(input|state before|bias)(?: pushes)? by ({N})", story))
        assert set(pushed) == {name for name, value in sums.items() if abs(value) >= 0.005}
        assert all(told_as(words, float(sums[name])) for name, words in pushed.items()), story


@each_model
def test_story_tells_what_its_unit_and_the_others_did_to_the_answer(model: Model) -> None:
    if model.card.hidden_size == 1:
        return
    for found, t, story in all_stories(model):
        told = MOVED.search(story)
        assert told is not None, story
        pulled = pulls(found)[t]
        unit = telling(pulled)
        first = pulled[unit - 1]
        if told["by"]:
            assert told_as(told["by"], first), story
        elif told["speaks"]:
            assert abs(first) >= 0.005
            assert told["speaks"] == ("for" if first > 0 else "against"), story
            assert told["said"].strip("“”") in {said(found, t), visible(said(found, t))}, story
        else:
            assert abs(first) < 0.005
            assert bool(told["still"]) == (first == 0)
        others = {
            way: [int(k) for k in re.findall(r"\d+", told[way] or "")]
            for way in ("along", "against", "back")
        }
        order = [k + 1 for k in np.argsort(-np.abs(pulled), kind="stable") if k != unit - 1][:3]
        near = [k for k in order if abs(pulled[k - 1]) >= abs(first) / 2 and pulled[k - 1]]
        assert others["along"] == sorted(k for k in near if pulled[k - 1] * first > 0), story
        assert others["against"] + others["back"] == sorted(
            k for k in near if pulled[k - 1] * first <= 0
        ), story


def said(found: Run, t: int) -> str:
    """The class or token that is likeliest after a step."""
    output = found.outputs[t]
    if isinstance(output, ClassesOutput):
        return output.likeliest[0]
    assert isinstance(output, NextTokenOutput)
    return output.top(1)[0][0]


def test_story_of_a_held_gate_says_so_and_tells_what_came_of_it() -> None:
    options = Options(clamps=clamps.parse(["input_gate:0@4"]))
    found = get("sentiment").run(Text("The movie was not good."), None, options)
    told = stories(found)[3]
    assert told.startswith("By hand, the Filter is held at 0. At “not” ")
    assert "the Filter keeps the Writer’s" in told


def test_story_where_nothing_moves_any_more_says_that_no_unit_moves_the_answer() -> None:
    found = run("parity-rnn", Text("1" + "0" * 40))
    assert not pulls(found)[-1].any()
    assert "That hardly moves the answer, nor does any other unit." in stories(found)[-1]


def test_story_of_a_lone_unit_tells_of_no_other() -> None:
    assert all("other unit" not in story for story in stories(run("toy-lstm", Vectors(FOUNDING))))


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
        (0.5, 0.7, "The verdict rises, still positive (+0.70)."),
        (-0.5, -0.7, "The verdict falls, still negative (−0.70)."),
        (0.03, 0.002, "The verdict falls, still neutral (0)."),
        (0.0, 0.0, "The verdict stays neutral (0)."),
        (0.5, -0.36, "The verdict falls to neutral, leaning negative (−0.36)."),
    ],
)
def test_story_verdict_moves_as_the_tone_does(before: float, now: float, told: str) -> None:
    assert stories(toned(before, now))[1].endswith(told)


def test_story_of_the_first_word_compares_with_nothing() -> None:
    assert stories(toned(0.7))[0].endswith("So far it reads positive (+0.70).")


def test_story_carried_on_compares_with_the_step_before() -> None:
    assert stories(toned(0.7, before=0.5))[0].endswith("The verdict rises, still positive (+0.70).")


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
        says = tone_in_words(verdict(now))
        into = ", still" if says == tone_in_words(verdict(before)) else " to"
        way = f"rises{into}" if moved > 0 else f"falls{into}"
        word = "stays" if abs(moved) < 0.02 else way
        tone = tone_in_figures(verdict(now).tone or 0.0)
        assert story.endswith(f"The verdict {word} {says} ({tone}).")


def test_story_carried_on_counts_its_steps_on() -> None:
    model = get("toy-lstm")
    first = model.run(Vectors(FOUNDING), None, Options())
    second = model.run(Vectors([(3, 0, 1)]), first.state, Options())
    assert stories(second)[0].startswith("At step 5 ")
    output = second.outputs[0]
    assert isinstance(output, NumberOutput)
    assert np.isclose(output.value, 5)
