"""The model card as the page shows it: figures with their spread, limits, training, sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gate_explorer.analysis.words import number, signed
from gate_explorer.runs.card import Card

from ..address.state import query_string

FIGURES = (
    ("binary_accuracy", "positive or negative, neutral left out"),
    ("five_classes_accuracy", "all five classes"),
)


KEEPS, EMPTIES = 0.95, 0.2


@dataclass(frozen=True)
class Figure:
    """A measured figure of the shipped weights, and its mean and spread over seeds."""

    what: str
    split: str
    shipped: str
    spread: str


@dataclass(frozen=True)
class UnitFact:
    """A unit, what it does in a few words, and the same with the figures that say so."""

    unit: int
    name: str
    words: str


@dataclass(frozen=True)
class Curve:
    """A figure over the course of training, as a line, and in words."""

    points: str
    words: str


def figures(card: Card) -> list[Figure]:
    """The card's figures, measured on test data; none for models that aren't trained."""
    metrics = card.metrics
    if "figures" in card.details:
        return [_figure(metrics, facts) for facts in card.details["figures"]]
    return [
        Figure(what, split, _percent(metrics[f"{split}_{name}"]), _spread(metrics, split, name))
        for split in ("test", "dev")
        for name, what in FIGURES
        if f"{split}_{name}" in metrics
    ]


def twin_figures(card: Card) -> list[Figure]:
    """The same figures of the network's twin, where it has one."""
    metrics = card.details.get("other_metrics", {})
    return [_figure(metrics, facts) for facts in card.details.get("figures", ()) if metrics]


def unit_facts(card: Card) -> list[UnitFact]:
    """The units whose memory follows the running prediction most closely, on the dev split."""
    return [
        UnitFact(fact["unit"], fact["name"], fact["words"])
        if "words" in fact
        else _verdict_fact(fact)
        for fact in card.details.get("units", ())
    ]


def _verdict_fact(fact: Mapping[str, Any]) -> UnitFact:
    """What a unit of the sentence model does, in words, with the figures that they follow from.

    It keeps the verdict over function words if its forget gate averages KEEPS or more there, and
    empties at “but” if that falls to EMPTIES or less; it holds on where it stays at KEEPS.
    """
    on_words, at_but = fact["forget_gate_on_function_words"], fact["forget_gate_at_but"]
    does = ["keeps it over function words"] if on_words >= KEEPS else []
    does += ["empties at “but”"] if at_but <= EMPTIES else []
    does += ["holds on through “but”"] if at_but >= KEEPS else []
    name = f"holds the verdict{', ' if does else ''}{' and '.join(does)}"
    figures = (
        f"correlation of its memory with the running verdict {signed(fact['correlation'])}; forget"
        f" gate on average {number(fact['forget_gate'])}, on function words {number(on_words)}, at"
        f" “but” {number(at_but)}"
    )
    return UnitFact(fact["unit"], name, f"{name} ({figures})")


def limits(card: Card) -> list[tuple[str, str, str]]:
    """What the model can't do: a text, its address's query, and what happens."""
    return [
        (limit["text"], query_string({"text": limit["text"]}), limit["note"])
        for limit in card.details.get("limits", ())
    ]


def _figure(metrics: Mapping[str, Any], facts: Mapping[str, Any]) -> Figure:
    """A figure in the form that its card names."""
    name, form = facts["name"], facts["form"]
    shipped, mean, deviation = (
        _written(metrics[f"{name}{kind}"], form) for kind in ("", "_mean", "_deviation")
    )
    spread = f"{mean} ± {deviation} over {metrics['seeds']} seeds"
    return Figure(facts["what"], facts["split"], shipped, spread)


def _written(value: float, form: str) -> str:
    """A figure as a share, in bits, as an error, or as a count of so many."""
    if form == "share":
        return _percent(value)
    if form in {"bits", "error"}:
        return f"{value:.{4 if form == 'error' else 3}f}"
    return f"{value:.0f} {form}" if value == int(value) else f"{value:.1f} {form}"


def curve_points(card: Card) -> tuple[str, list[tuple[str, float]]] | None:
    """What the learning curve shows, and its value at each checkpoint; None without a curve."""
    curve, facts = card.details.get("curve", ()), card.details.get("figures", ())
    name, what = next(
        ((fact["name"], fact["what"]) for fact in facts), ("dev_binary_accuracy", "right on dev")
    )
    values = [(point["checkpoint"], float(point[name])) for point in curve if name in point]
    return (what, values) if values else None


def learning_curve(card: Card) -> Curve | None:
    """How the card's first figure went from the first checkpoint to the last."""
    found = curve_points(card)
    if found is None:
        return None
    what, values = found[0], [value for _, value in found[1]]
    low, high = min(values), max(values)
    width = 100 / max(len(values) - 1, 1)
    height = 40 / ((high - low) or 1)
    points = " ".join(f"{n * width:.1f},{(high - v) * height:.1f}" for n, v in enumerate(values))
    return Curve(points, f"{what}: {values[0]:.3g} before training, {values[-1]:.3g} after")


def _spread(metrics: Mapping[str, Any], split: str, name: str) -> str:
    mean, deviation = (metrics[f"{split}_{name}_{kind}"] for kind in ("mean", "deviation"))
    return f"{mean * 100:.1f} ± {deviation * 100:.1f} % over {metrics['seeds']} seeds"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
