"""The exercise: its published numbers, by the model, by its card's lines, and from its weights."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest

from app.views.address.state import parse_vectors
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import LSTMLayer, Run, gated
from gate_explorer.weights.torch import from_torch
from gate_explorer.zoo import registry

MODEL = registry.get("exercise")
SHOWN = (0.15528746, 0.44802314, 0.73698596)
MEMORY = (0.24531644, 0.67157641, 1.27787829)


def run(x: str = "1;2;3") -> Run:
    return MODEL.run(Vectors(parse_vectors(x)), None, Options())


def layer(x: str = "1;2;3") -> LSTMLayer:
    return gated(run(x).layers[0])


def lines() -> str:
    assert MODEL.card.exercise
    return MODEL.card.exercise.lines


def test_exercise_gives_its_published_numbers_to_the_last_digit() -> None:
    assert layer().h[:, 0].round(8).tolist() == list(SHOWN)
    assert layer().c[:, 0].round(8).tolist() == list(MEMORY)
    assert [output.value for output in run().outputs if isinstance(output, NumberOutput)] == (
        layer().h[:, 0].tolist()
    )


def test_exercise_lines_on_the_card_print_the_published_numbers() -> None:
    done = subprocess.run([sys.executable, "-c", lines()], capture_output=True, text=True)
    assert done.stderr == ""
    printed = re.findall(r"x = (\d): c = ([\d.]+), h = ([\d.]+)", done.stdout)
    assert printed == [
        (str(n), f"{c:.8f}", f"{h:.8f}")
        for n, (c, h) in enumerate(zip(MEMORY, SHOWN, strict=True), 1)
    ]


def test_exercise_lines_name_every_weight_that_the_file_holds() -> None:
    """What the lines set is what a download of the weights would load."""
    found: dict[str, np.ndarray] = {}
    exec(lines(), found)  # the project's own lines, printed on its page
    weights = MODEL.weights(Options())
    assert weights is not None
    on_h, on_x = weights["weight_hh_l0"][:, 0], weights["weight_ih_l0"][:, 0]
    for k, name in enumerate(("W", "W", "Wc", "W")):  # i, f, g, o
        assert found[name].tolist() == [on_h[k], on_x[k]]
    bias = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    assert bias.tolist() == [found["b"]] * 4
    assert from_torch(weights).hidden_size == 1


def test_exercise_from_a_carried_state_goes_on_bit_for_bit() -> None:
    first = MODEL.run(Vectors([[1.0], [2.0]]), None, Options())
    rest = MODEL.run(Vectors([[3.0]]), first.state, Options())
    assert gated(rest.layers[0]).h.tolist() == layer().h[2:].tolist()
    assert rest.before == first.outputs[-1]


def test_exercise_examples_give_the_numbers_that_their_notes_tell() -> None:
    answer, backwards, fading = MODEL.card.examples
    told = [float(number) for number in re.findall(r"\d\.\d{4}", answer.note)]
    assert told == [round(value, 4) for value in (*SHOWN, *MEMORY)]
    told = [float(number) for number in re.findall(r"\d\.\d{4}", backwards.note)]
    assert told == [round(float(layer(backwards.query["x"]).h[-1, 0]), 4), round(SHOWN[-1], 4)]
    kept = layer(fading.query["x"]).f[1:, 0]
    told = [float(number) for number in re.findall(r"0\.\d\d", fading.note)]
    assert told == [round(float(kept.min()), 2), round(float(kept.max()), 2)]


@pytest.mark.parametrize("value", [math.nan, math.inf, 2e9])
def test_exercise_number_that_it_can_not_read_names_its_row(value: float) -> None:
    with pytest.raises(InputError, match="Row 2: x is") as caught:
        MODEL.run(Vectors([[1.0], [value]]), None, Options())
    assert caught.value.errors[0].loc == ("vectors", 1, "x1")


def test_exercise_row_of_two_numbers_says_that_it_reads_one() -> None:
    with pytest.raises(InputError, match="Row 1 has 2 numbers; exercise reads 1: x"):
        MODEL.run(Vectors([[1.0, 2.0]]), None, Options())


def test_exercise_given_words_says_how_numbers_are_given() -> None:
    with pytest.raises(InputError, match=r"give x=1;2 in an address"):
        MODEL.run(Text("one two three"), None, Options())
