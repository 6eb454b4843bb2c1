"""What a model says after a step: a number, classes, or what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

SIDES = {"very negative": -1.0, "negative": -1.0, "positive": 1.0, "very positive": 1.0}


def sides(names: Sequence[str]) -> tuple[float, ...] | None:
    """Which side of a scale each class stands on: -1, 0 or 1; None where the names are no scale.

    A scale has the classes negative and positive, perhaps their very form, and what is between.
    """
    if not {"negative", "positive"} <= set(names):
        return None
    return tuple(SIDES.get(name, 0.0) for name in names)


@dataclass(frozen=True)
class NumberOutput:
    """A number, and whether the output gate shows it."""

    value: float
    shown: bool


@dataclass(frozen=True)
class ClassesOutput:
    """Probabilities of the classes, in [0, 1], summing to 1.

    score: for a scale from negative to positive, the probability of positive given that it is
    not neutral; None for classes without such a scale.
    """

    probabilities: Mapping[str, float]
    score: float | None = None

    @property
    def tone(self) -> float | None:
        """P(positive) + P(very positive) - P(negative) - P(very negative), in [-1, 1].

        What is neutral counts for neither side. None for classes that are no scale.
        """
        signs = sides(tuple(self.probabilities))
        if signs is None:
            return None
        tone = sum(s * p for s, p in zip(signs, self.probabilities.values(), strict=True))
        return max(-1.0, min(1.0, tone))  # shares may sum to a rounding above 1

    @property
    def likeliest(self) -> tuple[str, float]:
        """The likeliest class and its probability."""
        return max(self.probabilities.items(), key=lambda pair: pair[1])


@dataclass(frozen=True)
class NextTokenOutput:
    """What is likely to come next: every token of the vocabulary with its probability.

    Shapes: both (K,), in the vocabulary's order; the probabilities sum to 1.
    """

    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]

    def top(self, count: int = 10) -> list[tuple[str, float]]:
        """The likeliest tokens, the likeliest first."""
        pairs = zip(self.tokens, self.probabilities, strict=True)
        return nlargest(count, pairs, key=lambda pair: pair[1])


Output = NumberOutput | ClassesOutput | NextTokenOutput | None
