"""The vocabulary of a network's embedding: which row each word or symbol has.

It comes as text with one word a line, or as JSON: a list; words with their indices; indices with
their words; a Keras tokenizer's own JSON. A list of as many words as the embedding has rows counts
from 0; one fewer counts from 1, as Keras does, which keeps row 0 for padding. What comes with
indices of its own is taken at its word.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gate_explorer.errors import FieldError, InputError
from gate_explorer.weights.files.opened import Embedding, Opened

FIELD = "vocabulary"
MOST_WORDS = 1_000_000
_FORMS = (
    "text with one word a line, or JSON: a list of words, an object of words with their indices, or"
    " a Keras tokenizer’s"
)


@dataclass(frozen=True)
class Vocabulary:
    """Words, and the index of each; None where they only stand in order."""

    words: tuple[str, ...]
    indices: tuple[int, ...] | None = None


def read_vocabulary(data: bytes) -> Vocabulary:
    """The vocabulary of a text or JSON. Raises: InputError saying what came instead."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(f"The vocabulary is no text in UTF-8; it should be {_FORMS}.") from None
    found = _json(text) if text.lstrip()[:1] in {"{", "["} else None
    vocabulary = _lines(text) if found is None else _of_json(found)
    if not vocabulary.words:
        raise _refused(f"The vocabulary is empty; it should be {_FORMS}.")
    if len(vocabulary.words) > MOST_WORDS:
        raise _refused(
            f"The vocabulary has {len(vocabulary.words):,} words; at most {MOST_WORDS:,} are read."
        )
    return vocabulary


def with_vocabulary(opened: Opened, vocabulary: Vocabulary) -> Opened:
    """The network with the words of its embedding's rows; what was taken for granted is said.

    A network without an embedding that reads as many numbers as there are words is taken to read
    each word as a 1 in its place. Raises: InputError where the two don't fit.
    """
    embedding = opened.embedding
    assumed: tuple[str, ...] = ()
    width = opened.stack.input_size
    if embedding is None and len(vocabulary.words) == width:
        embedding = Embedding("one-hot", np.eye(width, dtype=opened.stack.dtype), certain=False)
        assumed = (f"each word is a 1 in its place among {width} zeros",)
    if embedding is None:
        raise _refused(
            f"The vocabulary has {len(vocabulary.words):,} words, but no embedding stands right"
            f" below {opened.interpretation.network}, which reads vectors of {width} numbers: leave"
            " the vocabulary out, or open the network that reads the embedding. A matrix is taken"
            f" for one that is {width} wide and has “embedding” in its name: rename it in the file"
            " where it is called otherwise."
        )
    rows, first = _rows(vocabulary, embedding)
    if first:
        assumed = (*assumed, f"the vocabulary’s words count from {first}, row 0 has none")
    told = replace(opened.interpretation, assumed=(*opened.interpretation.assumed, *assumed))
    return replace(opened, interpretation=told, embedding=embedding, vocabulary=rows)


def _rows(vocabulary: Vocabulary, embedding: Embedding) -> tuple[tuple[str, ...], int]:
    """The word of each row, "" for none, and what a list without indices counts from."""
    count, words = len(embedding.matrix), vocabulary.words
    first = 0
    indices = vocabulary.indices
    if indices is None:
        first = count - len(words)
        if first not in {0, 1}:
            raise _refused(
                f"The vocabulary has {len(words):,} words, but {embedding.name} has {count:,} rows:"
                f" expected are {count:,} words, one a row, or {count - 1:,} where row 0 stands for"
                " padding. JSON can give each word its own index."
            )
        indices = tuple(range(first, count))
    named = [""] * count
    for word, index in zip(words, indices, strict=True):
        if not 0 <= index < count:
            raise _refused(
                f"The vocabulary gives “{word[:40]}” the index {index}, but {embedding.name} has"
                f" {count:,} rows, 0 to {count - 1:,}."
            )
        if named[index]:
            raise _refused(
                f"The vocabulary gives the index {index} to “{named[index][:40]}” and to"
                f" “{word[:40]}”; each row has one word."
            )
        named[index] = word
    twice = _twice(words)
    if twice is not None:
        raise _refused(f"The vocabulary has “{twice[:40]}” twice; each word has one row.")
    return tuple(named), first


def _twice(words: tuple[str, ...]) -> str | None:
    seen: set[str] = set()
    for word in words:
        if word and word in seen:
            return word
        seen.add(word)
    return None


def _lines(text: str) -> Vocabulary:
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return Vocabulary(tuple(lines) if any(lines) else ())


def _json(text: str) -> object:
    """What a JSON text says; None for a text that only begins as JSON does."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def _of_json(found: object) -> Vocabulary:
    if isinstance(found, list) and all(isinstance(word, str) for word in found):
        return Vocabulary(tuple(found))
    if isinstance(found, dict) and found.get("class_name") == "Tokenizer":
        return _keras(found)
    if isinstance(found, dict):
        pairs = _pairs(found)
        if pairs is not None:
            return pairs
    raise _refused(f"The vocabulary’s JSON is of another form; it should be {_FORMS}.")


def _keras(found: Mapping[str, object]) -> Vocabulary:
    """A Keras tokenizer's: its word_index is JSON within JSON; num_words leaves out the rest."""
    config = found.get("config")
    index = config.get("word_index") if isinstance(config, dict) else None
    words = _json(index) if isinstance(index, str) else index
    pairs = _pairs(words) if isinstance(words, dict) else None
    if pairs is None or pairs.indices is None:
        raise _refused("The Keras tokenizer has no word_index of words with their indices.")
    most = config.get("num_words") if isinstance(config, dict) else None
    if not isinstance(most, int):
        return pairs
    kept = [(w, n) for w, n in zip(pairs.words, pairs.indices, strict=True) if n < most]
    return Vocabulary(tuple(w for w, _ in kept), tuple(n for _, n in kept))


def _pairs(found: Mapping[str, object]) -> Vocabulary | None:
    """Words with their indices, or indices with their words; None for anything else."""
    values = list(found.values())
    if values and all(type(value) is int for value in values):
        return Vocabulary(tuple(found), tuple(int(str(value)) for value in values))
    numbered = all(key.isascii() and key.isdigit() and len(key) < 10 for key in found)
    if values and numbered and all(isinstance(value, str) for value in values):
        return Vocabulary(tuple(str(value) for value in values), tuple(int(key) for key in found))
    return None


def _refused(words: str) -> InputError:
    return InputError(words, [FieldError((FIELD,), words)])
