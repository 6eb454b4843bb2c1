"""What a file can't tell, told by one output: the reading that gives it is the one meant.

Open can be, by the file: the order of the gates; whether matrices meet [h, x] or [x, h]; which side
of them x stands on, where they are square; what the gates squash with (Keras's two hard sigmoids),
or an RNN; whether a forget bias of 1 is added at run time. Every combination is tried, the usual
one first. Nothing is tried that the file or the visitor tells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gate_explorer.engine import stack as stacks
from gate_explorer.engine.activations import SIGMOID, TANH, Activation
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMParameters, LSTMTrace
from gate_explorer.engine.stack import Parameters, Stack
from gate_explorer.errors import InputError, LimitError, NonFiniteError, ShapeError
from gate_explorer.weights.files.keras_layers import words_of
from gate_explorer.weights.files.named import FORGET_BIAS
from gate_explorer.weights.files.opened import (
    ACTIVATIONS,
    AUTO,
    CHAIN,
    CONCATENATION,
    CONCATENATIONS,
    FORGET,
    GATE_ORDER,
    LAYOUT,
    Interpretation,
    Limits,
    Opened,
    Options,
)
from gate_explorer.weights.files.reading import DEFAULTS, LIMITS, contents, find, opened
from gate_explorer.weights.keras import HARD_SIGMOID, OLD_HARD_SIGMOID

TOLERANCE = 1e-3
MOST_WORK = 4e9  # multiplications of all readings together: some seconds
MOST_TOLD = 6  # of the other readings that fit
# What is said of an assumption, which a settled reading no longer is.
_SAID = {ACTIVATIONS: "squashes with", FORGET: "a forget bias of"}
_ORDERS = tuple("".join(order) for order in permutations("ifgo"))
_GATES = (SIGMOID, OLD_HARD_SIGMOID, HARD_SIGMOID)
_HIDDEN = (TANH, Activation("relu"), SIGMOID)


@dataclass(frozen=True, eq=False)
class Reference:
    """What a network once gave: for the inputs x (T, D) its h or c, or both.

    h, c: (T, width) for every step, or (width,) for the last one alone; of a network of several
    layers the topmost's, both directions side by side. It began as the file says, from zeros where
    that says nothing.
    """

    x: ArrayLike
    h: ArrayLike | None = None
    c: ArrayLike | None = None


@dataclass(frozen=True)
class _Reading:
    """A way to read a file: by options, and what isn't among them; None and 0: as it is.

    squash: the gates' activation, or an RNN's; forget: what is added to the forget gate's bias.
    """

    options: Options
    order: str | None = None
    squash: Activation | None = None
    forget: float = 0.0

    @property
    def words(self) -> str:
        told = [self.order, CONCATENATIONS.get(self.options.concatenation or "")]
        told += [f"as {self.options.layout} lays it out"] if self.options.layout != AUTO else []
        told += [words_of(self.squash)] if self.squash else []
        told += [f"forget bias {self.forget:+g}"] if self.forget else []
        return ", ".join(word for word in told if word) or "as the file says"


def settle(
    source: bytes | Path,
    reference: Reference,
    options: Options = DEFAULTS,
    limits: Limits = LIMITS,
    tolerance: float = TOLERANCE,
) -> Opened:
    """The file in the reading that reproduces a reference output, and says so instead of assuming.

    tolerance: how far off any number may be, relative to the reference's largest. Of several
    readings that give it alike the usual one is taken, and the others are named in `settled`.
    Raises: InputError naming the nearest reading and how near it comes where none reproduces it;
    LimitError where to try all would take too long; and as `read`.
    """
    if reference.h is None and reference.c is None:
        raise InputError("A reference output needs h or c.")
    data = contents(source, limits)
    asks = _asks(data, options, limits)
    tried = list(_tried(data, reference, options, limits, asks))
    best, nearest = min(tried, key=lambda each: each[0])
    if not best <= tolerance:
        raise InputError(
            f"{_count(len(tried))} this output: the nearest ({nearest.words}) is {best:.3g} of its"
            f" largest number off, and {tolerance:g} is let pass. Is it of this network and these"
            " inputs, from a state of zeros?"
        )
    fitting = [each for each in tried if each[0] <= min(tolerance, max(10 * best, 1e-6))]
    difference, chosen = fitting[0]
    settled = {
        "reading": chosen.words,
        "difference": difference,
        "tolerance": tolerance,
        "tried": len(tried),
        "also_fits": _others([reading for _, reading in fitting], data, limits),
    }
    return _said(data, chosen, limits, settled, asks)


def _count(tried: int) -> str:
    return "The only reading doesn't give" if tried == 1 else f"None of the {tried} readings gives"


def _tried(
    data: bytes, reference: Reference, options: Options, limits: Limits, asks: frozenset[str]
) -> Iterator[tuple[float, _Reading]]:
    """How far off every reading is that file and options leave open, the usual one first."""
    first = opened(find(data, options, limits), options)
    joined = tuple(CONCATENATIONS) if CONCATENATION in asks else (options.concatenation,)
    layouts = (AUTO, "keras") if LAYOUT in asks else (options.layout,)
    ways = [replace(options, concatenation=c, layout=w) for w, c in product(layouts, joined)]
    squashes, forgets = _squashes(first.stack, asks), _forgets(first.interpretation, asks)
    orders = _orders(first.interpretation, asks)
    _check_work(first.stack, reference, len(ways) * len(squashes) * len(forgets) * len(orders))
    bases = [opened(find(data, way, limits), way) for way in ways]
    for squash, forget, (way, base) in product(squashes, forgets, zip(ways, bases, strict=True)):
        for order in orders:
            reading = _Reading(way, order, squash, forget)
            yield _distance(_changed(base, reading), reference), reading


def _asks(data: bytes, options: Options, limits: Limits) -> frozenset[str]:
    """What the file leaves open of the layers that are opened."""
    found = find(data, options, limits)
    layers = {layer.name: layer for layer in found.layers}
    names = opened(found, options).interpretation.network.split(CHAIN)
    return frozenset().union(*(layers[n].asks for n in names if n in layers))


def _orders(told: Interpretation, asks: frozenset[str]) -> Sequence[str | None]:
    usual = told.gate_order or ""
    if GATE_ORDER not in asks or usual not in _ORDERS:
        return (None,)
    return (usual, *(order for order in _ORDERS if order != usual))


def _squashes(made: Stack, asks: frozenset[str]) -> Sequence[Activation | None]:
    if ACTIVATIONS not in asks:
        return (None,)
    cell = made.layers[0][0].parameters
    usual, all_of = (
        (cell.options.gate, _GATES)
        if isinstance(cell, LSTMParameters)
        else (cell.activation, _HIDDEN)
    )
    return (None, *(each for each in all_of if each != usual))


def _forgets(told: Interpretation, asks: frozenset[str]) -> Sequence[float]:
    """What to add to the forget gate's bias: TF1's cells were read with 1 added."""
    if FORGET not in asks:
        return (0.0,)
    return (0.0, -FORGET_BIAS if told.layout == "tf1" else FORGET_BIAS)


def _check_work(made: Stack, reference: Reference, readings: int) -> None:
    """Raise LimitError where to run all readings over the reference would take too long."""
    cells = [run.parameters for layer in made.layers for run in layer]
    a_step = sum(cell.weight_ih.size + cell.weight_hh.size for cell in cells) * readings
    steps, most = len(np.atleast_1d(np.asarray(reference.x, object))), int(MOST_WORK / a_step)
    if steps > max(most, 1):
        raise LimitError(
            f"The reference has {steps} steps; {readings} readings of a network of this size are"
            f" tried over at most {max(most, 1)}. Give fewer steps, or tell the gate order."
        )


def _changed(base: Opened, reading: _Reading) -> Opened:
    """The network, opened by the reading's options alone, in that reading."""
    usual = base.interpretation.gate_order
    layers = tuple(
        tuple(replace(run, parameters=_cell(run.parameters, usual, reading)) for run in layer)
        for layer in base.stack.layers
    )
    return replace(base, stack=Stack(layers))


