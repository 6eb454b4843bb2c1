"""The words or symbols of a network that was brought: a text as it reads it, row by row."""

import re
from dataclasses import dataclass
from functools import cached_property

from gate_explorer.runs.inputs import Token

UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "UNK", "<OOV>", "<oov>", "[OOV]", "OOV", "unk")
SPECIAL = re.compile(r"[<\[{].*[>\]}]", re.DOTALL)
PIECE = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
FAMOUS = ("I love France", "To be, or not to be", "the cat sat on the mat", "hello world")
DRAWN = 10  # words or symbols of a text made of the vocabulary's own


@dataclass(frozen=True)
class Lexicon:
    """The word of each row, "" for a row without."""

    words: tuple[str, ...]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Each word's row."""
        return {word: row for row, word in enumerate(self.words) if word}

    @cached_property
    def unknown(self) -> int | None:
        """The row that stands for every word without one."""
        return next((self.rows[word] for word in UNKNOWN if word in self.rows), None)

    @cached_property
    def of_characters(self) -> bool:
        """Whether its words are single characters, but for signs such as `<s>`."""
        plain = [word for word in self.rows if not SPECIAL.fullmatch(word)]
        return bool(plain) and all(len(word) == 1 for word in plain)

    def read(self, text: str) -> list[tuple[Token, int | None]]:
        """The tokens of a text, each with its row; None for one that no row stands for."""
        if self.of_characters:
            return [self._token(sign) for sign in text]
        found = []
        for word in text.split():
            whole = word in self.rows or word.lower() in self.rows
            found += [self._token(part) for part in ([word] if whole else PIECE.findall(word))]
        return found

    def _token(self, text: str) -> tuple[Token, int | None]:
        for key in (text, text.lower()):
            if key in self.rows:
                return Token(text, key, known=True), self.rows[key]
        return Token(text, text, known=False), self.unknown

    @cached_property
    def example(self) -> str:
        """A text that it knows whole; else its first words, as many as DRAWN."""
        for text in FAMOUS:
            if all(token.known for token, _ in self.read(text)):
                return text
        plain = [word for word in self.rows if not SPECIAL.fullmatch(word) and word.strip()]
        return ("" if self.of_characters else " ").join(plain[:DRAWN])
