"""What goes in: the field with what was typed, its examples, what is wrong with it."""

import pytest

from app.views.panels.input import MOST_BESIDE, ROOM, make_input
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import get
from tests.views.panels.page import opened, page_of, refused


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_input_examples_each_open_and_are_marked(model: Model) -> None:
    for example in make_input(page_of(model), None).examples:
        page = opened(model, example.address)
        current = [each.title for each in make_input(page, None).examples if each.current]
        assert current == [example.title]


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_input_shows_few_examples_beside_the_field_the_open_one_among_them(model: Model) -> None:
    for example in make_input(page_of(model), None).examples:
        found = make_input(opened(model, example.address), None)
        assert len(found.beside) <= MOST_BESIDE
        assert any(each.current for each in found.beside)
        assert all(len(each.short) <= ROOM + 1 for each in found.beside)
        assert found.note == example.note


def test_input_of_vectors_is_one_line_that_reads_back() -> None:
    page = page_of(get("toy-rules"), x="3,1,0;5,0,1")
    found = make_input(page, None)
    assert (found.name, found.value) == ("x", "3,1,0; 5,0,1")


def test_input_of_characters_shows_line_ends_as_signs() -> None:
    found = make_input(page_of(get("characters"), text="A\nB"), None)
    assert (found.name, found.value) == ("line", "A⏎B")


def test_input_that_cannot_be_used_keeps_what_was_typed() -> None:
    page = refused(get("sentiment"), text="  ")
    found = make_input(page, page.typed)
    assert found.wrong
    assert found.error


@pytest.mark.parametrize(
    ("model_id", "sharpness", "field"),
    [("toy-lstm", None, "100"), ("toy-lstm", 4.0, "4"), ("toy-lstm", 4.123456789, "4.123456789"),
     ("toy-rules", None, None), ("sentiment", None, None)],
)  # fmt: skip
def test_input_has_a_sharpness_where_the_model_has_one(
    model_id: str, sharpness: float | None, field: str | None
) -> None:
    fields = {} if sharpness is None else {"sharpness": sharpness}
    found = make_input(page_of(get(model_id), **fields), None).sharpness
    assert (found and found.value) == field


def test_input_leads_to_the_founding_sentence_in_the_other_model() -> None:
    onward = make_input(page_of(get("toy-rules")), None).onward
    assert onward is not None
    assert onward[0].startswith("/models/sentiment?text=I+love+France")
