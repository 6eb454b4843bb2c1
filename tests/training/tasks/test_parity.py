"""Parity: every answer says whether the ones so far are even or odd."""

import numpy as np

from gate_explorer.training.tasks import parity
from gate_explorer.training.tasks.parity import LABELS, TRAINED, Parity

RNG_SEED = 11


def test_parity_answers_follow_the_ones() -> None:
    bits = np.array([[0], [1], [1], [0], [1], [0]])
    targets = parity.encode(bits).targets[:, 0]
    wanted = ["even", "odd", "even", "even", "odd", "odd"]
    assert [LABELS[int(target)] for target in targets] == wanted


def test_parity_even_and_odd_are_about_as_many() -> None:
    batch = parity.encode(parity.random_bits(100, 500, np.random.default_rng(RNG_SEED)))
    assert 0.48 < batch.targets.mean() < 0.52


def test_parity_batches_have_the_sizes_it_names() -> None:
    task, rng = Parity(), np.random.default_rng(RNG_SEED)
    batches = [task.batch(step, 5, rng) for step in range(40)]
    for batch in batches:
        assert batch.x.shape == (*batch.targets.shape, task.input_size)
        assert batch.x.shape[1] == 5
        assert batch.x.dtype == np.float32
        assert not batch.goes_on
    assert max(len(batch.x) for batch in batches) <= TRAINED


def test_parity_reads_as_many_symbols_as_it_has_inputs() -> None:
    assert len(Parity().symbols) == Parity().input_size
