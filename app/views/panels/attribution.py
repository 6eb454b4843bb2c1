"""Which words mattered: each word's effect on the final verdict, as bars with their numbers."""

from dataclasses import dataclass

from gate_explorer.analysis.attribution import MOST_WORDS, effects
from gate_explorer.analysis.words import MINUS, signed
from gate_explorer.zoo.sentence import Sentiment

from ..drawing.bars import signed_level
from .context import Context


@dataclass(frozen=True)
class WordEffect:
    """A word, what leaving it out takes from the verdict, and the gradient times its input."""

    t: int
    word: str
    left_out: str
    level: str
    pull: str
    now: bool


def title(context: Context) -> str:
    """The tab's words."""
    return "Which words mattered"


def has(context: Context) -> bool:
    """A verdict on words, nothing held, and neither one word nor too many."""
    e = context.explorer
    free = not e.run.is_held
    return isinstance(context.model, Sentiment) and 2 <= e.steps <= MOST_WORDS and free


def attribution(context: Context) -> tuple[WordEffect, ...]:
    """Every word's effect."""
    model, e = context.model, context.explorer
    if not isinstance(model, Sentiment):
        return ()
    network = model.at(context.state.checkpoint)
    found = e.once("attribution", lambda: effects(network, e.run))
    top = max(abs(effect.left_out) for effect in found) or 1.0
    return tuple(
        WordEffect(
            t,
            e.label(t),
            f"{effect.left_out * 100:+.1f} points".replace("-", MINUS),
            signed_level(effect.left_out, top),
            signed(effect.gradient_times_input),
            t == e.t,
        )
        for t, effect in enumerate(found, 1)
    )
