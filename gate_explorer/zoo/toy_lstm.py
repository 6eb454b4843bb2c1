"""`toy-lstm`: the three rules compiled into the weights of a standard LSTM, tanh and all.

With k the sharpness and s the scale of the memory, on inputs [x1, x2, x3] and no recurrence:

    i = sigma(k (x2 - 1/2))     opens at x2 = 1
    f = sigma(k (x2 + 1/2))     closes at x2 = -1
    o = sigma(k (x3 - 1/2))     opens at x3 = 1
    g = tanh(s x1) ~ s x1
    h = o tanh(c)  ~ o s * memory;  the output is h / s

Two things make it approximate. A sigmoid is never quite 0 or 1, though at k = 100 what is left is
less than float64 can tell from it.
And tanh(z) = z - z^3 / 3 + ...: with s = 1e-7 each number up to 2000 is stored to 2.7e-5 or
better, so that 512 steps within |memory| <= 1000 stay within 1 % of the rules.
"""

from collections.abc import Sequence

import numpy as np

from gate_explorer.engine import toy
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import Held, LSTMParameters, LSTMTrace
from gate_explorer.engine.ragged import through_lstm
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card, Example, Sharpness
from gate_explorer.runs.inputs import Inputs, Options
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Run, RunState, lstm_layer
from gate_explorer.weights.torch import to_torch
from gate_explorer.zoo.base import (
    held_at_all,
    held_in,
    lstm_state,
    refuse_options,
    vectors_of,
)
from gate_explorer.zoo.toy_rules import EXAMPLES

SCALE = 1e-7
SHARPNESS = 100.0
SHARPEST, SOFTEST = 1000.0, 0.5


def compile_rules(sharpness: float = SHARPNESS) -> LSTMParameters:
    """The three rules as LSTM weights, float64: D = 3, H = 1, rows i|f|g|o.

    sharpness: the slope k of the sigmoids' inputs, 0.5 (soft gates) to 1000 (hard ones).
    Raises: InputError outside that range.
    """
    if not SOFTEST <= sharpness <= SHARPEST:
        words = (
            f"The sharpness is {sharpness:g}; it should lie between {SOFTEST:g} and {SHARPEST:g}."
        )
        raise InputError(words, [FieldError(("sharpness",), words)])
    k = sharpness
    weight_ih = np.array([[0, k, 0], [0, k, 0], [SCALE, 0, 0], [0, 0, k]])
    return LSTMParameters(weight_ih, np.zeros((4, 1)), np.array([-k / 2, k / 2, 0, -k / 2]))


class ToyLSTM:
    """The compiled rules as a model of the zoo: a real LSTM of one unit, set by hand."""

    card = Card(
        id="toy-lstm",
        title="Three rules in an LSTM",
        description=(
            "The three rules as the hand-set weights of a standard LSTM with one unit. Its gates"
            " are real sigmoids and its memory passes through a real tanh, so it only comes close"
            " to the rules; the sharpness decides how close."
        ),
        cell="lstm",
        input="vectors",
        input_size=3,
        hidden_size=1,
        output="number",
        provenance="hand-set",
        examples=(
            *EXAMPLES,
            Example(
                {"x": "3,1,0;5,0,1;2,1,0;3,0,1", "sharpness": "4"},
                "Soft gates",
                "At sharpness 4 no gate quite opens or closes: a little of every number leaks in.",
            ),
        ),
        order=10,
        sharpness=Sharpness(SHARPNESS, SOFTEST, SHARPEST, SCALE),
    )

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Run the LSTM, and the rules beside it; the state holds the cell's own numbers."""
        return self.runs([inputs], state, options)[0]

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """The same over several inputs at once."""
        refuse_options(self.card, options, sharpness=True)
        rows = [vectors_of(each, self.card) for each in inputs]
        before = lstm_state(state, self.card, np.float64)
        rules = [toy.run(each, float(before.c[0, 0]) / SCALE) for each in rows]
        cell, readout = compile_rules(_sharpness(options)), self.readout(options)
        start = state.t if state else 0
        held = [held_in(self.card, options, start, len(each)) for each in rows]
        traces = through_lstm(cell, [each.x for each in rules], before, held_at_all(held))
        return [
            self._run(readout, *parts, start) for parts in zip(rules, traces, held, strict=True)
        ]

    def _run(
        self,
        readout: Readout,
        rules: toy.ToyTrace,
        trace: LSTMTrace,
        held: Held | None,
        start: int,
    ) -> Run:
        layer = lstm_layer(trace)
        values = layer.h[:, 0] / SCALE
        return Run(
            card=self.card,
            x=rules.x,
            tokens=None,
            layers=(layer,),
            outputs=tuple(
                NumberOutput(float(value), bool(gate >= 0.5))
                for value, gate in zip(values, layer.o[:, 0], strict=True)
            ),
            state=RunState(start + len(rules.x), ((layer.h[-1], layer.c[-1]),)),
            start=start,
            cells=(readout.cell,),
            readout=readout,
            unit_scale=SCALE,
            deviation=values - rules.y,
            holds=(held,),
        )

    def weights(self, options: Options) -> dict[str, Array]:
        """The compiled weights under PyTorch's names."""
        refuse_options(self.card, options, sharpness=True)
        return to_torch(compile_rules(_sharpness(options)))

    def readout(self, options: Options) -> Readout:
        """The compiled cell; the output is h / s."""
        refuse_options(self.card, options, sharpness=True)
        return Readout(compile_rules(_sharpness(options)), np.array([[1 / SCALE]]), np.zeros(1))


def _sharpness(options: Options) -> float:
    return SHARPNESS if options.sharpness is None else options.sharpness
