"""Frequent and household words that the committed sentence model knows.

Run by `make test-data DATA=folder`, with two lists of words in `folder`/words, a word a line:
top10000.txt, the 10,000 most frequent English words in order (wordfreq 3.1.1,
`top_n_list("en", 10000)`; a list to measure with, whose licence is CC BY-SA), and everyday.txt,
household words.
"""

from pathlib import Path

import pytest

import gate_explorer.zoo
from gate_explorer.zoo.sentiment_network import SentimentNetwork
from gate_explorer.zoo.tokenizer import tokenize
from tests.data.folder import data_folder

VOCABULARY = SentimentNetwork.load(Path(gate_explorer.zoo.__file__).parent / "sentiment").vocabulary


def words(name: str) -> list[str]:
    """A list of words in the data folder; fails the test, with how to mend it, without it."""
    path = data_folder() / "words" / name
    if not path.is_file():
        pytest.fail(f"{path} is missing; {__doc__}", pytrace=False)
    return path.read_text(encoding="utf-8").split("\n")


def unknown(listed: list[str]) -> list[str]:
    """The words of which the vocabulary lacks a part, as it stands and without mending slips."""
    return [
        word
        for word in listed
        if not all(VOCABULARY.lookup(piece.key).known for piece in tokenize(word))
    ]


def test_vocabulary_knows_the_most_frequent_words() -> None:
    frequent = words("top10000.txt")[:10_000]
    assert len(frequent) == 10_000
    assert unknown(frequent[:3_000]) == []
    assert len(unknown(frequent)) <= 60


def test_vocabulary_knows_household_words() -> None:
    household = words("everyday.txt")
    assert len(household) > 100
    assert unknown(household) == []
