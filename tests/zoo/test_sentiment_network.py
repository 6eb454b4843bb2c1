"""Loading the sentence model's files, and refusing files that aren't one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gate_explorer.engine.lstm import LSTMParameters, forward
from gate_explorer.errors import DataError, ShapeError
from gate_explorer.zoo.embedding import Embedding
from gate_explorer.zoo.sentiment_network import (
    CARD,
    WEIGHTS,
    SentimentNetwork,
    binary_score,
    log_softmax,
)
from gate_explorer.zoo.vocabulary import Vocabulary

HIDDEN, WIDTH = 3, 4
RNG = np.random.default_rng(4)
WORDS = Vocabulary(("<unk>", "good", "film"), trained=2)


def normal(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return RNG.normal(size=shape).astype(np.float32)


NETWORK = SentimentNetwork(
    Embedding.of(normal(3, WIDTH)),
    LSTMParameters(normal(4 * HIDDEN, WIDTH), normal(4 * HIDDEN, HIDDEN), normal(4 * HIDDEN)),
    normal(5, HIDDEN),
    normal(5),
    WORDS,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    NETWORK.save(tmp_path)
    (tmp_path / CARD).write_text(json.dumps({"trained_rows": 2}), encoding="utf-8")
    return tmp_path


def test_load_saved_network_gives_the_same_numbers(folder: Path) -> None:
    loaded = SentimentNetwork.load(folder)
    assert loaded.vocabulary == WORDS
    assert loaded.read(["good", "film"]).tobytes() == NETWORK.read(["good", "film"]).tobytes()


def test_load_weights_have_the_names_of_pytorch(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    assert sorted(tensors) == [
        "bias_hh_l0",
        "bias_ih_l0",
        "embedding.scale",
        "embedding.weight",
        "readout.bias",
        "readout.weight",
        "weight_hh_l0",
        "weight_ih_l0",
    ]
    assert tensors["embedding.weight"].dtype == np.int8
    assert tensors["embedding.scale"].dtype == np.float16
    assert not tensors["bias_hh_l0"].any()


def test_load_both_biases_are_added(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    half = tensors["bias_ih_l0"] / 2
    save_file({**tensors, "bias_ih_l0": half, "bias_hh_l0": half}, folder / WEIGHTS)
    np.testing.assert_array_equal(SentimentNetwork.load(folder).cell.bias, NETWORK.cell.bias)


def change(name: str, new: Callable[[Any], Any]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        save_file({**tensors, name: new(tensors[name])}, folder / WEIGHTS)

    return apply


def without(name: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        del tensors[name]
        save_file(tensors, folder / WEIGHTS)

    return apply


def with_another(folder: Path) -> None:
    save_file({**load_file(folder / WEIGHTS), "more": normal(2)}, folder / WEIGHTS)


def with_nan(array: Any) -> Any:
    array = array.copy()
    array.flat[1] = np.nan
    return array


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without("readout.bias"), "expected tensors"),
        (without("embedding.weight"), "expected tensors"),
        (without("weight_hh_l0"), "expected tensors"),
        (with_another, "expected tensors"),
        (
            change("weight_hh_l0", lambda a: a[:, :2].copy()),
            r"weight_hh_l0: expected shape \(12, 3\)",
        ),
        (change("weight_ih_l0", lambda a: a.T.copy()), r"weight_ih_l0: expected shape \(12, 4\)"),
        (
            change("embedding.weight", lambda a: a[:2].copy()),
            r"expected shape \(3, 4\), got \(2, 4\)",
        ),
        (
            change("readout.weight", lambda a: a[:4].copy()),
            r"readout.weight: expected shape \(5, 3\)",
        ),
        (change("bias_ih_l0", lambda a: a.astype(np.float64)), "bias_ih_l0: expected float32"),
        (change("embedding.weight", lambda a: a.astype(np.float32)), "expected int8"),
        (
            change("embedding.scale", with_nan),
            "embedding.scale: holds a number that is not finite",
        ),
        (change("weight_hh_l0", with_nan), "weight_hh_l0: holds a number that is not finite"),
        (lambda folder: (folder / WEIGHTS).write_bytes(b"junk"), "is not a safetensors file"),
        (lambda folder: (folder / WEIGHTS).unlink(), "weights.safetensors is missing"),
        (lambda folder: (folder / CARD).unlink(), "card.json is missing"),
        (lambda folder: (folder / CARD).write_text("{"), "card.json is not JSON"),
        (lambda folder: (folder / CARD).write_text("[]"), "expected a whole number trained_rows"),
        (
            lambda folder: (folder / CARD).write_text('{"trained_rows": 9}'),
            "expected 1 to 3, got 9",
        ),
    ],
)
def test_load_damaged_folder_says_what_is_wrong(
    folder: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(folder)
    with pytest.raises(DataError, match=message):
        SentimentNetwork.load(folder)


def test_read_gives_logits_after_every_word() -> None:
    x = NETWORK.embedding.rows([1, 0, 2])
    h = forward(NETWORK.cell, x[:, None]).h[:, 0]
    expected = h @ NETWORK.readout_weight.T + NETWORK.readout_bias
    np.testing.assert_allclose(NETWORK.read(["good", "xyz", "film"]), expected, rtol=1e-6)


def test_read_nothing_says_so() -> None:
    with pytest.raises(ShapeError, match="at least one word"):
        NETWORK.read([])


def test_predict_gives_probabilities() -> None:
    probabilities = NETWORK.predict(normal(6, HIDDEN))
    assert probabilities.shape == (6, 5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_score_is_the_log_odds_of_positive_over_negative() -> None:
    h = normal(6, HIDDEN)
    p = NETWORK.predict(h)
    np.testing.assert_allclose(
        NETWORK.score(h), np.log((p[:, 3] + p[:, 4]) / (p[:, 0] + p[:, 1])), rtol=1e-4
    )


def test_scores_of_huge_logits_stay_finite() -> None:
    logits = np.array([[1e4, -1e4, 0, 1e4, -1e4]], dtype=np.float32)
    assert np.isfinite(log_softmax(logits)).all()
    assert binary_score(logits).tolist() == [0.0]
