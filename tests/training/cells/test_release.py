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
from gate_explorer.training.cells.project import PROJECTS
from gate_explorer.training.cells.release import Keeping, ShippedModel, ship
from gate_explorer.training.cells.units import since, speaker
from gate_explorer.zoo.learned import Learned

COUNTER = PROJECTS["counter"]
QUICK = replace(
    COUNTER,
    recipe=replace(COUNTER.recipe, updates=60, batch=4),
    seeds=(1, 2, 3),
    twin_rates=(1e-3, 1e-2),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shipping")


@pytest.fixture(scope="module")
def shipped(folder: Path) -> tuple[ShippedModel, ...]:
    return ship(QUICK, folder, folder / "out", Keeping(folder / "runs", quiet=True))


def card_of(folder: Path, name: str) -> Card:
    return read_card(folder / "out" / name)


def test_ship_writes_the_model_and_its_twin_so_that_they_can_be_opened(
    shipped: tuple[ShippedModel, ...], folder: Path
) -> None:
    assert [one.name for one in shipped] == ["counter", "counter-rnn"]
    for one in shipped:
        model = Learned(one.folder)
        assert len(model.run(Text("aab"), None, Options())) == 3
        network = model.network()
        for ours, theirs in zip(
            network.torch_weights().values(), one.best.network.torch_weights().values(), strict=True
        ):
            assert np.array_equal(ours, theirs)


def test_ship_best_on_dev_is_the_one_written(shipped: tuple[ShippedModel, ...]) -> None:
    for one in shipped:
        assert one.best.dev["strings"] == max(report.dev["strings"] for report in one.reports)
        assert str(one).count("<- shipped, best on dev") == 1


def test_ship_card_figures_are_those_of_the_reports(
    shipped: tuple[ShippedModel, ...], folder: Path
) -> None:
    lstm, twin = card_of(folder, "counter"), card_of(folder, "counter-rnn")
    values = [report.test["strings"] for report in shipped[0].reports]
    assert lstm.measured
    assert twin.measured
    strings = lstm.measured.figures["strings"]
    assert strings.value == pytest.approx(shipped[0].best.test["strings"], abs=1e-5)
    assert strings.mean == pytest.approx(np.mean(values), abs=1e-5)
    assert strings.deviation == pytest.approx(np.std(values, ddof=1), abs=1e-5)
    assert (lstm.measured.runs, twin.measured.runs) == (3, 6)
    assert (lstm.measured.seeds, twin.measured.seeds) == (3, 3)
    assert lstm.twin_measured == twin.measured
    assert twin.training
    assert len(twin.training.runs) == 6


def test_ship_card_names_the_release_that_trained_it(
    shipped: tuple[ShippedModel, ...], folder: Path
) -> None:
    assert card_of(folder, "counter").trained_by == __version__


def test_ship_twin_says_how_many_runs_it_is_the_best_of(
    shipped: tuple[ShippedModel, ...], folder: Path
) -> None:
    assert "best of 6 runs" in card_of(folder, "counter-rnn").description
    assert card_of(folder, "counter").twin == "counter-rnn"


def test_ship_resumed_over_finished_runs_writes_the_same_bytes(
    shipped: tuple[ShippedModel, ...], folder: Path
) -> None:
    keeping = Keeping(folder / "runs", resume=True, quiet=True)
    again = ship(QUICK, folder, folder / "again", keeping)
    for one, other in zip(shipped, again, strict=True):
        for name in ("weights.safetensors", "card.json"):
            assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_ship_a_seed_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="different numbers"):
        ship(QUICK, tmp_path, tmp_path, Keeping(tmp_path), (1, 1))


def test_since_counts_the_steps_from_the_last_mark() -> None:
    mark = np.array([False, False, True, False, True])
    assert since(mark).tolist() == [1, 2, 0, 1, 0]


def test_speaker_is_the_name_before_a_colon_at_a_paragraphs_beginning() -> None:
    text = "ROMEO:\nAy me: so.\n\nno name\nhere:\nx"
    inside = [char for char, within in zip(text, speaker(text), strict=True) if within]
    assert "".join(inside) == "ROMEO"
