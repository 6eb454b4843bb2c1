"""A run again and again, each time with something else held at one step: side by side, as rows.

Nothing before a step that a pass reads depends on what is held in it, so each run begins where the
original's own state stands there. In a stack whatever reads what has changed is run again too: a
layer above from that step on, a pass that reads backwards from the last step that has changed, down
to the first, and what stands above that from its beginning.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from gate_explorer.engine import plain
from gate_explorer.engine.cells import Held, LSTMParameters, LSTMState, hold
from gate_explorer.engine.checks import Array
from gate_explorer.runs.run import LSTMLayer, Run, gated

ELEMENTWISE = 60  # what squashing and mixing a unit's gates takes, in multiplications

# Runs the rows under way by one step: the step, their h and c, which are written over, what they
# read, which of them hold something, and what.
_Advance = Callable[[int, Array, Array, Array, slice, Held | None], None]


@dataclass(frozen=True)
class Again:
    """How a pass is run again: from the step that is held, or else from its own beginning; and
    whether what it reads has changed.
    """

    from_held: bool
    reads_changed: bool


def passes_again(run: Run, places: Collection[int]) -> tuple[Again | None, ...]:
    """How each of a run's layers is run again where those at `places` hold something; None: not."""
    found: list[Again | None] = []
    below: tuple[bool, bool] | None = None  # whether what changed begins, and ends, at what is held
    for depth in dict.fromkeys(run.depths):
        joined: tuple[bool, bool] | None = None
        for place in (n for n, each in enumerate(run.depths) if each == depth):
            changed = _either(below, (True, True) if place in places else None)
            if changed is None:
                found.append(None)
                continue
            backward = _is_backward(run, place)
            begins, ends = changed
            found.append(Again(ends if backward else begins, below is not None))
            joined = _either(joined, (False, ends) if backward else (begins, False))
        below = joined
    return tuple(found)


def work(run: Run, places: Collection[int], steps: range) -> int:
    """How many multiplications runs take, one that holds something at each of the steps, from 0.

    A step of a pass is reckoned as H (4 P + ELEMENTWISE), and 4 H D more where the D numbers that
    it reads have changed; H units, which show P numbers.
    """
    total, begun = 0, len(steps) * len(run)
    before, after = sum(t + 1 for t in steps), sum(len(run) - t for t in steps)
    for place, again in enumerate(passes_again(run, places)):
        if again is None:
            continue
        layer, from_held = gated(run.layers[place]), before if _is_backward(run, place) else after
        read = run.width_of_inputs(place) if again.reads_changed else 0
        units, shown = layer.f.shape[1], layer.h.shape[1]
        a_step = units * (4 * (shown + read) + ELEMENTWISE)
        total += (from_held if again.from_held else begun) * a_step
    return total


@dataclass(frozen=True, eq=False)
class Reruns:
    """The runs that hold something at each of the steps first to last, from 0: a row each, by step
    and then by variant.

    held: what each variant holds at its step, (V, H), by the place of the layer. at_last_step: of
    the uppermost layer's passes, what they show at the last step is asked for, and not where they
    end, which is the first step if they read backwards.
    """

    run: Run
    held: Mapping[int, Held]
    first: int
    last: int
    at_last_step: bool = False

    @property
    def count(self) -> int:
        """How many runs there are."""
        return self._before(self.last + 1)

    def ends(self) -> Array:
        """What the uppermost layer's passes show at the end that is asked for, joined: (N, P)."""
        if self.run.card.cell == "toy":
            return self._ends_of_rules()
        below: Array | None = None
        shown: list[Array] = []
        again = passes_again(self.run, self.held)
        for depth in dict.fromkeys(self.run.depths):
            there = [n for n, each in enumerate(self.run.depths) if each == depth]
            if depth == self.run.depths[-1]:
                shown = [self._through(n, again[n], below, None) for n in there]
            elif any(again[n] for n in there):
                below = self._layer(there, again, below)
        return np.concatenate(shown, axis=1)

    def _layer(
        self, there: list[int], again: tuple[Again | None, ...], below: Array | None
    ) -> Array:
        """What a layer's passes show at every step in every run, joined: (T, N, P)."""
        own = self.run.shown_by(there)
        shown = np.repeat(own[:, None], self.count, axis=1)
        start = 0
        for place in there:
            width = self.run.layers[place].h.shape[1]
            self._through(place, again[place], below, shown[:, :, start : start + width])
            start += width
        return shown

    def _through(
        self, place: int, again: Again | None, below: Array | None, shown: Array | None
    ) -> Array:
        """What a pass shows at the end that is asked for, (N, P).

        below: what it reads in each run, (T, N, D), where that has changed. shown: what it shows at
        every step, (T, N, P), to be written over.
        """
        layer, backward = gated(self.run.layers[place]), _is_backward(self.run, place)
        end = 0 if backward and not self.at_last_step else len(self.run) - 1
        ended = np.repeat(layer.h[end : end + 1], self.count, axis=0)
        if again is None:
            return ended
        cell = self.run.cells[place]
        if not isinstance(cell, LSTMParameters):
            raise TypeError(f"expected an LSTM, got {type(cell)}")
        inputs = self.run.inputs_of(place).astype(cell.dtype)
        advance = self._advance(place, cell, None if again.reads_changed else inputs)
        steps = self._steps(again, backward)
        h, c = (np.repeat(a[steps[:1]], self.count, axis=0) for a in (layer.h_prev, layer.c_prev))
        for t in steps:
            new, under_way = self._rows(t), slice(0, self.count)
            if again.from_held:
                h[new], c[new] = layer.h_prev[t], layer.c_prev[t]
                under_way = slice(new.start, self.count) if backward else slice(0, new.stop)
            holds = slice(new.start - under_way.start, new.stop - under_way.start)
            read = inputs[t] if below is None else below[t, under_way]
            advance(t, h[under_way], c[under_way], read, holds, self.held.get(place))
            if shown is not None:
                shown[t, under_way] = h[under_way]
            if t == end:
                ended[under_way] = h[under_way]
        return ended

    def _steps(self, again: Again, backward: bool) -> range:
        """The steps that are run again, in the order of reading."""
        if backward:
            return range(self.last if again.from_held else len(self.run) - 1, -1, -1)
        return range(self.first if again.from_held else 0, len(self.run))

    def _advance(self, place: int, cell: LSTMParameters, shared: Array | None) -> _Advance:
        base = self.run.holds[place] if self.run.holds else None
        if cell.is_standard:
            return _fast(cell, shared, base, self.count)
        return _by_plain(cell, shared, base)

    def _ends_of_rules(self) -> Array:
        """Of the rules, whose gates follow from the input: only the memory goes on by itself."""
        layer, variants = gated(self.run.layers[0]), self.held[0]
        c, y = np.empty((2, self.count, 1))
        for t in range(self.first, len(self.run)):
            new = self._rows(t)
            c[new] = layer.c_prev[t]
            i, f, o = (_of_rules(layer, letter, t, new, variants) for letter in "ifo")
            c[: new.stop] = f * c[: new.stop] + i * layer.g[t]
            y[: new.stop] = o * c[: new.stop]
        return y

    def _rows(self, t: int) -> slice:
        """Those that hold something at step t: none beyond the first and the last."""
        return slice(self._before(t), self._before(t + 1))

    def _before(self, t: int) -> int:
        """How many hold something before step t."""
        variants = len(next(iter(self.held.values())).f)
        return min(max(t - self.first, 0), self.last - self.first + 1) * variants


