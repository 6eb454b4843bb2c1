"""The committed character model on the passages that it didn't learn, against its card.

Run by `make test-data DATA=folder`.
"""

import pytest

from gate_explorer.training.cells.units import findings
from gate_explorer.training.tasks.characters import Characters, read_text
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned
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


def test_characters_symbols_are_those_of_the_text(model: Learned, task: Characters) -> None:
    assert model.card.symbols == task.symbols


def test_characters_telling_units_do_what_their_names_say(model: Learned, task: Characters) -> None:
    found = findings(task.observe(model.network()))
    named = model.card.units
    assert [one.unit for one in found] == [one.unit for one in named]
    for ours, theirs in zip(found, named, strict=True):
        assert ours.correlation == pytest.approx(theirs.correlation, abs=0.01)
    line = found[0]
    assert abs(line.correlation) > 0.7
    assert line.gates["forget gate at a line’s end"] < 0.3
    assert line.gates["forget gate elsewhere"] > 0.9
