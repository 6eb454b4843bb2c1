"""Cards as files: what is written is read back whole, and what isn't a card is refused by name."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gate_explorer.errors import DataError
from gate_explorer.runs.card import Card, Damage, Limit, UnitFact
from gate_explorer.runs.card_file import CARD, from_json, read_card, to_json, write_card
from gate_explorer.zoo.registry import all_models

CARDS = [model.card for model in all_models()]
each_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
SMALLEST = {
    "title": "A model",
    "description": "What it is.",
    "cell": "lstm",
    "input": "words",
    "input_size": 3,
    "hidden_size": 2,
    "output": None,
    "provenance": "trained",
    "examples": [{"query": {"text": "a"}, "title": "A", "note": "Look."}],
}


def card_with(**facts: Any) -> Card:
    return from_json(json.dumps({**SMALLEST, **facts}), "made")


@each_card
def test_card_written_and_read_is_the_same(card: Card, tmp_path: Path) -> None:
    write_card(tmp_path / card.id, card)
    assert read_card(tmp_path / card.id) == card


@each_card
def test_card_written_twice_is_the_same_text(card: Card) -> None:
    assert to_json(from_json(to_json(card), card.id)) == to_json(card)


def test_card_with_what_only_some_models_have_is_read_back() -> None:
    damage = Damage("strings without a fault", 1.0, 0.31, 1, erased=0.5)
    fact = UnitFact(2, "counts", 0.9, "counts a’s", {}, of="a’s", group=(2, 3), damage=damage)
    limit = Limit("Irony passes it by.", "Great.", 6.5, "irony")
    card = replace(card_with(), units=(fact,), limits=(limit,), trained_by="0.1.0")
    assert from_json(to_json(card), "made") == card


def test_card_leaves_out_what_is_at_its_default() -> None:
    assert json.loads(to_json(card_with())).keys() == SMALLEST.keys()


def test_card_takes_its_id_from_the_folder(tmp_path: Path) -> None:
    write_card(tmp_path / "anything", card_with())
    assert read_card(tmp_path / "anything").id == "anything"


def test_card_numbers_stay_as_they_are_written() -> None:
    text = to_json(card_with(range=[0, 1.5]))
    assert json.loads(text)["range"] == [0, 1.5]
    assert isinstance(json.loads(text)["range"][0], int)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"hidden_size": "two"}, 'card.hidden_size: expected a value of kind int, got "two"'),
        ({"hidden_size": True}, "card.hidden_size: expected a value of kind int, got true"),
        ({"cell": "gru"}, 'card.cell: expected toy or lstm or rnn, got "gru"'),
        ({"colour": "red"}, "card has unknown fields colour"),
        ({"examples": {}}, "card.examples: expected a list, got {}"),
        ({"examples": [{"title": "A"}]}, r"card.examples\[0\] lacks query, note"),
        ({"examples": [3]}, r"card.examples\[0\]: expected an object, got 3"),
        ({"range": [0]}, "card.range: expected 2 of them"),
        ({"checkpoints": ["a", 1]}, r"card.checkpoints\[1\]: expected a value of kind str, got 1"),
        (
            {"measured": {"seeds": 1, "figures": {"bits": 3}}},
            r"card.measured.figures.bits: exp",
        ),
        ({"task": 3}, "card.task: expected a value of kind str, got 3"),
    ],
)
def test_card_with_a_fact_at_fault_is_refused_by_its_name(
    facts: dict[str, Any], named: str
) -> None:
    with pytest.raises(DataError, match=named):
        card_with(**facts)


def test_card_that_lacks_a_fact_is_refused_by_its_name() -> None:
    facts = {name: fact for name, fact in SMALLEST.items() if name != "cell"}
    with pytest.raises(DataError, match="card lacks cell"):
        from_json(json.dumps(facts), "made")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON in UTF-8"),
        (b"[]", "expected an object"),
    ],
)
def test_card_file_at_fault_is_named(content: bytes | None, words: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / CARD).write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        read_card(tmp_path)
    assert str(tmp_path / CARD) in caught.value.detail
