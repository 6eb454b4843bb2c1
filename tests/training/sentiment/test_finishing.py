"""The row of the unknown word, settled so that it says nothing."""

from dataclasses import replace

import numpy as np

from gate_explorer.engine.lstm import forward
from gate_explorer.training.sentiment.finishing import settled
from gate_explorer.training.sentiment.model import SentenceWeights
from gate_explorer.training.sentiment.phrases import Encoded
from gate_explorer.zoo.sentiment_network import log_softmax

RNG = np.random.default_rng(3)
HIDDEN, WIDTH, ROWS = 6, 8, 30
EMBEDDING = RNG.normal(size=(ROWS, WIDTH)).astype(np.float32)
START = SentenceWeights.initial(EMBEDDING, HIDDEN, RNG)
# A network that says something, and is neutral before it has read a word.
WEIGHTS = replace(
    START,
    readout_weight=(START.readout_weight * 20).astype(np.float32),
    readout_bias=np.array([-3, -1, 2, -1, -3], np.float32),
)
TEXTS = [
    Encoded(RNG.integers(1, ROWS, 5), np.zeros((5, 5), np.float32), np.ones(5, np.float32))
    for _ in range(40)
]


def move(row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    """How far one step with the row moves the centred logits after the texts, root mean square."""
    table = EMBEDDING.copy()
    table[0] = row
    sizes = []
    for text in TEXTS:
        x = table[[*text.rows, 0]][:, None]
        h = forward(WEIGHTS.cell(), x).h[:, 0]
        before, after = (h[-2:] @ WEIGHTS.readout_weight.T) + WEIGHTS.readout_bias
        change = after - before
        sizes.append(float(((change - change.mean()) ** 2).sum()))
    return float(np.sqrt(np.mean(sizes)))


def test_settled_row_moves_the_verdict_less_than_before() -> None:
    assert move(settled(WEIGHTS, TEXTS)) < 0.75 * move(EMBEDDING[0])


def test_settled_row_alone_is_nearer_to_neutral() -> None:
    def neutral(row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
        h = forward(WEIGHTS.cell(), np.repeat(row[None, None], 8, axis=0)).h[:, 0]
        log_p = log_softmax(h @ WEIGHTS.readout_weight.T + WEIGHTS.readout_bias)
        return float(log_p[:, 2].mean())

    assert neutral(settled(WEIGHTS, TEXTS)) > neutral(EMBEDDING[0])


def test_settled_leaves_the_weights_as_they_are() -> None:
    before = {name: array.copy() for name, array in WEIGHTS.arrays().items()}
    settled(WEIGHTS, TEXTS)
    for name, array in WEIGHTS.arrays().items():
        np.testing.assert_array_equal(array, before[name])
