"""From several seeds to a folder that the zoo can load, with a card whose figures are measured."""

import re
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import pytest

from gate_explorer import __version__
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.card_file import CARD, read_card
from gate_explorer.training.sentiment.evaluation import evaluate
from gate_explorer.training.sentiment.release import SentenceRelease, release_sentence
from gate_explorer.training.sentiment.treebank import read_split
from gate_explorer.zoo.sentence import Sentiment
from gate_explorer.zoo.sentiment_network import (
    CHECKPOINTS,
    VOCABULARY,
    WEIGHTS,
    SentimentNetwork,
)
from tests.training.tiny import RECIPE, WIDTH, lay_out, same


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("release")


@pytest.fixture(scope="module")
def released(folder: Path) -> SentenceRelease:
    data = lay_out(folder / "data")
    return release_sentence(
        data, folder / "out", (1, 2, 3), folder / "kept", recipe=RECIPE, quiet=True
    )


@pytest.fixture(scope="module")
def card(released: SentenceRelease) -> Card:
    return read_card(released.folder)


def test_release_writes_four_files_that_load(released: SentenceRelease, folder: Path) -> None:
    assert sorted(path.name for path in released.folder.iterdir()) == sorted(
        (CARD, CHECKPOINTS, VOCABULARY, WEIGHTS)
    )
    loaded = SentimentNetwork.load(released.folder)
    dev = read_split(folder / "data", "dev")
    assert evaluate(loaded, dev) == released.best.dev


def test_release_best_seed_on_dev_is_the_one_written(released: SentenceRelease, card: Card) -> None:
    assert released.best.chosen.rank == max(report.chosen.rank for report in released.reports)
    assert card.training
    assert card.training.seed == released.best.seed
    assert card.training.seeds == (1, 2, 3)


def test_release_card_figures_are_those_of_the_reports(
    released: SentenceRelease, card: Card
) -> None:
    values = [report.test.binary for report in released.reports]
    assert card.measured
    assert card.measured.seeds == 3
    binary = card.measured.figures["test_binary_accuracy"]
    assert binary.value == pytest.approx(released.best.test.binary, abs=1e-4)
    assert binary.mean == pytest.approx(mean(values), abs=1e-4)
    assert binary.deviation == pytest.approx(stdev(values), abs=1e-4)


def test_release_card_says_sizes_splits_and_recipe(card: Card) -> None:
    assert (card.input_size, card.hidden_size) == (WIDTH, RECIPE.hidden)
    assert (card.splits[0].name, card.splits[0].sentences) == ("train", 60)
    assert card.training
    assert card.training.recipe["epochs"] == RECIPE.epochs
    assert 1 <= (card.trained_rows or 0) <= (card.rows or 0)
    assert any(source.citation.startswith("Socher") for source in card.data)
    assert card.trained_by == __version__


def test_release_card_names_the_teachers_and_what_they_taught(
    released: SentenceRelease, card: Card
) -> None:
    training = card.training
    assert training
    assert "1 Tree-LSTMs of 5 units, which read a sentence as the treebank draws it" in training.how
    assert "90% of their mean prediction" in training.how
    teaching = training.recipe["teaching"]
    assert isinstance(teaching, dict)
    assert teaching["teachers"] == 1
    assert (training.phrases, training.made_texts) == (released.best.readings, 30)


def test_release_card_of_a_model_that_nobody_taught_names_no_teachers(tmp_path: Path) -> None:
    alone = replace(RECIPE, epochs=1, teaching=None)
    data, out, kept = lay_out(tmp_path / "data"), tmp_path / "out", tmp_path / "kept"
    release_sentence(data, out, (1,), kept, recipe=alone, quiet=True)
    training = read_card(out).training
    assert training
    assert "knowledge distillation" not in training.how
    assert training.made_texts == 0
    assert [path.name for path in kept.glob("*.npz")] == ["sentiment-seed-1.npz"]


def test_release_resumed_trains_nobody_again(
    released: SentenceRelease, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = folder / "data", folder / "again"
    again = release_sentence(data, out, (1, 2, 3), folder / "kept", recipe=RECIPE, resume=True)
    made = re.findall(r"(\d+)/(\d+) \[[^]]*step", capsys.readouterr().err)
    assert len(made) >= 5
    assert all(done == wanted for done, wanted in made)
    assert same(again.best.network, released.best.network)
    assert again.best.seed == released.best.seed


def test_release_card_units_are_ranked_by_correlation(card: Card) -> None:
    strength = [abs(unit.correlation) for unit in card.units]
    assert strength == sorted(strength, reverse=True)
    assert all(0 <= unit.gates["forget gate"] <= 1 for unit in card.units)
    assert card.first_unit == card.units[0].unit


def test_release_card_units_say_only_what_their_figures_bear_out(card: Card) -> None:
    for fact in card.units:
        assert fact.words.startswith(fact.name)
        assert ("empties at “but”" in fact.name) == (fact.gates["forget gate at but"] <= 0.2)
        assert ("over function words" in fact.name) == (
            fact.gates["forget gate on function words"] >= 0.95
        )


def test_release_card_curve_has_the_dev_figures_of_every_checkpoint(
    released: SentenceRelease, folder: Path, card: Card
) -> None:
    model, dev = Sentiment(released.folder), read_split(folder / "data", "dev")
    assert list(model.card.checkpoints) == [point.checkpoint for point in card.curve]
    for point in card.curve:
        figures = evaluate(model.at(point.checkpoint), dev)
        assert point.figures["dev_binary_accuracy"] == pytest.approx(figures.binary, abs=1e-4)
    assert card.curve[0].step == 0


def test_release_report_names_the_seed_that_is_kept(released: SentenceRelease) -> None:
    line = next(line for line in str(released).split("\n") if "kept, best on dev" in line)
    assert line.startswith(f"seed {released.best.seed}:")


@pytest.mark.parametrize("seeds", [(), (1, 1)])
def test_release_no_seeds_or_one_twice_says_so(tmp_path: Path, seeds: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="one or more different numbers"):
        release_sentence(tmp_path, tmp_path, seeds, tmp_path)
