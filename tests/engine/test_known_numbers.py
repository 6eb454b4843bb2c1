"""Numbers that came from outside the engine: a well-known exercise, and a model in plain Python."""

import math

import numpy as np
import pytest

from gate_explorer.engine import lstm, rnn

Matrix = list[list[float]]

# Rows i, f, g, o of a network with two inputs and two units, every number another.
W_ROWS = np.reshape((0.9, -0.4, 0.2, 0.7, -0.6, 0.5, 1.1, 0.3), (4, 2)).tolist()
W_ROWS += np.reshape((0.8, -1.2, -0.3, 0.6, 0.45, -0.9, 0.15, 1.3), (4, 2)).tolist()
U_ROWS = np.reshape((0.35, -0.2, 0.6, 0.1, -0.75, 0.4, 0.05, 0.95), (4, 2)).tolist()
U_ROWS += np.reshape((0.5, -0.55, 0.25, 0.85, -0.15, 0.65, 0.7, -0.8), (4, 2)).tolist()
B_ROWS = [0.1, -0.2, 0.3, 1.0, -0.4, 0.55, -0.65, 0.05]
INPUTS = [[1.0, -2.0], [0.5, 0.25], [-1.5, 3.0], [0.0, 0.75]]
FIRST_H, FIRST_C = [0.4, -0.3], [-0.7, 1.2]


def _plain_lstm(xs: Matrix, h: list[float], c: list[float]) -> tuple[Matrix, Matrix]:
    """The equations with math.exp and lists: (h of every step, c of every step)."""
    every_h, every_c, units = [], [], range(len(h))
    for x in xs:
        dots = [
            sum(w * v for w, v in zip(row_w + row_u, x + h, strict=True)) + b
            for row_w, row_u, b in zip(W_ROWS, U_ROWS, B_ROWS, strict=True)
        ]
        i, f, o = ([1 / (1 + math.exp(-dots[k + j])) for j in units] for k in (0, 2, 6))
        g = [(math.exp(2 * dots[4 + j]) - 1) / (math.exp(2 * dots[4 + j]) + 1) for j in units]
        c = [f[j] * c[j] + i[j] * g[j] for j in units]
        h = [o[j] * math.tanh(c[j]) for j in units]
        every_h.append(h)
        every_c.append(c)
    return every_h, every_c


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])
def test_asymmetric_lstm_equals_plain_python(dtype: type, tolerance: float) -> None:
    parameters = lstm.LSTMParameters(*(np.array(v, dtype) for v in (W_ROWS, U_ROWS, B_ROWS)))
    state = lstm.LSTMState(np.array([FIRST_H]), np.array([FIRST_C]))
    every_h, every_c = _plain_lstm(INPUTS, FIRST_H, FIRST_C)

    trace = lstm.forward(parameters, np.array(INPUTS)[:, None], state)

    np.testing.assert_allclose(trace.h[:, 0], every_h, rtol=0, atol=tolerance)
    np.testing.assert_allclose(trace.c[:, 0], every_c, rtol=0, atol=tolerance)


def test_deep_ml_exercise_59_gives_its_printed_numbers() -> None:
    # Wf = Wi = Wo = [.5, .5] and Wc = [.3, .3] on [h, x], every bias .1.
    weight = np.array([[0.5], [0.5], [0.3], [0.5]])
    parameters = lstm.LSTMParameters(weight, weight, np.full(4, 0.1))

    trace = lstm.forward(parameters, [[[1.0]], [[2.0]], [[3.0]]])

    h, c = [0.15528746, 0.44802314, 0.73698596], [0.24531644, 0.67157641, 1.27787829]
    np.testing.assert_allclose(trace.h.ravel(), h, rtol=0, atol=5e-9)
    np.testing.assert_allclose(trace.c.ravel(), c, rtol=0, atol=5e-9)


def test_asymmetric_rnn_equals_plain_python() -> None:
    parameters = rnn.RNNParameters(np.array(W_ROWS[:2]), np.array(U_ROWS[:2]), np.array(B_ROWS[:2]))
    h, expected = FIRST_H, []
    for x in INPUTS:
        rows = zip(W_ROWS[:2], U_ROWS[:2], B_ROWS[:2], strict=True)
        h = [
            math.tanh(sum(w * v for w, v in zip(row_w + row_u, x + h, strict=True)) + b)
            for row_w, row_u, b in rows
        ]
        expected.append(h)

    trace = rnn.forward(parameters, np.array(INPUTS)[:, None], [FIRST_H])

    np.testing.assert_allclose(trace.h[:, 0], expected, rtol=0, atol=1e-14)
