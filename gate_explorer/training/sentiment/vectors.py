"""Pre-trained word vectors, the words a model is given, and the rows they start from.

Source of the vectors: Pennington, Socher & Manning 2014, "GloVe: global vectors for word
representation", EMNLP; 6 billion tokens, 100 wide, dedicated to the public domain.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gate_explorer.errors import DataError
from gate_explorer.training.files import read_bytes, write_gzip
from gate_explorer.training.sentiment.emoji import EMOJI_NEIGHBOURS
from gate_explorer.training.sentiment.neighbours import (
    COMMON_NUMBERS,
    NEIGHBOURS,
    neighbours_by_rule,
)
from gate_explorer.zoo.vocabulary import UNKNOWN, Vocabulary, spellings, without_accents

VECTORS_FILE = Path("embeddings") / "glove100_subset.f16.npy.gz"
WORDS_FILE = Path("embeddings") / "glove100_subset.words.txt.gz"

_COMPOUND = re.compile(r"[-/.']")


@dataclass(frozen=True)
class WordVectors:
    """Words in order of frequency and their vectors (V, D) float16."""

    words: tuple[str, ...]
    table: NDArray[np.float16]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Word -> row of the table."""
        return {word: row for row, word in enumerate(self.words)}

    @property
    def width(self) -> int:
        """D, the numbers in a vector."""
        return int(self.table.shape[1])

    def __contains__(self, word: str) -> bool:
        return word in self.rows

    def mean(self, words: Iterable[str]) -> NDArray[np.float32] | None:
        """The mean vector of those of the words that have one, or None: (D,) float32."""
        rows = [self.rows[word] for word in words if word in self.rows]
        if not rows:
            return None
        result: NDArray[np.float32] = self.table[rows].astype(np.float32).mean(axis=0)
        return result


def read_vectors(folder: Path) -> WordVectors:
    """Read the vectors of a data folder.

    Raises: DataError naming a missing file and how to get it, or one that does not hold one finite
    vector a word.
    """
    for path in (folder / VECTORS_FILE, folder / WORDS_FILE):
        if not path.is_file():
            raise DataError(f"{path} is missing; `python -m app data {folder}` fetches it")
    words = read_bytes(folder / WORDS_FILE).decode("utf-8").removesuffix("\n").split("\n")
    try:
        table = np.load(io.BytesIO(read_bytes(folder / VECTORS_FILE)), allow_pickle=False)
    except ValueError as error:
        raise DataError(f"{folder / VECTORS_FILE} is not a NumPy array: {error}") from error
    if table.ndim != 2 or len(table) != len(words):
        raise DataError(f"{folder / VECTORS_FILE}: expected ({len(words)}, D), got {table.shape}")
    if not np.isfinite(table).all():
        raise DataError(f"{folder / VECTORS_FILE} holds a number that is not finite")
    return WordVectors(tuple(words), table.astype(np.float16, copy=False))


def write_vectors(folder: Path, vectors: WordVectors) -> None:
    """Write vectors as `read_vectors` reads them."""
    content = io.BytesIO()
    np.save(content, vectors.table.astype(np.float16))
    write_gzip(folder / VECTORS_FILE, content.getvalue())
    write_gzip(folder / WORDS_FILE, ("\n".join(vectors.words) + "\n").encode("utf-8"))


def choose_words(
    counts: Counter[str],
    vectors: WordVectors,
    also: Iterable[str] = (),
    more: Iterable[str] = (),
) -> Vocabulary:
    """`<unk>`, what training reads, most frequent first, then `more`, then all that has a vector.

    counts: of the treebank's words; also: words of other texts that training reads, which come
    after them in alphabetical order.
    A word of the treebank seen once for which nothing says where its row starts is left out:
    nothing could be learned about it, and in its place training reads `<unk>`, which so learns
    what such a word is worth.
    """
    learnable = [word for word, n in counts.items() if n > 1 or _has_start(word, vectors)]
    seen = sorted(learnable, key=lambda word: (-counts[word], word))
    trained = dict.fromkeys((UNKNOWN, *seen, *sorted(also)))
    others = (*more, *NEIGHBOURS, *COMMON_NUMBERS, *vectors.words)
    return Vocabulary(tuple(dict.fromkeys((*trained, *others))), trained=len(trained))


def _has_start(word: str, vectors: WordVectors) -> bool:
    return any(
        spelling in vectors or spelling in NEIGHBOURS or spelling in COMMON_NUMBERS
        for spelling in spellings(word)
    )


def starting_rows(
    words: Sequence[str], vectors: WordVectors, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The row each word starts from: its vector, a neighbour's, or a small random one: (V, D).

    `<unk>` starts from the mean of the rarer half of the vectors.
    """
    rare = vectors.words[len(vectors.words) // 2 :]
    table = rng.normal(0, 0.1, (len(words), vectors.width)).astype(np.float32)
    for row, word in enumerate(words):
        start = vectors.mean(rare if word == UNKNOWN else _neighbours(word, vectors))
        if start is not None:
            table[row] = start
    return table


def _neighbours(word: str, vectors: WordVectors) -> Sequence[str]:
    """Words near in meaning: those stated, the word itself, a plainer spelling, numbers, parts."""
    for spelling in spellings(word):
        if spelling in NEIGHBOURS:
            return NEIGHBOURS[spelling]
        if spelling in EMOJI_NEIGHBOURS:
            return EMOJI_NEIGHBOURS[spelling]
        if spelling in vectors:
            return (spelling,)
    return neighbours_by_rule(word) or _COMPOUND.split(without_accents(word))
