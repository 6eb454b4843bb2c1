"""Each word's effect on the verdict: what leaving it out does, and what the gradient says."""

import numpy as np
import pytest

from gate_explorer.analysis.attribution import effects
from gate_explorer.engine.lstm import forward
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.run import Run
from gate_explorer.zoo.sentence import Sentiment

MODEL = Sentiment()


def read(text: str) -> Run:
    return MODEL.run(Text(text), None, Options())


def score(run: Run) -> float:
    output = run.outputs[-1]
    assert isinstance(output, ClassesOutput)
    assert output.score is not None
    return output.score


def test_effects_left_out_is_what_the_text_without_the_word_reads() -> None:
    words = ["the", "acting", "is", "superb"]
    whole = read(" ".join(words))
    for k, effect in enumerate(effects(MODEL.network, whole)):
        without = read(" ".join(words[:k] + words[k + 1 :]))
        assert effect.left_out == pytest.approx(score(whole) - score(without), abs=1e-6)


def test_effects_gradient_agrees_with_a_small_change_of_the_input() -> None:
    run, network = read("a dull and lifeless film"), MODEL.network
    found = [effect.gradient_times_input for effect in effects(network, run)]
    for k, effect in enumerate(found):
        scores = []
        for step in (1e-3, -1e-3):
            x = run.x.copy()
            x[k] *= 1 + step
            scores.append(float(network.score(forward(network.cell, x[:, None]).h[-1, 0])))
        assert effect == pytest.approx((scores[0] - scores[1]) / 2e-3, abs=2e-2)


def test_effects_name_the_word_that_turns_the_verdict() -> None:
    found = effects(MODEL.network, read("The movie was not good ."))
    assert int(np.argmin([effect.left_out for effect in found])) == 3


def test_effects_of_a_single_word_are_none() -> None:
    assert effects(MODEL.network, read("superb")) == []
