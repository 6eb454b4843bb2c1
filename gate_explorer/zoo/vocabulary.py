"""The words a model knows: from a token's key to its row of the embedding.

A file of one word a line in row order; row 0 is `<unk>`, which stands for every word that is not
in the file. Training saw the rows before `trained`; the rest hold vectors of frequent words that
the training text lacks, placed by their neighbours' meaning alone.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gate_explorer.errors import DataError

UNKNOWN = "<unk>"

_SHORTEST = 5  # letters of a word that is taken for another
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DOUBLED = re.compile(r"(.)\1+")
_RUN_OF_THREE = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(frozen=True)
class Entry:
    """What a key led to: the row, the key that was found, and whether it is a word at all.

    An unknown word has row 0 and keeps its own key.
    """

    row: int
    key: str
    known: bool


@dataclass(frozen=True)
class Vocabulary:
    """Words in row order; the first `trained` rows (with `<unk>`) were moved by training.

    Raises: DataError when row 0 is not `<unk>`, a word repeats or `trained` is out of range.
    """

    words: tuple[str, ...]
    trained: int

    def __post_init__(self) -> None:
        if not self.words or self.words[0] != UNKNOWN:
            raise DataError(f"the first word of a vocabulary is {UNKNOWN}")
        if len(self._rows) != len(self.words):
            raise DataError("a vocabulary names each word once")
        if not 1 <= self.trained <= len(self.words):
            raise DataError(f"trained rows: expected 1 to {len(self.words)}, got {self.trained}")

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @classmethod
    def load(cls, path: Path, trained: int) -> "Vocabulary":
        """Read a file of one word a line. Raises: DataError."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise DataError(f"{path} is missing") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{path} is not UTF-8: {error}") from error
        return cls(tuple(text.removesuffix("\n").split("\n")), trained)

    def save(self, path: Path) -> None:
        """Write one word a line."""
        path.write_text("\n".join(self.words) + "\n", encoding="utf-8")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, key: str) -> bool:
        return key in self._rows and key != UNKNOWN

    def lookup(self, key: str) -> Entry:
        """The row of a key, of a plainer spelling of it, or of `<unk>`.

        Plainer spellings: "sooo" as "soo" or "so", "café" as "cafe"; of several that are known the
        one of the lowest row, which is the most frequent.
        """
        if key in self:
            return Entry(self._rows[key], key, known=True)
        found = [self._rows[spelling] for spelling in spellings(key) if spelling in self]
        if not found:
            return Entry(0, key, known=False)
        return Entry(min(found), self.words[min(found)], known=True)

    def nearest(self, key: str) -> Entry:
        """The row of the known word that an unknown one of five letters or more may be meant for.

        That is one whose letters differ only in which are doubled, or else one that a single slip
        away: a letter left out, put in, taken for another, or two in each other's place (Damerau
        1964, "A technique for computer detection and correction of spelling errors"). Of several
        the one of the lowest row, which is the most frequent. `<unk>` where there is none.
        """
        if not (_SHORTEST <= len(key) <= self._longest + 1 and key.isalpha() and key.isascii()):
            return Entry(0, key, known=False)
        doubled = self._singled.get(_DOUBLED.sub(r"\1", key))
        found = [doubled] if doubled else [self._rows[slip] for slip in _slips(key) if slip in self]
        if not found:
            return Entry(0, key, known=False)
        return Entry(min(found), self.words[min(found)], known=True)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.words))

    @cached_property
    def _singled(self) -> dict[str, int]:
        """Words of five letters or more without doubled letters -> the lowest row."""
        found: dict[str, int] = {}
        for row, word in enumerate(self.words):
            if len(word) >= _SHORTEST and word.isalpha():
                found.setdefault(_DOUBLED.sub(r"\1", word), row)
        return found

    def rows(self, keys: Sequence[str]) -> list[int]:
        """The row of each key, 0 for unknown words."""
        return [self.lookup(key).row for key in keys]

    def was_trained(self, row: int) -> bool:
        """Whether training moved this row (or only a vector from elsewhere stands in it)."""
        return row < self.trained


def spellings(key: str) -> Iterator[str]:
    """The key, then plainer spellings: fewer repeated letters, no accents."""
    yield key
    doubled = _RUN_OF_THREE.sub(r"\1\1", key)
    if doubled != key:
        yield doubled
        yield _RUN_OF_THREE.sub(r"\1", key)
    if not key.isascii():
        yield without_accents(key)


def without_accents(key: str) -> str:
    """The key without combining marks: "cliché" -> "cliche"."""
    letters = unicodedata.normalize("NFD", key)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _slips(word: str) -> Iterator[str]:
    """Every word of letters that is one slip of the finger away."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
