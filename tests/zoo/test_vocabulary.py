"""From a token's key to its row, and what happens to words that have none."""

from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.zoo.vocabulary import Entry, Vocabulary, spellings

WORDS = Vocabulary(("<unk>", "so", "good", "cafe", "naïve", "rare"), trained=5)


def test_lookup_known_word_gives_its_row() -> None:
    assert WORDS.lookup("good") == Entry(2, "good", known=True)


def test_lookup_unknown_word_gives_row_zero_and_its_own_key() -> None:
    assert WORDS.lookup("xylograph") == Entry(0, "xylograph", known=False)


def test_lookup_the_unknown_words_own_name_is_unknown() -> None:
    assert WORDS.lookup("<unk>") == Entry(0, "<unk>", known=False)


@pytest.mark.parametrize(
    ("key", "found"),
    [("sooooo", "so"), ("gooooood", "good"), ("café", "cafe"), ("naïve", "naïve")],
)
def test_lookup_plainer_spelling_gives_that_word(key: str, found: str) -> None:
    entry = WORDS.lookup(key)
    assert (entry.key, entry.known) == (found, True)


def test_lookup_of_two_plainer_spellings_takes_the_more_frequent() -> None:
    words = Vocabulary(("<unk>", "so", "good", "soo", "god"), trained=5)
    assert words.lookup("soooo").key == "so"
    assert words.lookup("goood").key == "good"
    assert words.lookup("soo").key == "soo"


def test_spellings_digits_and_signs_are_not_shortened() -> None:
    assert list(spellings("1000")) == ["1000"]
    assert list(spellings("!!!")) == ["!!!"]


def test_rows_gives_one_row_a_key() -> None:
    assert WORDS.rows(["so", "what", "good"]) == [1, 0, 2]


def test_was_trained_tells_the_rows_that_training_saw() -> None:
    assert [WORDS.was_trained(row) for row in range(6)] == [True] * 5 + [False]


def test_vocabulary_file_round_trip_is_equal(tmp_path: Path) -> None:
    WORDS.save(tmp_path / "words.txt")
    assert Vocabulary.load(tmp_path / "words.txt", trained=5) == WORDS
    assert (tmp_path / "words.txt").read_text(encoding="utf-8").splitlines()[0] == "<unk>"


def test_load_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"words\.txt is missing"):
        Vocabulary.load(tmp_path / "words.txt", trained=1)


def test_load_file_that_is_no_text_names_it(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(b"<unk>\n\xff\xfe\n")
    with pytest.raises(DataError, match=r"words\.txt is not UTF-8"):
        Vocabulary.load(tmp_path / "words.txt", trained=1)


@pytest.mark.parametrize(
    ("words", "trained", "message"),
    [
        ((), 1, "first word"),
        (("good", "<unk>"), 1, "first word"),
        (("<unk>", "good", "good"), 2, "each word once"),
        (("<unk>", "good"), 0, "expected 1 to 2, got 0"),
        (("<unk>", "good"), 3, "expected 1 to 2, got 3"),
    ],
)
def test_vocabulary_bad_words_says_what_is_wrong(
    words: tuple[str, ...], trained: int, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        Vocabulary(words, trained)
