"""What the sentence model's units are tried by."""

import numpy as np
import pytest

from gate_explorer.analysis.damage import erased, figures, silenced
from gate_explorer.engine.lstm import forward
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import gated
from gate_explorer.training.sentiment.trial import of_texts
from gate_explorer.training.units import subject_of
from gate_explorer.zoo import registry
from gate_explorer.zoo.sentence import Sentiment

TEXTS = ("the film is a delight", "a dull mess", "it is good but the plot is a bore", "awful")
LABELS = (4, 0, 2, 1)


def model() -> Sentiment:
    found = registry.get("sentiment")
    assert isinstance(found, Sentiment)
    return found


def test_trial_measures_the_verdict_after_each_texts_last_word() -> None:
    network = model().network
    trial = of_texts(network, [text.split() for text in TEXTS], LABELS, "four texts")
    z = subject_of(network).read_out(forward(network.cell, trial.x).h)
    loss, binary, five = figures(trial, z)
    logits = np.array([network.read(text.split())[-1] for text in TEXTS])
    signs = np.logaddexp(*logits.T[3:]) - np.logaddexp(*logits.T[:2])
    judged = np.array([0, 1, 3])
    assert binary == (np.sign(signs[judged]) == [1, -1, -1]).mean()
    assert five == (logits.argmax(axis=1) == LABELS).mean()
    assert loss == pytest.approx(np.logaddexp(0, -signs[judged] * [1, -1, -1]).mean(), rel=1e-4)


def test_trial_holds_what_the_clamps_of_the_same_words_hold() -> None:
    network = model().network
    trial = of_texts(network, [text.split() for text in TEXTS], LABELS, "four texts")
    subject, column = subject_of(network), 2
    last, middle = len(TEXTS[column].split()) - 1, trial.erased[column]
    for unit in (0, 7):
        for held, z in (
            (f"output_gate:0@*/{unit + 1}", silenced(subject, [unit], trial.x)),
            (f"forget_gate:0@{middle + 1}/{unit + 1}",
             erased(subject, [unit], trial.x, trial.erased)),
        ):  # fmt: skip
            assert z is not None
            run = model().run(Text(TEXTS[column]), None, Options(clamps=clamps.parse([held])))
            expected = subject.read_out(run.layers[0].h[last])
            assert z[last, column] == pytest.approx(expected, abs=2e-4)


def test_trial_looks_at_the_gates_on_function_words_and_at_but() -> None:
    network = model().network
    trial = of_texts(network, [text.split() for text in TEXTS], LABELS, "four texts")
    (claim,) = trial.claims
    assert claim.moments["at but"].sum() == 1
    assert claim.moments["at but"][3, 2]
    assert claim.moments[""].sum() == sum(len(text.split()) for text in TEXTS)
    layer = gated(model().run(Text(TEXTS[2]), None, Options()).layers[0])
    at_but = forward(network.cell, trial.x).f[claim.moments["at but"]][0]
    assert at_but == pytest.approx(layer.f[3], abs=1e-5)
