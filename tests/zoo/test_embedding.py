"""Word vectors in a byte a number: how near they are to what they stand for."""

import numpy as np
import pytest

from gate_explorer.zoo.embedding import Embedding

TABLE = np.random.default_rng(5).normal(size=(50, 8)).astype(np.float32)


def test_embedding_rows_lie_within_half_a_step_of_the_table() -> None:
    error = np.abs(Embedding.of(TABLE).rows(np.arange(50)) - TABLE)
    # Half a step, and what rounding the scale to half precision takes off the largest number.
    bound = np.abs(TABLE).max(axis=1, keepdims=True) * (0.5 / 127 + 2.0**-10)
    assert (error <= bound).all()


def test_embedding_uses_the_whole_of_its_byte() -> None:
    assert (np.abs(Embedding.of(TABLE).values).max(axis=1) >= 126).all()


def test_embedding_row_of_zeros_stays_one() -> None:
    assert not Embedding.of(np.zeros((1, 3), np.float32)).rows([0]).any()


@pytest.mark.parametrize("shape", [(4,), (2, 3)])
def test_embedding_rows_have_the_shape_that_is_asked_for(shape: tuple[int, ...]) -> None:
    rows = Embedding.of(TABLE).rows(np.ones(shape, np.intp))
    assert rows.shape == (*shape, 8)
    assert rows.dtype == np.float32
