"""Where two runs part and how far they are apart, in words whose numbers are the runs' own."""

import numpy as np
import pytest

from gate_explorer.analysis.difference import ALIKE, TELLING, Beside
from gate_explorer.analysis.outputs import tone_in_figures
from gate_explorer.analysis.words import signed
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput, Output
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get


def read(model_id: str, text: str, checkpoint: str | None = None, clamp: str = "") -> Run:
    held = clamps.parse([clamp]) if clamp else ()
    return get(model_id).run(Text(text), None, Options(checkpoint, None, held))


def toy(model_id: str, *rows: tuple[float, float, float]) -> Run:
    return get(model_id).run(Vectors(rows), None, Options())


def tone(output: Output) -> float:
    assert isinstance(output, ClassesOutput)
    assert output.tone is not None
    return output.tone


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_difference_of_two_sentences_is_the_furthest_unit_and_both_verdicts(t: int) -> None:
    a, b = read("sentiment", "We love France"), read("sentiment", "We really hate France")
    beside = Beside(a, b)
    i, j = beside.alignment.reached[t - 1]
    one, other = (tone_in_figures(tone(run.outputs[n - 1])) for run, n in ((a, i), (b, j)))
    c, d = a.layers[0].memory[i - 1].astype(float), b.layers[0].memory[j - 1].astype(float)
    k = int(np.abs(c - d).argmax())
    if t == 1:
        assert beside.memory_words(t) == "Both have the same memory."
        assert beside.answer_words(t) == f"Verdict: {one} in both."
    else:
        assert beside.memory_words(t) == (
            f"Unit {k + 1} stands furthest from its twin: {signed(c[k])} in A, {signed(d[k])} in B."
        )
        assert beside.answer_words(t) == f"Verdict: {one} and {other}."


@pytest.mark.parametrize(
    ("a", "b", "column"),
    [
        ("I love France", "I hate France", 2),
        ("I love France", "I really love France", 2),
        ("I love France", "I love", 3),
        ("love France", "I love France", 1),
    ],
)
def test_parting_of_two_texts_is_the_first_column_that_differs(a: str, b: str, column: int) -> None:
    found = Beside(read("sentiment", a), read("sentiment", b)).parting
    assert (found.column, found.how) == (column, "read")


def test_parting_of_one_text_held_is_where_a_memory_first_moves() -> None:
    text = "The movie was not good ."
    held = read("sentiment", text, clamp="input_gate:0@4")
    beside = Beside(held, read("sentiment", text))
    assert (beside.parting.column, beside.parting.how) == (4, "memory")
    assert beside.apart[:3].max() < ALIKE <= beside.apart[3].max()


def test_parting_of_a_run_and_itself_is_none() -> None:
    beside = Beside(read("sentiment", "I love it"), read("sentiment", "I love it"))
    assert beside.parting.column is None


def test_parting_of_two_networks_is_where_another_word_is_said() -> None:
    a, b = read("reber", "BTSSXXTVVE"), read("reber-rnn", "BTSSXXTVVE")
    beside = Beside(a, b)
    said = [
        [output.top(1)[0][0] for output in run.outputs]  # type: ignore[union-attr]
        for run in (a, b)
    ]
    first = next(n for n, pair in enumerate(zip(*said, strict=True), 1) if pair[0] != pair[1])
    assert (beside.parting.column, beside.parting.how) == (first, "answer")
    assert beside.memory_words(1).startswith("They are different networks")


def test_units_that_differ_come_half_as_far_apart_as_the_furthest_and_are_in_order() -> None:
    a, b = read("sentiment", "I love France"), read("sentiment", "I hate France")
    apart = np.abs(a.layers[0].memory.astype(float) - b.layers[0].memory).max(axis=0)
    found = [unit - 1 for unit in Beside(a, b).differing]
    assert set(found) == set(np.flatnonzero(apart >= TELLING * apart.max()).tolist())
    assert apart[found].tolist() == sorted(apart[found].tolist(), reverse=True)
    assert 1 < len(found) < len(apart)


def test_difference_between_two_checkpoints_compares_unit_by_unit() -> None:
    beside = Beside(read("counter-rnn", "aab"), read("counter-rnn", "aab", "step-10"))
    assert beside.comparable
    assert beside.parting.how == "memory"
    assert beside.memory_words(3).startswith("Unit ")


def test_difference_between_the_rules_and_their_lstm_is_in_the_toys_unit() -> None:
    beside = Beside(toy("toy-rules", (3, 1, 1)), toy("toy-lstm", (3, 1, 1)))
    assert beside.apart.max() < ALIKE
    assert beside.parting.column is None
    assert beside.answer_words(1) == "A outputs 3, B 3.00."


def test_difference_between_outputs_shown_and_silent_says_nothing_for_silence() -> None:
    a, b = toy("toy-rules", (3, 1, 1)), toy("toy-rules", (3, 1, 0))
    assert Beside(a, b).answer_words(1) == "A outputs 3, B nothing."
    assert Beside(b, b).answer_words(1) == "Both output nothing."


def test_difference_of_the_toys_memories_names_no_unit() -> None:
    a, b = toy("toy-rules", (3, 1, 1)), toy("toy-rules", (-2, 1, 1))
    assert Beside(a, b).memory_words(1) == "Memory: 3 in A, −2 in B."


def test_answers_of_different_kinds_are_told_side_by_side() -> None:
    beside = Beside(read("counter", "a"), toy("toy-rules", (3, 1, 1)))
    assert beside.answer_words(1).startswith("A: “")
    assert beside.answer_words(1).endswith("; B: 3.")


def test_lane_that_has_read_nothing_yet_stands_at_its_first_memory() -> None:
    a, b = read("sentiment", "love it"), read("sentiment", "I love it")
    beside = Beside(a, b)
    assert beside.apart[0].tolist() == np.abs(b.layers[0].memory[0].astype(float)).tolist()
    assert beside.answer_words(1) == ""
