"""What the engine refuses, and that it says what it expected and what came."""

from typing import Any

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn
from gate_explorer.errors import InputError, NonFiniteError, ShapeError

W, U, B = np.ones((8, 3)), np.ones((8, 2)), np.ones(8)
LSTM = lstm.LSTMParameters(W, U, B)
RNN = rnn.RNNParameters(W[:2], U[:2], B[:2])
LSTM32 = lstm.LSTMParameters(*(array.astype(np.float32) for array in (W, U, B)))

BAD_INPUTS: tuple[tuple[Any, type[InputError], str], ...] = (
    (np.ones((0, 1, 3)), ShapeError, r"x should have the shape \(T, N, 3\), but has \(0, 1, 3\)"),
    (np.ones((2, 0, 3)), ShapeError, r"x should have the shape \(T, N, 3\), but has \(2, 0, 3\)"),
    (np.ones((2, 1, 4)), ShapeError, r"x should have the shape \(T, N, 3\), but has \(2, 1, 4\)"),
    (np.ones((2, 3)), ShapeError, r"x should have the shape \(T, N, 3\), but has \(2, 3\)"),
    ([], ShapeError, r"x should have the shape \(T, N, 3\), but has \(0,\)"),
    (1.0, ShapeError, r"x should have the shape \(T, N, 3\), but has \(\)"),
    ([[[1, 2, 3]], [[1, 2]]], ShapeError, r"\(T, N, 3\), but isn't rectangular"),
    (
        [[["a", "b", "c"]]],
        ShapeError,
        r"should hold numbers, in the shape \(T, N, 3\), .* type <U1",
    ),
    ([[["1", "2", "3"]]], ShapeError, r"should hold numbers, .* type <U1"),
    ("text", ShapeError, r"should hold numbers, .* type <U4"),
    ([[[1, 2, None]]], ShapeError, r"should hold numbers, .* type object"),
    (None, ShapeError, r"should hold numbers, .* type object"),
    ([[[1, 2, 10**400]]], ShapeError, r"should hold numbers, .* type object"),
    ([[[1, 2, 3j]]], ShapeError, r"should hold numbers, .* type complex128"),
    ([[[1, 2, np.nan]]], NonFiniteError, r"x holds nan at \[0, 0, 2\]; .* finite"),
    ([[[1, 2, 3]], [[1, np.inf, 3]]], NonFiniteError, r"x holds inf at \[1, 0, 1\]; .* finite"),
    ([[[-np.inf, 2, 3]]], NonFiniteError, r"x holds -inf at \[0, 0, 0\]; .* finite"),
)


@pytest.mark.parametrize(("x", "error", "words"), BAD_INPUTS)
def test_forward_on_a_bad_input_says_what_was_expected_and_what_came(
    x: Any, error: type[InputError], words: str
) -> None:
    with pytest.raises(error, match=words):
        lstm.forward(LSTM, x)
    with pytest.raises(error, match=words):
        rnn.forward(RNN, x)


def test_forward_on_a_number_too_large_for_float32_says_so() -> None:
    with pytest.raises(NonFiniteError, match=r"x holds inf at \[0, 0, 1\]; .* range of float32"):
        lstm.forward(LSTM32, [[[0, 1e300, 0]]])


@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 4), (1, 1, 3)])
def test_step_on_a_wrong_shape_names_both_shapes(shape: tuple[int, ...]) -> None:
    came = str(shape).replace("(", r"\(").replace(")", r"\)")
    words = rf"x should have the shape \(N, 3\), but has {came}"
    with pytest.raises(ShapeError, match=words):
        lstm.step(LSTM, np.ones(shape))
    with pytest.raises(ShapeError, match=words):
        rnn.step(RNN, np.ones(shape))


def test_state_that_doesnt_fit_the_batch_is_named() -> None:
    x = np.ones((4, 2, 3))
    good, wide = np.ones((2, 2)), np.ones((2, 3))
    for state, words in (
        (lstm.LSTMState(wide, good), r"state\.h should have the shape \(2, 2\), but has \(2, 3\)"),
        (
            lstm.LSTMState(good, good[:1]),
            r"state\.c should have the shape \(2, 2\), but has \(1, 2\)",
        ),
    ):
        with pytest.raises(ShapeError, match=words):
            lstm.forward(LSTM, x, state)
    with pytest.raises(ShapeError, match=r"state should have the shape \(2, 2\), but has \(2, 3\)"):
        rnn.forward(RNN, x, wide)
    with pytest.raises(NonFiniteError, match=r"state\.c holds nan at \[0, 0\]"):
        lstm.forward(LSTM, x, lstm.LSTMState(good, good * np.nan))


