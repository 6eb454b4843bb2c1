"""From several seeds to a folder that the zoo can open: weights of every checkpoint, and a card.

Seeds, and for the twin learning rates too, are chosen on dev; the card gives the figures of the
chosen run on test, and mean and spread over the seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev

from gate_explorer import __version__
from gate_explorer.analysis.gradients import does
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card, CurvePoint, Measured, Measurement, Training, TrainingRun
from gate_explorer.runs.card_file import write_card
from gate_explorer.training.cells.loop import Report, train
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project
from gate_explorer.training.cells.task import Task
from gate_explorer.training.checkpoint import Checkpointing
from gate_explorer.training.units import write_units
from gate_explorer.zoo.cell_network import save_checkpoints
from gate_explorer.zoo.sentiment_network import WEIGHTS

ZEROS = "What isn’t among the model’s symbols reaches the cell as zeros, as if nothing were there."
NO_GATES = (
    "The same task and the same size for a vanilla RNN, which has no gates:"
    " h = tanh(W x + U h’ + b) is all there is. "
)
THE_BEST = (
    "It is trained as well as we could (the best of {runs} runs, with learning"
    " rates {rates}, recurrent weights orthogonal at the start)."
)
OF_THE_SEED = (
    "It has the LSTM’s own seed, rate and number of updates. Of {runs} runs, with learning rates"
    " {rates}, recurrent weights orthogonal at the start, {learned} learned the task."
)
HOW = (
    "Adam with gradients by backpropagation through time, {updates} updates of {batch} sequences"
    " each; a running mean of the weights is kept. Seeds were chosen on dev data, figures measured"
    " on test data."
)

AFTER_THE_MENU = 1000


@dataclass(frozen=True)
class Release:
    """A model's runs, the one whose weights are kept, and where they lie."""

    name: str
    reports: tuple[Report, ...]
    best: Report
    folder: Path

    def __str__(self) -> str:
        lines = [
            f"{report}{'  <- kept, best on dev' if report is self.best else ''}"
            for report in self.reports
        ]
        return "\n".join([f"{self.name}: written to {self.folder}", *lines])


def release_project(
    project: Project, data: Path, out: Path, checkpoints: Checkpointing, seeds: Sequence[int] = ()
) -> tuple[Release, ...]:
    """Train a project with each seed, and its twin if it has one; write folders to `out`.

    seeds: instead of the project's own. Raises: as `train`; InputError for a seed given twice.
    """
    seeds = tuple(seeds) or project.seeds
    if len(set(seeds)) != len(seeds):
        raise InputError(f"seeds: expected different numbers, got {list(seeds)}")
    task = project.make(data)
    reports = tuple(_run(project, task, project.recipe, seed, checkpoints) for seed in seeds)
    twins = tuple(
        _run(project, task, recipe, seed, checkpoints)
        for recipe in project.twin_recipes
        for seed in seeds
    )
    gated = _Runs(reports, _best(project, reports))
    if not twins:
        return (_written(project, task, project.name, gated, None, out),)
    plain = _Runs(twins, _twin_kept(project, twins, gated.kept))
    return (
        _written(project, task, project.name, gated, plain, out),
        _written(project, task, f"{project.name}-rnn", plain, gated, out),
    )


@dataclass(frozen=True)
class _Runs:
    """All runs of one kind of cell, and the one whose weights are kept."""

    reports: tuple[Report, ...]
    kept: Report


def _run(
    project: Project, task: Task, recipe: Recipe, seed: int, checkpoints: Checkpointing
) -> Report:
    name = f"{project.name}-{recipe.cell}-{recipe.learning_rate:g}-seed-{seed}.npz"
    path = checkpoints.folder / name
    return train(task, recipe, seed, path, resume=checkpoints.resume, quiet=checkpoints.quiet)


def _written(
    project: Project,
    task: Task,
    name: str,
    runs: _Runs,
    others: _Runs | None,
    out: Path,
) -> Release:
    """Write the kept run's checkpoints, and the card with the figures of both kinds of cell."""
    kept, folder = runs.kept, out / name
    save_checkpoints(folder / WEIGHTS, kept.checkpoints, __version__)
    write_card(folder, _card(project, task, name, runs, others))
    write_units(folder, kept.network, task.trial(), task.trial(again=True))
    return Release(name, runs.reports, kept, folder)


