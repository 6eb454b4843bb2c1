"""`exercise`: a well-known exercise in coding an LSTM, as a model of one unit with set weights.

The exercise's weights stand on [h, x], the same in all three gates:

    i = f = o = sigma(0.5 h' + 0.5 x + 0.1);  g = tanh(0.3 h' + 0.3 x + 0.1)
    c = f c' + i g;  h = o tanh(c);  the output is h

Source: Deep-ML, problem 59, https://www.deep-ml.com/problems/59. As its gates are equal at every
step, it can't tell whether two of them are swapped.
"""

from collections.abc import Sequence

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.engine.ragged import through_lstm
from gate_explorer.runs.card import Card, Example, Exercise
from gate_explorer.runs.inputs import Inputs, Options
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Run, RunState, lstm_layer
from gate_explorer.weights.torch import to_torch
from gate_explorer.zoo.base import (
    held_at_all,
    held_in,
    lstm_state,
    numbers_of,
    refuse_options,
)

GATE, DRAFT, BIAS = 0.5, 0.3, 0.1
LARGEST = 1e9
LINES = """\
import numpy as np

def sigma(a):
    return 1 / (1 + np.exp(-a))

W, Wc, b = np.array([0.5, 0.5]), np.array([0.3, 0.3]), 0.1  # on [h, x]; Wf = Wi = Wo = W
h = c = 0.0
for x in (1.0, 2.0, 3.0):
    f = i = o = sigma(W @ [h, x] + b)
    g = np.tanh(Wc @ [h, x] + b)
    c = f * c + i * g
    h = o * np.tanh(c)
    print(f"x = {x:g}: c = {c:.8f}, h = {h:.8f}")
"""


def exercise_weights() -> LSTMParameters:
    """The exercise's weights, float64: D = 1, H = 1, rows i|f|g|o."""
    rows = np.array([[GATE], [GATE], [DRAFT], [GATE]])
    return LSTMParameters(rows, rows.copy(), np.full(4, BIAS))


class ExerciseLSTM:
    """The exercise as a model of the zoo: a real LSTM of one unit, set by hand."""

    card = Card(
        id="exercise",
        title="An exercise",
        description=(
            "One LSTM unit with the weights of a well-known coding exercise, Deep-ML’s problem 59:"
            " 0.5 on input and hidden state in all three gates, 0.3 in the draft, every bias 0.1."
            " Open it beside your own solution: every number on the way to the exercise’s answer is"
            " here."
        ),
        cell="lstm",
        input="vectors",
        input_size=1,
        hidden_size=1,
        output="number",
        provenance="hand-set",
        examples=(
            Example(
                {"x": "1;2;3"},
                "The exercise: 1, 2, 3",
                "The hidden state goes 0.1553, 0.4480, 0.7370 and the memory 0.2453, 0.6716,"
                " 1.2779: the exercise’s own answer.",
            ),
            Example(
                {"x": "3;2;1"},
                "The same, backwards",
                "The order counts: the last hidden state is 0.5754, not 0.7370.",
            ),
            Example(
                {"x": "3;0;0;0;0;0"},
                "One number, then nothing",
                "Nothing here can hold on: once the input is 0 the Eraser keeps 0.54 to 0.58 of the"
                " memory at each step, and the rest is gone.",
            ),
        ),
        order=35,
        inputs=("x",),
        range=(-LARGEST, LARGEST),
        exercise=Exercise(
            title="Deep-ML, problem 59: implement an LSTM network",
            address="https://www.deep-ml.com/problems/59",
            lines=LINES,
        ),
    )

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Run the LSTM; what it says is its hidden state."""
        return self.runs([inputs], state, options)[0]

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """The same over several inputs at once."""
        refuse_options(self.card, options)
        xs = [numbers_of(each, self.card, np.float64) for each in inputs]
        before = lstm_state(state, self.card, np.float64)
        start = state.t if state else 0
        held = [held_in(self.card, options, start, len(x)) for x in xs]
        cell = exercise_weights()
        layers = map(lstm_layer, through_lstm(cell, xs, before, held_at_all(held)))
        return [
            Run(
                card=self.card,
                x=x,
                tokens=None,
                layers=(layer,),
                outputs=tuple(NumberOutput(value, shown=True) for value in layer.h[:, 0].tolist()),
                state=RunState(start + len(x), ((layer.h[-1], layer.c[-1]),)),
                start=start,
                cells=(cell,),
                readout=self.readout(options),
                before=NumberOutput(float(before.h[0, 0]), shown=True) if start else None,
                holds=(holds,),
            )
            for x, layer, holds in zip(xs, layers, held, strict=True)
        ]

    def weights(self, options: Options) -> dict[str, Array]:
        """The exercise's weights under PyTorch's names."""
        refuse_options(self.card, options)
        return to_torch(exercise_weights())

    def readout(self, options: Options) -> Readout:
        """The cell; the output is h itself."""
        refuse_options(self.card, options)
        return Readout(exercise_weights(), np.eye(1), np.zeros(1))
