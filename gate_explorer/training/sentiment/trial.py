"""What the sentence model's units are tried by: labelled texts that it never learned from."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from gate_explorer.analysis.damage import Claim, Measure, Trial
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import forward
from gate_explorer.training.sentiment.evaluation import figures
from gate_explorer.training.sentiment.phrases import sentence_keys
from gate_explorer.training.sentiment.treebank import read_split
from gate_explorer.training.sentiment.units import FUNCTION_WORDS, TURN
from gate_explorer.zoo.sentiment_network import SentimentNetwork, binary_score


def of_treebank(network: SentimentNetwork, data: Path, again: bool = False) -> Trial:
    """The treebank's dev sentences, where the reader has fetched them; again: those of test."""
    split = "test" if again else "dev"
    sentences = read_split(data, split)
    texts = [sentence_keys(sentence) for sentence in sentences]
    labels = [sentence.label for sentence in sentences]
    words = f"the {len(sentences):,} {split} sentences of the Stanford Sentiment Treebank"
    return of_texts(network, texts, labels, words)


def of_texts(network: SentimentNetwork, texts: Sequence[Sequence[str]],
                 labels: Sequence[int], data: str) -> Trial:  # fmt: skip
    """Labelled texts (0 to 4); a unit is erased in the middle of the text."""
    lengths = np.array([len(keys) for keys in texts])
    x = np.zeros((lengths.max(), len(texts), network.cell.input_size), np.float32)
    for column, keys in enumerate(texts):
        x[: len(keys), column] = network.embed(keys)
    columns = np.arange(len(texts))
    read = np.arange(len(x))[:, None] < lengths
    running = binary_score(network.logits(forward(network.cell, x).h))

    def last(z: Array) -> Array:
        result: Array = z[lengths - 1, columns]
        return result

    def words_at(chosen: Collection[str]) -> Array:
        mask = np.zeros(read.shape, bool)
        for column, keys in enumerate(texts):
            mask[: len(keys), column] = [key in chosen for key in keys]
        return mask

    claim = Claim(
        "holds the verdict", "the running verdict", running, read, 0, holds=True,
        moments={
            "": read,
            "on function words": words_at(FUNCTION_WORDS),
            "at but": words_at({TURN}),
        },
    )  # fmt: skip
    measures = (
        Measure("the loss of positive against negative, in nats",
                lambda z: figures(last(z), labels).binary_loss),
        Measure("the share right of positive and negative",
                lambda z: figures(last(z), labels).binary, more=True),
        Measure("the share right of five classes",
                lambda z: figures(last(z), labels).five_classes, more=True),
    )  # fmt: skip
    return Trial(data, "in the middle of the text", x, lengths // 2, measures, (claim,))
