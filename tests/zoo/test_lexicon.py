"""A vocabulary that was brought, as a text is read by it."""

import pytest

from gate_explorer.zoo.lexicon import Lexicon


def read(words: tuple[str, ...], text: str) -> list[tuple[str, bool, int | None]]:
    return [(token.text, token.known, row) for token, row in Lexicon(words).read(text)]


def test_words_are_looked_up_as_they_stand_then_in_small_letters_then_without_their_signs() -> None:
    words = ("", "good", "France", "not", "!", "u.s.")
    assert read(words, "Good france, not U.S. !") == [
        ("Good", True, 1),
        ("france", False, None),
        (",", False, None),
        ("not", True, 3),
        ("U.S.", True, 5),
        ("!", True, 4),
    ]


@pytest.mark.parametrize("unknown", ["<unk>", "[UNK]", "<OOV>"])
def test_unknown_word_has_the_row_that_stands_for_it_and_is_marked(unknown: str) -> None:
    assert read(("", unknown, "as"), "as is") == [("as", True, 2), ("is", False, 1)]


def test_vocabulary_of_single_signs_reads_a_text_sign_by_sign() -> None:
    words = ("<s>", "a", "b", " ", "\n")
    assert Lexicon(words).of_characters
    assert read(words, "ab\nz") == [
        ("a", True, 1),
        ("b", True, 2),
        ("\n", True, 4),
        ("z", False, None),
    ]


@pytest.mark.parametrize(
    "words", [("i", "love", "france", "x"), ("a", "b", "c"), ("yes", "no"), ("", "<unk>", "war")]
)
def test_example_is_of_words_that_it_knows(words: tuple[str, ...]) -> None:
    lexicon = Lexicon(words)
    assert lexicon.example
    assert all(token.known for token, _ in lexicon.read(lexicon.example))
    if "love" in words:
        assert lexicon.example == "I love France"
