"""Teachers: networks whose mean prediction the sentence model learns from, beside the labels.

They are Tree-LSTMs: each reads a sentence as the treebank draws it, phrases inside phrases, which
the sentence model never sees. Each learns from the labels of all phrases. What they teach is the
mean of their probabilities after every word, of the tree cut there. So the model is asked for
something after every word, and the one label of a text is softened by what the teachers make of
all that are like it.
Source: Hinton, Vinyals & Dean 2015, "Distilling the knowledge in a neural network".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from gate_explorer.engine.checks import Array
from gate_explorer.training.sentiment import tree_model
from gate_explorer.training.sentiment.augmentation import made_texts
from gate_explorer.training.sentiment.checkpoint import Progress
from gate_explorer.training.sentiment.corpus import TreebankCorpus, read_corpus
from gate_explorer.training.sentiment.evaluation import Figures, figures
from gate_explorer.training.sentiment.loop import Saving, SentenceRun
from gate_explorer.training.sentiment.model import SentenceStep, SentenceWeights
from gate_explorer.training.sentiment.phrases import Encoded, Keys, in_batches, readings
from gate_explorer.training.sentiment.recipe import SentenceRecipe, Teaching
from gate_explorer.training.sentiment.treebank import Sentence, checksums
from gate_explorer.training.sentiment.trees import (
    Nodes,
    Postfix,
    nodes,
    postfix,
    side_by_side,
    spans,
    words_of,
)
from gate_explorer.zoo.sentiment_network import LABELS, log_softmax
from gate_explorer.zoo.vocabulary import Vocabulary

Probabilities = NDArray[np.float32]
_BATCH = 512  # trees that are read together when teachers are asked


@dataclass(frozen=True)
class Trees:
    """Sentences as nodes, and the label of every node."""

    nodes: tuple[Nodes, ...]
    labels: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], vocabulary: Vocabulary) -> "Trees":
        """The trees of the treebank's sentences."""
        return cls(
            tuple(nodes(postfix(sentence), vocabulary) for sentence in sentences),
            tuple(np.array([p.label for p in sentence.phrases], np.intp) for sentence in sentences),
        )


@dataclass
class TreeRun(SentenceRun):
    """A training run of a network that reads trees."""

    train: Trees
    dev: Trees

    def _count(self) -> int:
        return len(self.train.nodes)

    def _order(self, rng: np.random.Generator) -> list[NDArray[np.intp]]:
        shuffled = rng.permutation(len(self.train.nodes))
        return [shuffled[part] for part in in_batches(len(shuffled), self.recipe.batch)]

    def _step(self, chosen: NDArray[np.intp]) -> SentenceStep:
        forest = side_by_side([self.train.nodes[index] for index in chosen])
        labels = np.empty(len(forest.left), np.intp)
        labels[forest.place] = np.concatenate([self.train.labels[index] for index in chosen])
        targets = np.eye(len(LABELS), dtype=np.float32)[labels]
        weights, rng = self.progress.weights, self.progress.rng
        return tree_model.loss_and_gradients(
            weights, forest, targets, self.recipe, self.corpus.rare, rng
        )

    def _judged(self) -> Figures:
        whole = with_every_row(self.progress.average, self.corpus)
        logits = every_logits(whole, self.dev.nodes)
        return figures(np.concatenate(logits), [int(labels[-1]) for labels in self.dev.labels])


def with_every_row(weights: SentenceWeights, corpus: TreebankCorpus) -> SentenceWeights:
    """The weights with the rows of words that training never reads too."""
    return replace(weights, embedding=np.concatenate((weights.embedding, corpus.untrained)))


def every_logits(weights: SentenceWeights, trees: Sequence[Nodes]) -> list[Array]:
    """The logits (A, 5) at the nodes `after` of each tree."""
    result: list[Array] = [np.empty(0)] * len(trees)
    by_size = np.argsort([len(tree.rows) for tree in trees], kind="stable")
    for part in in_batches(len(trees), _BATCH):
        chosen = by_size[part]
        forest = side_by_side([trees[index] for index in chosen])
        h = tree_model.forward(weights, forest, weights.embedding[forest.rows]).h[forest.after]
        logits = h @ weights.readout_weight.T + weights.readout_bias
        ends = np.cumsum([len(trees[index].after) for index in chosen])
        for index, found in zip(chosen, np.split(logits, ends[:-1]), strict=True):
            result[index] = found
    return result


def taught_texts(
    data: Path, recipe: SentenceRecipe, teaching: Teaching, saving: Saving
) -> tuple[Encoded, ...]:
    """What the sentence model reads: the treebank's phrases and texts made of them, as taught.

    Each of the `teaching.teachers` saves its state in a file of its own, named after the
    checkpoint of `saving`.
    Raises: as `training.sentiment.train.train`.
    """
    corpus = read_corpus(data, replace(recipe, everyday=0), np.random.default_rng(0))
    teachers = train_teachers(corpus, checksums(data), recipe, teaching, saving)
    drawn = [postfix(sentence) for sentence in corpus.train_sentences]
    made = made_texts(drawn, teaching.texts(len(drawn)), np.random.default_rng(0))
    words = corpus.read
    texts = (*corpus.train, *(unlabelled(tree, recipe.sentence_weight, words) for tree in made))
    trees = (*_trees_of(corpus, drawn), *made)
    return taught(texts, trees, teachers, teaching, words, quiet=saving.quiet)