def _cell(cell: Parameters, usual: str | None, reading: _Reading) -> Parameters:
    """The cell with its gates in another order, other activations, another forget bias."""
    if not isinstance(cell, LSTMParameters):
        return cell if reading.squash is None else replace(cell, activation=reading.squash)
    arrays = [cell.weight_ih, cell.weight_hh, *cell.stored_biases]
    if reading.order is not None and usual is not None and reading.order != usual:
        # The file's k-th block was read as usual[k], and is order[k].
        places = ["ifgo".index(usual[reading.order.index(gate)]) for gate in "ifgo"]
        arrays = [np.concatenate([np.split(a, 4)[k] for k in places]) for a in arrays]
    on_x, on_h, *biases = arrays
    if reading.forget:
        hidden = cell.hidden_size
        biases = biases or [np.zeros(4 * hidden, cell.dtype)]
        biases[0] = biases[0].copy()
        biases[0][hidden : 2 * hidden] += cell.dtype.type(reading.forget)
    options = replace(cell.options, gate=reading.squash) if reading.squash else cell.options
    return LSTMParameters.with_biases(
        on_x, on_h, biases, peephole=cell.peephole, weight_hr=cell.weight_hr, options=options
    )


def _run(found: Opened, x: ArrayLike) -> tuple[Array, Array | None]:
    made = found.stack
    given = as_float_array("x", x, ("T", made.input_size), made.dtype)
    trace = stacks.forward(made, given[:, None], None, found.states)
    cells = [t.c[:, 0] for t in trace.layers[-1] if isinstance(t, LSTMTrace)]
    return trace.h[:, 0], np.concatenate(cells, axis=1) if cells else None


