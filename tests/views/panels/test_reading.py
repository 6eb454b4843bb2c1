"""How a file was read, as a sentence and a table: what the interpretation says, and its source."""

import pytest

from app.views.panels.reading import Row, reading, sentence
from gate_explorer.weights import files, torch
from gate_explorer.weights.files import read
from gate_explorer.zoo.brought import Brought, brought_card
from tests.weights.samples import npz, samples, two_layers

SAMPLES = samples()


def model_of(data: bytes, **choices: str) -> Brought:
    options = files.Options(**choices)
    opened = read(data, options)
    return Brought(brought_card("own-1", "Mine", opened), opened, options)


def row(model: Brought, name: str) -> Row:
    return next(each for each in reading(model).rows if each.name == name)


def test_sentence_tells_layers_directions_units_and_widths() -> None:
    model = model_of(npz(torch.stack_to_torch(two_layers())))
    assert (
        sentence(model)
        == "Two LSTM layers, both directions, 2 units each way: 3 numbers a step in."
    )
    one = model_of(SAMPLES["gates.npz"])
    assert sentence(one) == "One LSTM layer, 2 units: 3 numbers a step in."


@pytest.mark.parametrize("name", SAMPLES)
def test_reading_of_every_kind_says_all_that_the_interpretation_does(name: str) -> None:
    model = model_of(SAMPLES[name])
    told, found = model.opened.interpretation, reading(model)
    values = " ".join(each.value for each in found.rows)
    for part in (told.network, told.layout, told.biases, *told.activations.values()):
        assert part in values
    assert found.assumed == told.assumed
    assert (*found.unused, *told.unused[len(found.unused) :]) == told.unused
    assert found.more_unused == len(told.unused) - len(found.unused)


def test_source_of_the_gate_order_is_assumed_until_it_is_chosen() -> None:
    data = SAMPLES["stacked.npz"]
    assert row(model_of(data), "Gate order").source == "assumed"
    chosen = row(model_of(data, gate_order="oigf"), "Gate order")
    assert (chosen.source, chosen.chosen, chosen.value) == ("chosen", "oigf", "oigf")
    assert ("oigf", "o, i, g, f") in chosen.choices
    assert row(model_of(SAMPLES["gates.npz"]), "Gate order").field == ""


def test_network_can_be_chosen_where_there_are_several() -> None:
    found = row(model_of(SAMPLES["graph.keras"]), "Network")
    names = [value for value, _ in found.choices]
    assert names == ["", "from_the_end", "simple", "simple_too", "simple > simple_too"]
    assert row(model_of(SAMPLES["stacked.npz"]), "Network").field == ""
