"""The model card as the page shows it: figures with their spread, limits, training, sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.analysis.words import number, signed
from app.views.state import query_string
from app.zoo.base import Card

FIGURES = (
    ("binary_accuracy", "positive or negative, neutral left out"),
    ("five_classes_accuracy", "all five classes"),
)


@dataclass(frozen=True)
class Figure:
    """A measured figure of the shipped weights, and its mean and spread over seeds."""

    what: str
    split: str
    shipped: str
    spread: str


@dataclass(frozen=True)
class UnitFact:
    """A telling unit: what it demonstrably does on held-out text, and where to see it."""

    unit: int
    words: str


def figures(card: Card) -> list[Figure]:
    """The card's accuracies on the test and dev splits; none for models that aren't trained."""
    metrics = card.metrics
    return [
        Figure(what, split, _percent(metrics[f"{split}_{name}"]), _spread(metrics, split, name))
        for split in ("test", "dev")
        for name, what in FIGURES
        if f"{split}_{name}" in metrics
    ]


def unit_facts(card: Card) -> list[UnitFact]:
    """The units whose memory follows the running prediction most closely, on the dev split."""
    return [
        UnitFact(
            fact["unit"],
            f"its memory follows the running verdict with a correlation of"
            f" {signed(fact['correlation'])}; its forget gate averages"
            f" {number(fact['forget_gate'])}, on function words"
            f" {number(fact['forget_gate_on_function_words'])}, at “but”"
            f" {number(fact['forget_gate_at_but'])}",
        )
        for fact in card.details.get("units", ())
    ]


def limits(card: Card) -> list[tuple[str, str, str]]:
    """What the model can't do: a text, its address's query, and what happens."""
    return [
        (limit["text"], query_string({"text": limit["text"]}), limit["note"])
        for limit in card.details.get("limits", ())
    ]


def _spread(metrics: Mapping[str, Any], split: str, name: str) -> str:
    mean, deviation = (metrics[f"{split}_{name}_{kind}"] for kind in ("mean", "deviation"))
    return f"{mean * 100:.1f} ± {deviation * 100:.1f} % over {metrics['seeds']} seeds"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
