"""The drawer of a marked stretch: its strip, its units, its places, each leading where it says."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.views.panels.alike import AlikeView, alike_units, has, stretch_of
from gate_explorer.analysis.patterns import TRAITS
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from tests.views.panels.page import opened, page_of

WIDE = [model for model in registry.all_models() if model.card.hidden_size > 1]
NOT = "The food was not good but I liked it"


def made(model: Model, **fields: object) -> AlikeView:
    """The drawer of a model's first example, or of the fields' own input."""
    return alike_units(page_of(model, drawer="alike", **fields))


@pytest.mark.parametrize("model", WIDE, ids=lambda model: model.card.id)
def test_every_model_of_several_units_tells_who_does_the_same(model: Model) -> None:
    found = made(model)
    page = page_of(model, drawer="alike")
    assert [step.t for step in found.steps if step.marked] == [page.explorer.t]
    assert sum(trait.current for trait in found.traits) == 1
    assert len(found.traits) == (2 if model.card.cell == "rnn" else len(TRAITS))
    (current,) = (trait for trait in found.traits if trait.current)
    assert len(found.units) + found.more == current.count
    if model.card.id != "exercise":
        assert bool(found.places) == bool(current.count)
    for place in found.places:
        other = opened(model, place.address)
        assert str(other.explorer.t) == parse_qs(urlsplit(place.address).query)["t"][0]
        (now,) = (token for token in place.tokens if token.now)
        assert now.text


def test_model_of_one_unit_has_no_such_drawer() -> None:
    assert not has(page_of(registry.get("toy-rules")))
    assert has(page_of(registry.get("counter")))


def test_stretch_takes_two_presses_and_a_third_begins_anew() -> None:
    model = registry.get("sentiment")
    first = made(model, text=NOT, t=2)
    begun = opened(model, first.steps[5].address)
    assert (begun.state.stretch, begun.state.t) == ("6", 2)
    view = alike_units(begun)
    assert view.begun
    ended = opened(model, view.steps[3].address)
    assert ended.state.stretch == "4-6"
    assert stretch_of(ended) == (4, 6)
    view = alike_units(ended)
    assert not view.begun
    assert [step.t for step in view.steps if step.marked] == [4, 5, 6]
    assert opened(model, view.steps[0].address).state.stretch == "1"


def test_stretch_beyond_the_run_ends_with_it() -> None:
    page = page_of(registry.get("counter"), text="aabb", stretch="3-90")
    assert stretch_of(page) == (3, 4)
    assert page.marked == range(0)
    page = page_of(registry.get("counter"), text="aabb", stretch="3-90", drawer="alike")
    assert page.marked == range(3, 5)


def test_bars_of_the_strip_count_the_units_that_are_named() -> None:
    model = registry.get("sentiment")
    found = made(model, text=NOT, stretch="4-6", trait="low")
    assert {step.level for step in found.steps if step.marked} == {"t10 u0"}
    assert found.words.endswith("steps 4 to 6, and not right before or after:")
    assert f"{len(found.units)} units have a low memory" in found.words


@pytest.mark.parametrize("model_id", ["counter", "toy-learned"])
def test_other_weights_than_read_the_corpus_say_so(model_id: str) -> None:
    model = registry.get(model_id)
    found = made(model, checkpoint=model.card.checkpoints[0])
    assert found.places == ()
    assert "the corpus was read by" in found.source
    assert "27,110 steps" in made(registry.get("sentiment"), text=NOT).source
