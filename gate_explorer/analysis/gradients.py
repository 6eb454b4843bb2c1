"""How far back the gradient of an answer reaches: its size at every step before.

The question is put where the network was trained to answer (`answers`): after a string's end mark,
or before the sum is complete, nothing was ever asked. y is what is asked about: a number the model
gives, the logit of a class or token less the mean of all logits (softmax only sees differences), or
a unit's hidden state. With T the step that is asked about, at each step t

    |dy/dc_t|, |dy/dh_t|, |dy/dx_t|             Euclidean norms, through everything that follows
    mean over units of f_{t+1} * ... * f_T       what the cell's own path lets through
    |f_{t+1} * ... * f_T * dy/dc_T|              what it would leave of the gradient, by itself

Where f stays near 1 the last keeps the first from vanishing: dc_t reaches c_{t-1} times f_t, and
nothing else (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000). That is a chance,
not a promise: f is near 1 where the network has learned to hold. A vanilla RNN has only the path
through h, where a matrix and a slope of at most 1 multiply the gradient at every step; it may
shrink or grow (Bengio, Simard & Frasconi 1994). Worked out in float64, so that what vanishes can be
seen vanishing.
"""

import re
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine import lstm, plain, rnn
from gate_explorer.engine.activations import tanh_slope
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMState
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, Output
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import LSTMLayer, Run, RunState, gated
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model

Layer = tuple[Array, Array]
Cell = TypeVar("Cell", LSTMParameters, RNNParameters)

