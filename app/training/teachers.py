"""Teachers: networks whose mean prediction the sentence model learns from, beside the labels.

Half of them read from left to right and half from right to left, which the sentence model itself
never does. Each learns from the labels alone. What they teach is the mean of their probabilities:
all of them at a labelled word, those that read from left to right at the others. So the model is
asked for something after every word, and the one label of a text is softened by what the teachers
make of all that are like it.
Source: Hinton, Vinyals & Dean 2015, "Distilling the knowledge in a neural network".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.training.corpus import Corpus, read_corpus
from app.training.evaluation import every_logits
from app.training.phrases import Encoded
from app.training.recipe import Recipe, Teaching
from app.training.run import Keeping, Run
from app.training.treebank import checksums
from app.zoo.sentiment_network import SentimentNetwork, log_softmax

Probabilities = NDArray[np.float32]
DIRECTIONS = ("forward", "backward")


@dataclass(frozen=True)
class Teacher:
    """A trained network, and whether it reads from right to left."""

    network: SentimentNetwork
    backward: bool

    def after_every_word(self, readings: Sequence[Encoded]) -> list[Probabilities]:
        """The probabilities (T, 5) after every word of each reading, read from its beginning."""
        logits = every_logits(self.network, [reading.rows for reading in readings])
        return [np.exp(log_softmax(z)) for z in logits]

    def where_asked(self, readings: Sequence[Encoded]) -> list[Probabilities]:
        """The probabilities (T, 5) of the text up to each word, read from there to the beginning.

        Where a word's weight is 0 they are left at 0.
        """
        found = [np.zeros_like(reading.targets) for reading in readings]
        places = [
            (number, stop)
            for number, reading in enumerate(readings)
            for stop in np.flatnonzero(reading.weights)
        ]
        texts = [readings[number].rows[stop::-1] for number, stop in places]
        for (number, stop), z in zip(places, every_logits(self.network, texts), strict=True):
            found[number][stop] = np.exp(log_softmax(z[-1]))
        return found


Teachers = tuple[Teacher, ...]


def train_teachers(data: Path, recipe: Recipe, teaching: Teaching, keeping: Keeping) -> Teachers:
    """`teaching.teachers` networks for each direction, trained on the labels in `data` alone.

    Each keeps its place in a file of its own, named after the checkpoint of `keeping`.
    Raises: as `app.training.sentiment.train`.
    """
    corpus = read_corpus(data, recipe, np.random.default_rng(0))
    corpora = {"forward": corpus, "backward": corpus.mirrored(recipe)}
    trees = checksums(data)
    return tuple(
        train_teacher(corpora[direction], trees, recipe, teaching, keeping, direction, number)
        for number in range(1, teaching.teachers + 1)
        for direction in DIRECTIONS
    )


def train_teacher(
    corpus: Corpus,
    trees: dict[str, str],
    recipe: Recipe,
    teaching: Teaching,
    keeping: Keeping,
    direction: str,
    number: int,
) -> Teacher:
    """The `number`-th network that reads in a direction; the corpus lies in that direction."""
    own = replace(
        recipe,
        hidden=teaching.hidden,
        epochs=teaching.epochs,
        input_dropout=teaching.input_dropout,
        output_dropout=teaching.output_dropout,
        teaching=None,
    )
    name = f"{direction} teacher {number}"
    rng = np.random.default_rng((number, DIRECTIONS.index(direction)))
    run = Run.begin(name, corpus, own, rng, keeping.beside(f"{direction}-{number}"), trees)
    run.to_the_end()
    network = run.progress.best.network(corpus.vocabulary, corpus.untrained)
    return Teacher(network, direction == "backward")


def taught(
    readings: Sequence[Encoded],
    teachers: Sequence[Teacher],
    teaching: Teaching,
    *,
    quiet: bool = False,
) -> tuple[Encoded, ...]:
    """The readings with targets after every word.

    Where a word has a weight, the target is (1 - s) label + s mean(all teachers) with
    s = `teaching.share`, or that mean alone where there is no label; at the other words it is
    mean(forward teachers), with the weight `teaching.unlabelled_weight`.
    """
    forward = [np.zeros_like(reading.targets) for reading in readings]
    backward = [np.zeros_like(reading.targets) for reading in readings]
    for teacher in tqdm(teachers, desc="asking the teachers", unit="teacher", disable=quiet):
        sums = backward if teacher.backward else forward
        ask = teacher.where_asked if teacher.backward else teacher.after_every_word
        for total, found in zip(sums, ask(readings), strict=True):
            total += found / np.float32(teaching.teachers)
    return tuple(
        _taught(reading, one, other, teaching)
        for reading, one, other in zip(readings, forward, backward, strict=True)
    )


def _taught(
    reading: Encoded, forward: Probabilities, backward: Probabilities, teaching: Teaching
) -> Encoded:
    """One reading; forward and backward are the means of those teachers."""
    asked = reading.weights > 0
    label = (1 - teaching.share) * reading.targets
    mixed = label + (1 - label.sum(axis=1, keepdims=True)) * (forward + backward) / 2
    return Encoded(
        reading.rows,
        np.where(asked[:, None], mixed, forward).astype(np.float32),
        np.where(asked, reading.weights, teaching.unlabelled_weight).astype(np.float32),
    )
