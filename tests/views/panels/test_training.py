"""Training: the checkpoints to go through, and the twin."""

import pytest

from app.views.panels.training import has, training
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_training_has_every_checkpoint_of_the_card(model: Model) -> None:
    page = page_of(model)
    found = training(page)
    assert [each.name for each in found.checkpoints] == list(model.card.checkpoints)
    assert has(page) == bool(model.card.checkpoints or page.links.twin)
    if found.checkpoints:
        assert [each.current for each in found.checkpoints].index(True) == len(
            found.checkpoints
        ) - 1
        assert found.checkpoints[-1].value == ""


def test_training_shows_the_checkpoint_that_is_open() -> None:
    label = get("counter").card.checkpoints[2]
    found = training(page_of(get("counter"), checkpoint=label))
    assert [each.name for each in found.checkpoints if each.current] == [label]


def test_training_leads_to_the_twin_with_the_same_input() -> None:
    found = training(page_of(get("counter"), text="aabb", t=3))
    assert found.twin == "/models/counter-rnn?text=aabb&t=3"
    assert training(page_of(get("counter-rnn"), text="aabb")).twin == "/models/counter?text=aabb"
