"""What holding a gate changed, in one sentence that is true of both runs."""

import pytest

from app.views.panels.held import held
from gate_explorer.analysis.words import signed
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of


def tone(page_text: str, clamp: str | None) -> float:
    """How a sentence ends under a clamp."""
    output = page_of(get("sentiment"), text=page_text, clamp=clamp).run.outputs[-1]
    assert isinstance(output, ClassesOutput)
    assert output.tone is not None
    return output.tone


@pytest.mark.parametrize("clamp", ["input_gate:0@4", "forget_gate:1@4", "output_gate:0@1"])
def test_held_sentence_says_how_it_ends_and_how_it_did(clamp: str) -> None:
    text = "The movie was not good."
    found = held(page_of(get("sentiment"), text=text, clamp=clamp))
    assert found is not None
    now, own = tone(text, clamp), tone(text, None)
    assert signed(now) in found.words
    assert signed(own) in found.words
    if abs(now - own) < 0.02:
        assert found.headline == "The verdict stays."
    else:
        turned = now * own < 0
        assert found.headline == ("The verdict turns over." if turned else "The verdict moves.")


def test_held_answer_of_classes_names_both() -> None:
    found = held(page_of(get("counter"), text="aabb", clamp="forget_gate:0@3"))
    assert found is not None
    assert "“closed”" in found.words


def test_held_number_of_the_toy_says_what_comes_out() -> None:
    found = held(page_of(get("toy-rules"), x="3,1,0;5,0,1", clamp="input_gate:1@2"))
    assert found is not None
    assert found.words == "It ends with 8, not 3."
    assert "clamp" not in found.free


def test_held_is_nothing_where_nothing_is() -> None:
    assert held(page_of(get("counter"))) is None
