"""A network's units are tried and written beside its card."""

from dataclasses import replace
from pathlib import Path

import pytest

from gate_explorer.runs.card_file import read_card, write_card
from gate_explorer.training.registry import projects
from gate_explorer.training.units import subject_of, write_units
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.units import load


def test_write_units_puts_the_findings_beside_the_card_and_the_names_into_it(
    tmp_path: Path,
) -> None:
    model, folder = registry.get("counter"), tmp_path / "counter"
    assert isinstance(model, Learned)
    write_card(folder, replace(model.card, units=(), first_unit=1))
    task = projects()["counter"].make(tmp_path)
    found = write_units(folder, model.network(), task.trial(), task.trial(again=True))
    assert load(folder) == found
    card = read_card(folder)
    assert [(fact.unit, fact.name) for fact in card.units] == [(2, "counts")]
    assert card.first_unit == 2
    assert card.units[0].damage == found.of(2).damage


@pytest.mark.parametrize("model_id", ["counter", "counter-rnn"])
def test_subject_reads_out_what_the_network_does(model_id: str) -> None:
    model = registry.get(model_id)
    assert isinstance(model, Learned)
    network = model.network()
    h = network.trace(model.card.hidden_size * [[[1.0, 0.0]]]).h  # type: ignore[arg-type]
    assert (subject_of(network).read_out(h) == network.read_out(h)).all()
