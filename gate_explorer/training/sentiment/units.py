"""Which units of the sentence model's cell tell the most, measured on sentences it never learned.

r = correlation, over every word of the sentences, of a unit's cell state with the running score
(log odds of positive over negative); units are ranked by |r|.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.lstm import forward
from gate_explorer.training.correlation import correlation_with
from gate_explorer.training.sentiment.phrases import sentence_keys
from gate_explorer.training.sentiment.treebank import Sentence
from gate_explorer.zoo.sentiment_network import SentimentNetwork

FUNCTION_WORDS = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "to",
        "is",
        "in",
        "that",
        "it",
        "as",
        "with",
        "for",
        "its",
        "by",
        "be",
        "on",
        "at",
        "from",
        "are",
        "was",
        "this",
    ]
)
TURN = "but"


@dataclass(frozen=True)
class VerdictUnit:
    """One unit (counted from 1) and its figures; gates are means in [0, 1] over the words named."""

    unit: int
    correlation: float
    forget_gate: float
    forget_gate_on_function_words: float
    forget_gate_at_but: float
    input_gate: float
    output_gate: float


def ranked_units(
    network: SentimentNetwork, sentences: Sequence[Sentence], count: int
) -> tuple[VerdictUnit, ...]:
    """The `count` units whose cell follows the running score most closely, best first."""
    texts = [sentence_keys(sentence) for sentence in sentences]
    traces = [forward(network.cell, network.embed(keys)[:, None]) for keys in texts]
    c, f, i, o, h = (
        np.concatenate([getattr(trace, name)[:, 0] for trace in traces]) for name in "cfioh"
    )
    words = np.array([key for keys in texts for key in keys])
    function = np.isin(words, list(FUNCTION_WORDS))
    correlation = correlation_with(c, network.score(h))
    best = np.argsort(-np.abs(correlation), kind="stable")[:count]
    return tuple(
        VerdictUnit(
            unit=int(unit) + 1,
            correlation=_rounded(correlation[unit]),
            forget_gate=_rounded(f[:, unit].mean()),
            forget_gate_on_function_words=_rounded(f[function, unit].mean()),
            forget_gate_at_but=_rounded(f[words == TURN, unit].mean()),
            input_gate=_rounded(i[:, unit].mean()),
            output_gate=_rounded(o[:, unit].mean()),
        )
        for unit in best
    )


def _rounded(number: float) -> float:
    return round(float(number), 3)