NUMBER = "number"
MARK, MARKS = "the mark", 2  # what `adding` is told by, and how often, before its sum is complete
LEARNED = 0.95
UNIT = re.compile(r"(?:unit[ :]?)?([1-9]\d{0,5})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Reach:
    """The sizes at every step, (T,) each, at least 0; None for what a vanilla RNN doesn't have.

    forget: the forget gates' products, averaged; path: the size that they alone would leave of the
    cell's gradient. 0 after the step that is asked about, since nothing there can change the
    answer.
    """

    hidden: Array
    input: Array
    cell: Array | None = None
    forget: Array | None = None
    path: Array | None = None


@dataclass(frozen=True)
class Highway:
    """What was asked about, the model's own reach, and its twin's without gates, if there is one.

    at: the step whose answer is asked about, as the trace numbers them; trained: whether the
    network was trained to answer there. learned, twin_learned: whether they do the task, by the
    card's first figure at this checkpoint; None where that isn't measured. The twin reads the same
    input, with its own trained weights; only from nothing, since a state of the one means nothing
    to the other.
    """

    of: str
    at: int
    trained: bool
    own: Reach
    learned: bool | None
    twin: Reach | None = None
    twin_learned: bool | None = None


def highway(
    model: Model,
    run: Run,
    options: Options,
    of: str | None = None,
    state: RunState | None = None,
    t: int | None = None,
) -> Highway:
    """How far the gradient of an answer of the run reaches back.

    of: see `target`; state: what the run started from; t: the step that is asked about, as the
    trace numbers them, the last at which the network was trained to answer where None.
    Raises: InputError.
    """
    if run.card.provenance == "uploaded":
        raise InputError(
            f"What {run.card.id} answers isn't known, and so there is nothing to take gradients of."
        )
    asked = answers(run)
    last = _step(run, t) if t is not None else _last(asked)
    readout = model.readout(options)
    name = target(readout, run.outputs[last], of)
    at, trained = run.start + last + 1, bool(asked[last])
    if readout is None:
        own = _until(last, run, reach_of_rules(_first(gated(run.layers[0]), last + 1)))
        return Highway(name, at, trained, own, None)
    x = run.x[: last + 1]
    own = _until(last, run, reach(readout, x, name, state))
    learned = has_learned(run.card, options.checkpoint)
    if run.card.twin is None or state is not None:
        return Highway(name, at, trained, own, learned)
    card, label = _twin(run.card.twin, options)
    twin = registry.get(card.id).readout(Options(label))
    reached = None if twin is None else _until(last, run, reach(twin, x, name))
    return Highway(name, at, trained, own, learned, reached, has_learned(card, label))


def answers(run: Run) -> NDArray[np.bool_]:
    """At which steps the model was trained to answer, (T,).

    A sum is asked for once both marks have been read, and what comes next as long as the string
    hasn't ended; everything else after every step.
    """
    card = run.card
    if MARK in card.inputs:
        complete: NDArray[np.bool_] = (run.x[:, card.inputs.index(MARK)] == 1).cumsum() >= MARKS
        return complete
    if card.string_end is None or run.tokens is None:
        return np.ones(len(run), bool)
    keys = [token.key for token in run.tokens]
    end = re.compile(card.string_end)
    ended = [bool(end.search(" ".join(keys[: n + 1]))) for n in range(len(keys))]
    return ~np.maximum.accumulate(np.array(ended))


def asked_step(run: Run, shown: int) -> int:
    """Which step to ask about while one is shown (from 1), as the trace numbers steps.

    That one, if the network was trained to answer there and there is a step before it to look back
    to; else the last at which it was.
    """
    asked = answers(run)
    last = shown - 1 if shown > 1 and asked[shown - 1] else _last(asked)
    return run.start + last + 1


def has_learned(card: Card, checkpoint: str | None) -> bool | None:
    """Whether a trained model does its task, by its card's first figure at a checkpoint, on dev.

    A share has to reach LEARNED; an error to be at most a tenth of what always giving the same
    answer has. None where neither is measured.
    """
    if not card.figures:
        return None
    figure, label = card.figures[0], checkpoint or card.checkpoints[-1]
    figures = next((point.figures for point in card.curve if point.checkpoint == label), {})
    value = figures.get(figure.name)
    if value is None or (figure.form != "share" and figure.chance is None):
        return None
    return value >= LEARNED if figure.chance is None else value <= figure.chance / 10


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
    return Reach(hidden, cell * layer.i[:, 0], cell, path, cell)


def _through_lstm(cell: LSTMParameters, x: Array, d_h: Array, before: Layer | None) -> Reach:
    """A step at a time, from the end; d_h (1, H): dy/dh there."""
    state = LSTMState(before[0][None], before[1][None]) if before else None
    trace, d_c = lstm.forward(cell, x, state), np.zeros_like(d_h)
    hidden, inputs, cells = np.zeros((3, len(x)))
    kept, last = _products_after(trace.f[:, 0]), trace.at(-1)
    path = np.linalg.norm(kept * (d_h * last.o * tanh_slope(last.tanh_c)), axis=1)
    for t in reversed(range(len(x))):
        s = trace.at(t)
        d_a, (d_h_before, d_c_before) = plain.step_backward(cell, s, d_h, d_c)
        d_x, whole = d_a @ cell.weight_ih, d_c + d_h * s.o * tanh_slope(s.tanh_c)
        hidden[t], cells[t], inputs[t] = map(np.linalg.norm, (d_h, whole, d_x))
        d_h, d_c = d_h_before, d_c_before
    return Reach(hidden, inputs, cells, kept.mean(axis=1), path)


def _through_rnn(cell: RNNParameters, x: Array, d_h: Array, before: Layer | None) -> Reach:
    trace = rnn.forward(cell, x, before[0][None] if before else None)
    hidden, inputs = np.zeros((2, len(x)))
    for t in reversed(range(len(x))):
        s = RNNTrace(*(array[t : t + 1] for array in trace))
        found = rnn.backward(cell, s, np.zeros_like(s.h), d_h)
        hidden[t], inputs[t] = map(np.linalg.norm, (d_h, found.d_x))
        d_h = found.d_h0
    return Reach(hidden, inputs)


def _twin(model_id: str, options: Options) -> tuple[Card, str | None]:
    """The twin's card, and the same checkpoint, or None for the last."""
    card = registry.get(model_id).card
    return card, options.checkpoint if options.checkpoint in card.checkpoints else None


def _step(run: Run, t: int) -> int:
    """A step as the trace numbers them, from 0. Raises: InputError for one that isn't there."""
    if not run.start < t <= run.start + len(run):
        words = f"t is {t}; the run has steps {run.start + 1} to {run.start + len(run)}."
        raise InputError(words, [FieldError(("t",), words)])
    return t - run.start - 1


def _last(asked: NDArray[np.bool_]) -> int:
    """The last step that is asked about; the last of all where none is."""
    return int(np.flatnonzero(asked)[-1]) if asked.any() else len(asked) - 1


def _first(layer: LSTMLayer, count: int) -> LSTMLayer:
    """The layer's first steps."""
    names = (field.name for field in fields(layer) if field.name != "direction")
    return replace(layer, **{name: getattr(layer, name)[:count] for name in names})


def _until(last: int, run: Run, found: Reach) -> Reach:
    """The sizes up to the step that is asked about, with zeros for those after it."""
    after = len(run) - last - 1
    sizes = ((field.name, getattr(found, field.name)) for field in fields(found))
    longer = {name: np.append(s, np.zeros(after)) for name, s in sizes if s is not None}
    return replace(found, **longer)


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
