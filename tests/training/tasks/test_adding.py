"""The adding problem: the sum of two marked numbers."""

import numpy as np
import pytest

from gate_explorer.training.tasks import adding
from gate_explorer.training.tasks.adding import Adding

RNG_SEED = 11


def test_adding_wants_the_sum_of_the_marked_numbers() -> None:
    x, sums = adding.sequences(50, 20, np.random.default_rng(RNG_SEED))
    assert (x[:10, :, 1].sum(axis=0) == 1).all()
    assert (x[10:, :, 1].sum(axis=0) == 1).all()
    np.testing.assert_allclose((x[..., 0] * x[..., 1]).sum(axis=0), sums)


def test_adding_answering_1_has_an_error_of_a_sixth() -> None:
    _, sums = adding.sequences(200_000, 4, np.random.default_rng(RNG_SEED))
    assert float(((sums - 1) ** 2).mean()) == pytest.approx(1 / 6, abs=2e-3)


def test_adding_batches_have_the_sizes_it_names() -> None:
    task = Adding()
    batch = task.batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task.input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == np.float32
    assert not batch.goes_on


def test_adding_reads_as_many_symbols_as_it_has_inputs() -> None:
    assert len(Adding().symbols) == 0, "it reads vectors"
