"""`toy-rules`: the three rules themselves, over the numbers that people type."""

from collections.abc import Sequence

import numpy as np

from gate_explorer.engine import toy
from gate_explorer.runs.card import Card, Example
from gate_explorer.runs.inputs import Inputs, Options
from gate_explorer.runs.outputs import NumberOutput
from gate_explorer.runs.run import LSTMLayer, Run, RunState
from gate_explorer.zoo.base import checked_layers, held_in, refuse_options, vectors_of

EXAMPLES = (
    Example(
        {"x": "3,1,0;5,0,1;2,1,0;3,0,1"},
        "Add, show, add, show",
        "3 is stored, then shown as 3; 2 is added, and the memory is shown as 5.",
    ),
    Example(
        {"x": "3,1,0;5,1,0;2,1,1"},
        "The numbers behind “I love France”",
        "Three writes in a row, shown at the last: 3 + 5 + 2 = 10.",
    ),
    Example(
        {"x": "4,1,1;6,1,1;0,-1,1;2,1,1"},
        "Reset in the middle",
        "At step 3 the Eraser closes: 10 becomes 0, and counting starts anew.",
    ),
    Example(
        {"x": "7,1,0;1,0,0;9,0,0;4,0,0;2,0,0;8,0,1"},
        "Remember for a long time",
        "7 is written once and survives four steps of noise, because the Filter is shut.",
    ),
)


class ToyRules:
    """The toy memory as a model of the zoo: one unit, no weights, no tanh."""

    card = Card(
        id="toy-rules",
        title="Three rules",
        description=(
            "A memory of one number and three rules on [x1, x2, x3]: x2 = 1 adds x1 to the memory,"
            " x2 = -1 resets it to 0, x3 = 1 outputs it. No weights, no training: the gates are"
            " read off the input."
        ),
        cell="toy",
        input="vectors",
        input_size=3,
        hidden_size=1,
        output="number",
        provenance="rules",
        examples=EXAMPLES,
    )

    def run(self, inputs: Inputs, state: RunState | None, options: Options) -> Run:
        """Follow the rules; the state's c is the memory, its h what was last shown."""
        refuse_options(self.card, options)
        shown, memory = (
            (float(v[0]) for v in checked_layers(state, self.card)[0]) if state else (0.0, 0.0)
        )
        rows, start = vectors_of(inputs, self.card), state.t if state else 0
        held = held_in(self.card, options, start, len(rows), toy.LARGEST)
        trace = toy.run(rows, memory, held)
        columns = {name: getattr(trace, name)[:, None] for name in ("i", "f", "g", "o", "c_prev")}
        c, y = trace.c[:, None], trace.y[:, None]
        before = np.concatenate(([[shown]], y[:-1]))
        return Run(
            card=self.card,
            x=trace.x,
            tokens=None,
            layers=(LSTMLayer("forward", before, c=c, tanh_c=c, h=y, **columns),),
            outputs=tuple(
                NumberOutput(float(value), bool(shown))
                for value, shown in zip(trace.y, trace.o, strict=True)
            ),
            state=RunState(
                start + len(trace.x), ((np.array([trace.y[-1]]), np.array([trace.c[-1]])),)
            ),
            start=start,
            holds=(held,),
        )

    def runs(self, inputs: Sequence[Inputs], state: RunState | None, options: Options) -> list[Run]:
        """The same over several inputs, one after the other: there are no weights to share."""
        return [self.run(each, state, options) for each in inputs]

    def weights(self, options: Options) -> None:
        """The rules have no weights."""
        refuse_options(self.card, options)

    def readout(self, options: Options) -> None:
        """Nor a cell."""
        refuse_options(self.card, options)
