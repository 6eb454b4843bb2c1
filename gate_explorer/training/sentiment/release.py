"""From several seeds to the one model that is kept, with its card.

The seed is chosen on the dev split, like the epoch; the card gives mean and spread over all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gate_explorer import __version__
from gate_explorer.errors import InputError
from gate_explorer.runs.card_file import write_card
from gate_explorer.training.sentiment.card import model_card
from gate_explorer.training.sentiment.loop import Saving
from gate_explorer.training.sentiment.recipe import SentenceRecipe
from gate_explorer.training.sentiment.teachers import taught_texts
from gate_explorer.training.sentiment.train import SentenceReport, train
from gate_explorer.training.sentiment.treebank import read_split
from gate_explorer.zoo.cell_network import save_checkpoints
from gate_explorer.zoo.sentiment_network import CHECKPOINTS

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class SentenceRelease:
    """The reports of all seeds, the one that was kept, and where it lies."""

    reports: tuple[SentenceReport, ...]
    best: SentenceReport
    folder: Path

    def __str__(self) -> str:
        runs = "\n\n".join(str(report) for report in self.reports)
        seeds = "\n".join(
            f"seed {report.seed}: chosen by {report.chosen.binary:.2%} /"
            f" {report.chosen.five_classes:.2%} of dev,"
            f" test {report.test.binary:.2%} / {report.test.five_classes:.2%}"
            f"{'  <- kept, best on dev' if report is self.best else ''}"
            for report in self.reports
        )
        return f"{runs}\n\nbinary / five classes\n{seeds}\nwritten to {self.folder}"


def release_sentence(
    data: Path,
    out: Path,
    seeds: Sequence[int],
    checkpoints: Path,
    *,
    recipe: SentenceRecipe | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> SentenceRelease:
    """Train with each seed and write weights, vocabulary and card of the best on dev to `out`.

    Each seed saves its state in `checkpoints`/sentiment-seed-N.npz, and the teachers, which are the
    same for all seeds, in `checkpoints`/sentiment-teacher-N.npz.
    Raises: as `train`; InputError without a seed or with a seed twice.
    """
    if not seeds or len(set(seeds)) != len(seeds):
        raise InputError(f"seeds: expected one or more different numbers, got {list(seeds)}")
    recipe = recipe or SentenceRecipe()
    saving = Saving(checkpoints / "sentiment.npz", resume, quiet)
    teaching = recipe.teaching
    taught = taught_texts(data, recipe, teaching, saving) if teaching else ()
    reports = tuple(
        train(data, seed, saving.beside(f"seed-{seed}"), recipe, taught) for seed in seeds
    )
    best = max(reports, key=lambda report: report.chosen.rank)
    best.network.save(out, __version__)
    # The last one is the network itself, in the file beside it.
    save_checkpoints(out / CHECKPOINTS, dict(list(best.checkpoints.items())[:-1]), __version__)
    sentences = read_split(data, "train"), read_split(data, "dev")
    write_card(out, model_card(out.name, best, reports, *sentences))
    return SentenceRelease(reports, best, out)
