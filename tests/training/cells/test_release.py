"""From several runs to folders that the zoo can open, with cards whose figures are measured."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gate_explorer import __version__
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.card_file import read_card
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.training.cells.release import Release, release_project
from gate_explorer.training.checkpoint import Checkpointing
from gate_explorer.training.tasks.counter import PROJECT
from gate_explorer.zoo.learned import Learned

QUICK = replace(
    PROJECT,
    recipe=replace(PROJECT.recipe, updates=60, batch=4),
    seeds=(1, 2, 3),
    twin_rates=(1e-3, 1e-2),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("release")


@pytest.fixture(scope="module")
def released(folder: Path) -> tuple[Release, ...]:
    return release_project(
        QUICK, folder, folder / "out", Checkpointing(folder / "runs", quiet=True)
    )


def card_of(folder: Path, name: str) -> Card:
    return read_card(folder / "out" / name)


def test_release_writes_the_model_and_its_twin_so_that_they_can_be_opened(
    released: tuple[Release, ...], folder: Path
) -> None:
    assert [one.name for one in released] == ["counter", "counter-rnn"]
    for one in released:
        model = Learned(one.folder)
        assert len(model.run(Text("aab"), None, Options())) == 3
        network = model.network()
        for ours, theirs in zip(
            network.torch_weights().values(), one.best.network.torch_weights().values(), strict=True
        ):
            assert np.array_equal(ours, theirs)


def test_release_best_on_dev_is_the_one_written(released: tuple[Release, ...]) -> None:
    for one in released:
        assert one.best.dev["strings"] == max(report.dev["strings"] for report in one.reports)
        assert str(one).count("<- kept, best on dev") == 1


def test_release_card_figures_are_those_of_the_reports(
    released: tuple[Release, ...], folder: Path
) -> None:
    lstm, twin = card_of(folder, "counter"), card_of(folder, "counter-rnn")
    values = [report.test["strings"] for report in released[0].reports]
    assert lstm.measured
    assert twin.measured
    strings = lstm.measured.figures["strings"]
    assert strings.value == pytest.approx(released[0].best.test["strings"], abs=1e-5)
    assert strings.mean == pytest.approx(np.mean(values), abs=1e-5)
    assert strings.deviation == pytest.approx(np.std(values, ddof=1), abs=1e-5)
    assert (lstm.measured.runs, twin.measured.runs) == (3, 6)
    assert (lstm.measured.seeds, twin.measured.seeds) == (3, 3)
    assert lstm.twin_measured == twin.measured
    assert twin.training
    assert len(twin.training.runs) == 6


def test_release_card_names_the_release_that_trained_it(
    released: tuple[Release, ...], folder: Path
) -> None:
    assert card_of(folder, "counter").trained_by == __version__


def test_release_twin_says_how_many_runs_it_is_the_best_of(
    released: tuple[Release, ...], folder: Path
) -> None:
    assert "best of 6 runs" in card_of(folder, "counter-rnn").description
    assert card_of(folder, "counter").twin == "counter-rnn"


def test_release_twin_of_the_seed_is_the_run_of_the_lstms_own_seed_and_rate(folder: Path) -> None:
    rates = (1e-3, QUICK.recipe.learning_rate)
    project = replace(QUICK, twin_of_the_seed=True, twin_rates=rates)
    checkpoints = Checkpointing(folder / "runs", resume=True, quiet=True)
    gated, plain = release_project(project, folder, folder / "seed", checkpoints)
    assert plain.best.seed == gated.best.seed
    assert plain.best.recipe == replace(gated.best.recipe, cell="rnn")
    words = read_card(plain.folder).description
    assert "Of 6 runs, with learning rates 0.001, 0.03" in words
    assert words.endswith(", 0 learned the task.")


def test_release_resumed_over_finished_runs_writes_the_same_bytes(
    released: tuple[Release, ...], folder: Path
) -> None:
    checkpoints = Checkpointing(folder / "runs", resume=True, quiet=True)
    again = release_project(QUICK, folder, folder / "again", checkpoints)
    for one, other in zip(released, again, strict=True):
        for name in ("weights.safetensors", "card.json"):
            assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_release_a_seed_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="different numbers"):
        release_project(QUICK, tmp_path, tmp_path, Checkpointing(tmp_path), (1, 1))
