"""A step of a text with the steps around it, in columns that line up from text to text."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """A step beside the one that is meant: its token, and the classes of its bar."""

    text: str
    level: str
    now: bool


def around(
    labels: Sequence[str], levels: Sequence[str], t: int, before: int, after: int
) -> tuple[Token, ...]:
    """The steps around step t, from 1, so many before and after it; empty ones beyond the ends."""
    return tuple(
        Token(labels[at - 1], levels[at - 1], at == t)
        if 1 <= at <= len(labels)
        else Token("", "", now=False)
        for at in range(t - before, t + after + 1)
    )
