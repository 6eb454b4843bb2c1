"""A text as a vocabulary reads it, misspelt words with it."""

import pytest

from gate_explorer.zoo.reading import read_text
from gate_explorer.zoo.vocabulary import Vocabulary

WORDS = Vocabulary(
    (
        "<unk>", "so", "service", "horrible", "recommended", "immediately", "friendly", "coffee",
        "noise", "noises", "love", "film", "servile", "coffin", "n't", "do", "I", "😍", "cafe",
    ),
    trained=10,
)  # fmt: skip


def read_as(text: str) -> str | None:
    (word,) = read_text(WORDS, text)
    return word.read_as


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("servise", "service"),  # a letter taken for another
        ("horible", "horrible"),  # one of two left out
        ("recomended", "recommended"),
        ("immediatly", "immediately"),  # one left out
        ("imediately", "immediately"),
        ("freindly", "friendly"),  # two in each other's place
        ("coffe", "coffee"),
        ("cofffee", "coffee"),
        ("noiise", "noise"),
        ("Noize", "noise"),
        ("sooooo", "so"),
        ("LOOOVE", "love"),
        ("café", "cafe"),
    ],
)
def test_read_text_misspelt_word_is_read_as_the_nearest_and_says_so(typed: str, word: str) -> None:
    assert read_as(typed) == word
    (found,) = read_text(WORDS, typed)
    assert (found.text, found.key, found.known) == (typed, word, True)
    assert found.row == WORDS.lookup(word).row


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("service", True),
        ("Service", True),
        ("😍", True),
        ("flim", False),  # four letters are too few to tell
        ("survices", False),  # two slips
        ("no1se", False),  # a digit is no slip
        ("xylophone", False),
        ("a" * 400, False),
    ],
)
def test_read_text_other_words_are_read_as_they_stand(typed: str, known: bool) -> None:
    (found,) = read_text(WORDS, typed)
    assert found.read_as is None
    assert found.known is known


def test_read_text_of_several_near_words_the_lowest_row_is_taken() -> None:
    assert read_as("servixe") == "service"
    assert WORDS.nearest("coffi").key == "coffin"


def test_read_text_gives_every_token_its_row_in_order() -> None:
    words = read_text(WORDS, "I dont love servise 😍")
    assert [word.text for word in words] == ["I", "do", "nt", "love", "servise", "😍"]
    assert [word.key for word in words][2:] == ["n't", "love", "service", "😍"]


def test_read_text_without_a_visible_character_gives_nothing() -> None:
    assert read_text(WORDS, " \u200b\n") == []
