"""The estimate of what a request costs: before the work, by a formula, for every model alike."""

import pytest

from app.settings import settings
from app.views.cost import (
    RATES,
    check_budget,
    cost,
    frame_cost,
    most_frames,
    steps_of,
)
from gate_explorer.errors import LimitError
from gate_explorer.runs.inputs import OneToken, Options, Text, Vectors
from gate_explorer.zoo import registry


@pytest.mark.parametrize("model_id", registry.MODELS)
def test_dearest_answer_of_every_kind_is_within_the_budget(model_id: str) -> None:
    card, most = registry.get(model_id).card, settings()
    for kind in RATES.keys() - {"written"}:
        assert cost(kind, most.max_steps, card) <= most.budget
    assert cost("written", 200, card) + cost("run", most.max_steps, card) <= most.budget
    for steps in (1, 20, most.max_steps):
        frames = min(steps, most_frames(card, steps))
        assert frames >= 1
        assert cost("run", steps, card) + frames * frame_cost(card) <= most.budget


@pytest.mark.parametrize("model_id", registry.MODELS)
def test_steps_are_told_without_a_run_and_never_far_too_few(model_id: str) -> None:
    model = registry.get(model_id)
    for example in model.card.examples:
        query = dict(example.query)
        if "x" in query:
            rows = [[float(cell) for cell in row.split(",")] for row in query["x"].split(";")]
            inputs: Vectors | Text = Vectors(rows)
        else:
            inputs = Text(query["text"])
        run = model.run(inputs, None, Options())
        assert len(run) <= 1.5 * steps_of(model.card, inputs) + 1


def test_steps_of_one_token_and_of_nothing() -> None:
    card = registry.get("sentiment").card
    assert steps_of(card, OneToken("love")) == 1
    assert steps_of(card, None) == 0
    assert steps_of(card, Text("love " * 100_000)) == settings().max_steps


def test_work_beyond_the_budget_is_refused_with_what_to_do_instead() -> None:
    check_budget(settings().budget)
    with pytest.raises(LimitError, match=r"about 2,000 ms .* may cost 1,000 ms.* run it in parts"):
        check_budget(2 * settings().budget)


def test_cost_grows_with_steps_and_units() -> None:
    small, large = registry.get("counter").card, registry.get("characters").card
    for kind in RATES:
        assert cost(kind, 10, small) < cost(kind, 100, small) < cost(kind, 100, large)
