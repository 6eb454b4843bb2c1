"""What differs between two runs, in words whose numbers are the runs' own."""

import re

import numpy as np
import pytest

from gate_explorer.analysis.difference import differences
from gate_explorer.analysis.words import percent, signed
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get


def read(model_id: str, text: str, checkpoint: str | None = None) -> Run:
    return get(model_id).run(Text(text), None, Options(checkpoint))


def toy(model_id: str, *rows: tuple[float, float, float]) -> Run:
    return get(model_id).run(Vectors(rows), None, Options())


@pytest.mark.parametrize("t", [1, 2, 3, 4])
def test_difference_of_two_sentences_is_the_largest_of_verdict_and_memory(t: int) -> None:
    a, b = read("sentiment", "I love France"), read("sentiment", "We really hate France")
    at = min(t, 3) - 1
    prediction, memory = differences(a, b, t)
    one, other = a.outputs[at], b.outputs[t - 1]
    assert isinstance(one, ClassesOutput)
    assert isinstance(other, ClassesOutput)
    assert one.score is not None
    assert other.score is not None
    assert f"positive {percent(one.score)} in A, {percent(other.score)} in B" in prediction
    c, d = a.layers[0].memory[at], b.layers[0].memory[t - 1]
    k = int(np.abs(c.astype(float) - d).argmax())
    assert f"unit {k + 1}: {signed(float(c[k]))} in A, {signed(float(d[k]))} in B" in memory


def test_difference_before_the_texts_part_is_none() -> None:
    a, b = read("sentiment", "I love France"), read("sentiment", "I hate France")
    assert differences(a, b, 1) == ("Both predict the same.", "Both have the same memory.")


def test_difference_between_two_networks_leaves_their_units_alone() -> None:
    prediction, memory = differences(read("counter", "aab"), read("counter-rnn", "aab"), 3)
    assert re.match(r"Prediction: “(open|closed|broken)” ", prediction)
    assert memory.startswith("They are different networks")


def test_difference_between_two_checkpoints_compares_unit_by_unit() -> None:
    a, b = read("counter-rnn", "aab"), read("counter-rnn", "aab", "step-10")
    assert differences(a, b, 3)[1].startswith("The largest difference of state is at unit ")


def test_difference_between_the_rules_and_their_lstm_is_in_the_toys_unit() -> None:
    a, b = toy("toy-rules", (3, 1, 1)), toy("toy-lstm", (3, 1, 1))
    prediction, memory = differences(a, b, 1)
    assert prediction.startswith("Prediction: A outputs 3, B 3.00, ")
    assert memory.startswith("The largest difference of memory: 3 in A, 3.00 in B, ")


def test_difference_between_outputs_shown_and_silent_says_nothing_for_silence() -> None:
    a, b = toy("toy-rules", (3, 1, 1)), toy("toy-rules", (3, 1, 0))
    assert differences(a, b, 1)[0] == "Prediction: A outputs 3, B nothing."
    assert differences(b, b, 1)[0] == "Both output nothing."


def test_difference_between_different_kinds_of_prediction_is_told() -> None:
    words = differences(read("sentiment", "good"), toy("toy-rules", (3, 1, 1)), 1)[0]
    assert words == "Their predictions are of different kinds."
