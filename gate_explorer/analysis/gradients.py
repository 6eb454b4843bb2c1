"""How far back the gradient of an answer reaches: its size at every step before.

The question is put where the network was trained to answer (`answers`): after a string's end mark,
or before the sum is complete, nothing was ever asked. y is what is asked about: a number the model
gives, the logit of a class or token less the mean of all logits (softmax only sees differences), or
a unit's hidden state. With T the step that is asked about, at each step t

    |dy/dc_t|, |dy/dh_t|, |dy/dx_t|             Euclidean norms, through everything that follows
    |f_{t+1} * ... * f_T * dy/dc_T|              what the cell's own path leaves of it, by itself

Where f stays near 1 the last keeps the first from vanishing: dc_t reaches c_{t-1} times f_t, and
nothing else (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000). That is a chance,
not a promise: f is near 1 where the network has learned to hold. A vanilla RNN has only the path
through h, where a matrix and a slope of at most 1 multiply the gradient at every step; it may
shrink or grow (Bengio, Simard & Frasconi 1994). Worked out in float64, so that what vanishes can be
seen vanishing.

Of a network that was brought without a head that can be read, y is a unit of the last layer's
hidden state. In a stack the gradient goes back through all layers; cell, hidden state and gates are
those of the layer that is looked at, the input is the stack's own.
"""

import re
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.pull import telling
from gate_explorer.engine import lstm, plain, rnn, stack
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters, LSTMState, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.engine.stack import Parameters, Pass, Stack, Trace
from gate_explorer.errors import FieldError, InputError, NonFiniteError
from gate_explorer.runs.card import Card, Figure
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Layer, LSTMLayer, Run, RunState, gated
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.brought import Brought

