"""About a model: its card's figures, units and limits as words."""

from dataclasses import replace

import pytest

from app.views.documents.card import card_document
from app.views.panels.about import (
    PROVENANCE,
    about,
    figures,
    has,
    learning_curve,
    limits,
    release,
)
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of

CARD = get("sentiment").card


def test_figures_are_the_measured_ones_with_their_spread() -> None:
    assert CARD.measured
    measured = CARD.measured.figures["test_binary_accuracy"]
    found = {(figure.split, figure.what): figure for figure in figures(CARD)}
    binary = found["test", "positive or negative, neutral left out"]
    assert float(binary.shipped.removesuffix(" %")) == pytest.approx(measured.value * 100, abs=0.05)
    assert binary.spread.startswith(f"{measured.mean * 100:.1f} ± ")
    assert binary.spread.endswith(f"over {CARD.measured.seeds} seeds")


def test_figures_of_a_model_that_is_not_trained_are_none() -> None:
    assert figures(get("toy-rules").card) == []
    assert limits(get("toy-rules").card) == []
    assert learning_curve(get("toy-rules").card) is None


def test_limits_carry_the_query_that_opens_them() -> None:
    with_text = [(text, query) for text, query, _ in limits(CARD) if text]
    assert with_text
    assert all(query.startswith("text=") for _, query in with_text)


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_about_says_where_the_weights_come_from(model: Model) -> None:
    page = page_of(model)
    assert has(page)
    assert about(page).provenance == PROVENANCE[model.card.provenance][1]


def test_about_says_the_sharpness_shown() -> None:
    assert about(page_of(get("toy-lstm"))).sharpness == "100"
    assert about(page_of(get("toy-lstm"), sharpness=4.0)).sharpness == "4"


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_about_says_which_release_trained_it_as_the_card_does(model: Model) -> None:
    said = about(page_of(model)).release
    recorded = card_document(model.card)["details"].get("trained_by")
    if recorded is None:
        assert said == "Trained by: none; nothing was trained."
    elif recorded == "unknown":
        assert "unknown" in said
    else:
        assert said == f"Trained by release {recorded}."


def test_release_of_a_visitors_file_is_unknown() -> None:
    assert "unknown" in release(replace(CARD, provenance="uploaded"))


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_about_has_limits_or_says_that_none_were_measured(model: Model) -> None:
    panel = about(page_of(model))
    assert bool(panel.limits) != bool(panel.beyond)
    told = card_document(model.card)["details"].get("limits", [])
    assert [note for _, _, note in panel.limits] == [limit["note"] for limit in told]
