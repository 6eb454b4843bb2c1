"""Which words mattered: each word's effect on the final verdict, as bars with their numbers."""

from dataclasses import dataclass

from gate_explorer.analysis.attribution import MOST_WORDS, effects
from gate_explorer.analysis.words import MINUS, signed
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.sentence import Sentiment

from ..drawing.bars import signed_level
from ..equation.explorer import Explorer


@dataclass(frozen=True)
class WordEffect:
    """A word, what leaving it out takes from the verdict, and the gradient times its input."""

    t: int
    word: str
    left_out: str
    level: str
    pull: str


def can_weigh(model: Model, explorer: Explorer) -> bool:
    """Whether words can be weighed: a verdict, nothing held, and neither one word nor too many."""
    free = explorer.run.held is None
    return isinstance(model, Sentiment) and 2 <= explorer.steps <= MOST_WORDS and free


def word_effects(model: Model, explorer: Explorer) -> tuple[WordEffect, ...]:
    """Every word's effect, where the page asks for it and the model has a verdict."""
    if not isinstance(model, Sentiment) or not (
        explorer.state.words and can_weigh(model, explorer)
    ):
        return ()
    found = effects(model.at(explorer.state.checkpoint), explorer.run)
    top = max(abs(effect.left_out) for effect in found) or 1.0
    return tuple(
        WordEffect(
            t,
            explorer.label(t),
            f"{effect.left_out * 100:+.1f} points".replace("-", MINUS),
            signed_level(effect.left_out, top),
            signed(effect.gradient_times_input),
        )
        for t, effect in enumerate(found, 1)
    )
