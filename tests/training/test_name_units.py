"""The command that tries every model's units."""

import shutil
from pathlib import Path

import pytest

from gate_explorer.errors import DataError, InputError
from gate_explorer.training import name_units
from gate_explorer.training.name_units import network_of, trained, trial_of, with_limits
from gate_explorer.zoo import registry
from gate_explorer.zoo.units import UNITS


def test_name_units_writes_what_is_kept_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    zoo = tmp_path / "zoo"
    shutil.copytree(registry.ZOO / "counter", zoo / "counter")
    (zoo / "counter" / UNITS).unlink()
    monkeypatch.setattr(registry, "ZOO", zoo)
    name_units.main(["counter"])
    assert (zoo / "counter" / UNITS).is_file()
    assert capsys.readouterr().out == "counter: 2 counts\n"


def test_trained_models_are_those_with_a_network() -> None:
    assert {"sentiment", "characters", "counter", "counter-rnn"} <= set(trained())
    assert not {"toy-rules", "toy-lstm"} & set(trained())
    for model_id in trained():
        assert network_of(model_id).cell.hidden_size == registry.get(model_id).card.hidden_size


@pytest.mark.parametrize("asked", [network_of, lambda name: trial_of(name, Path())])
def test_model_that_was_not_trained_is_refused(asked: object) -> None:
    with pytest.raises(InputError, match="wasn't trained"):
        asked("toy-lstm")  # type: ignore[operator]


@pytest.mark.parametrize("model_id", ["characters", "sentiment"])
def test_trial_that_needs_data_says_where_it_is_missing(model_id: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        trial_of(model_id, tmp_path)


def test_with_limits_keeps_a_sentence_models_own() -> None:
    card = registry.get("sentiment").card
    assert with_limits(card, Path()) == card
