"""Telling units of a sentence model: ranked by how closely they follow the running score."""

from pathlib import Path

import numpy as np

from gate_explorer.engine.lstm import forward
from gate_explorer.training.sentiment.phrases import sentence_keys
from gate_explorer.training.sentiment.treebank import read_split
from gate_explorer.training.sentiment.units import ranked_units
from gate_explorer.zoo.registry import ZOO
from gate_explorer.zoo.sentiment_network import SentimentNetwork
from tests.training.tiny import lay_out


def test_units_are_ranked_by_correlation_and_their_gates_are_averages(tmp_path: Path) -> None:
    network = SentimentNetwork.load(ZOO / "sentiment")
    sentences = read_split(lay_out(tmp_path), "dev")
    found = ranked_units(network, sentences, 4)
    strength = [abs(one.correlation) for one in found]
    assert strength == sorted(strength, reverse=True)
    assert len({one.unit for one in found}) == 4
    first = found[0].unit - 1
    traces = [
        forward(network.cell, network.embed(sentence_keys(sentence))[:, None])
        for sentence in sentences
    ]
    c, forget, h = (
        np.concatenate([getattr(trace, name)[:, 0] for trace in traces]) for name in "cfh"
    )
    r = np.corrcoef(c[:, first], network.score(h))[0, 1]
    np.testing.assert_allclose(found[0].correlation, r, atol=1e-3)
    np.testing.assert_allclose(found[0].forget_gate, forget[:, first].mean(), atol=1e-3)
