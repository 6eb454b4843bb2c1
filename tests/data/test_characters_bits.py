"""The committed character model on the passages that it didn't learn, against its card.

Run by `make test-data DATA=folder`.
"""

import pytest

from gate_explorer.analysis.damage import damages_of
from gate_explorer.training.tasks.characters import Characters, read_text
from gate_explorer.training.units import subject_of
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.units import load
from tests.data.folder import data_folder

GOAL = 2.25  # bits a character


@pytest.fixture(scope="module")
def model() -> Learned:
    found = registry.get("characters")
    assert isinstance(found, Learned)
    return found


@pytest.fixture(scope="module")
def task() -> Characters:
    return Characters(read_text(data_folder()))


def test_characters_bits_are_those_of_the_card_and_reach_the_goal(
    model: Learned, task: Characters
) -> None:
    bits = task.test(model.network())["bits"]
    assert model.card.measured
    assert bits == pytest.approx(model.card.measured.figures["bits"].value, abs=1e-3)
    assert bits <= GOAL


def test_characters_learning_curve_is_that_of_the_checkpoints(
    model: Learned, task: Characters
) -> None:
    for point in model.card.curve[::4]:
        bits = task.dev(model.network(point.checkpoint))["bits"]
        assert bits == pytest.approx(point.figures["bits"], abs=1e-3)


def test_characters_text_has_as_many_characters_as_its_card_says(model: Learned) -> None:
    (text,) = model.card.data
    assert text.use == f"{len(read_text(data_folder())):,} characters of the plays, in order"


def test_characters_symbols_are_those_of_the_text(model: Learned, task: Characters) -> None:
    assert model.card.symbols == task.symbols


def test_characters_units_are_missed_as_their_file_says(model: Learned, task: Characters) -> None:
    """The named ones, those that come next, and one that was named once; all 128 take minutes."""
    stands = load(registry.ZOO / "characters")
    assert stands is not None
    units = (100, 57, 17, 30, 55)
    found = damages_of(subject_of(model.network()), task.trial(), [(unit - 1,) for unit in units])
    for unit, damages in zip(units, found, strict=True):
        kept = stands.of(unit)
        for ours, theirs in zip(damages, (kept.damage, *kept.also), strict=True):
            assert ours.whole == pytest.approx(theirs.whole, rel=1e-3)
            assert ours.silenced == pytest.approx(theirs.silenced, rel=5e-3)
            assert ours.erased == pytest.approx(theirs.erased, rel=5e-3)
