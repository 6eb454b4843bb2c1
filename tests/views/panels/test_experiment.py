"""The experiment to try: what it promises is what comes, on every model, at every step."""

import pytest

from app.views.equation.verdict import verdict
from app.views.pages.explorer import Page
from app.views.panels.experiment import MUCH, suggestion
from gate_explorer.analysis.words import number, percent, signed
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from tests.views.panels.page import opened, page_of

GATED = [model for model in registry.all_models() if model.card.cell != "rnn"]


def ending(page: Page, words: str) -> str:
    """How the page's run ends, as the suggestion writes it; of the class that its words name."""
    last = page.run.outputs[-1]
    if page.run.series:
        return f"with {verdict(page.explorer.at(None)).strong}"
    if isinstance(last, NumberOutput):
        return f"with {number(last.value)}"
    if isinstance(last, ClassesOutput) and last.tone is not None:
        return f"at {signed(last.tone)}"
    named = words.partition("“")[2].partition("”")[0]
    if isinstance(last, ClassesOutput):
        return f"with “{named}” at {percent(last.probabilities[named])}"
    assert isinstance(last, NextTokenOutput)
    token = {"␣": " ", "⏎": "\n", "⇥": "\t"}.get(named, named)
    share = dict(zip(last.tokens, last.probabilities, strict=True))[token]
    return f"with “{named}” at {percent(share)}"


@pytest.mark.parametrize("model", GATED, ids=lambda m: m.card.id)
def test_suggestion_promises_what_comes_at_every_step(model: Model) -> None:
    steps = page_of(model).explorer.steps
    for t in range(1, min(steps, 12) + 1):
        page = page_of(model, t=t)
        found = suggestion(page)
        assert found is not None
        if "clamp" not in found.address:
            continue
        held = opened(model, found.address)
        assert (
            found.words
            == f"Then it ends {ending(held, found.words)}, not {ending(page, found.words)}."
        )
        assert held.explorer.t == t


@pytest.mark.parametrize("model", GATED, ids=lambda m: m.card.id)
def test_suggestion_is_the_largest_change_of_all_six_at_the_step(model: Model) -> None:
    page = page_of(model, t=1)
    found = suggestion(page)
    assert found is not None
    if "clamp" not in found.address:
        return
    own = answer(page, page)
    changes = {}
    for gate in ("forget_gate", "input_gate", "output_gate"):
        for value in (0, 1):
            held = opened(model, page.links.at(clamp=(f"{gate}:{value}@1",)))
            changes[gate, value] = abs(answer(held, page) - own)
    chosen = opened(model, found.address)
    assert abs(answer(chosen, page) - own) == pytest.approx(max(changes.values()), rel=1e-5)


def answer(page: Page, own: Page) -> float:
    """The answer as a number: the tone, the share of what was likeliest by itself, the number."""
    last, first = page.run.outputs[-1], own.run.outputs[-1]
    if isinstance(last, NumberOutput):
        return last.value
    if isinstance(last, ClassesOutput) and isinstance(first, ClassesOutput):
        return last.tone if last.tone is not None else last.probabilities[first.likeliest[0]]
    assert isinstance(last, NextTokenOutput)
    assert isinstance(first, NextTokenOutput)
    return dict(zip(last.tokens, last.probabilities, strict=True))[first.top(1)[0][0]]


def test_suggestion_at_not_is_to_shut_the_input_gate_there() -> None:
    page = page_of(registry.get("sentiment"), text="The movie was not good.", t=4)
    found = suggestion(page)
    assert found is not None
    assert found.action == "Shut the Filter at “not”"
    assert "clamp=input_gate:0@4" in found.address


def test_suggestion_with_textbook_names_has_no_nickname() -> None:
    page = page_of(registry.get("sentiment"), text="The movie was not good.", t=4, names="symbols")
    found = suggestion(page)
    assert found is not None
    assert found.action == "Shut the input gate at “not”"


def test_suggestion_where_nothing_changes_much_names_another_step_or_says_so() -> None:
    model = registry.get("reber")
    for t in range(1, 8):
        page = page_of(model, t=t)
        found = suggestion(page)
        assert found is not None
        if "clamp" in found.address:
            continue
        if not found.address:
            assert found.words.startswith("No single gate")
            continue
        there = suggestion(opened(model, found.address))
        assert there is not None
        assert "clamp" in there.address
    assert 0 < MUCH < 1


@pytest.mark.parametrize("model_id", ["counter-rnn", "adding-rnn"])
def test_suggestion_needs_gates(model_id: str) -> None:
    assert suggestion(page_of(registry.get(model_id))) is None


def test_suggestion_is_not_made_where_something_is_held() -> None:
    page = page_of(registry.get("counter"), text="aabb", clamp="forget_gate:0@2")
    assert suggestion(page) is None


@pytest.mark.parametrize(
    ("model_id", "text"), [("sentiment", "so very good " * 50), ("characters", "ROMEO: " * 20)]
)
def test_long_run_has_an_experiment_of_the_step_shown_that_does_what_it_says(
    model_id: str, text: str
) -> None:
    model, tried = registry.get(model_id), 0
    steps = page_of(model, text=text).explorer.steps
    for t in range(steps - 6, steps + 1):
        page = page_of(model, text=text, t=t)
        found = suggestion(page)
        assert found is not None
        if not found.address:
            assert "at this step" in found.words
            continue
        tried += 1
        promised = found.words.removeprefix("Then it ends ").partition(", not ")[0]
        assert promised == ending(opened(model, found.address), found.words)
    assert tried


def test_run_that_is_too_long_even_for_one_step_says_so() -> None:
    found = suggestion(page_of(registry.get("characters"), text="ROMEO: " * 60, t=1))
    assert found is not None
    assert "too long" in found.words
