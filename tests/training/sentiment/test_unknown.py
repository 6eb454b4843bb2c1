"""What an unknown word does to the verdict, measured."""

import numpy as np
import pytest

from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.training.sentiment.unknown import NO_WORD, unknown_word
from gate_explorer.zoo.embedding import Embedding
from gate_explorer.zoo.sentiment_network import SentimentNetwork
from gate_explorer.zoo.vocabulary import Vocabulary

RNG = np.random.default_rng(8)


def network(unknown: float) -> SentimentNetwork:
    """A small network whose row of the unknown word has so much of its first word in it."""
    table = RNG.normal(size=(3, 4)).astype(np.float32)
    table[0] = unknown * table[1]
    arrays = (RNG.normal(size=size).astype(np.float32) for size in ((12, 4), (12, 3), (12,)))
    return SentimentNetwork(
        Embedding.of(table),
        LSTMParameters(*arrays),
        RNG.normal(size=(5, 3)).astype(np.float32),
        np.zeros(5, np.float32),
        Vocabulary(("<unk>", "good", "bad"), trained=3),
    )


def test_unknown_word_moves_are_those_of_the_verdicts() -> None:
    one = network(1.0)
    found = unknown_word(one, ["good", "bad good"])
    moves = [one.verdict(f"{text} {NO_WORD}") - one.verdict(text) for text in ("good", "bad good")]
    assert found.sentences == 2
    assert found.mean == pytest.approx(np.mean(moves))
    assert found.mean_size == pytest.approx(np.mean(np.abs(moves)))
    assert 0 <= found.turned <= 2
