"""About this model: its card as the page shows it, with figures, limits, training, sources."""

from dataclasses import dataclass

from gate_explorer.runs.card import Card, Measured
from gate_explorer.runs.series import plain
from gate_explorer.zoo.brought import Brought

from ..address.state import query_string
from ..documents.card import trained_by
from .context import Context
from .reading import Reading, reading


@dataclass(frozen=True)
class FigureRow:
    """A measured figure of the weights that are kept, and its mean and spread over seeds."""

    what: str
    split: str
    shipped: str
    spread: str


@dataclass(frozen=True)
class Curve:
    """A figure over the course of training, as a line, and in words."""

    points: str
    words: str


PROVENANCE = {
    "rules": ("rules", "No network: the three rules themselves."),
    "hand-set": ("hand-set", "A real network; its weights were set by hand, not trained."),
    "trained": ("trained", "A real network; its weights were learned in training."),
    "uploaded": ("uploaded", "A real network; its weights came from a visitor’s file."),
}


@dataclass(frozen=True)
class AboutPanel:
    """The card, ready to be printed: provenance, figures, the twin's, telling units, limits.

    release: which one trained the weights, or that this isn't known, or that none did. beyond: what
    is said where no limits were measured.
    """

    card: Card
    provenance: str
    release: str
    beyond: str
    figures: list[FigureRow]
    twin_figures: list[FigureRow]
    limits: list[tuple[str, str, str]]
    sharpness: str
    reading: Reading | None = None


def title(context: Context) -> str:
    """The tab's words."""
    return "About"


def has(context: Context) -> bool:
    """Every model has a card."""
    return True


def about(context: Context) -> AboutPanel:
    """The model's card."""
    card = context.card
    usual = card.sharpness.usual if card.sharpness else 0.0
    return AboutPanel(
        card=card,
        provenance=PROVENANCE[card.provenance][1],
        release=release(card),
        beyond="" if card.limits else "Nothing was measured beyond what it was made for.",
        figures=figures(card),
        twin_figures=twin_figures(card),
        limits=limits(card),
        sharpness=plain(context.state.sharpness or usual),
        reading=reading(model) if isinstance(model := context.model, Brought) else None,
    )


def release(card: Card) -> str:
    """Which release trained the weights; unknown where that isn't recorded."""
    if card.provenance == "uploaded":
        return "Trained by: unknown; a file of weights doesn’t say."
    found = trained_by(card)
    if found is None:
        return "Trained by: none; nothing was trained."
    if found == "unknown":
        return "Trained by release: unknown; it wasn’t recorded."
    return f"Trained by release {found}."


def figures(card: Card) -> list[FigureRow]:
    """The card's figures, measured on test data; none for models that aren't trained."""
    return _rows(card, card.measured)


def twin_figures(card: Card) -> list[FigureRow]:
    """The same figures of the network's twin, where it has one."""
    return _rows(card, card.twin_measured)


def limits(card: Card) -> list[tuple[str, str, str]]:
    """What the model can't do: a text, its address's query, and what happens; "" without a text."""
    return [
        (limit.text or "", query_string({"text": limit.text}) if limit.text else "", limit.note)
        for limit in card.limits
    ]


def _rows(card: Card, measured: Measured | None) -> list[FigureRow]:
    """Every figure in the form that its card names."""
    if measured is None:
        return []
    rows = []
    for figure in card.figures:
        found = measured.figures[figure.name]
        shipped, mean, deviation = (
            _written(value, figure.form) for value in (found.value, found.mean, found.deviation)
        )
        if figure.form == "share":
            mean = mean.removesuffix(" %")
        spread = f"{mean} ± {deviation} over {measured.seeds} seeds"
        rows.append(FigureRow(figure.what, figure.split, shipped, spread))
    return rows


def _written(value: float, form: str) -> str:
    """A figure as a share, in bits, as an error, or as a count of so many."""
    if form == "share":
        return _percent(value)
    if form in {"bits", "error"}:
        return f"{value:.{4 if form == 'error' else 3}f}"
    return f"{value:.0f} {form}" if value == int(value) else f"{value:.1f} {form}"


def curve_points(card: Card) -> tuple[str, list[tuple[str, float]]] | None:
    """What the learning curve shows, and its value at each checkpoint; None without a curve."""
    for figure in card.figures:
        points = [(one.checkpoint, one.figures.get(figure.name)) for one in card.curve]
        values = [(name, value) for name, value in points if value is not None]
        if values:
            what = "right on dev" if figure.split == "dev" else figure.what
            return what, values
    return None


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


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
