"""Embedding and head beside the layers of a state dict: what fits, and never as certain."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.weights.files import read

from ...engine.builders import assert_close
from ..samples import (
    h_expected,
    h_of,
    state_dict,
    two_layers,
)


def test_state_dict_of_a_network_opens_with_its_ends_and_says_what_isnt_sure() -> None:
    opened = read(save(state_dict()))

    told = opened.interpretation
    assert (told.layout, told.network, told.networks) == (
        "torch",
        "module.encoder",
        ("module.encoder",),
    )
    assert (told.layers, told.directions, told.cell) == (2, ("forward", "backward"), "lstm")
    assert (told.gate_order, told.biases, told.concatenation) == ("ifgo", "two, added", None)
    assert told.activations == {"gate": "sigmoid", "candidate": "tanh", "cell": "tanh"}
    assert told.unused == ()
    assert_close(h_of(opened), h_expected(two_layers()), 1e-6)
    assert opened.embedding is not None
    assert opened.head is not None
    assert not opened.head.certain
    assert opened.head.sources == ("module.fc.weight", "module.fc.bias")
    assert any("module.fc.weight reads h" in words for words in told.assumed)


def json_of(beside: Mapping[str, Any]) -> bytes:
    """An LSTM of two units that reads three numbers, its arrays without telling names."""
    rng = np.random.default_rng(5)
    arrays = {f"m{n}": rng.normal(size=shape) for n, shape in ((2, (3, 8)), (3, (2, 8)), (4, 8))}
    named = {**beside, **arrays}
    return json.dumps(
        {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in named.items()}
    ).encode()


@pytest.mark.parametrize("more", [0, 1])
def test_matrix_with_a_row_a_word_of_the_files_own_vocabulary_is_the_embedding(more: int) -> None:
    words = ["a", "b", "c", "d"]
    rows = np.arange(3.0 * (len(words) + more)).reshape(-1, 3)
    dictionary = {word: n for n, word in enumerate(words)}
    found = read(json_of({"m1": rows, "dic": dictionary}))
    assert found.embedding is not None
    assert found.embedding.name == "m1"
    np.testing.assert_array_equal(found.embedding.matrix, rows)
    assert found.vocabulary == (*words, *[""] * more)
    assert any("m1 gives the inputs, by its shape" in each for each in found.interpretation.assumed)
    assert "m1" not in found.interpretation.unused


@pytest.mark.parametrize(
    "others",
    [
        {"m1": np.ones((7, 3)), "dic": {"a": 0, "b": 1, "c": 2, "d": 3}},
        {"m1": np.ones((4, 2)), "dic": {"a": 0, "b": 1, "c": 2, "d": 3}},
        {"m1": np.ones((4, 3)), "n1": np.ones((5, 3)), "dic": {"a": 0, "b": 1, "c": 2, "d": 3}},
        {"m1": np.ones((4, 3))},
    ],
    ids=["rows", "width", "two", "no words"],
)
def test_matrix_that_could_be_the_embedding_by_chance_is_none(others: dict[str, Any]) -> None:
    found = read(json_of(others))
    assert found.embedding is None
    assert "m1" in found.interpretation.unused
