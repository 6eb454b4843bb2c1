"""The Tree-LSTM against its equations one node at a time, and its gradients against differences."""

from dataclasses import replace

import numpy as np
import pytest

from gate_explorer.engine.checks import Array
from gate_explorer.training.sentiment.model import SentenceWeights
from gate_explorer.training.sentiment.tree_model import backward, forward, initial
from gate_explorer.training.sentiment.trees import JOIN, Forest, nodes, side_by_side
from gate_explorer.zoo.vocabulary import Vocabulary

WORDS = Vocabulary(("<unk>", "it", "is", "not", "bad"), trained=5)
TREES = (("it", "is", "not", "bad", JOIN, JOIN, JOIN), ("bad",), ("it", "is", JOIN, "bad", JOIN))
H, D = 3, 4


@pytest.fixture
def weights() -> SentenceWeights:
    rng = np.random.default_rng(5)
    made = initial(rng.normal(size=(len(WORDS), D)).astype(np.float32), H, rng)
    return SentenceWeights(
        **{name: array.astype(np.float64) for name, array in made.arrays().items()}
    )


@pytest.fixture
def forest() -> Forest:
    return side_by_side([nodes(tree, WORDS) for tree in TREES])


def sigma(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def by_hand(weights: SentenceWeights, forest: Forest, node: int) -> tuple[Array, Array]:
    """h and c of one node, by recursion."""
    if node < len(forest.rows):
        x = weights.embedding[forest.rows[node]]
        i, o, u = np.split(weights.weight_ih @ x + weights.bias[: 3 * H], 3)
        c = sigma(i) * np.tanh(u)
    else:
        h_l, c_l = by_hand(weights, forest, int(forest.left[node]))
        h_r, c_r = by_hand(weights, forest, int(forest.right[node]))
        z = weights.weight_hh @ np.concatenate((h_l, h_r)) + weights.bias[3 * H :]
        i, f_l, f_r, o, u = np.split(z, 5)
        c = sigma(i) * np.tanh(u) + sigma(f_l) * c_l + sigma(f_r) * c_r
    return np.asarray(sigma(o) * np.tanh(c)), np.asarray(c)


def test_forward_is_the_equations_at_every_node(weights: SentenceWeights, forest: Forest) -> None:
    trace = forward(weights, forest, weights.embedding[forest.rows])
    for node in range(len(forest.left)):
        h, c = by_hand(weights, forest, node)
        np.testing.assert_allclose(trace.h[node], h, atol=1e-12)
        np.testing.assert_allclose(trace.c[node], c, atol=1e-12)


def test_forward_cut_tree_is_the_tree_of_the_words_before_the_cut(weights: SentenceWeights) -> None:
    cut = side_by_side([nodes(TREES[0], WORDS, prefixes=True)])
    begun = side_by_side([nodes(("it", "is", "not", JOIN, JOIN), WORDS)])
    found, expected = (
        forward(weights, f, weights.embedding[f.rows]).h[f.after] for f in (cut, begun)
    )
    np.testing.assert_allclose(found[2], expected[0], atol=1e-12)


@pytest.mark.parametrize("name", ["weight_ih", "weight_hh", "bias", "x"])
def test_backward_is_the_difference_quotient(
    weights: SentenceWeights, forest: Forest, name: str
) -> None:
    x = weights.embedding[forest.rows]
    d_h = np.random.default_rng(6).normal(size=(len(forest.left), H))
    gradients, d_x = backward(weights, forest, x, forward(weights, forest, x), d_h)
    exact = d_x if name == "x" else gradients[name]
    moved = x if name == "x" else getattr(weights, name)

    def value(array: Array) -> float:
        at = weights if name == "x" else replace(weights, **{name: array})
        return float((forward(at, forest, array if name == "x" else x).h * d_h).sum())

    for place in np.ndindex(moved.shape):
        nudge = np.zeros_like(moved)
        nudge[place] = 1e-5
        quotient = (value(moved + nudge) - value(moved - nudge)) / 2e-5
        assert exact[place] == pytest.approx(quotient, rel=1e-6, abs=1e-9)


def test_initial_forget_gates_start_open(weights: SentenceWeights) -> None:
    assert weights.bias.tolist() == [0] * 4 * H + [1] * 2 * H + [0] * 2 * H
