"""Units that do the same over a stretch, and where else in the corpus they do."""

import numpy as np
import pytest

from gate_explorer.analysis.alike import alike, read_corpus
from gate_explorer.analysis.corpus import PLACES, inputs_of
from gate_explorer.analysis.patterns import TRAITS
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import LSTMLayer, Run, gated
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from tests.zoo.first_run import first_run

WIDE = [model for model in registry.all_models() if model.card.hidden_size > 1]


def has_trait(layer: LSTMLayer, trait: str) -> np.ndarray:
    """The trait of every step and unit, by its definition."""
    found: np.ndarray = {
        "high": np.tanh(layer.c) >= 0.5,
        "low": np.tanh(layer.c) <= -0.5,
        "writes": layer.i > 0.5,
        "erases": layer.f <= 0.5,
        "shows": layer.o > 0.5,
    }[trait]
    return found


def keys() -> Run:
    text = "The keys to the cabinet are lost."
    return registry.get("agreement").run(Text(text), None, Options())


@pytest.mark.parametrize("trait", TRAITS)
def test_alike_units_have_the_trait_throughout_and_at_the_places(trait: str) -> None:
    run, model = keys(), registry.get("agreement")
    found = alike(run, 2, 3, trait)
    read = read_corpus(run.card, Options())
    assert read is not None
    columns = [unit - 1 for unit in found.units]
    mask = has_trait(gated(run.layers[0]), trait)[:, columns]
    assert mask[1:3].all()
    assert found.counts.tolist() == mask.sum(axis=1).tolist()
    if found.selective:
        assert not (mask[0] | mask[3]).any()
    places = read.places(found)
    assert len({place.input for place, _ in places}) == len(places) <= PLACES
    for place, counts in places:
        there = gated(model.run(inputs_of(model, place.input), None, Options()).layers[0])
        own = has_trait(there, trait)[:, columns].sum(axis=1)
        assert counts.tolist() == own.tolist()
        assert place.value == own[place.t - 1] == own.max()


@pytest.mark.parametrize("model", WIDE, ids=lambda model: model.card.id)
def test_alike_answers_on_every_model_of_several_units(model: Model) -> None:
    run = first_run(model)
    found = alike(run, 1, min(2, len(run)), "high")
    assert len(found.counts) == len(run)
    read = read_corpus(model.card, Options())
    assert (read is None) == (model.card.id == "exercise")


def test_corpus_is_of_the_trained_weights_alone() -> None:
    card = registry.get("counter").card
    assert read_corpus(card, Options(checkpoint=card.checkpoints[0])) is None
    assert read_corpus(card, Options(checkpoint=card.checkpoints[-1])) is not None
    toy = registry.get("toy-lstm").card
    assert read_corpus(toy, Options(sharpness=4)) is None
    assert read_corpus(toy, Options()) is not None


def test_nothing_alike_is_nowhere() -> None:
    run = keys()
    found = alike(run, 1, len(run), "erases")
    read = read_corpus(run.card, Options())
    assert read is not None
    assert found.units == ()
    assert read.places(found) == ()


@pytest.mark.parametrize(
    ("first", "last", "trait"), [(0, 1, "high"), (3, 2, "high"), (1, 99, "low")]
)
def test_stretch_that_isnt_there_is_refused(first: int, last: int, trait: str) -> None:
    with pytest.raises(InputError, match="The stretch is"):
        alike(keys(), first, last, trait)


def test_trait_that_a_cell_lacks_is_refused() -> None:
    run = registry.get("counter-rnn").run(Text("aabb"), None, Options())
    with pytest.raises(InputError, match="one of high, low"):
        alike(run, 1, 2, "writes")
