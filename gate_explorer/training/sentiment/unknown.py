"""What an unknown word does to the verdict on plain sentences, where it should do nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from gate_explorer.zoo.sentiment_network import SentimentNetwork

NO_WORD = "Qwxzvkj"  # nothing is one slip away from it

# Short sentences of everyday life, with a word that nobody knows put at the end.
PLAIN = (
    "The shop is on the corner", "She called me this morning", "We had lunch in the garden",
    "A letter from my cousin", "He plays in a band", "They live near the river",
    "I like the colour", "The children were happy", "Nice place", "Not bad", "It works",
    "The soup was warm", "Good morning", "I think so", "My old car", "We laughed",
    "Two tickets for Sunday", "The door is open", "I enjoyed the walk", "That was easy",
)  # fmt: skip


@dataclass(frozen=True)
class UnknownWord:
    """How an unknown word at the end moves the log odds of `sentences` sentences.

    mean: with its sign; mean_size: without; turned: how many verdicts it turned.
    """

    sentences: int
    mean: float
    mean_size: float
    turned: int


def unknown_word(network: SentimentNetwork, sentences: Sequence[str] = PLAIN) -> UnknownWord:
    """Read each sentence without and with an unknown word at its end."""
    before = [network.verdict(text) for text in sentences]
    after = [network.verdict(f"{text} {NO_WORD}") for text in sentences]
    moves = [b - a for a, b in zip(before, after, strict=True)]
    return UnknownWord(
        len(sentences),
        mean(moves),
        mean(abs(move) for move in moves),
        sum((a > 0) != (b > 0) for a, b in zip(before, after, strict=True)),
    )
