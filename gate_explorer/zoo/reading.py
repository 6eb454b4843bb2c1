"""A text as a vocabulary reads it: every token with its row, and what a misspelt one is read as."""

from dataclasses import dataclass

from gate_explorer.zoo.tokenizer import tokenize
from gate_explorer.zoo.vocabulary import Vocabulary


@dataclass(frozen=True)
class Word:
    """A token as typed, the key that led to its row, and whether the vocabulary has it.

    read_as: the word it was taken for, where that is spelt otherwise; else None.
    """

    text: str
    key: str
    row: int
    known: bool
    read_as: str | None


def read_text(vocabulary: Vocabulary, text: str) -> list[Word]:
    """The tokens of a text in order; a text without a visible character gives []."""
    return [_word(vocabulary, piece.text, piece.key) for piece in tokenize(text)]


def _word(vocabulary: Vocabulary, text: str, key: str) -> Word:
    entry = vocabulary.lookup(key)
    if not entry.known:
        entry = vocabulary.nearest(key)
    return Word(text, entry.key, entry.row, entry.known, None if entry.key == key else entry.key)
