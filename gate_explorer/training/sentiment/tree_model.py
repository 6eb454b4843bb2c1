"""The Tree-LSTM, which reads a sentence as phrases inside phrases: forward, backward, and its loss.

A word x:       i, o = sigma(W x + b);  u = tanh(W_u x + b_u);  c = i u;  h = o tanh(c)
Two parts l, r: i, f_l, f_r, o = sigma(U [h_l; h_r] + b);  u = tanh(U_u [h_l; h_r] + b_u)
                c = i u + f_l c_l + f_r c_r;  h = o tanh(c)
Source: Tai, Socher & Manning 2015, "Improved semantic representations from tree-structured long
short-term memory networks", the binary tree of section 3.2.

The numbers live in `Weights`: weight_ih (3H, D) of words, rows i|o|u; weight_hh (5H, 2H) of joins,
rows i|f_l|f_r|o|u; bias (8H,), of words and then of joins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.training.adam import summed_rows
from gate_explorer.training.sentiment.model import (
    SentenceStep,
    SentenceWeights,
    dropout,
    logits_loss,
    sometimes_unknown,
    uniform,
)
from gate_explorer.training.sentiment.recipe import SentenceRecipe
from gate_explorer.training.sentiment.trees import Forest
from gate_explorer.zoo.sentiment_network import LABELS


@dataclass(frozen=True)
class TreeTrace:
    """What a reading of M nodes, L of them words, leaves behind.

    words (L, 3H), joins (M - L, 5H): after sigma and tanh; parts (M - L, 2H): [h_l; h_r];
    c, tanh_c, h (M, H).
    """

    words: Array
    joins: Array
    parts: Array
    c: Array
    tanh_c: Array
    h: Array


def initial(embedding: Array, hidden: int, rng: np.random.Generator) -> SentenceWeights:
    """Uniform in +-1/sqrt(H); the bias of both forget gates 1, all other 0."""
    bias = np.zeros(8 * hidden, np.float32)
    bias[4 * hidden : 6 * hidden] = 1
    return SentenceWeights(
        embedding.copy(),
        uniform((3 * hidden, embedding.shape[1]), hidden, rng),
        uniform((5 * hidden, 2 * hidden), hidden, rng),
        bias,
        uniform((len(LABELS), hidden), hidden, rng),
        np.zeros(len(LABELS), np.float32),
    )


def forward(weights: SentenceWeights, forest: Forest, x: Array) -> TreeTrace:
    """Read trees, height by height. Shapes: x (L, D), the rows of the words."""
    hidden, first, count = weights.readout_weight.shape[1], len(forest.rows), len(forest.left)
    c, tanh_c, h = (np.empty((count, hidden), x.dtype) for _ in range(3))
    words = _activated(x @ weights.weight_ih.T + weights.bias[: 3 * hidden], hidden)
    i, o, u = np.split(words, 3, axis=1)
    c[:first] = i * u
    tanh_c[:first] = np.tanh(c[:first])
    h[:first] = o * tanh_c[:first]
    joins = np.empty((count - first, 5 * hidden), x.dtype)
    parts = np.empty((count - first, 2 * hidden), x.dtype)
    for start, stop in forest.levels:
        left, right = forest.left[start:stop], forest.right[start:stop]
        here = slice(start - first, stop - first)
        parts[here] = np.concatenate((h[left], h[right]), axis=1)
        z = parts[here] @ weights.weight_hh.T + weights.bias[3 * hidden :]
        joins[here] = _activated(z, hidden)
        i, f_l, f_r, o, u = np.split(joins[here], 5, axis=1)
        c[start:stop] = i * u + f_l * c[left] + f_r * c[right]
        tanh_c[start:stop] = np.tanh(c[start:stop])
        h[start:stop] = o * tanh_c[start:stop]
    return TreeTrace(words, joins, parts, c, tanh_c, h)


def backward(
    weights: SentenceWeights, forest: Forest, x: Array, trace: TreeTrace, d_h: Array
) -> tuple[dict[str, Array], Array]:
    """The gradients of leaf, join and bias, and d_x (L, D), from those of every h (M, H).

    Every node is part of one other at most, as in trees that are not cut.
    """
    hidden, first = d_h.shape[1], len(forest.rows)
    d_h, d_c, d_joins = d_h.copy(), np.zeros_like(d_h), np.empty_like(trace.joins)
    for start, stop in reversed(forest.levels):
        left, right = forest.left[start:stop], forest.right[start:stop]
        here, nodes = slice(start - first, stop - first), slice(start, stop)
        i, f_l, f_r, o, u = np.split(trace.joins[here], 5, axis=1)
        d_cell = d_c[nodes] + d_h[nodes] * o * (1 - trace.tanh_c[nodes] ** 2)
        gates = (
            d_cell * u * i * (1 - i),
            d_cell * trace.c[left] * f_l * (1 - f_l),
            d_cell * trace.c[right] * f_r * (1 - f_r),
            d_h[nodes] * trace.tanh_c[nodes] * o * (1 - o),
            d_cell * i * (1 - u * u),
        )
        d_joins[here] = np.concatenate(gates, axis=1)
        d_c[left], d_c[right] = d_cell * f_l, d_cell * f_r
        d_parts = d_joins[here] @ weights.weight_hh
        d_h[left] += d_parts[:, :hidden]
        d_h[right] += d_parts[:, hidden:]
    d_words = _through_words(trace, d_h[:first], d_c[:first])
    gradients = {
        "weight_ih": d_words.T @ x,
        "weight_hh": d_joins.T @ trace.parts,
        "bias": np.concatenate((d_words.sum(axis=0), d_joins.sum(axis=0))),
    }
    return gradients, d_words @ weights.weight_ih


def _through_words(trace: TreeTrace, d_h: Array, d_c: Array) -> Array:
    i, o, u = np.split(trace.words, 3, axis=1)
    tanh_c = trace.tanh_c[: len(d_h)]
    d_cell = d_c + d_h * o * (1 - tanh_c**2)
    gates = (d_cell * u * i * (1 - i), d_h * tanh_c * o * (1 - o), d_cell * i * (1 - u * u))
    return np.concatenate(gates, axis=1)


def _activated(z: Array, hidden: int) -> Array:
    """sigma for all but the last H columns, tanh for those."""
    return np.concatenate((sigmoid(z[:, :-hidden]), np.tanh(z[:, -hidden:])), axis=1)


def loss_and_gradients(
    weights: SentenceWeights,
    forest: Forest,
    targets: Array,
    recipe: SentenceRecipe,
    rare: NDArray[np.bool_],
    rng: np.random.Generator,
) -> SentenceStep:
    """Read trees with dropout; five-class loss plus binary loss, the same weight at every node.

    Shapes: targets (M, 5) in the order of the forest's nodes; rare (V,).
    """
    rows = sometimes_unknown(forest.rows, rare, recipe, rng)
    kept_x = dropout((len(rows), weights.embedding.shape[1]), recipe.input_dropout, rng)
    x = weights.embedding[rows] * kept_x
    trace = forward(weights, forest, x)
    kept_h = dropout(trace.h.shape, recipe.output_dropout, rng)
    read = trace.h * kept_h
    shares = np.ones(len(targets), targets.dtype)
    loss, d_logits = logits_loss(weights, read, targets, shares, recipe.polarity_weight)
    gradients, d_x = backward(
        weights, forest, x, trace, (d_logits @ weights.readout_weight) * kept_h
    )
    gradients |= {"readout_weight": d_logits.T @ read, "readout_bias": d_logits.sum(axis=0)}
    touched, d_rows = summed_rows(rows, d_x * kept_x)
    return SentenceStep(loss, gradients, touched, d_rows)
