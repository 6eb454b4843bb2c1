"""A vocabulary in each of its forms, fitted to the rows of an embedding, or refused in words."""

import json

import pytest

from gate_explorer.errors import InputError
from gate_explorer.weights.files import read
from gate_explorer.weights.files.opened import Opened
from gate_explorer.weights.files.wording import Vocabulary, read_vocabulary, with_vocabulary
from tests.weights.samples import samples

SAMPLES = samples()
WORDS = ("good", "bad", "<b>x</b>", "é")


def opened() -> Opened:
    found = read(SAMPLES["words.keras"])
    assert found.embedding
    return found


ROWS = len(opened().embedding.matrix)  # type: ignore[union-attr]


def numbered(count: int) -> list[str]:
    return [f"w{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("\n".join(WORDS), None),
        ("\r\n".join(WORDS) + "\r\n", None),
        ("\ufeff" + "\n".join(WORDS), None),
        (json.dumps(WORDS), None),
        (json.dumps({word: n for n, word in enumerate(WORDS, 1)}), (1, 2, 3, 4)),
        (json.dumps({str(n): word for n, word in enumerate(WORDS)}), (0, 1, 2, 3)),
    ],
    ids=["lines", "crlf", "bom", "list", "indices", "words"],
)
def test_vocabulary_of_every_form_is_read(text: str, indices: tuple[int, ...] | None) -> None:
    assert read_vocabulary(text.encode()) == Vocabulary(WORDS, indices)


@pytest.mark.parametrize(("most", "kept"), [(None, 4), (3, 2)])
def test_keras_tokenizer_is_read_up_to_its_number_of_words(most: int | None, kept: int) -> None:
    index = json.dumps({word: n for n, word in enumerate(WORDS, 1)})
    found = {"class_name": "Tokenizer", "config": {"word_index": index, "num_words": most}}
    expected = Vocabulary(WORDS[:kept], tuple(range(1, kept + 1)))
    assert read_vocabulary(json.dumps(found).encode()) == expected


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe", "no text in UTF-8"),
        (b"\n\n", "is empty"),
        (b"[]", "is empty"),
        (b'{"a": [1]}', "of another form"),
        (b'{"a": true}', "of another form"),
        (b'["a", 1]', "of another form"),
        (b'{"class_name": "Tokenizer", "config": {}}', "no word_index"),
        (b"[" * 100_000, "of another form|empty|fit"),
    ],
)
def test_what_is_no_vocabulary_is_told_what_came(data: bytes, words: str) -> None:
    if data.startswith(b"[[["):
        assert read_vocabulary(data).words == (data.decode(),)  # a line like any other
        return
    with pytest.raises(InputError, match=words) as refused:
        read_vocabulary(data)
    assert refused.value.errors[0].loc == ("vocabulary",)


@pytest.mark.parametrize(("count", "first"), [(ROWS, 0), (ROWS - 1, 1)])
def test_list_counts_from_what_fills_the_rows(count: int, first: int) -> None:
    found = with_vocabulary(opened(), Vocabulary(tuple(numbered(count))))
    assert found.vocabulary == (*[""] * first, *numbered(count))
    said = "; ".join(found.interpretation.assumed)
    assert ("count from 1" in said) == bool(first)


def test_indices_are_taken_at_their_word() -> None:
    found = with_vocabulary(opened(), Vocabulary(("a", "b"), (ROWS - 1, 1)))
    assert found.vocabulary == ("", "b", *[""] * (ROWS - 3), "a")


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (Vocabulary(tuple(numbered(ROWS + 1))), f"has {ROWS + 1} words, but .* has {ROWS} rows"),
        (Vocabulary(tuple(numbered(ROWS - 2))), f"has {ROWS - 2} words, but .* has {ROWS} rows"),
        (Vocabulary(("a", "b"), (0, ROWS)), f"“b” the index {ROWS}"),
        (Vocabulary(("a", "b"), (0, -1)), "“b” the index -1"),
        (Vocabulary(("a", "b"), (1, 1)), "index 1 to “a” and to “b”"),
        (Vocabulary(("a",) * ROWS), "“a” twice"),
    ],
)
def test_vocabulary_that_does_not_fit_is_refused_with_both_sizes(
    vocabulary: Vocabulary, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        with_vocabulary(opened(), vocabulary)


def test_network_without_an_embedding_reads_words_as_ones_where_as_many_numbers_come_in() -> None:
    vectors = read(SAMPLES["gates.npz"])
    width = vectors.stack.input_size
    found = with_vocabulary(vectors, Vocabulary(tuple(numbered(width))))
    assert found.embedding
    assert found.embedding.matrix.tolist() == [
        [float(row == column) for column in range(width)] for row in range(width)
    ]
    assert "each word is a 1 in its place" in found.interpretation.assumed[-1]
    with pytest.raises(InputError, match=f"reads vectors of {width} numbers"):
        with_vocabulary(vectors, Vocabulary(tuple(numbered(width + 1))))
