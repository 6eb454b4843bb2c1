"""A model's card as JSON: what programs rely on, over every model."""

import dataclasses

import pytest

from app.views.documents.card import card_document
from gate_explorer.runs.card import Card
from gate_explorer.zoo.registry import all_models
from gate_explorer.zoo.toy_lstm import SCALE, SHARPNESS, ToyLSTM
from gate_explorer.zoo.toy_rules import ToyRules

CARDS = [model.card for model in all_models()]
TRAINED = [card for card in CARDS if card.training]
each_trained = pytest.mark.parametrize("card", TRAINED, ids=lambda card: card.id)


def test_card_examples_are_percent_encoded() -> None:
    example = dataclasses.replace(ToyRules.card.examples[0], query={"text": "R&D = “fun” + 1?#"})
    card: Card = dataclasses.replace(ToyRules.card, examples=(example,))
    (query,) = card_document(card)["examples"]
    assert query == "text=R%26D+%3D+%E2%80%9Cfun%E2%80%9D+%2B+1%3F%23"


def test_card_links_to_weights_where_there_are_any() -> None:
    assert "weights" not in card_document(ToyRules.card)["links"]
    links = card_document(ToyLSTM.card)["links"]
    assert links["weights"] == "/api/v1/models/toy-lstm/weights.safetensors"


def test_card_of_rules_has_no_figures_and_no_details() -> None:
    document = card_document(ToyRules.card)
    assert (document["metrics"], document["details"]) == ({}, {})


def test_card_of_the_toy_lstm_says_how_sharp_its_gates_are() -> None:
    details = card_document(ToyLSTM.card)["details"]
    assert details == {"sharpness": SHARPNESS, "softest": 0.5, "sharpest": 1000.0, "scale": SCALE}


@each_trained
def test_card_of_a_trained_model_has_every_figure_with_its_spread(card: Card) -> None:
    document = card_document(card)
    metrics, named = document["metrics"], [one["name"] for one in document["details"]["figures"]]
    assert named
    for name in named:
        assert {name, f"{name}_mean", f"{name}_deviation"} <= metrics.keys()
    assert metrics["seeds"] == len(document["details"]["training"]["seeds"])


@each_trained
def test_card_of_a_trained_model_has_its_curve_by_checkpoint(card: Card) -> None:
    document = card_document(card)
    curve = document["details"]["curve"]
    assert [point["checkpoint"] for point in curve] == document["checkpoints"]
    assert all(len(point) > 2 for point in curve), "step, checkpoint and figures"


def test_card_of_the_sentence_model_keeps_its_units_averages_beside_the_rest() -> None:
    (card,) = (card for card in CARDS if card.id == "sentiment")
    for unit, fact in zip(card_document(card)["details"]["units"], card.units, strict=True):
        assert unit["unit"] == fact.unit
        assert unit["forget_gate_at_but"] == fact.gates["forget gate at but"]
