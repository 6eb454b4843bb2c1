"""The corpora are what their methods make."""

from pathlib import Path

import pytest

from gate_explorer.training.corpora import CORPORA, LONGEST
from gate_explorer.zoo import registry
from gate_explorer.zoo.corpora import load

DATALESS = [name for name in CORPORA if name != "characters"]


@pytest.mark.parametrize("model_id", DATALESS)
def test_corpus_is_what_its_method_makes(model_id: str) -> None:
    assert load(registry.ZOO / model_id) == CORPORA[model_id](Path())


def test_corpus_of_the_plays_is_cut_at_the_ends_of_lines() -> None:
    corpus = load(registry.ZOO / "characters")
    assert corpus is not None
    assert "public domain" in corpus.source
    assert all(len(text) <= LONGEST for text in corpus.inputs)
    assert all(text.endswith("\n") and not text.startswith("\n") for text in corpus.inputs[:-1])


def test_every_trained_model_of_the_menu_has_a_corpus() -> None:
    cards = [card for card in registry.menu() if card.provenance == "trained"]
    assert {card.id for card in cards} == set(CORPORA)
