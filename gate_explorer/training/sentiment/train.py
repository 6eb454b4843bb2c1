"""Train the sentence model on the treebank: one seed from start, or from where it stopped.

Phrases and sentences alike are read left to right, and the prediction after each word is trained:
five classes, and positive against negative. What is asked for is the label, where there is one,
mixed with what teachers say that were trained before; and everyday sentences that a grammar made
are asked for what it says of them. The epoch is chosen on the dev split, as the model is kept:
one byte a number of the embedding, the rows that training never read moved as their neighbours.
The test split is read once, at the end, for the figures.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gate_explorer.training.schedule import label
from gate_explorer.training.sentiment.checkpoint import Progress
from gate_explorer.training.sentiment.corpus import read_corpus
from gate_explorer.training.sentiment.evaluation import Figures, evaluate
from gate_explorer.training.sentiment.everyday import (
    EverydayFigures,
    everyday_figures,
    everyday_sentences,
    halves,
    whole,
)
from gate_explorer.training.sentiment.finishing import finished
from gate_explorer.training.sentiment.loop import Saving, SentenceRun
from gate_explorer.training.sentiment.model import SentenceWeights
from gate_explorer.training.sentiment.phrases import Encoded
from gate_explorer.training.sentiment.recipe import SentenceRecipe
from gate_explorer.training.sentiment.treebank import Sentence, checksums, read_split
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.sentiment_network import SentimentNetwork, with_cell


@dataclass(frozen=True)
class SentenceReport:
    """What one seed came to; history has the train loss and the dev figures of each epoch.

    network: as it is kept; dev, test and curve are its figures. readings: of the treebank;
    made: texts of its phrases; everyday: texts of the grammar; checkpoints: cell and readout from
    untrained to done, by their label; curve: the dev figures of each with the embedding as it is
    at the end, which is how the explorer shows them; everyday_figures: by half ("choosing",
    "held") and kind; seconds: of the processor, without the
    teachers and what a checkpoint already had.
    """

    seed: int
    recipe: SentenceRecipe
    network: SentimentNetwork
    history: tuple[tuple[float, Figures], ...]
    best_epoch: int
    readings: int
    made: int
    everyday: int
    dev: Figures
    test: Figures
    seconds: float
    checkpoints: Mapping[str, CellNetwork]
    curve: Mapping[str, Figures]
    everyday_figures: Mapping[str, Mapping[str, EverydayFigures]]

    @property
    def chosen(self) -> Figures:
        """The dev figures that the epoch, and among seeds the seed, are chosen by."""
        return self.history[self.best_epoch - 1][1]

    def everyday_share(self, half: str) -> float:
        """The share of a half's everyday sentences that are judged right, neutral left out."""
        found = whole(tuple(self.everyday_figures[half].values()))
        return found.right / found.judged

    def __str__(self) -> str:
        rows = [
            f"{epoch:>5}  {loss:10.4f}  {dev.binary:10.2%}  {dev.five_classes:16.2%}"
            f"  {dev.binary_loss:15.4f}{'  <- chosen' if epoch == self.best_epoch else ''}"
            for epoch, (loss, dev) in enumerate(self.history, start=1)
        ]
        return "\n".join(
            (
                f"Sentence model, H = {self.recipe.hidden}, seed {self.seed}: {self.readings}"
                f" phrases, {self.made} texts made of them, {self.everyday} everyday texts,"
                f" {self.seconds:.0f} s of one core",
                "epoch  train loss  dev binary  dev five classes  dev binary loss",
                *rows,
                f"dev   binary {self.dev.binary:.2%}, five classes {self.dev.five_classes:.2%}",
                f"test  binary {self.test.binary:.2%} of {self.test.not_neutral},"
                f" five classes {self.test.five_classes:.2%} of {self.test.sentences}",
                f"everyday sentences {self.everyday_share('choosing'):.1%},"
                f" of the half held back {self.everyday_share('held'):.1%}",
            )
        )


def train(
    data: Path, seed: int, saving: Saving, recipe: SentenceRecipe, taught: Sequence[Encoded] = ()
) -> SentenceReport:
    """Train with one seed, reading `data`; taught: what `recipe.teaching` asks to be read instead.

    With `saving.resume` an existing checkpoint is taken up, and the result is bit for bit that of
    a run never stopped.
    Raises: DataError for data or a checkpoint that can't be used; KeyboardInterrupt after Ctrl-C,
    once the checkpoint is written.
    """
    began = time.process_time()
    rng = np.random.default_rng(seed)
    corpus = read_corpus(data, recipe, rng)
    read = taught if recipe.teaching else corpus.train
    corpus = replace(corpus, train=(*read, *corpus.everyday))
    run = SentenceRun.begin(f"seed {seed}", corpus, recipe, rng, saving, checksums(data))
    run.to_the_end()
    return _report(run, seed, read_split(data, "test"), began)


def _report(run: SentenceRun, seed: int, test: Sequence[Sentence], began: float) -> SentenceReport:
    """What a finished run came to."""
    progress, corpus = run.progress, run.corpus
    network = finished(progress.best, corpus)
    kept = _checkpoints(progress, run.steps_per_epoch, network)
    teaching = run.recipe.teaching
    made = teaching.texts(len(corpus.train_sentences)) if teaching else 0
    return SentenceReport(
        seed=seed,
        recipe=run.recipe,
        network=network,
        history=tuple(progress.history),
        best_epoch=progress.best_epoch,
        readings=len(corpus.train) - made - len(corpus.everyday),
        made=made,
        everyday=len(corpus.everyday),
        dev=evaluate(network, corpus.dev_sentences),
        test=evaluate(network, test),
        everyday_figures={
            half: everyday_figures(network, sentences)
            for half, sentences in zip(
                ("choosing", "held"), halves(everyday_sentences()), strict=True
            )
        },
        seconds=time.process_time() - began,
        checkpoints=kept,
        curve={
            name: evaluate(with_cell(network, cell), corpus.dev_sentences)
            for name, cell in kept.items()
        },
    )


def _checkpoints(
    progress: Progress, steps_per_epoch: int, network: SentimentNetwork
) -> dict[str, CellNetwork]:
    """The snapshots before the end of the chosen epoch, and the network that was chosen."""
    last = progress.best_epoch * steps_per_epoch
    kept = {
        label(step): SentenceWeights(embedding=progress.best.embedding, **arrays)
        for step, arrays in progress.snapshots.items()
        if step < last
    }
    networks = {
        name: CellNetwork(w.cell(), w.readout_weight, w.readout_bias) for name, w in kept.items()
    }
    chosen = CellNetwork(network.cell, network.readout_weight, network.readout_bias)
    return {**networks, label(last): chosen}
