"""What a file can't tell, told by one output: the reading that gives it is the one meant."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from gate_explorer.engine import stack as stacks
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMTrace
from gate_explorer.errors import InputError, NonFiniteError, ShapeError
from gate_explorer.weights.files.opened import CONCATENATIONS, Limits, Opened, Options
from gate_explorer.weights.files.reading import DEFAULTS, LIMITS, contents, find, opened

TOLERANCE = 1e-3
_ORDERS = tuple("".join(order) for order in permutations("ifgo"))


@dataclass(frozen=True, eq=False)
class Reference:
    """What a network once gave: for the inputs x (T, D) its h or c, or both.

    h, c: (T, width) for every step, or (width,) for the last one alone; of a network of several
    layers the topmost's, both directions side by side. state: where it began, zeros where None.
    """

    x: ArrayLike
    h: ArrayLike | None = None
    c: ArrayLike | None = None


def settle(
    source: bytes | Path,
    reference: Reference,
    options: Options = DEFAULTS,
    limits: Limits = LIMITS,
    tolerance: float = TOLERANCE,
) -> Opened:
    """The file in the reading that reproduces a reference output, and says so instead of assuming.

    Tried are the gate orders and concatenations that the file leaves open and the options don't
    tell. tolerance: how far off any number may be, relative to the reference's largest.
    Raises: InputError naming how near the nearest reading comes where none reproduces it, or where
    several do; and as `read`.
    """
    if reference.h is None and reference.c is None:
        raise InputError("A reference output needs h or c.")
    data, tried = contents(source, limits), list[tuple[float, Options, Opened]]()
    for candidate in _candidates(data, options, limits):
        found = opened(find(data, candidate, limits), candidate)
        tried.append((_distance(found, reference), candidate, found))
    tried.sort(key=lambda each: each[0])
    best = tried[0][0]
    if not best <= tolerance:
        raise InputError(
            f"None of the {len(tried)} readings gives this output: the nearest is {best:.3g} off."
            " Is it of this network and these inputs, from a state of zeros?"
        )
    alike = [each for each in tried if each[0] <= max(10 * best, 1e-6)]
    if len(alike) > 1 and _differ([each[2] for each in alike], reference):
        told = "; ".join(_words(each[1]) for each in alike[:6])
        raise InputError(
            f"{len(alike)} readings give this output alike ({told}): give more steps of it, with"
            " inputs that vary more."
        )
    return _said(tried[0][2], tried[0][1])


def _candidates(data: bytes, options: Options, limits: Limits) -> Iterator[Options]:
    """Every reading that the file and the options leave open, the usual one first."""
    first = opened(find(data, options, limits), options)
    chain = first.interpretation.network
    layers = {layer.name: layer for layer in find(data, options, limits).layers}
    asks = frozenset().union(*(layers[n].asks for n in chain.split(" > ") if n in layers))
    orders = _ORDERS if "gate_order" in asks else (options.gate_order,)
    joined = tuple(CONCATENATIONS) if "concatenation" in asks else (options.concatenation,)
    for order, concatenation in product(orders, joined):
        yield replace(options, gate_order=order, concatenation=concatenation)


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


def _differ(alike: list[Opened], reference: Reference) -> bool:
    """Whether readings that give one output are different networks on other inputs."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((8, alike[0].stack.input_size))
    try:
        runs = [_run(found, x)[0] for found in alike]
    except NonFiniteError:
        return True
    return any(float(np.abs(run - runs[0]).max()) > 1e-4 for run in runs[1:])


def _words(options: Options) -> str:
    told = [options.gate_order, CONCATENATIONS.get(options.concatenation or "")]
    return " on ".join(word for word in told if word)


def _said(found: Opened, options: Options) -> Opened:
    words = _words(options)
    if not words:
        return found
    told = found.interpretation
    return replace(
        found,
        interpretation=replace(
            told, assumed=(*told.assumed, f"{words}: settled by the output that was given")
        ),
    )
