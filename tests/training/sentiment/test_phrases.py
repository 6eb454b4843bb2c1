"""What training reads: each phrase once, with a label after every word that completes one."""

import numpy as np

from gate_explorer.training.sentiment.phrases import (
    NO_LABEL,
    batch_order,
    encode,
    in_batches,
    pad,
    readings,
)
from gate_explorer.training.sentiment.treebank import parse_tree
from gate_explorer.zoo.vocabulary import Vocabulary

SENTENCE = parse_tree("(3 (1 (2 The) (1 plot)) (3 (2 is) (4 Good)))")
VOCABULARY = Vocabulary(("<unk>", "the", "plot", "is", "good"), trained=5)


def test_readings_prefixes_are_read_within_the_longer_phrase() -> None:
    found = {" ".join(reading.keys): reading for reading in readings([SENTENCE], 4.0)}
    assert sorted(found) == ["good", "is good", "plot", "the plot is good"]
    whole = found["the plot is good"]
    assert whole.labels == (2, 1, NO_LABEL, 3)
    assert whole.weights == (1.0, 1.0, 1.0, 4.0)


def test_readings_repeated_sentence_is_read_once() -> None:
    assert readings([SENTENCE, SENTENCE], 4.0) == readings([SENTENCE], 4.0)


def test_pad_readings_fills_up_at_the_end() -> None:
    encoded = [encode(reading, VOCABULARY) for reading in readings([SENTENCE], 4.0)]
    batch = pad(encoded)
    assert batch.rows.T.tolist() == [[4, 0, 0, 0], [3, 4, 0, 0], [2, 0, 0, 0], [1, 2, 3, 4]]
    assert batch.weights.T.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 4]]
    assert batch.targets[0, 0].tolist() == [0, 0, 0, 0, 1]
    assert not batch.targets[1:, 0].any()
    assert batch.lengths.tolist() == [1, 2, 1, 4]


def test_encode_reading_puts_all_of_a_target_on_the_label() -> None:
    whole = readings([SENTENCE], 4.0)[-1]
    found = encode(whole, VOCABULARY)
    labels = [2, 1, None, 3]
    assert found.targets.tolist() == [[float(k == label) for k in range(5)] for label in labels]
    assert found.weights.tolist() == [1, 1, 0, 4]


def test_batch_order_covers_all_once_with_like_lengths_together() -> None:
    lengths = np.array([5, 1, 5, 1, 3, 3, 5, 1], dtype=np.intp)
    batches = batch_order(lengths, 3, np.random.default_rng(1))
    assert sorted(np.concatenate(batches).tolist()) == list(range(8))
    assert sorted(sorted(lengths[batch].tolist()) for batch in batches) == [
        [1, 1, 1],
        [3, 3, 5],
        [5, 5],
    ]


def test_batch_order_same_generator_gives_the_same_order() -> None:
    lengths = np.arange(50, dtype=np.intp)
    first, second = (batch_order(lengths, 7, np.random.default_rng(3)) for _ in range(2))
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in second]


def test_in_batches_covers_what_is_there() -> None:
    assert list(in_batches(5, 2)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
