"""Embedding and head that a Keras configuration puts right at a chain."""

import pytest

from gate_explorer.weights.files import Options, read

from .keras_files import FOLDER


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_ends_are_those_that_the_configuration_puts_there(ending: str) -> None:
    opened = read(FOLDER / f"words{ending}")

    assert opened.embedding is not None
    assert opened.head is not None
    assert opened.embedding.certain
    assert opened.embedding.matrix.shape == (7, 3)
    assert (opened.head.activation, opened.head.certain, opened.head.last) == (
        "softmax",
        True,
        True,
    )
    assert opened.head.weight.shape == (2, 3)
    assert opened.head.reads == "ends"
    assert opened.head.bias is not None
    lower = read(FOLDER / f"words{ending}", Options(network="both"))
    assert lower.embedding is not None
    assert lower.head is None
