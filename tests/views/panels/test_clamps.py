"""What is held, in words, and what can be."""

import pytest

from app.views.panels.clamps import clamps, has, hold_words
from gate_explorer.runs.clamps import parse
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of, refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("forget_gate:0@3", "the Eraser is held at 0 at step 3"),
        ("output_gate:1@2-5/7,9", "the Presenter is held at 1 at steps 2–5 in units 7, 9"),
        ("candidate:-0.5@*", "the Writer is held at −0.50 at every step"),
        ("input_gate:0.25@1,4/2", "the Filter is held at 0.25 at steps 1, 4 in unit 2"),
    ],
)
def test_clamps_read_as_a_sentence(text: str, words: str) -> None:
    (clamp,) = parse([text])
    assert hold_words(clamp, symbols=False) == words
    assert not {"Eraser", "Filter", "Writer", "Presenter"} & set(hold_words(clamp, True).split())


def test_clamp_of_a_stack_says_of_which_layer() -> None:
    clamps_of = ("forget_gate:0@3", "forget_gate:0@3/7")
    whole, some = (hold_words(clamp, False, "layer 2, backward") for clamp in parse(clamps_of))
    assert whole == "the Eraser is held at 0 at step 3 in layer 2, backward"
    assert some == "the Eraser is held at 0 at step 3 in unit 7 of layer 2, backward"


def test_clamps_can_each_be_let_go() -> None:
    page = page_of(get("counter"), text="aabb", clamp="forget_gate:0@1;input_gate:1@2")
    first, second = clamps(page).holds
    assert first.others == ("input_gate:1@2",)
    assert second.others == ("forget_gate:0@1",)


def test_clamps_form_offers_the_gates_and_the_candidate() -> None:
    names = [name for name, _ in clamps(page_of(get("counter"))).gates]
    assert names == ["forget_gate", "input_gate", "candidate", "output_gate"]


def test_clamps_are_for_cells_with_gates_and_input_that_can_be_used() -> None:
    assert has(page_of(get("toy-rules")))
    assert not has(page_of(get("counter-rnn")))
    assert not has(refused(get("toy-rules"), x="a,b,c"))
