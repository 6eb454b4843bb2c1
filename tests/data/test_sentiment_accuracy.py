"""The committed sentence model on the whole official splits, against what its card says.

Run by `make test-data DATA=folder`.
"""

from pathlib import Path

import numpy as np
import pytest

import gate_explorer.zoo
from gate_explorer.runs.card import Card, Split
from gate_explorer.runs.card_file import read_card
from gate_explorer.training.sentiment.evaluation import evaluate, final_logits
from gate_explorer.training.sentiment.treebank import (
    NEUTRAL,
    SHA256,
    SPLITS,
    checksum,
    read_split,
    tree_file,
)
from gate_explorer.zoo.sentiment_network import SentimentNetwork, binary_score
from gate_explorer.zoo.tokenizer import tokenize
from tests.data.folder import data_folder
from tests.data.typed import as_typed

FOLDER = Path(gate_explorer.zoo.__file__).parent / "sentiment"
GOAL = 0.884  # binary accuracy on the official test split


@pytest.fixture(scope="module")
def network() -> SentimentNetwork:
    return SentimentNetwork.load(FOLDER)


@pytest.fixture(scope="module")
def card() -> Card:
    return read_card(FOLDER)


@pytest.mark.parametrize("split", SPLITS)
def test_data_split_is_the_official_one(split: str) -> None:
    assert checksum(tree_file(data_folder(), split)) == SHA256[split]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_sentiment_whole_split_reaches_what_the_card_says(
    network: SentimentNetwork, card: Card, split: str
) -> None:
    figures = evaluate(network, read_split(data_folder(), split))
    # Half a sentence: another machine's rounding may turn none, a wrong card turns many.
    slack = 0.5 / figures.not_neutral
    assert card.measured
    binary, five_classes = (
        card.measured.figures[f"{split}_{name}_accuracy"].value
        for name in ("binary", "five_classes")
    )
    assert figures.binary == pytest.approx(binary, abs=slack)
    assert figures.five_classes == pytest.approx(five_classes, abs=slack)
    assert Split(split, figures.sentences, figures.not_neutral) in card.splits


def test_sentiment_whole_test_split_reaches_the_goal(network: SentimentNetwork) -> None:
    assert evaluate(network, read_split(data_folder(), "test")).binary >= GOAL


def test_sentiment_test_split_typed_as_text_loses_nothing_to_speak_of(
    network: SentimentNetwork, card: Card
) -> None:
    judged = [s for s in read_split(data_folder(), "test") if s.label != NEUTRAL]
    texts = [[piece.key for piece in tokenize(as_typed(s.words))] for s in judged]
    positive = binary_score(final_logits(network, texts)) > 0
    right = positive == np.array([sentence.label > NEUTRAL for sentence in judged])
    assert card.measured
    said = card.measured.figures["test_binary_accuracy"].value
    assert right.mean() == pytest.approx(said, abs=0.002)
