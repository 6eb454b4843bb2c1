"""The tokenizer against the treebank: its tokens as they stand, and its text as one would type it.

Run by `make test-data DATA=folder`.
"""

from gate_explorer.training.sentiment.treebank import SPLITS, read_split
from gate_explorer.zoo.tokenizer import key_of, tokenize
from tests.data.folder import data_folder
from tests.data.typed import as_typed


def share_of_equal_sentences(*, typed: bool) -> float:
    equal = total = 0
    for split in SPLITS:
        for sentence in read_split(data_folder(), split):
            text = as_typed(sentence.words) if typed else " ".join(sentence.words)
            total += 1
            equal += [piece.key for piece in tokenize(text)] == [key_of(w) for w in sentence.words]

    return equal / total


def test_tokenize_typed_treebank_gives_the_treebanks_tokens() -> None:
    assert share_of_equal_sentences(typed=True) >= 0.997


def test_tokenize_treebank_tokens_map_onto_themselves() -> None:
    assert share_of_equal_sentences(typed=False) >= 0.997
