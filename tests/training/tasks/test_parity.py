"""Strings of zeros and ones: whether the ones so far are even or odd."""

import numpy as np
import pytest

from gate_explorer.training.cells.task import NO_TARGET
from gate_explorer.training.tasks import parity
from gate_explorer.training.tasks.parity import Parity
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned

RNG_SEED = 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", "even"), ("1", "odd"), ("11", "odd even"), ("0101", "even odd odd even"),
     ("10000", "odd odd odd odd odd"), ("111", "odd even odd")],
)  # fmt: skip
def test_parity_answers_are_those_of_the_definition(text: str, expected: str) -> None:
    found = np.array([[int(symbol)] for symbol in text])
    assert [parity.LABELS[place] for place in parity.parities(found)[:, 0]] == expected.split()


def test_parity_asks_after_the_last_symbol_alone_and_reads_nothing_beyond_it() -> None:
    found = np.array([[1, 0], [1, 1], [0, 1]])
    batch = parity.encode(found, np.array([3, 2]))
    assert batch.targets.T.tolist() == [[NO_TARGET, NO_TARGET, 0], [NO_TARGET, 1, NO_TARGET]]
    assert batch.x[:, 0].argmax(axis=1).tolist() == [1, 1, 0]
    assert not batch.x[2, 1].any()


def test_parity_training_strings_have_every_length_up_to_the_one_that_is_said() -> None:
    batch = Parity().batch(0, 2000, np.random.default_rng(RNG_SEED))
    lengths = (batch.targets != NO_TARGET).argmax(axis=0) + 1
    assert set(lengths.tolist()) == set(range(1, parity.TRAINED + 1))
    assert 0.45 < (batch.targets == 1).sum() / batch.x.shape[1] < 0.55


def test_parity_batches_have_the_sizes_it_names() -> None:
    task = Parity()
    batch = task.batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task.input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == np.float32
    assert not batch.goes_on
    assert len(task.symbols) == task.input_size


def test_parity_is_measured_on_long_strings_other_on_dev_than_on_test() -> None:
    dev, test = Parity().dev_data, Parity().test_data
    assert dev.shape == test.shape == (parity.FAR, parity.STRINGS)
    assert (dev != test).any(axis=0).all()


def test_parity_lead_is_what_one_unit_costs_beyond_any_other() -> None:
    model = registry.get("parity")
    assert isinstance(model, Learned)
    rights = parity.drawn(parity.TRAINED, 300, np.random.default_rng(RNG_SEED))
    assert 0.4 < parity.lead(model.network(), rights) < 0.6
    doubled = parity.drawn(1, 300, np.random.default_rng(RNG_SEED))
    assert 0 <= parity.lead(model.network(), doubled) <= 1