NUMBER = "number"
MARK, MARKS = "the mark", 2  # what `adding` is told by, and how often, before its sum is complete
LEARNED = 0.95
UNIT = re.compile(r"(?:unit[ :]?)?([1-9]\d{0,5})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Reach:
    """The sizes at every step, (T,) each, at least 0; None for what a vanilla RNN doesn't have.

    path: the size that the forget gates alone would leave of the cell's gradient. 0 after the step
    that is asked about, since nothing there can change the answer.
    """

    hidden: Array
    input: Array
    cell: Array | None = None
    path: Array | None = None


@dataclass(frozen=True)
class Highway:
    """What was asked about, the model's own reach, and its twin's without gates, if there is one.

    at: the step whose answer is asked about, as the trace numbers them; trained: whether the
    network was trained to answer there, None where that isn't known. learned, twin_learned: whether
    they do the task, by the card's first figure at this checkpoint; None where that isn't measured.
    The twin reads the same input, with its own trained weights; only from nothing, since a state of
    the one means nothing to the other.
    """

    of: str
    at: int
    trained: bool | None
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
    Raises: InputError; NonFiniteError where the gradient grows beyond all numbers.
    """
    if isinstance(model, Brought):
        return _of_brought(model, run, options, of, t)
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


def _of_brought(
    model: Brought, run: Run, options: Options, of: str | None, t: int | None
) -> Highway:
    """The same in a network that was brought: what its head says, or a unit."""
    if not model.stack.is_one_way:
        raise InputError(
            "This network reads backwards too, and what such a network says at a step also comes"
            " from the steps after it; how far back a gradient reaches can be asked of layers that"
            " read forwards. Open the forward layer alone, where it has a name of its own."
        )
    last = _step(run, t) if t is not None else len(run) - 1
    readout, output = model.readout(options), run.outputs[last]
    if readout is None:
        name = _unit(run.layers[-1].h, run.layers[-1].h_prev, of)
        slope = _one_hot(name, run.layers[-1].h.shape[1])
    else:
        name = target(readout, output, of)
        slope = _slope(readout, name)
        if readout.squashed and isinstance(output, NumberOutput) and name == NUMBER:
            slope = slope * output.value * (1 - output.value)
    with np.errstate(over="ignore", invalid="ignore"):  # found and named below
        asked = replace(run, x=run.x[: last + 1])
        own = _until(last, run, reach_of_stack(model.stack, asked, slope))
    sizes = [size for size in (getattr(own, each.name) for each in fields(own)) if size is not None]
    if not all(np.isfinite(size).all() for size in sizes):
        raise NonFiniteError(
            f"The gradient of {name} grows beyond the range of float64 on its way back from step"
            f" {run.start + last + 1}: ask about an earlier one, or make the run shorter."
        )
    return Highway(name, run.start + last + 1, None, own, None)


def forget_products(layer: Layer) -> Array | None:
    """f_{t+1} * ... * f_T averaged over the units, T the run's last step, whatever is asked about.

    What the cell's own path lets through to the end: (T,), 1 at the last; None for a vanilla RNN.
    """
    return _products_after(layer.f).mean(axis=1) if isinstance(layer, LSTMLayer) else None


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

    None where that isn't measured, or is a figure that doesn't tell.
    """
    if not card.figures:
        return None
    figure, label = card.figures[0], checkpoint or card.checkpoints[-1]
    figures = next((point.figures for point in card.curve if point.checkpoint == label), {})
    value = figures.get(figure.name)
    return None if value is None else does(figure, value)


def does(figure: Figure, value: float) -> bool | None:
    """Whether a figure is that of a network that does its task.

    A share has to reach LEARNED; an error to be at most a tenth of what always giving the same
    answer has. None for any other.
    """
    if figure.form != "share" and figure.chance is None:
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
    unit, units = UNIT.fullmatch(of), readout.cell.output_size if readout else 1
    if unit and int(unit[1]) <= units:
        return f"unit {unit[1]}"
    some = ", ".join(f"“{name}”" for name in names[:8]) + (", …" if len(names) > 8 else "")
    words = f"of is “{of[:20]}”; it should be {some or NUMBER}, or a unit, 1 to {units}."
    raise InputError(words, [FieldError(("of",), words)])


def reach(readout: Readout, x: Array, of: str, state: RunState | None = None) -> Reach:
    """How far the gradient of `of` reaches back over x (T, I), run from a state or from nothing."""
    x, layer = x.astype(np.float64)[:, None], state.layers[0] if state else None
    d_out = np.zeros((len(x), 1, readout.cell.output_size))
    d_out[-1, 0] = _slope(readout, of)
    trace: Trace
    cell = _in_float64(readout.cell)
    if isinstance(cell, RNNParameters):
        trace = rnn.forward(cell, x, layer[0][None] if layer else None)
    else:
        before = LSTMState(layer[0][None], layer[1][None]) if layer else None
        trace = lstm.forward(cell, x, before)
    return _through(cell, trace, d_out)[0]


def reach_of_stack(network: Stack, run: Run, slope: Array) -> Reach:
    """How far the gradient of slope . h at the run's last step reaches back, through all layers.

    Shapes: slope (P,), on the last layer's hidden state. Cell, hidden state and gates are those of
    the layer that is looked at; a stack that reads forwards alone, started as the run was.
    """
    passes = [layer[0].parameters for layer in network.layers]
    wide = Stack(tuple((Pass(_in_float64(cell)),) for cell in passes))
    states = [[_before(layer)] for layer in run.layers]
    trace = stack.forward(wide, run.x.astype(np.float64)[:, None], None, states)
    d_out = np.zeros_like(trace.h)
    d_out[-1, 0] = slope
    found: list[Reach] = []
    for (one,), (values,) in zip(wide.layers[::-1], trace.layers[::-1], strict=True):
        reached, d_out = _through(one.parameters, values, d_out)
        found.append(reached)
    return replace(found[::-1][run.place], input=np.linalg.norm(d_out[:, 0], axis=1))


def reach_of_rules(layer: LSTMLayer) -> Reach:
    """The same for the three rules, y = o a: nothing is fed back, and x1 alone has a slope."""
    path = _products_after(layer.f)[:, 0]
    cell, hidden = layer.o[-1] * path, np.zeros(len(path))
    hidden[-1] = 1
    return Reach(hidden, cell * layer.i[:, 0], cell, cell)


def _through(cell: Parameters, trace: Trace, d_out: Array) -> tuple[Reach, Array]:
    """A layer's reach and dy/dx (T, 1, D), from what comes from above on its h, d_out (T, 1, P)."""
    if isinstance(cell, RNNParameters) and isinstance(trace, RNNTrace):
        return _through_rnn(cell, trace, d_out)
    if isinstance(cell, LSTMParameters) and isinstance(trace, LSTMTrace):
        return _through_lstm(cell, trace, d_out)
    raise TypeError(f"expected a cell and its own trace, got {type(cell)} and {type(trace)}")


def _through_lstm(cell: LSTMParameters, trace: LSTMTrace, d_out: Array) -> tuple[Reach, Array]:
    """A step at a time, from the end; whole: dy/dc there, through the step's own h too."""
    steps, (hidden, cells) = len(d_out), np.zeros((2, len(d_out)))
    d_x, kept = np.zeros_like(trace.x), _products_after(trace.f[:, 0])
    p_o = 0.0 if cell.peephole is None else np.split(cell.peephole, 3)[2]
    d_h, d_c, at_end = np.zeros_like(d_out[0]), np.zeros_like(trace.c[0]), np.zeros_like(trace.c[0])
    for t in reversed(range(steps)):
        s, d_h = trace.at(t), d_h + d_out[t]
        d_a, before = plain.step_backward(cell, s, d_h, d_c)
        d_m = d_h if cell.weight_hr is None else d_h @ cell.weight_hr
        d_a_o = d_a[:, 3 * cell.hidden_size :]
        whole = d_c + d_m * s.o * cell.options.cell.slope(s.c, s.tanh_c) + d_a_o * p_o
        at_end = whole if t == steps - 1 else at_end
        hidden[t], cells[t] = np.linalg.norm(d_h), np.linalg.norm(whole)
        d_x[t], (d_h, d_c) = d_a @ cell.weight_ih, before
    path = np.linalg.norm(kept * at_end, axis=1)
    inputs = np.linalg.norm(d_x[:, 0], axis=1)
    return Reach(hidden, inputs, cells, path), d_x


def _through_rnn(cell: RNNParameters, trace: RNNTrace, d_out: Array) -> tuple[Reach, Array]:
    hidden, d_x, d_h = np.zeros(len(d_out)), np.zeros_like(trace.x), np.zeros_like(d_out[0])
    slopes = plain.slope(cell.activation, trace.a, trace.h, cell.clip)
    for t in reversed(range(len(d_out))):
        d_h = d_h + d_out[t]
        d_a = d_h * slopes[t]
        hidden[t], d_x[t], d_h = np.linalg.norm(d_h), d_a @ cell.weight_ih, d_a @ cell.weight_hh
    return Reach(hidden, np.linalg.norm(d_x[:, 0], axis=1)), d_x


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
    return _one_hot(of, readout.cell.output_size)


def _one_hot(unit: str, width: int) -> Array:
    """dy/dh of a unit's own h, (H,)."""
    slope: Array = np.eye(width)[int(unit.removeprefix("unit ")) - 1]
    return slope


def _unit(h: Array, h_prev: Array, of: str | None) -> str:
    """A unit of the hidden state (T, P) by its one name; the one that moves most where None."""
    if of is None:
        return f"unit {telling((h - h_prev).astype(np.float64))}"
    unit, units = UNIT.fullmatch(of), h.shape[1]
    if unit and int(unit[1]) <= units:
        return f"unit {unit[1]}"
    words = f"of is “{of[:20]}”; it should be a unit of the last hidden state, 1 to {units}."
    raise InputError(words, [FieldError(("of",), words)])


def _before(layer: Layer) -> stack.State:
    """The state that a run's layer started from, as the engine takes it."""
    h = layer.h_prev[:1].astype(np.float64)
    return LSTMState(h, layer.c_prev[:1].astype(np.float64)) if isinstance(layer, LSTMLayer) else h


def _likeliest(output: Output) -> str:
    if isinstance(output, ClassesOutput):
        return output.likeliest[0]
    if isinstance(output, NextTokenOutput):
        return output.top(1)[0][0]
    raise TypeError(f"expected classes or tokens, got {output}")


def _in_float64(cell: Parameters) -> Parameters:
    names = ("weight_ih", "weight_hh", "bias", "peephole", "weight_hr")
    arrays = {name: getattr(cell, name, None) for name in names}
    wide = {name: a.astype(np.float64) for name, a in arrays.items() if a is not None}
    return replace(cell, **wide)
