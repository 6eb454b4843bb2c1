"""Strings of a’s and b’s: what is wanted after every symbol."""

import numpy as np
import pytest

from gate_explorer.training.tasks import counter
from gate_explorer.training.tasks.counter import Counter

RNG_SEED = 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "open"),
        ("ab", "open closed"),
        ("aabb", "open open open closed"),
        ("abb", "open closed broken"),
        ("b", "broken"),
        ("ba", "broken broken"),
        ("abab", "open closed broken broken"),
        ("aaba", "open open open broken"),
    ],
)
def test_counter_verdicts_are_those_of_the_definition(text: str, expected: str) -> None:
    assert [counter.LABELS[verdict] for verdict in counter.verdicts(text)] == expected.split()


def test_counter_training_strings_are_no_longer_than_said() -> None:
    rng = np.random.default_rng(RNG_SEED)
    texts = [counter.random_string(rng, counter.TRAINED) for _ in range(300)]
    assert max(text.count("a") for text in texts) <= counter.TRAINED + 1
    verdicts = {verdict for text in texts for verdict in counter.verdicts(text)}
    assert verdicts == {0, 1, 2}


def test_counter_batches_have_the_sizes_it_names() -> None:
    task = Counter()
    batch = task.batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task.input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == np.float32
    assert not batch.goes_on


def test_counter_reads_as_many_symbols_as_it_has_inputs() -> None:
    assert len(Counter().symbols) == Counter().input_size
