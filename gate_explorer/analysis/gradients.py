"""How far back the gradient of the last answer reaches: its size at every step before.

y is what is asked about: a number the model gives, the logit of a class or token less the mean of
all logits (softmax only sees differences), or a unit's last hidden state. At each step t

    |dy/dc_t|, |dy/dh_t|, |dy/dx_t|      Euclidean norms, through everything that follows
    mean over units of f_{t+1} * ... * f_T      what the cell's own path lets through

Where f stays near 1 the second keeps the first from vanishing: dc_t reaches c_{t-1} times f_t, and
nothing else (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000). A vanilla RNN has
only the path through h, whose gradient a matrix and a slope below 1 multiply at every step (Bengio,
Simard & Frasconi 1994). Worked out in float64, so that what vanishes can be seen vanishing.
"""

import re
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from gate_explorer.engine import lstm, plain, rnn
from gate_explorer.engine.activations import tanh_slope
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMState
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, Output
from gate_explorer.runs.run import LSTMLayer, Run, RunState, gated
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model, Readout

Layer = tuple[Array, Array]
Cell = TypeVar("Cell", LSTMParameters, RNNParameters)

NUMBER = "number"
UNIT = re.compile(r"(?:unit[ :]?)?([1-9]\d{0,5})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Reach:
    """The sizes at every step, (T,) each, at least 0; None for what a vanilla RNN doesn't have."""

    hidden: Array
    input: Array
    cell: Array | None = None
    forget: Array | None = None


@dataclass(frozen=True)
class Highway:
    """What was asked about, the model's own reach, and its twin's without gates, if there is one.

    The twin reads the same input, with its own trained weights; only from nothing, since a state
    of the one means nothing to the other.
    """

    of: str
    own: Reach
    twin: Reach | None


def highway(
    model: Model, run: Run, options: Options, of: str | None = None, state: RunState | None = None
) -> Highway:
    """How far the gradient of the run's last answer reaches back.

    of: see `target`; state: what the run started from. Raises: InputError.
    """
    readout = model.readout(options)
    name = target(readout, run.outputs[-1], of)
    if readout is None:
        return Highway(name, reach_of_rules(gated(run.layers[0])), None)
    twin = _twin(run.card, options) if state is None else None
    own = reach(readout, run.x, name, state)
    return Highway(name, own, None if twin is None else reach(twin, run.x, name))


def target(readout: Readout | None, output: Output, of: str | None) -> str:
    """What is asked about, by its one name; the likeliest class or token where None.

    of: a class, a token, `number`, or a unit as `7` or `unit 7`. Raises: InputError.
    """
    names = readout.names if readout else ()
    if of is None:
        return _likeliest(output) if names else NUMBER
    if of in names or (of == NUMBER and not names):
        return of
    unit, units = UNIT.fullmatch(of), readout.cell.hidden_size if readout else 1
    if unit and int(unit[1]) <= units:
        return f"unit {unit[1]}"
    some = ", ".join(f"“{name}”" for name in names[:8]) + (", …" if len(names) > 8 else "")
    words = f"of is “{of[:20]}”; it should be {some or NUMBER}, or a unit, 1 to {units}."
    raise InputError(words, [FieldError(("of",), words)])


def reach(readout: Readout, x: Array, of: str, state: RunState | None = None) -> Reach:
    """How far the gradient of `of` reaches back over x (T, I), run from a state or from nothing."""
    x, d_h = x.astype(np.float64)[:, None], _slope(readout, of)[None]
    layer = state.layers[0] if state else None
    if isinstance(readout.cell, RNNParameters):
        return _through_rnn(_in_float64(readout.cell), x, d_h, layer)
    return _through_lstm(_in_float64(readout.cell), x, d_h, layer)


def reach_of_rules(layer: LSTMLayer) -> Reach:
    """The same for the three rules, y = o a: nothing is fed back, and x1 alone has a slope."""
    path = _products_after(layer.f)[:, 0]
    cell, hidden = layer.o[-1] * path, np.zeros(len(path))
    hidden[-1] = 1
    return Reach(hidden, cell * layer.i[:, 0], cell, path)


def _through_lstm(cell: LSTMParameters, x: Array, d_h: Array, before: Layer | None) -> Reach:
    """A step at a time, from the end; d_h (1, H): dy/dh there."""
    state = LSTMState(before[0][None], before[1][None]) if before else None
    trace, d_c = lstm.forward(cell, x, state), np.zeros_like(d_h)
    hidden, inputs, cells = np.zeros((3, len(x)))
    for t in reversed(range(len(x))):
        s = trace.at(t)
        d_a, (d_h_before, d_c_before) = plain.step_backward(cell, s, d_h, d_c)
        d_x, whole = d_a @ cell.weight_ih, d_c + d_h * s.o * tanh_slope(s.tanh_c)
        hidden[t], cells[t], inputs[t] = map(np.linalg.norm, (d_h, whole, d_x))
        d_h, d_c = d_h_before, d_c_before
    return Reach(hidden, inputs, cells, _products_after(trace.f[:, 0]).mean(axis=1))


def _through_rnn(cell: RNNParameters, x: Array, d_h: Array, before: Layer | None) -> Reach:
    trace = rnn.forward(cell, x, before[0][None] if before else None)
    hidden, inputs = np.zeros((2, len(x)))
    for t in reversed(range(len(x))):
        s = RNNTrace(*(array[t : t + 1] for array in trace))
        found = rnn.backward(cell, s, np.zeros_like(s.h), d_h)
        hidden[t], inputs[t] = map(np.linalg.norm, (d_h, found.d_x))
        d_h = found.d_h0
    return Reach(hidden, inputs)


def _twin(card: Card, options: Options) -> Readout | None:
    """The twin at the same checkpoint, or as it was trained in the end."""
    if card.twin is None:
        return None
    twin = registry.get(card.twin)
    label = options.checkpoint if options.checkpoint in twin.card.checkpoints else None
    return twin.readout(Options(label))


def _products_after(f: Array) -> Array:
    """f_{t+1} * ... * f_T at each t, 1 at the last; shapes: f (T, H) -> (T, H)."""
    later = np.concatenate((f[1:], np.ones_like(f[:1])))
    result: Array = np.cumprod(later[::-1], axis=0, dtype=np.float64)[::-1]
    return result


def _slope(readout: Readout, of: str) -> Array:
    """dy/dh at the last step, (H,)."""
    weight = readout.weight.astype(np.float64)
    if of in readout.names:
        slope: Array = weight[readout.names.index(of)] - weight.mean(axis=0)
        return slope
    if of == NUMBER:
        return np.array(weight[0])
    one_hot: Array = np.eye(readout.cell.hidden_size)[int(of.removeprefix("unit ")) - 1]
    return one_hot


def _likeliest(output: Output) -> str:
    if isinstance(output, ClassesOutput):
        return output.likeliest[0]
    if isinstance(output, NextTokenOutput):
        return output.top(1)[0][0]
    raise TypeError(f"expected classes or tokens, got {output}")


def _in_float64(cell: Cell) -> Cell:
    names = ("weight_ih", "weight_hh", "bias")
    return replace(cell, **{name: getattr(cell, name).astype(np.float64) for name in names})
