"""What can be trained: every file of a task, found by being there."""

from pathlib import Path

import pytest

from gate_explorer.training import registry, tasks
from gate_explorer.zoo.registry import MODELS, get

FILES = {path.stem for path in Path(tasks.__file__).parent.glob("*.py")} - {"__init__"}
TRAINED = [name for name in MODELS if get(name).card.provenance == "trained"]


def test_names_are_those_of_the_files() -> None:
    assert {name.replace("-", "_") for name in registry.names()} == FILES


@pytest.mark.parametrize("name", registry.names())
def test_every_task_can_be_released(name: str) -> None:
    assert callable(registry.release_of(name))


def test_every_trained_model_of_the_menu_has_its_task() -> None:
    listed = {name for name in TRAINED if get(name).card.listed}
    assert listed == set(registry.names()) & set(MODELS)


@pytest.mark.parametrize("name", registry.projects())
def test_project_says_of_its_model_what_the_card_says(name: str) -> None:
    project, card = registry.projects()[name], get(name).card
    assert project.name == name == card.id
    assert (card.title, card.description, card.task) == (
        project.title,
        project.description,
        project.task,
    )
    assert (card.figures, card.examples) == (project.figures, project.examples)
    assert set(project.limits) <= set(card.limits), "others are measured and written in"
    assert (card.order, card.input, card.output) == (project.order, project.input, project.output)
    assert (card.labels, card.inputs, card.range) == (
        project.labels,
        project.inputs,
        project.range,
    )
    assert card.data == project.data
    assert (card.twin is not None) == bool(project.twin_rates)
