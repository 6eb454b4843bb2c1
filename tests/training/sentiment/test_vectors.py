"""Pre-trained vectors: reading, writing, which words get rows, and where the rows start."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.sentiment.vectors import (
    VECTORS_FILE,
    WORDS_FILE,
    WordVectors,
    choose_words,
    read_vectors,
    starting_rows,
    write_vectors,
)

WORDS = (
    "the",
    "not",
    "good",
    "cafe",
    "two",
    "ten",
    "jaw",
    "movie",
    "an",
    "year",
    "first",
    "freezer",
    "love",
)
VECTORS = WordVectors(WORDS, np.arange(26, dtype=np.float16).reshape(13, 2))
COUNTS = Counter({"the": 5, "good": 1, "xyz": 2, "once": 1, "café": 1, "n't": 3})


def row_of(word: str) -> list[float]:
    vector: list[float] = VECTORS.table[WORDS.index(word)].tolist()
    return vector


def start_of(word: str) -> list[float]:
    rows = starting_rows(("<unk>", word), VECTORS, np.random.default_rng(1))
    vector: list[float] = rows[1].tolist()
    return vector


def test_vectors_written_and_read_are_equal(tmp_path: Path) -> None:
    write_vectors(tmp_path, VECTORS)
    found = read_vectors(tmp_path)
    assert found.words == WORDS
    assert found.table.tolist() == VECTORS.table.tolist()


@pytest.mark.parametrize("path", [VECTORS_FILE, WORDS_FILE])
def test_read_vectors_missing_file_names_it(tmp_path: Path, path: Path) -> None:
    write_vectors(tmp_path, VECTORS)
    (tmp_path / path).unlink()
    with pytest.raises(DataError, match=rf"{path.name} is missing; `python -m app data"):
        read_vectors(tmp_path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros((8, 2), np.float16), r"expected \(13, D\), got \(8, 2\)"),
        (np.full((13, 2), np.nan, np.float16), "not finite"),
    ],
)
def test_read_vectors_table_that_does_not_fit_says_so(
    tmp_path: Path, table: np.ndarray[tuple[int, int], np.dtype[np.float16]], message: str
) -> None:
    write_vectors(tmp_path, WordVectors(WORDS, table))
    with pytest.raises(DataError, match=message):
        read_vectors(tmp_path)


def test_read_vectors_damaged_file_names_it(tmp_path: Path) -> None:
    write_vectors(tmp_path, VECTORS)
    (tmp_path / VECTORS_FILE).write_bytes(b"junk")
    with pytest.raises(DataError, match="is damaged or not gzip"):
        read_vectors(tmp_path)


def test_choose_words_trained_first_then_frequent_ones_it_lacks() -> None:
    vocabulary = choose_words(COUNTS, VECTORS, ["sofa", "the"], ["🦑"])
    trained = ("<unk>", "the", "n't", "xyz", "café", "good", "sofa")
    assert vocabulary.words[: vocabulary.trained] == trained
    others = vocabulary.words[vocabulary.trained :]
    assert others[0] == "🦑"
    assert {"a", "lol", "fridge", "7", "21st", "1999"} < set(others)
    assert others[-8:] == ("ten", "jaw", "movie", "an", "year", "first", "freezer", "love")


def test_choose_words_seen_once_without_vector_is_left_to_unk() -> None:
    assert "once" not in choose_words(COUNTS, VECTORS)


@pytest.mark.parametrize(
    ("word", "neighbours"),
    [
        ("good", ["good"]),
        ("n't", ["not"]),
        ("a", ["an"]),
        ("café", ["cafe"]),
        ("2002", ["year"]),
        ("'90s", ["year"]),
        ("3rd", ["first"]),
        ("7", ["two", "ten"]),
        ("fridge", ["freezer"]),
        ("😍", ["love"]),
        ("jaw-movie", ["jaw", "movie"]),
    ],
)
def test_starting_rows_word_starts_from_its_vector_or_neighbours(
    word: str, neighbours: list[str]
) -> None:
    expected = np.mean([row_of(one) for one in neighbours], axis=0)
    np.testing.assert_allclose(start_of(word), expected, rtol=1e-3)


def test_starting_rows_word_without_neighbours_starts_small() -> None:
    assert 0 < np.abs(start_of("qqqq")).max() < 1


def test_starting_rows_unknown_word_starts_from_the_rarer_words() -> None:
    rows = starting_rows(("<unk>",), VECTORS, np.random.default_rng(1))
    np.testing.assert_allclose(rows[0], VECTORS.table[6:].mean(axis=0), rtol=1e-3)
