"""How much of a gradient is left, against how far back one looks."""

import re
from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.zoo import registry
from gate_explorer.zoo.distances import DISTANCES, Distances, Of, load, to_json


def kept() -> Distances:
    found = load(registry.ZOO / "adding")
    assert found is not None
    return found


def mean(model_id: str, checkpoint: str, of: Of) -> dict[int, float]:
    line = kept().line(model_id, checkpoint, of)
    return dict(zip(kept().distances, line.mean, strict=True))


def test_distances_have_every_checkpoint_of_both_networks() -> None:
    for model_id, sizes in (("adding", ("hidden", "memory", "path")), ("adding-rnn", ("hidden",))):
        for checkpoint in registry.get(model_id).card.checkpoints:
            for of in sizes:
                assert len(kept().line(model_id, checkpoint, of).mean) == len(kept().distances)  # type: ignore[arg-type]


def test_trained_lstm_keeps_the_gradient_and_the_rnn_loses_it() -> None:
    assert min(mean("adding", "step-4000", "memory").values()) > 0.7
    assert mean("adding-rnn", "step-4000", "hidden")[100] < 1e-10
    assert mean("adding", "step-4000", "path")[300] > 0.5, "most of it by the forget gates alone"


def test_untrained_lstm_loses_it_sooner_than_the_orthogonal_rnn() -> None:
    assert mean("adding", "step-0", "memory")[100] < 1e-7
    assert mean("adding-rnn", "step-0", "hidden")[100] > 1e-2


def test_lstm_learns_to_hold_between_steps_722_and_1700_of_its_training() -> None:
    assert mean("adding", "step-722", "memory")[100] < 1e-8
    assert mean("adding", "step-1700", "memory")[100] > 0.8


def test_distances_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / DISTANCES).write_text(to_json(kept()), encoding="utf-8")
    assert load(tmp_path) == kept()
    assert load(registry.ZOO / "counter") is None
    (tmp_path / DISTANCES).write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"distances\.json"):
        load(tmp_path)


def test_table_of_the_documents_is_what_was_measured() -> None:
    text = (Path(__file__).parents[2] / "docs/equations.md").read_text(encoding="utf-8")
    of = {"h": "hidden", "c": "memory", "c, by the forget gates alone": "path"}
    rows = re.findall(r"^\| (LSTM|RNN), ([\w ]+) \| ([^|]+) \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == 14
    for cell, when, size, values in rows:
        model = "adding" if cell == "LSTM" else "adding-rnn"
        update = {"untrained": "0", "trained": "4000"}.get(when, when.removeprefix("update "))
        line = kept().line(model, f"step-{update}", of[size])  # type: ignore[arg-type]
        told = [float(value) for value in values.split(" | ")]
        assert told == pytest.approx(line.mean, rel=0.5, abs=0)
        assert all(a == pytest.approx(b, abs=0.006) for a, b in zip(told, line.mean, strict=True))