def _either(
    one: tuple[bool, bool] | None, other: tuple[bool, bool] | None
) -> tuple[bool, bool] | None:
    """The stretch of steps that covers two: each, whether it begins and ends at what is held."""
    if one is None or other is None:
        return one or other
    return one[0] and other[0], one[1] and other[1]


def _is_backward(run: Run, place: int) -> bool:
    return run.layers[place].direction == "backward"


def _of_rules(layer: LSTMLayer, letter: str, t: int, new: slice, variants: Held) -> Array:
    gate: Array = np.repeat(getattr(layer, letter)[t : t + 1], new.stop, axis=0)
    return _gate(gate, letter, new, variants)


def _gate(values: Array, letter: str, rows: slice, variants: Held | None) -> Array:
    """A gate's values, held in those rows, one a variant."""
    if variants is not None and rows.start < rows.stop:
        values[rows] = hold(values[rows], variants, letter)
    return values


def _by_plain(cell: LSTMParameters, shared: Array | None, base: Held | None) -> _Advance:
    """Any cell's step, as `engine.plain` spells it out.

    shared: what all rows read, (T, D), where they read the same. base: what is held in all of them.
    """

    def advance(
        t: int, h: Array, c: Array, read: Array, rows: slice, variants: Held | None
    ) -> None:
        held = Held.nothing(c.shape)
        for letter in "ifgo":
            values = getattr(held, letter)
            if base is not None:
                values[...] = getattr(base, letter)[t]
            _gate(values, letter, rows, variants)
        x = np.broadcast_to(read, (len(h), cell.input_size))
        step = plain.step(cell, x, LSTMState(h, c), held)
        h[...], c[...] = step.h, step.c

    return advance


def _fast(cell: LSTMParameters, shared: Array | None, base: Held | None, count: int) -> _Advance:
    """The standard cell's step: a product a gate, each with a contiguous array of its own.

    sigma(a) = 1 / (1 + exp(-a)), so that the weights of i, f and o are negated beforehand.
    """
    weights, read_by = _signed(cell.weight_hh), _signed(cell.weight_ih)
    biases = {k: signs[0] for k, signs in _signed(cell.bias[:, None]).items()}
    sums = {} if shared is None else {k: shared @ read_by[k] + biases[k] for k in "ifgo"}
    room = {k: np.empty((count, cell.hidden_size), cell.dtype) for k in "ifgo"}

    def advance(
        t: int, h: Array, c: Array, read: Array, rows: slice, variants: Held | None
    ) -> None:
        gates = {}
        for k, weight in weights.items():
            a = np.matmul(h, weight, out=room[k][: len(h)])
            a += sums[k][t] if sums else read @ read_by[k] + biases[k]
            gates[k] = _gate(_base(_squashed(a, k), base, k, t), k, rows, variants)
        np.multiply(c, gates["f"], out=c)
        np.add(c, np.multiply(gates["i"], gates["g"], out=gates["i"]), out=c)
        np.multiply(np.tanh(c, out=gates["g"]), gates["o"], out=h)

    return advance


def _signed(rows: Array) -> dict[str, Array]:
    """A block of columns a gate, those of i, f and o negated."""
    signs = {"i": -1, "f": -1, "g": 1, "o": -1}
    blocks = zip("ifgo", np.split(rows, 4), strict=True)
    return {k: np.ascontiguousarray(signs[k] * block.T) for k, block in blocks}


def _squashed(a: Array, letter: str) -> Array:
    """tanh(a) for the candidate; for a gate 1 / (1 + exp(a)), in place."""
    if letter == "g":
        return np.tanh(a, out=a)
    with np.errstate(over="ignore"):  # 1 / (1 + exp(100)) = 0
        np.exp(a, out=a)
    a += 1
    return np.reciprocal(a, out=a)


def _base(values: Array, held: Held | None, letter: str, t: int) -> Array:
    """A gate's values, held where the run itself is."""
    return values if held is None else hold(values, held.at(t), letter)