def _best(project: Project, reports: Sequence[Report]) -> Report:
    """The best run on dev; of equals, one at the rate that does best on average."""

    def worth(report: Report) -> tuple[float, ...]:
        alike = [project.rank(one.dev)[0] for one in reports if one.recipe == report.recipe]
        return (*project.rank(report.dev), mean(alike))

    return max(reports, key=worth)


def _twin_kept(project: Project, twins: Sequence[Report], gated: Report) -> Report:
    """The twin's best run, or, where the project says so, that of the LSTM's seed and rate."""
    if not project.twin_of_the_seed:
        return _best(project, twins)
    same = replace(gated.recipe, cell="rnn")
    return next(one for one in twins if (one.recipe, one.seed) == (same, gated.seed))


def _card(
    project: Project,
    task: Task,
    name: str,
    runs: _Runs,
    others: _Runs | None,
) -> Card:
    kept = runs.kept
    cell = kept.network.cell
    card = Card(
        id=name,
        title=project.title,
        description=project.description,
        cell=kept.recipe.cell,
        input=project.input,
        input_size=cell.input_size,
        hidden_size=cell.hidden_size,
        output=project.output,
        provenance="trained",
        examples=project.examples,
        family="learned",
        order=project.order,
        checkpoints=tuple(kept.checkpoints),
        task=project.task,
        figures=project.figures,
        measured=_measured(project, runs),
        twin_measured=_measured(project, others) if others else None,
        training=_training(runs),
        trained_by=__version__,
        curve=tuple(_point(name, figures) for name, figures in kept.curve.items()),
        symbols=tuple(task.symbols),
        labels=project.labels,
        inputs=project.inputs,
        range=project.range,
        string_end=project.string_end,
        series=project.series,
        unknown_word=None if project.input == "vectors" else ZEROS,
        data=project.data,
    )
    beyond = task.limits(kept.network)
    if kept.recipe.cell == "rnn":
        return _as_twin(replace(card, limits=beyond), project, runs.reports)
    return replace(
        card,
        limits=(*project.limits, *beyond),
        twin=f"{project.name}-rnn" if others else None,
    )


def _as_twin(card: Card, project: Project, reports: Sequence[Report]) -> Card:
    """The card of the network without gates: not in the menu, and after all that are."""
    return replace(
        card,
        title=f"{project.title}, without gates",
        description=_twin_words(project, reports),
        order=AFTER_THE_MENU + project.order,
        listed=False,
    )


def _twin_words(project: Project, reports: Sequence[Report]) -> str:
    figure = project.figures[0]
    numbers = {
        "runs": len(project.twin_rates) * len(project.seeds),
        "rates": ", ".join(f"{rate:g}" for rate in project.twin_rates),
        "learned": sum(does(figure, report.dev[figure.name]) is True for report in reports),
    }
    chosen = OF_THE_SEED if project.twin_of_the_seed else THE_BEST
    return NO_GATES + chosen.format(**numbers)


def _measured(project: Project, runs: _Runs) -> Measured:
    """Figures of the kept run on test; mean and deviation over the seeds at its learning rate."""
    alike = [one for one in runs.reports if one.recipe == runs.kept.recipe]
    found = {}
    for name in (figure.name for figure in project.figures):
        values = [report.test[name] for report in alike]
        deviation = stdev(values) if len(values) > 1 else 0.0
        numbers = (runs.kept.test[name], mean(values), deviation)
        found[name] = Measurement(*(round(number, 5) for number in numbers))
    return Measured(len(alike), found, len(runs.reports))


def _training(runs: _Runs) -> Training:
    kept, reports = runs.kept, runs.reports
    recipe = kept.recipe
    return Training(
        how=HOW.format(updates=recipe.updates, batch=recipe.batch),
        seed=kept.seed,
        seeds=tuple(sorted({report.seed for report in reports})),
        recipe=asdict(recipe),
        rates=tuple(sorted({report.recipe.learning_rate for report in reports})),
        runs=tuple(
            TrainingRun(report.recipe.learning_rate, report.seed, _rounded(report.test))
            for report in reports
        ),
    )


def _point(checkpoint: str, figures: Mapping[str, float]) -> CurvePoint:
    rest = {name: value for name, value in figures.items() if name != "step"}
    return CurvePoint(checkpoint, int(figures["step"]), _rounded(rest))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in figures.items()}