def _distance(found: Opened, reference: Reference) -> float:
    """The largest difference relative to the reference's largest number; inf on overflow."""
    try:
        h, c = _run(found, reference.x)
    except NonFiniteError:
        return float("inf")
    worst = 0.0
    for name, ours, theirs in (("h", h, reference.h), ("c", c, reference.c)):
        if theirs is None:
            continue
        if ours is None:
            raise InputError("An RNN has no c: give its h.")
        expected = np.asarray(theirs, np.float64)
        ours = ours if expected.ndim == 2 else ours[-1]
        if expected.shape != ours.shape:
            raise ShapeError(
                f"The reference's {name} should have the shape {ours.shape}, one row a step, or"
                f" that of its last row, but has {expected.shape}."
            )
        expected = as_float_array(name, expected, expected.shape)
        scale = max(float(np.abs(expected).max()), 1e-3)
        worst = max(worst, float(np.abs(ours - expected).max()) / scale)
    return worst


def _others(fitting: Sequence[_Reading], data: bytes, limits: Limits) -> list[str]:
    """Those but the first that are other networks on other inputs, in words."""
    runs = []
    for reading in fitting:
        base = opened(find(data, reading.options, limits), reading.options)
        x = np.random.default_rng(0).standard_normal((8, base.stack.input_size))
        try:
            runs.append(_run(_changed(base, reading), x)[0])
        except NonFiniteError:
            runs.append(np.full((8, base.stack.output_size), np.inf))
    found = [
        reading.words
        for reading, run in zip(fitting[1:], runs[1:], strict=True)
        if float(np.abs(run - runs[0]).max()) > 1e-4
    ]
    more = len(found) - MOST_TOLD
    return found[:MOST_TOLD] + ([f"{more} more"] if more > 0 else [])


def _said(
    data: bytes,
    reading: _Reading,
    limits: Limits,
    settled: Mapping[str, Any],
    asks: frozenset[str],
) -> Opened:
    """The file in that reading, which says what settled it in place of what was assumed."""
    options = reading.options
    if reading.order is not None:
        options = replace(options, gate_order=reading.order)
    found = _changed(opened(find(data, options, limits), options), replace(reading, order=None))
    told = found.interpretation
    squashed = {"hidden" if told.cell == "rnn" else "gate": reading.squash}
    named = {name: words_of(each) for name, each in squashed.items() if each is not None}
    added = f"; {reading.forget:+g} on the forget gate's" if reading.forget else ""
    kept = [
        each for each in told.assumed if not any(_SAID[ask] in each for ask in asks & set(_SAID))
    ]
    off = settled["difference"]
    how = f"to {off:.2g} of its largest number" if off else "exactly"
    words = f"{settled['reading']}: settled by the output that was given, which it gives {how}"
    if settled["also_fits"]:
        words += f"; so do {'; '.join(settled['also_fits'])}: a longer output would tell"
    return replace(
        found,
        interpretation=replace(
            told,
            assumed=(*kept, words),
            activations={**told.activations, **named},
            biases=told.biases + added,
            settled=settled,
        ),
    )