def train_teachers(
    corpus: TreebankCorpus,
    data: dict[str, str],
    recipe: SentenceRecipe,
    teaching: Teaching,
    saving: Saving,
) -> tuple[SentenceWeights, ...]:
    """The teachers, trained on the labels alone; data: what tells the corpus from another."""
    train = Trees.of(corpus.train_sentences, corpus.read)
    dev = Trees.of(corpus.dev_sentences, corpus.vocabulary)
    numbers = range(1, teaching.teachers + 1)
    runs = [_run(corpus, train, dev, data, recipe, teaching, saving, n) for n in numbers]
    for run in runs:
        run.to_the_end()
    return tuple(with_every_row(run.progress.average, corpus) for run in runs)


def _run(
    corpus: TreebankCorpus,
    train: Trees,
    dev: Trees,
    data: dict[str, str],
    recipe: SentenceRecipe,
    teaching: Teaching,
    saving: Saving,
    number: int,
) -> TreeRun:
    """The run of the `number`-th teacher before its first update."""
    own = _recipe(recipe, teaching, len(train.nodes))
    rng = np.random.default_rng((number, 0))
    start = corpus.start[: corpus.vocabulary.trained]
    progress = Progress.begin(tree_model.initial(start, own.hidden, rng), rng)
    name = f"teacher {number}"
    identity = SentenceRun.identity_of(name, own, data)
    kept = saving.beside(f"teacher-{number}")
    return TreeRun(name, corpus, own, progress, kept, identity, train, dev)


def _recipe(recipe: SentenceRecipe, teaching: Teaching, sentences: int) -> SentenceRecipe:
    """The recipe of a teacher; its average remembers an eighth of an epoch's updates.

    With a sample every 16 of them, that is two epochs.
    """
    return replace(
        recipe,
        hidden=teaching.hidden,
        epochs=teaching.epochs,
        batch=teaching.batch,
        learning_rate=teaching.learning_rate,
        embedding_rate=teaching.embedding_rate,
        input_dropout=teaching.input_dropout,
        output_dropout=teaching.output_dropout,
        word_to_unknown=0.0,
        everyday=0,
        everyday_weight=0.0,
        averaged=max(1, -(-sentences // teaching.batch) // 8),
        teaching=None,
    )


def unlabelled(tree: Postfix, weight: float, vocabulary: Vocabulary) -> Encoded:
    """A text without a label, something of that weight to be asked for at its end."""
    keys = words_of(tree)
    weights = np.zeros(len(keys), np.float32)
    weights[-1] = weight
    targets = np.zeros((len(keys), len(LABELS)), np.float32)
    return Encoded(np.array(vocabulary.rows(keys), np.intp), targets, weights)


def _trees_of(corpus: TreebankCorpus, drawn: Sequence[Postfix]) -> list[Postfix]:
    """The tree of each reading of the corpus, the first that the treebank draws."""
    found: dict[Keys, Postfix] = {}
    for tree in drawn:
        for span in spans(tree):
            part = tree[span.start : span.stop]
            found.setdefault(words_of(part), part)
    return [found[reading.keys] for reading in readings(corpus.train_sentences, 1.0)]


def taught(
    texts: Sequence[Encoded],
    trees: Sequence[Postfix],
    teachers: Sequence[SentenceWeights],
    teaching: Teaching,
    vocabulary: Vocabulary,
    *,
    quiet: bool = False,
) -> tuple[Encoded, ...]:
    """The texts, each with the tree of its words, with targets after every word.

    Where a word has a weight, the target is (1 - s) label + s mean(teachers) with
    s = `teaching.share`, or that mean alone where there is no label; at the other words it is
    the mean too, with the weight `teaching.unlabelled_weight`.
    """
    cut = [nodes(tree, vocabulary, prefixes=True) for tree in trees]
    means = [np.zeros_like(reading.targets) for reading in texts]
    for teacher in tqdm(teachers, desc="asking the teachers", unit="teacher", disable=quiet):
        for mean, logits in zip(means, every_logits(teacher, cut), strict=True):
            mean += np.exp(log_softmax(logits)) / np.float32(len(teachers))
    return tuple(
        _taught(reading, mean, teaching) for reading, mean in zip(texts, means, strict=True)
    )


def _taught(reading: Encoded, mean: Probabilities, teaching: Teaching) -> Encoded:
    """One reading; mean (T, 5) of what the teachers say."""
    asked = reading.weights > 0
    label = (1 - teaching.share) * reading.targets
    mixed = label + (1 - label.sum(axis=1, keepdims=True)) * mean
    return Encoded(
        reading.rows,
        np.where(asked[:, None], mixed, mean).astype(np.float32),
        np.where(asked, reading.weights, teaching.unlabelled_weight).astype(np.float32),
    )
