"""One run of updates for a network that reads the treebank: it stops anywhere, and goes on there.

The weights move by Adam, and their running mean is what is judged: after every epoch on the dev
split, the best of these being kept.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from gate_explorer.training.adam import clip, learning_rate, update, update_rows
from gate_explorer.training.interrupts import Interrupts, deferred_interrupts
from gate_explorer.training.schedule import checkpoint_steps
from gate_explorer.training.sentiment import checkpoint as checkpoints
from gate_explorer.training.sentiment.checkpoint import Progress
from gate_explorer.training.sentiment.corpus import TreebankCorpus
from gate_explorer.training.sentiment.evaluation import Figures, evaluate
from gate_explorer.training.sentiment.finishing import finished
from gate_explorer.training.sentiment.model import SentenceStep, SentenceWeights, loss_and_gradients
from gate_explorer.training.sentiment.phrases import batch_order, pad
from gate_explorer.training.sentiment.recipe import SentenceRecipe


@dataclass(frozen=True)
class Saving:
    """Where runs save their state, and how they go about it.

    after_step is called with the number of updates that a network has had.
    """

    checkpoint: Path
    resume: bool = False
    quiet: bool = False
    after_step: Callable[[int], None] | None = None

    def beside(self, what: str) -> "Saving":
        """The same for another network, whose file lies beside this one's."""
        path = self.checkpoint
        return replace(self, checkpoint=path.with_name(f"{path.stem}-{what}{path.suffix}"))


@dataclass
class SentenceRun:
    """One training run: its data, its state, and where it saves its state.

    name is shown beside the progress bar; identity must be equal for a checkpoint to be taken up.
    """

    name: str
    corpus: TreebankCorpus
    recipe: SentenceRecipe
    progress: Progress
    saving: Saving
    identity: dict[str, Any]

    @classmethod
    def begin(
        cls,
        name: str,
        corpus: TreebankCorpus,
        recipe: SentenceRecipe,
        rng: np.random.Generator,
        saving: Saving,
        data: dict[str, str],
    ) -> "SentenceRun":
        """A run before its first update; data: what tells the corpus from another."""
        start = corpus.start[: corpus.vocabulary.trained]
        progress = Progress.begin(SentenceWeights.initial(start, recipe.hidden, rng), rng)
        return cls(name, corpus, recipe, progress, saving, cls.identity_of(name, recipe, data))

    @staticmethod
    def identity_of(name: str, recipe: SentenceRecipe, data: dict[str, str]) -> dict[str, Any]:
        """What tells one run from another."""
        return {"name": name, "recipe": asdict(recipe), "trees": data}

    def __post_init__(self) -> None:
        self.losses: list[float] = []  # of the current epoch
        self.steps_per_epoch = math.ceil(self._count() / self.recipe.batch)
        self.steps = self.steps_per_epoch * self.recipe.epochs
        self.snapshot_steps = checkpoint_steps(self.steps, self.recipe.average_every)

    def to_the_end(self) -> None:
        """Make all updates that are left; save the state after every epoch and on Ctrl-C.

        Raises: DataError for a checkpoint that can't be taken up; KeyboardInterrupt after Ctrl-C.
        """
        if self.saving.resume and self.saving.checkpoint.is_file():
            self.losses = checkpoints.restore(self.saving.checkpoint, self.progress, self.identity)
        if not self.progress.snapshots:
            self.progress.take_snapshot()
        with (
            deferred_interrupts() as interrupts,
            tqdm(
                desc=self.name,
                total=self.steps,
                initial=self.progress.step,
                disable=self.saving.quiet,
                unit="step",
            ) as bar,
        ):
            while self.progress.step < self.steps:
                for batch in self._rest_of_epoch():
                    self._update(batch)
                    bar.update()
                    bar.set_postfix_str(self._figures(), refresh=False)
                    self._after_update(interrupts)

    def _after_update(self, interrupts: Interrupts) -> None:
        """Close the epoch with its last update, then stop if somebody asked for it."""
        if self.progress.step % self.steps_per_epoch == 0:
            self._close_epoch()
        if self.saving.after_step is not None:
            self.saving.after_step(self.progress.step)
        if interrupts.asked:
            self._save()
            raise KeyboardInterrupt

    def _rest_of_epoch(self) -> list[np.ndarray[Any, np.dtype[np.intp]]]:
        """The batches of the current epoch that were not read yet."""
        progress = self.progress
        done = progress.step % self.steps_per_epoch
        if done == 0:
            progress.epoch_start = dict(progress.rng.bit_generator.state)
            return self._order(progress.rng)
        replay = np.random.default_rng()
        replay.bit_generator.state = progress.epoch_start
        return self._order(replay)[done:]

    def _order(self, rng: np.random.Generator) -> list[np.ndarray[Any, np.dtype[np.intp]]]:
        """What is read together, for one epoch."""
        return batch_order(self.corpus.lengths, self.recipe.batch, rng)

    def _count(self) -> int:
        """How many there are to read in an epoch."""
        return len(self.corpus.train)

    def _step(self, chosen: np.ndarray[Any, np.dtype[np.intp]]) -> SentenceStep:
        """Loss and gradients of one batch."""
        batch = pad([self.corpus.train[index] for index in chosen])
        progress = self.progress
        return loss_and_gradients(
            progress.weights, batch, self.recipe, self.corpus.rare, progress.rng
        )

    def _judged(self) -> Figures:
        """What the mean of the weights comes to on dev."""
        network = finished(self.progress.average, self.corpus)
        return evaluate(network, self.corpus.dev_sentences)

    def _update(self, chosen: np.ndarray[Any, np.dtype[np.intp]]) -> None:
        progress, recipe = self.progress, self.recipe
        step = self._step(chosen)
        clip([*step.gradients.values(), step.d_rows], recipe.clip)
        self._move(step)
        progress.step += 1
        self.losses.append(step.loss)
        if progress.step % recipe.average_every == 0:
            self._average()
        if progress.step in self.snapshot_steps:
            progress.take_snapshot()

    def _move(self, step: SentenceStep) -> None:
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
        progress.history.append((float(np.mean(self.losses)), self._judged()))
        if progress.best_epoch == len(progress.history):
            progress.best = progress.average.copy()
        self.losses = []
        self._save()

    def _save(self) -> None:
        checkpoints.save(self.saving.checkpoint, self.progress, self.identity, self.losses)

    def _figures(self) -> str:
        dev = f"{self.progress.history[-1][1].binary:.1%}" if self.progress.history else "-"
        return f"loss {np.mean(self.losses[-100:]):.3f}, dev {dev}"
