"""Keras's `get_weights()` as it comes: lists, CuDNN's layout, Keras 1's twelve arrays, masks."""

from typing import Any

import numpy as np
import pytest

from gate_explorer.engine import lstm, stack
from gate_explorer.engine.activations import Activation
from gate_explorer.engine.lstm import LSTMOptions
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import InputError, ShapeError
from gate_explorer.weights.keras import (
    OLD_HARD_SIGMOID,
    bidirectional_from_keras,
    from_keras,
    rnn_from_keras,
    to_keras,
    without_masked,
)

from ..engine.builders import Array, assert_close, draw, draw_cell

D, H = 3, 2


def _cell(seed: int, biases: int = 1) -> lstm.LSTMParameters:
    return draw_cell(np.random.default_rng(seed), D, H, biases=biases)


def _listed(cell: lstm.LSTMParameters) -> list[Array]:
    written = to_keras(cell)
    arrays = (written.kernel, written.recurrent_kernel, written.bias)
    return [array for array in arrays if array is not None]


def _same(found: lstm.LSTMParameters, expected: lstm.LSTMParameters) -> None:
    for name in ("weight_ih", "weight_hh", "bias"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()


@pytest.mark.parametrize("biases", [0, 1])
def test_keras_list_reads_as_the_layer(biases: int) -> None:
    cell = _cell(70, biases)

    read = from_keras(_listed(cell))

    _same(read, cell)
    assert read.options == lstm.STANDARD
    relu = from_keras(_listed(cell), Activation("relu"), OLD_HARD_SIGMOID)
    assert relu.options == LSTMOptions(OLD_HARD_SIGMOID, Activation("relu"), Activation("relu"))


def test_keras_1_list_of_twelve_reads_as_the_layer() -> None:
    cell = _cell(71)
    kernel, recurrent, bias = _listed(cell)
    by_gate = {
        gate: (kernel[:, k * H : (k + 1) * H], recurrent[:, k * H : (k + 1) * H], bias[k * H :][:H])
        for k, gate in enumerate("ifco")
    }

    read = from_keras([array for gate in "icfo" for array in by_gate[gate]])

    _same(read, cell)


def test_cudnn_list_reads_as_the_layer_that_gives_its_numbers() -> None:
    """A GPU's buffer holds, gate by gate, the matrix that meets a column; Keras hands it out in
    the shape of its own kernels without moving a number."""
    cell = _cell(72, biases=2)
    gates = np.split(cell.weight_ih, 4)  # (H, D) each, row by row in the buffer
    kernel = np.hstack([gate.reshape(-1).reshape(D, H) for gate in gates])
    recurrent = np.hstack(np.split(cell.weight_hh, 4))
    bias = np.concatenate(cell.stored_biases)

    read = from_keras([kernel, recurrent, bias])

    _same(read, cell)
    assert [b.tolist() for b in read.stored_biases] == [b.tolist() for b in cell.stored_biases]


def test_bidirectional_list_reads_as_two_passes() -> None:
    cells = _cell(73), _cell(74)

    passes = bidirectional_from_keras([a for cell in cells for a in _listed(cell)])

    assert [run.reverse for run in passes] == [False, True]
    for run, cell in zip(passes, cells, strict=True):
        assert isinstance(run.parameters, lstm.LSTMParameters)
        _same(run.parameters, cell)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ([np.ones((D, 4 * H))], "One layer has 2 arrays, 3 with a bias, or in Keras 1 12, but 1"),
        ([np.ones(2)] * 6, "6 arrays are a Bidirectional layer's.*bidirectional_from_keras"),
        ([np.ones(2)] * 9, "give one layer's get_weights\\(\\), not the model's"),
        ([np.ones((D, 3 * H)), np.ones((H, 3 * H)), np.ones(3 * H)], "the shape of a GRU's"),
        ([np.ones((D, H)), np.ones((H, H)), np.ones(H)], "the shape of a SimpleRNN's"),
        ([np.ones((D, 5)), np.ones((H, 5)), np.ones(5)], r"\(H, 4H\), but has \(2, 5\)\."),
    ],
)
def test_keras_list_of_another_kind_is_named(arrays: list[Array], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_keras(arrays)


def test_keras_lstm_read_as_a_simple_rnn_is_named() -> None:
    with pytest.raises(ShapeError, match="the shape of an LSTM's"):
        rnn_from_keras(to_keras(_cell(75)))
    with pytest.raises(InputError, match="has 6 arrays, or 4, but 3 came"):
        bidirectional_from_keras(_listed(_cell(75)))


def test_mask_with_gaps_carries_the_state_over_what_it_leaves_out() -> None:
    made = Stack(((Pass(_cell(76)), Pass(_cell(77), True)),))
    x = draw(np.random.default_rng(78), 5, 2, D)
    mask = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [1, 1]], bool)

    moved, lengths = without_masked(x, mask)
    found = stack.forward(made, moved, lengths)

    assert lengths.tolist() == [3, 3]
    for n in range(2):
        alone = stack.forward(made, x[mask[:, n], n][:, None])
        assert_close(found.h[:3, n], alone.h[:, 0], 1e-12)


@pytest.mark.parametrize(
    ("mask", "error", "words"),
    [
        (np.ones((2, 5)), ShapeError, "batch-first mask is to be transposed"),
        (np.array([[1, 0]] * 5), InputError, "leaves nothing of sequence 1"),
    ],
)
def test_mask_that_doesnt_fit_is_named(mask: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        without_masked(np.ones((5, 2, D)), mask)
