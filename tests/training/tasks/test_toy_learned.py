"""The toy's rules as a task: what is wanted is what the rules themselves say."""

import numpy as np

from gate_explorer.engine import toy
from gate_explorer.training.tasks import toy_learned
from gate_explorer.training.tasks.toy_learned import ToyLearned

RNG_SEED = 11


def test_toy_learned_wants_what_the_rules_say() -> None:
    x = toy_learned.sequences(50, 20, np.random.default_rng(RNG_SEED))
    wanted, kept = toy_learned.answers(x), toy_learned.memory(x)
    for column in range(x.shape[1]):
        told = toy.run(x[:, column].tolist())
        np.testing.assert_allclose(wanted[:, column], told.y, atol=1e-5)
        np.testing.assert_allclose(kept[:, column], told.c, atol=1e-5)


def test_toy_learned_every_rule_is_there_often() -> None:
    x = toy_learned.sequences(200, 20, np.random.default_rng(RNG_SEED))
    for column, values in ((1, (-1, 0, 1)), (2, (0, 1))):
        assert all((x[..., column] == value).mean() > 0.1 for value in values)
    assert np.abs(x).max() <= 1


def test_toy_learned_batches_have_the_sizes_it_names() -> None:
    task = ToyLearned()
    batch = task.batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task.input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == batch.targets.dtype == np.float32
    assert not batch.goes_on


def test_toy_learned_reads_as_many_symbols_as_it_has_inputs() -> None:
    assert len(ToyLearned().symbols) == 0, "it reads vectors"
