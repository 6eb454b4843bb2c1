"""From several seeds to a folder that the zoo can open: weights of every checkpoint, and a card.

Seeds, and for the twin learning rates too, are chosen on dev; the card gives the figures of the
chosen run on test, and mean and spread over the seeds.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from gate_explorer.errors import InputError
from gate_explorer.training.cells.loop import CellReport, train
from gate_explorer.training.cells.model import CellRecipe
from gate_explorer.training.cells.project import TWIN, Facts, Project
from gate_explorer.training.cells.task import Task
from gate_explorer.training.cells.units import findings
from gate_explorer.training.tasks.characters import Characters
from gate_explorer.zoo.cell_network import save_checkpoints
from gate_explorer.zoo.learned import folder_of
from gate_explorer.zoo.sentiment_network import CARD, WEIGHTS

HOW = (
    "Adam with gradients by backpropagation through time, {updates} updates of {batch} sequences"
    " each; a running mean of the weights is kept. Seeds were chosen on dev data, figures measured"
    " on test data."
)


@dataclass(frozen=True)
class ShippedModel:
    """One model's runs, the one that was shipped, and where it lies."""

    name: str
    reports: tuple[CellReport, ...]
    best: CellReport
    folder: Path

    def __str__(self) -> str:
        lines = [
            f"{report}{'  <- shipped, best on dev' if report is self.best else ''}"
            for report in self.reports
        ]
        return "\n".join([f"{self.name}: written to {self.folder}", *lines])


@dataclass(frozen=True)
class Keeping:
    """Where training keeps its place, whether it is taken up, and whether progress is shown."""

    folder: Path
    resume: bool = False
    quiet: bool = False


def ship(
    project: Project, data: Path, out: Path, keeping: Keeping, seeds: Sequence[int] = ()
) -> tuple[ShippedModel, ...]:
    """Train a project with each seed, and its twin if it has one; write folders to `out`.

    seeds: instead of the project's own. Raises: as `train`; InputError for a seed given twice.
    """
    seeds = tuple(seeds) or project.seeds
    if len(set(seeds)) != len(seeds):
        raise InputError(f"seeds: expected different numbers, got {list(seeds)}")
    task = project.make(data)
    reports = tuple(_run(project, task, project.recipe, seed, keeping) for seed in seeds)
    twins = tuple(
        _run(project, task, replace(project.recipe, cell="rnn", learning_rate=rate), seed, keeping)
        for rate in project.twin_rates
        for seed in seeds
    )
    shipped = _written(project, task, project.name, reports, twins, out)
    if not twins:
        return (shipped,)
    return shipped, _written(project, task, f"{project.name}-rnn", twins, reports, out)


def _run(
    project: Project, task: Task, recipe: CellRecipe, seed: int, keeping: Keeping
) -> CellReport:
    name = f"{project.name}-{recipe.cell}-{recipe.learning_rate:g}-seed-{seed}.npz"
    path = keeping.folder / name
    return train(task, recipe, seed, path, resume=keeping.resume, quiet=keeping.quiet)


def _written(
    project: Project,
    task: Task,
    name: str,
    reports: tuple[CellReport, ...],
    others: tuple[CellReport, ...],
    out: Path,
) -> ShippedModel:
    """Write the best run's checkpoints, and the card with the figures of both kinds of cell."""
    best = _best(project, reports)
    folder = out / folder_of(name)
    save_checkpoints(folder / WEIGHTS, best.checkpoints)
    card = _card(project, task, reports, others)
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    (folder / CARD).write_text(text, encoding="utf-8")
    return ShippedModel(name, reports, best, folder)


def _best(project: Project, reports: Sequence[CellReport]) -> CellReport:
    """The best run on dev; of equals, one at the rate that does best on average."""

    def worth(report: CellReport) -> tuple[float, ...]:
        alike = [project.rank(one.dev)[0] for one in reports if one.recipe == report.recipe]
        return (*project.rank(report.dev), mean(alike))

    return max(reports, key=worth)


def _card(
    project: Project,
    task: Task,
    reports: tuple[CellReport, ...],
    others: tuple[CellReport, ...],
) -> Facts:
    best = _best(project, reports)
    is_twin = best.recipe.cell == "rnn"
    units = [] if is_twin else findings(project.observe(best.network, task))
    facts: Facts = {
        **_head(project, best, others),
        "metrics": metrics(project, reports),
        "examples": list(project.examples),
        "first_unit": units[0]["unit"] if units else 1,
        "task": project.task,
        "figures": [asdict(figure) for figure in project.figures],
        "other_metrics": metrics(project, others) if others else None,
        "training": _training(best, reports),
        "curve": [_rounded(point) | {"checkpoint": name} for name, point in best.curve.items()],
        "units": units,
        "limits": [] if is_twin else list(project.limits),
        **project.facts,
    }
    if isinstance(task, Characters):
        facts["symbols"] = list(task.symbols.names)
    return facts


def _head(project: Project, best: CellReport, others: Sequence[CellReport]) -> Facts:
    """What the zoo's form of a card has fields for."""
    is_twin = best.recipe.cell == "rnn"
    return {
        "title": f"{project.title}, without gates" if is_twin else project.title,
        "description": _twin_words(project) if is_twin else project.description,
        "cell": best.recipe.cell,
        "input": project.input,
        "input_size": best.network.cell.input_size,
        "hidden_size": best.network.cell.hidden_size,
        "output": project.output,
        "provenance": "trained",
        "twin": f"{project.name}-rnn" if others and not is_twin else None,
        "listed": not is_twin,
        "checkpoints": list(best.checkpoints),
    }


def _twin_words(project: Project) -> str:
    runs = len(project.twin_rates) * len(project.seeds)
    return TWIN.format(runs=runs, rates=", ".join(f"{rate:g}" for rate in project.twin_rates))


def metrics(project: Project, reports: Sequence[CellReport]) -> dict[str, float | int]:
    """Figures of the best run on test; mean and deviation over the seeds at its learning rate."""
    best = _best(project, reports)
    alike = [one for one in reports if one.recipe == best.recipe]
    found: dict[str, float | int] = {"seeds": len(alike), "runs": len(reports)}
    for figure in project.figures:
        values = [report.test[figure.name] for report in alike]
        found[figure.name] = round(best.test[figure.name], 5)
        found[f"{figure.name}_mean"] = round(mean(values), 5)
        found[f"{figure.name}_deviation"] = round(stdev(values) if len(values) > 1 else 0.0, 5)
    return found


def _training(best: CellReport, reports: Sequence[CellReport]) -> Facts:
    recipe = best.recipe
    return {
        "how": HOW.format(updates=recipe.updates, batch=recipe.batch),
        "seed": best.seed,
        "seeds": sorted({report.seed for report in reports}),
        "rates": sorted({report.recipe.learning_rate for report in reports}),
        "runs": [
            {
                "learning_rate": report.recipe.learning_rate,
                "seed": report.seed,
                **_rounded(report.test),
            }
            for report in reports
        ],
        "recipe": asdict(recipe),
    }


def _rounded(point: dict[str, float]) -> dict[str, Any]:
    return {name: round(value, 5) for name, value in point.items()}
