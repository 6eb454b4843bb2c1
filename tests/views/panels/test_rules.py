"""The three rules on the toy's page, and how far its LSTM is off them."""

import pytest

from app.views.panels.rules import deviation, rules
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of


@pytest.mark.parametrize(
    ("x", "fired"),
    [("3,1,0", ["add"]), ("3,-1,1", ["reset", "show"]), ("3,0,1", ["show"]), ("3,0,0", [])],
)
def test_rules_fire_as_the_vector_says(x: str, fired: list[str]) -> None:
    assert [rule.word for rule in rules(page_of(get("toy-rules"), x=x)) if rule.fired] == fired


def test_rules_do_not_fire_where_a_gate_is_held() -> None:
    page = page_of(get("toy-rules"), x="3,1,1", clamp="input_gate:0@1")
    assert not any(rule.fired for rule in rules(page))


def test_rules_are_the_toys_alone() -> None:
    assert rules(page_of(get("toy-lstm"))) == ()


def test_deviation_is_how_far_the_lstm_is_off_the_rules() -> None:
    found = deviation(page_of(get("toy-lstm"), x="3,1,0;5,0,1"))
    assert found is not None
    assert found.rules == "3"
    assert deviation(page_of(get("toy-rules"))) is None
