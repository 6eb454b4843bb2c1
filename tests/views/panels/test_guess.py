"""Guess first: three answers, the right one right, and nothing of what comes after."""

from urllib.parse import parse_qsl

import pytest

from app.views.address.state import ExplorerState, read_query
from app.views.pages.explorer import Page, make_page
from app.views.panels.guess import Guess
from app.views.walk import walk
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import all_models

each_model = pytest.mark.parametrize("model", all_models(), ids=lambda model: model.card.id)


def page(model: Model, **changes: object) -> Page:
    """The page of the model's first example, for who guesses."""
    state = read_query(list(model.card.examples[0].query.items())).having(
        **{"guess": "first", **changes}
    )
    assert state.inputs is not None
    return make_page(model.card, state, walk(model, state.inputs, state.options))


def guess(model: Model, **changes: object) -> Guess:
    found = page(model, **changes).guess
    assert found is not None
    return found


def right_at(run: Run, t: int, found: Guess) -> int:
    """Which answer, from 1, is right at step t, by the run alone."""
    before, after = run.outputs[t - 2], run.outputs[t - 1]
    words = [answer.words for answer in found.answers]
    if run.follows_rules:
        value = run.layers[0].memory[t - 1, 0] / run.unit_scale
        return min(range(3), key=lambda k: abs(float(words[k].replace("−", "-")) - value)) + 1
    if isinstance(after, NextTokenOutput):
        return [word.strip("“”") for word in words].index(shown(after.top(1)[0][0])) + 1
    if isinstance(after, ClassesOutput) and after.tone is None and len(after.probabilities) > 2:
        return [word.strip("“”") for word in words].index(after.likeliest[0]) + 1
    moved = level(after) - level(before)
    return 2 if abs(moved) < 0.05 else 1 if moved > 0 else 3


def shown(token: str) -> str:
    return {" ": "␣", "\n": "⏎"}.get(token, token)


def level(output: object) -> float:
    if isinstance(output, NumberOutput):
        return output.value
    assert isinstance(output, ClassesOutput)
    return next(iter(output.probabilities.values())) if output.tone is None else output.tone


@each_model
def test_every_step_asks_with_three_answers_of_which_the_right_one_is_right(model: Model) -> None:
    whole = page(model)
    assert whole.explorer.t == 1
    for t in range(1, min(whole.explorer.steps, 12)):
        found = guess(model, t=t)
        assert len({answer.words for answer in found.answers}) == 3
        assert found.right is None
        right = right_at(whole.run, t + 1, found)
        for k, answer in enumerate(found.answers, 1):
            address = dict(read_query_of(answer.address).model_dump(exclude_none=True))
            assert (address["t"], address["guessed"], address["guess"]) == (t + 1, k, "first")
            told = guess(model, t=t + 1, guessed=k)
            assert told.right is (k == right), (t, answer.words, told.came)
            assert told.came


def read_query_of(address: str) -> ExplorerState:
    return read_query(parse_qsl(address.partition("?")[2]))


@each_model
def test_nothing_after_the_next_token_is_on_the_tape_in_the_curve_or_in_a_drawer(
    model: Model,
) -> None:
    whole = page(model, t=2)
    for step in whole.tape.steps[2:]:
        assert (step.said, step.level, step.read, step.whole, step.came) == ("",) * 4 + (False,)
        assert step.label.endswith(" ?") if step.t == 3 else step.label == ""
    if whole.tape.curve:
        assert whole.tape.curve.open_dots == ""
        assert whole.tape.curve.ahead.count(" ") == 1
    assert {panel.key for panel in whole.panels} <= {"unit", "about"}


def test_last_step_asks_nothing_more_and_offers_to_start_anew() -> None:
    model = next(model for model in all_models() if model.card.id == "sentiment")
    last = page(model).explorer.steps
    found = guess(model, t=last)
    assert found.answers == ()
    assert "t=1" in found.again


@each_model
def test_switch_leads_into_guessing_and_out_again(model: Model) -> None:
    there = page(model, guess=None)
    on = read_query_of(there.guess_switch)
    assert (on.guess, on.t) == ("first", 1)
    assert read_query_of(page(model, t=2).guess_switch).guess is None
    assert there.guess is None
    assert all(step.label for step in there.tape.steps)
