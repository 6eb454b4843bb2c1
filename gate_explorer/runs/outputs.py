"""What a model says after a step: a number, classes, or what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nlargest


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