@pytest.mark.parametrize(
    ("arrays", "error", "words"),
    [
        ((W, U[:7], B), ShapeError, r"weight_hh should have the shape \(4H, H\), but has \(7, 2\)"),
        ((W[:7], U, B), ShapeError, r"weight_ih should have the shape \(8, D\), but has \(7, 3\)"),
        ((W, U, B[:7]), ShapeError, r"bias should have the shape \(8,\), but has \(7,\)"),
        (
            (W[:, :0], U, B),
            ShapeError,
            r"weight_ih should have the shape \(8, D\), but has \(8, 0\)",
        ),
        ((W, U * np.nan, B), NonFiniteError, r"weight_hh holds nan at \[0, 0\]"),
        ((W, U, B * np.inf), NonFiniteError, r"bias holds inf at \[0\]"),
        (([["w"]], U, B), ShapeError, r"weight_ih should hold numbers"),
    ],
)
def test_lstm_parameters_that_dont_fit_are_named(
    arrays: tuple[Any, Any, Any], error: type[InputError], words: str
) -> None:
    with pytest.raises(error, match=words):
        lstm.LSTMParameters(*arrays)


@pytest.mark.parametrize(
    ("arrays", "error", "words"),
    [
        ((W, U, B), ShapeError, r"weight_hh should be square, \(H, H\), but has \(8, 2\)"),
        (
            (W, U[:2], B[:2]),
            ShapeError,
            r"weight_ih should have the shape \(2, D\), but has \(8, 3\)",
        ),
        ((W[:2], U[:2], B), ShapeError, r"bias should have the shape \(2,\), but has \(8,\)"),
        ((W[:2] * np.nan, U[:2], B[:2]), NonFiniteError, r"weight_ih holds nan at \[0, 0\]"),
    ],
)
def test_rnn_parameters_that_dont_fit_are_named(
    arrays: tuple[Any, Any, Any], error: type[InputError], words: str
) -> None:
    with pytest.raises(error, match=words):
        rnn.RNNParameters(*arrays)


def test_backward_on_gradients_that_dont_fit_the_trace_names_both_shapes() -> None:
    x = np.ones((4, 2, 3))
    trace, plain = lstm.forward(LSTM, x), rnn.forward(RNN, x)
    words = r"d_h should have the shape \(4, 2, 2\), but has \(4, 1, 2\)"
    with pytest.raises(ShapeError, match=words):
        lstm.backward(LSTM, trace, np.ones((4, 1, 2)))
    with pytest.raises(ShapeError, match=words):
        rnn.backward(RNN, plain, np.ones((4, 1, 2)))

    good, d_h = np.ones((2, 2)), np.ones((4, 2, 2))
    with pytest.raises(ShapeError, match=r"d_state\.c should have the shape \(2, 2\), but has"):
        lstm.backward(LSTM, trace, d_h, lstm.LSTMState(good, good[:1]))
    with pytest.raises(ShapeError, match=r"d_state should have the shape \(2, 2\), but has"):
        rnn.backward(RNN, plain, d_h, good[:1])


def test_backward_on_the_trace_of_one_step_or_of_another_network_says_so() -> None:
    other = lstm.LSTMParameters(np.ones((8, 5)), U, B)
    plain_other = rnn.RNNParameters(np.ones((2, 5)), U[:2], B[:2])
    d_h = np.ones((4, 2, 2))
    words = r"trace\.x should have the shape \(T, N, 3\), but has \(2, 3\)"
    with pytest.raises(ShapeError, match=words):
        lstm.backward(LSTM, lstm.step(LSTM, np.ones((2, 3))), d_h)
    with pytest.raises(ShapeError, match=words):
        rnn.backward(RNN, rnn.step(RNN, np.ones((2, 3))), d_h)
    words = r"trace\.x should have the shape \(T, N, 5\), but has \(4, 2, 3\)"
    with pytest.raises(ShapeError, match=words):
        lstm.backward(other, lstm.forward(LSTM, np.ones((4, 2, 3))), d_h)
    with pytest.raises(ShapeError, match=words):
        rnn.backward(plain_other, rnn.forward(RNN, np.ones((4, 2, 3))), d_h)
