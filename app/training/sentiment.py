"""Train the sentence model on the treebank: one seed from start, or from where it stopped.

Phrases and sentences alike are read left to right, and the prediction after each word is trained
where a label is known: five classes, and positive against negative. The epoch is chosen on the dev
split; the test split is read once, at the end, for the figures.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from app.training import progress as checkpoints
from app.training.adam import clip, learning_rate, update, update_rows
from app.training.cell_loop import checkpoint_steps, label
from app.training.corpus import Corpus, read_corpus
from app.training.evaluation import Figures, evaluate
from app.training.interrupts import Interrupts, deferred_interrupts
from app.training.model import Step, Weights, loss_and_gradients
from app.training.phrases import batch_order, pad
from app.training.progress import Progress
from app.training.recipe import Recipe
from app.training.treebank import SPLITS, checksum, read_split, tree_file
from app.zoo.cell_network import CellNetwork
from app.zoo.sentiment_network import SentimentNetwork, with_cell


@dataclass(frozen=True)
class Report:
    """What one seed came to; history has the train loss and the dev figures of each epoch.

    checkpoints: cell and readout from untrained to done, by their label; curve: the dev figures
    of each with the embedding as it is at the end, which is how the explorer shows them.
    """

    seed: int
    recipe: Recipe
    network: SentimentNetwork
    history: tuple[tuple[float, Figures], ...]
    best_epoch: int
    readings: int
    dev: Figures
    test: Figures
    seconds: float
    checkpoints: Mapping[str, CellNetwork]
    curve: Mapping[str, Figures]

    def __str__(self) -> str:
        rows = [
            f"{epoch:>5}  {loss:10.4f}  {dev.binary:10.2%}  {dev.five_classes:16.2%}"
            f"  {dev.binary_loss:15.4f}{'  <- chosen' if epoch == self.best_epoch else ''}"
            for epoch, (loss, dev) in enumerate(self.history, start=1)
        ]
        return "\n".join(
            (
                f"Sentence model, H = {self.recipe.hidden}, seed {self.seed}: {self.readings}"
                f" phrases, {self.seconds:.0f} s",
                "epoch  train loss  dev binary  dev five classes  dev binary loss",
                *rows,
                f"dev   binary {self.dev.binary:.2%}, five classes {self.dev.five_classes:.2%}",
                f"test  binary {self.test.binary:.2%} of {self.test.not_neutral},"
                f" five classes {self.test.five_classes:.2%} of {self.test.sentences}",
            )
        )


def train(
    data: Path,
    seed: int,
    checkpoint: Path,
    *,
    recipe: Recipe | None = None,
    resume: bool = False,
    quiet: bool = False,
    after_step: Callable[[int], None] | None = None,
) -> Report:
    """Train with one seed, reading `data`, keeping its place in the file `checkpoint`.

    With `resume` an existing checkpoint is taken up, and the result is bit for bit that of a run
    never stopped. `after_step` is called with the number of updates made.
    Raises: DataError for data or a checkpoint that can't be used; KeyboardInterrupt after Ctrl-C,
    once the checkpoint is written.
    """
    began = time.monotonic()
    recipe = recipe or Recipe()
    rng = np.random.default_rng(seed)
    corpus = read_corpus(data, recipe, rng)
    trained = corpus.start[: corpus.vocabulary.trained]
    progress = Progress.begin(Weights.initial(trained, recipe.hidden, rng), rng)
    run = _Run(corpus, recipe, progress, checkpoint, _identity(data, seed, recipe))
    if resume and checkpoint.is_file():
        run.losses = checkpoints.restore(checkpoint, progress, run.identity)
    with deferred_interrupts() as interrupts:
        run.to_the_end(interrupts, quiet, after_step)
    network = progress.best.network(corpus.vocabulary, corpus.untrained)
    kept = _checkpoints(progress, run.steps_per_epoch, network)
    return Report(
        seed=seed,
        recipe=recipe,
        network=network,
        history=tuple(progress.history),
        best_epoch=progress.best_epoch,
        readings=len(corpus.train),
        dev=evaluate(network, corpus.dev_sentences),
        test=evaluate(network, read_split(data, "test")),
        seconds=time.monotonic() - began,
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
        label(step): Weights(embedding=progress.best.embedding, **arrays)
        for step, arrays in progress.snapshots.items()
        if step < last
    }
    networks = {
        name: CellNetwork(w.cell(), w.readout_weight, w.readout_bias) for name, w in kept.items()
    }
    chosen = CellNetwork(network.cell, network.readout_weight, network.readout_bias)
    return {**networks, label(last): chosen}


def _identity(data: Path, seed: int, recipe: Recipe) -> dict[str, Any]:
    """What must be equal for a checkpoint to be taken up."""
    trees = {split: checksum(tree_file(data, split)) for split in SPLITS}
    return {"seed": seed, "recipe": asdict(recipe), "trees": trees}


@dataclass
class _Run:
    """One training run: its data, its state, and where it keeps its place."""

    corpus: Corpus
    recipe: Recipe
    progress: Progress
    checkpoint: Path
    identity: dict[str, Any]

    def __post_init__(self) -> None:
        self.losses: list[float] = []  # of the current epoch
        self.steps_per_epoch = math.ceil(len(self.corpus.train) / self.recipe.batch)
        self.steps = self.steps_per_epoch * self.recipe.epochs
        self.snapshot_steps = checkpoint_steps(self.steps, self.recipe.average_every)

    def to_the_end(
        self, interrupts: Interrupts, quiet: bool, after_step: Callable[[int], None] | None
    ) -> None:
        """Make all updates that are left; keep the place after every epoch and on Ctrl-C."""
        if not self.progress.snapshots:
            self.progress.take_snapshot()
        with tqdm(total=self.steps, initial=self.progress.step, disable=quiet, unit="step") as bar:
            while self.progress.step < self.steps:
                for batch in self._rest_of_epoch():
                    self._update(batch)
                    bar.update()
                    bar.set_postfix_str(self._figures(), refresh=False)
                    if after_step is not None:
                        after_step(self.progress.step)
                    if interrupts.asked:
                        self._save()
                        raise KeyboardInterrupt
                self._close_epoch()

    def _rest_of_epoch(self) -> list[np.ndarray[Any, np.dtype[np.intp]]]:
        """The batches of the current epoch that were not read yet."""
        progress = self.progress
        done = progress.step % self.steps_per_epoch
        if done == 0:
            progress.epoch_start = dict(progress.rng.bit_generator.state)
            return batch_order(self.corpus.lengths, self.recipe.batch, progress.rng)
        replay = np.random.default_rng()
        replay.bit_generator.state = progress.epoch_start
        return batch_order(self.corpus.lengths, self.recipe.batch, replay)[done:]

    def _update(self, chosen: np.ndarray[Any, np.dtype[np.intp]]) -> None:
        progress, recipe = self.progress, self.recipe
        batch = pad([self.corpus.train[index] for index in chosen])
        step = loss_and_gradients(progress.weights, batch, recipe, self.corpus.rare, progress.rng)
        clip([*step.gradients.values(), step.d_rows], recipe.clip)
        self._move(step)
        progress.step += 1
        self.losses.append(step.loss)
        if progress.step % recipe.average_every == 0:
            self._average()
        if progress.step in self.snapshot_steps:
            progress.take_snapshot()

    def _move(self, step: Step) -> None:
        progress, recipe = self.progress, self.recipe
        course = learning_rate(1.0, progress.step, self.steps, recipe.warm_up, recipe.final_rate)
        count = progress.step + 1
        weights = progress.weights.arrays()
        for name, gradient in step.gradients.items():
            rate = recipe.learning_rate * course
            update(weights[name], progress.moments[name], gradient, rate, count)
        rate = recipe.embedding_rate * course
        moments = progress.moments["embedding"]
        update_rows(weights["embedding"], moments, step.rows, step.d_rows, rate, count)

    def _average(self) -> None:
        """mean += (weights - mean) / n, with n the samples so far, at most those remembered.

        Source: Polyak & Juditsky 1992, with a finite memory.
        """
        progress = self.progress
        progress.averaged += 1
        share = np.float32(1 / min(progress.averaged, self.recipe.averaged))
        average = progress.average.arrays()
        for name, array in progress.weights.arrays().items():
            average[name] += (array - average[name]) * share

    def _close_epoch(self) -> None:
        progress = self.progress
        network = progress.average.network(self.corpus.vocabulary, self.corpus.untrained)
        dev = evaluate(network, self.corpus.dev_sentences)
        progress.history.append((float(np.mean(self.losses)), dev))
        if progress.best_epoch == len(progress.history):
            progress.best = progress.average.copy()
        self.losses = []
        self._save()

    def _save(self) -> None:
        checkpoints.save(self.checkpoint, self.progress, self.identity, self.losses)

    def _figures(self) -> str:
        dev = f"{self.progress.history[-1][1].binary:.1%}" if self.progress.history else "-"
        return f"loss {np.mean(self.losses[-100:]):.3f}, dev {dev}"
