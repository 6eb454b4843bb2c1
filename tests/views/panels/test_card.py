"""The model card's figures, units and limits as words."""

import pytest
from app.views.nicknames import marked_nicknames
from app.views.panels.card import figures, limits, unit_facts

from gate_explorer.zoo.registry import get

CARD = get("sentiment").card


def test_figures_are_the_measured_ones_with_their_spread() -> None:
    assert CARD.measured
    measured = CARD.measured.figures["test_binary_accuracy"]
    found = {(figure.split, figure.what): figure for figure in figures(CARD)}
    assert len(found) == 4
    binary = found["test", "positive or negative, neutral left out"]
    assert float(binary.shipped.removesuffix(" %")) == pytest.approx(measured.value * 100, abs=0.05)
    assert binary.spread.startswith(f"{measured.mean * 100:.1f} ± ")
    assert binary.spread.endswith(f"over {CARD.measured.seeds} seeds")


def test_figures_of_a_model_that_is_not_trained_are_none() -> None:
    assert figures(get("toy-rules").card) == []
    assert unit_facts(get("toy-lstm").card) == ()
    assert limits(get("toy-rules").card) == []


def test_unit_facts_begin_with_the_unit_shown_first() -> None:
    assert unit_facts(CARD)[0].unit == CARD.first_unit


def test_unit_facts_say_only_what_their_figures_bear_out() -> None:
    for fact in unit_facts(CARD):
        assert fact.words.startswith(fact.name)
        at_but = fact.gates["forget gate at but"]
        assert ("empties at “but”" in fact.name) == (at_but <= 0.2)
        assert ("holds on through “but”" in fact.name) == (at_but >= 0.95)
        assert ("over function words" in fact.name) == (
            fact.gates["forget gate on function words"] >= 0.95
        )


def test_limits_carry_the_query_that_opens_them() -> None:
    assert ("It fails to disappoint.", "text=It+fails+to+disappoint.") in [
        (text, query) for text, query, _ in limits(CARD)
    ]


def test_nicknames_are_marked_and_all_else_is_escaped() -> None:
    marked = marked_nicknames("“<b>” the Eraser & the Filters")
    assert marked == '“&lt;b&gt;” the <b class="f-forget">Eraser</b> &amp; the Filters'
