"""The whole map of interventions of a run: what the answer had been with a gate shut or opened.

A gate is closed (held at 0) or opened (held at 1) at one step alone, in some units, and the run
goes on from there by itself; the map holds the last step's answer of each such run. Nothing
before a step depends on what is held in it, so each run starts from the original's own state
there; all of them go through the later steps side by side, as the rows of one batch.

What the answer is: on a scale of classes the tone; of other classes, or of tokens, the probability
of the one that is likeliest at the end; else the number, or a unit's last hidden state.

The work grows as runs * steps: V variants at each of T steps are V * T (T + 1) / 2 steps of a
cell, and a step of a cell is reckoned as H (4 H + ELEMENTWISE) multiplications. What would take
more than MOST_WORK is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.pull import pulls, telling
from gate_explorer.engine import plain
from gate_explorer.engine.cells import Held, LSTMParameters, LSTMState, hold
from gate_explorer.engine.checks import Array
from gate_explorer.errors import FieldError, InputError, LimitError
from gate_explorer.runs.clamps import GATES
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, sides
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import LSTMLayer, Run, gated
from gate_explorer.zoo.sentiment_network import log_softmax

SWITCHED = ("forget_gate", "input_gate", "output_gate")
VALUES = {"closed": 0.0, "opened": 1.0}
TONE, NUMBER = "tone", "number"
ALL, EACH = "*", "each"

MOST_WORK = 20_000_000_000  # most of a second on one core
ELEMENTWISE = 60  # what squashing and mixing a unit's gates takes, in multiplications
ROWS = 2048  # of a batch: few enough for its arrays to stay in the processor's cache

UNITS = re.compile(r"\d{1,6}(?:-\d{1,6})?(?:,\d{1,6}(?:-\d{1,6})?){0,63}", re.ASCII)
UNIT = re.compile(r"unit ([1-9]\d{0,5})", re.ASCII)


@dataclass(frozen=True, eq=False)
class Interventions:
    """The last step's answer under every intervention.

    of: what the answer is: `tone`, a class or token (its probability), `number`, or `unit 7`.
    answer: the run's own. closed, opened: by gate in its word, (T,), or (T, H) where each unit was
    held by itself. first: the number of the first step, from 1. units: what was held, as asked.
    """

    of: str
    answer: float
    closed: Mapping[str, Array]
    opened: Mapping[str, Array]
    first: int
    units: str

    def under(self, switch: str) -> Mapping[str, Array]:
        """The answers with gates `closed` or `opened`."""
        return self.closed if switch == "closed" else self.opened


@dataclass(frozen=True)
class Experiment:
    """One intervention: where, what, and the answer before and after.

    t: as the trace numbers steps. switch: closed or opened. unit: from 1; None where all that were
    asked about are held. clamp: the same as an address writes it.
    """

    t: int
    gate: str
    switch: str
    unit: int | None
    before: float
    after: float
    clamp: str

    @property
    def change(self) -> float:
        """What it does to the answer."""
        return self.after - self.before


@dataclass(frozen=True, eq=False)
class _Question:
    """What is asked of the last step: a name, and the answers that hidden states (N, H) give."""

    of: str
    answers: Callable[[Array], Array]


def interventions(
    run: Run, of: str | None = None, units: str = ALL, at: int | None = None
) -> Interventions:
    """The whole map of a run's interventions, on top of what the run holds already.

    of: a class, a token, `tone`, `number` or `unit 7`; see the module for None. units: `*` for all
    together, `2,4-6` for these together, `each` for every one by itself. at: the only step,
    as the trace numbers them, for a map of one column; None for all. Raises: InputError for a cell
    without gates, or for what the run doesn't have; LimitError where it would take too long.
    """
    _refuse_without_gates(run)
    hidden = run.card.hidden_size
    groups = _groups(units, hidden)
    first, count = (0, len(run)) if at is None else (at - run.start - 1, 1)
    if at is None:
        _refuse_too_much(run, len(groups))
    question = _question(run, of)
    variants = _variants(groups, hidden)
    ends = _ends(run, variants, first, first + count)
    own = question.answers(run.layer.h[-1:])
    shape = (count, len(SWITCHED), len(VALUES), len(groups))
    answers = np.concatenate([question.answers(h) for h in ends]).reshape(shape)
    if units != EACH:
        answers = answers[..., 0]
    closed, opened = (
        dict(zip(SWITCHED, answers[:, :, k].swapaxes(0, 1), strict=True))
        for k in range(len(VALUES))
    )
    return Interventions(question.of, float(own[0]), closed, opened, run.start + first + 1, units)


def work(steps: int, hidden: int, groups: int) -> int:
    """How much a map is reckoned to take, in multiplications: see the module.

    groups: of units that are held together, 1 for all of them.
    """
    runs = len(SWITCHED) * len(VALUES) * groups
    return runs * steps * (steps + 1) // 2 * hidden * (4 * hidden + ELEMENTWISE)


def work_at(steps: int, hidden: int) -> int:
    """The same for a map of one step with all units together, with so many steps from there on."""
    return len(SWITCHED) * len(VALUES) * steps * hidden * (4 * hidden + ELEMENTWISE)


def experiments(found: Interventions, t: int) -> list[Experiment]:
    """Every intervention at step t (as the trace numbers steps), the largest change first."""
    result = []
    for switch, value in VALUES.items():
        for gate, answers in found.under(switch).items():
            for k, after in enumerate(np.atleast_1d(answers[t - found.first]).tolist()):
                unit = k + 1 if found.units == EACH else None
                where = unit if unit else found.units
                place = f"{t}" if where == ALL else f"{t}/{where}"
                clamp = f"{gate}:{value:g}@{place}"
                result.append(Experiment(t, gate, switch, unit, found.answer, after, clamp))
    return sorted(result, key=lambda each: -abs(each.change))


def strongest(found: Interventions, t: int | None = None) -> Experiment:
    """The intervention that changes the answer most, at step t or, where None, of all steps."""
    if t is not None:
        return experiments(found, t)[0]
    steps = len(next(iter(found.closed.values())))
    at_each = [experiments(found, found.first + k)[0] for k in range(steps)]
    return max(at_each, key=lambda each: abs(each.change))


def are_known(run: Run) -> bool:
    """Whether a run's interventions are worked out: those of the rules, or of one standard cell."""
    return run.card.cell == "toy" or isinstance(run.cell, LSTMParameters)


def _refuse_without_gates(run: Run) -> None:
    if run.card.cell == "rnn":
        raise InputError(
            f"{run.card.id} has no gates to close or open: a vanilla RNN rewrites all of its state"
            " at every step. Ask a model whose cell is an LSTM."
        )
    if not are_known(run):
        raise InputError(
            "Interventions are worked out for one standard layer that reads forwards from zeros;"
            f" {run.card.id} has more layers or directions, other equations or a first state."
        )


def _refuse_too_much(run: Run, groups: int) -> None:
    asked = work(len(run), run.card.hidden_size, groups)
    if asked > MOST_WORK:
        steps, hidden = len(run), run.card.hidden_size
        raise LimitError(
            f"Holding {groups} units or groups of units at each of {steps} steps of {hidden} units"
            f" takes {asked / 1e9:.1f} billion multiplications (6 * groups * steps * (steps + 1)"
            f" / 2 * units * (4 * units + {ELEMENTWISE})); at most {MOST_WORK / 1e9:.1f} billion"
            " are made. Ask about a shorter input, or about units together (units=*)."
        )


def _groups(units: str, hidden: int) -> list[Array]:
    """The units of each group that is held together, as rows of booleans (H,)."""
    if units == EACH:
        return list(np.eye(hidden, dtype=bool))
    held = np.zeros(hidden, dtype=bool)
    if units == ALL:
        return [~held]
    if not UNITS.fullmatch(units):
        raise _refused_units(f"“{units[:40]}” names no units; write *, each, or units as 2,4-6.")
    for part in units.split(","):
        low, _, high = part.partition("-")
        first, last = int(low), int(high or low)
        if not 1 <= first <= last <= hidden:
            raise _refused_units(f"units names {part}; the model has units 1 to {hidden}.")
        held[first - 1 : last] = True
    return [held]


def _refused_units(words: str) -> InputError:
    return InputError(words, [FieldError(("units",), words)])


def _variants(groups: list[Array], hidden: int) -> Held:
    """What each variant holds at its step: arrays (V, H), NaN where free, by gate, value, group."""
    held = Held.nothing((len(SWITCHED) * len(VALUES) * len(groups), hidden))
    row = 0
    for gate in SWITCHED:
        for value in VALUES.values():
            for group in groups:
                getattr(held, GATES[gate])[row, group] = value
                row += 1
    return held


def _question(run: Run, of: str | None) -> _Question:
    """What is asked; raises InputError where the model doesn't say that."""
    readout = run.readout
    names = readout.names if readout else ()
    hidden, output = run.card.hidden_size, run.outputs[-1]
    of = _default(run) if of is None else of
    unit = UNIT.fullmatch(of)
    if of == TONE and sides(names):
        return _Question(of, _tone(_known(readout)))
    if of in names:
        return _Question(of, _probability(_known(readout), names.index(of)))
    if of == NUMBER and isinstance(output, NumberOutput):
        return _Question(of, _number(readout))
    if unit and int(unit[1]) <= hidden:
        return _Question(of, lambda h: h[:, int(unit[1]) - 1].astype(np.float64))
    allowed = [TONE] if sides(names) else []
    allowed += names or ([NUMBER] if isinstance(output, NumberOutput) else [])
    some = "".join(f"“{name}”, " for name in allowed[:8]) + ("…, " if len(allowed) > 8 else "")
    words = f"of is “{of[:20]}”; it should be {some}or unit 1 to unit {hidden}."
    raise InputError(words, [FieldError(("of",), words)])


def _default(run: Run) -> str:
    output = run.outputs[-1]
    if isinstance(output, ClassesOutput):
        return TONE if output.tone is not None else output.likeliest[0]
    if isinstance(output, NextTokenOutput):
        return output.top(1)[0][0]
    return f"unit {telling(pulls(run))}" if output is None else NUMBER


def _known(readout: Readout | None) -> Readout:
    if readout is None:
        raise TypeError("expected a readout, since it has names")
    return readout


def _shares(readout: Readout, h: Array) -> Array:
    """The probability of each class or token, (N, K), float64."""
    p: Array = np.exp(log_softmax(readout.logits(h).astype(np.float64)))
    return p


def _tone(readout: Readout) -> Callable[[Array], Array]:
    signs = np.array(sides(readout.names))
    return lambda h: _shares(readout, h) @ signs


def _probability(readout: Readout, place: int) -> Callable[[Array], Array]:
    return lambda h: _shares(readout, h)[:, place]


def _number(readout: Readout | None) -> Callable[[Array], Array]:
    """The readout's number; in the rules, what is shown."""
    if readout is None:
        return lambda h: h[:, 0].astype(np.float64)
    return lambda h: readout.logits(h)[:, 0].astype(np.float64)


def _ends(run: Run, variants: Held, begin: int, end: int) -> Iterator[Array]:
    """The last hidden state under each variant at those steps: (T, V, H), some at a time."""
    layer, count = gated(run.layers[0]), len(variants.f)
    at_once = max(1, ROWS // count)
    for first in range(begin, end, at_once):
        last = min(first + at_once, end) - 1
        if not isinstance(run.cell, LSTMParameters):
            yield _end_of_rules(layer, first, last, variants)
        else:
            yield _end(run.cell, run, first, last, variants)


def _end_of_rules(layer: LSTMLayer, first: int, last: int, variants: Held) -> Array:
    """The rules' gates follow from the input alone, so that only the memory goes on by itself."""
    count = len(variants.f)
    c = np.empty(((last - first + 1) * count, 1))
    for t in range(first, len(layer.f)):
        started, new = _rows(t, first, last, count)
        c[new] = layer.c_prev[t]
        each = [np.repeat(gate[t : t + 1], started, axis=0) for gate in (layer.i, layer.f, layer.o)]
        i, f, o = (_gate(gate, k, new, variants) for gate, k in zip(each, "ifo", strict=True))
        c[:started] = f * c[:started] + i * layer.g[t]
    y: Array = o * c
    return y


def _rows(t: int, first: int, last: int, count: int) -> tuple[int, slice]:
    """How many runs are under way at step t, and which of them start there."""
    started = (min(t, last) - first + 1) * count
    return started, slice(started - count, started) if t <= last else slice(0, 0)


def _gate(values: Array, letter: str, new: slice, variants: Held) -> Array:
    """A gate's values, held in the runs that start."""
    if new.stop:
        values[new] = hold(values[new], variants, letter)
    return values


def _end(cell: LSTMParameters, run: Run, first: int, last: int, variants: Held) -> Array:
    """The runs that start at the steps first to last, side by side until the end."""
    layer, count = gated(run.layers[0]), len(variants.f)
    h_prev = layer.h_prev
    rows = (last - first + 1) * count
    h = np.empty((rows, cell.output_size), cell.dtype)
    c = np.empty((rows, cell.hidden_size), cell.dtype)
    advance = _fast(cell, run, rows) if cell.is_standard else _by_plain(cell, run)
    for t in range(first, len(run)):
        started, new = _rows(t, first, last, count)
        h[new], c[new] = h_prev[t], layer.c_prev[t]
        advance(t, h[:started], c[:started], new, variants)
    return h


_Advance = Callable[[int, Array, Array, slice, Held], None]


def _by_plain(cell: LSTMParameters, run: Run) -> _Advance:
    """Any cell's step, as `engine.plain` spells it out; h (N, P) and c (N, H) are written over."""

    def advance(t: int, h: Array, c: Array, new: slice, variants: Held) -> None:
        held = Held.nothing(c.shape)
        for letter in "ifgo":
            values = getattr(held, letter)
            if run.held is not None:
                values[...] = getattr(run.held, letter)[t]
            if new.stop:
                values[new] = hold(values[new], variants, letter)
        x = np.broadcast_to(run.x[t].astype(cell.dtype), (len(h), cell.input_size))
        step = plain.step(cell, x, LSTMState(h, c), held)
        h[...], c[...] = step.h, step.c

    return advance


def _fast(cell: LSTMParameters, run: Run, rows: int) -> _Advance:
    """The standard cell's step: a product a gate, each with a contiguous array of its own.

    sigma(a) = 1 / (1 + exp(-a)), so that the weights of i, f and o are negated beforehand.
    """
    signs = {"i": -1, "f": -1, "g": 1, "o": -1}
    blocks = [b.copy() for b in np.split(cell.weight_hh, 4)]
    weights = {k: np.ascontiguousarray(signs[k] * b.T) for k, b in zip("ifgo", blocks, strict=True)}
    sums = np.split(run.x.astype(cell.dtype) @ cell.weight_ih.T + cell.bias, 4, axis=1)
    inputs = {k: signs[k] * s for k, s in zip("ifgo", sums, strict=True)}
    room = {k: np.empty((rows, cell.hidden_size), cell.dtype) for k in "ifgo"}

    def advance(t: int, h: Array, c: Array, new: slice, variants: Held) -> None:
        gates = {}
        for k, weight in weights.items():
            a = np.matmul(h, weight, out=room[k][: len(h)])
            a += inputs[k][t]
            gates[k] = _gate(_base(_squashed(a, k), run.held, k, t), k, new, variants)
        np.multiply(c, gates["f"], out=c)
        np.add(c, np.multiply(gates["i"], gates["g"], out=gates["i"]), out=c)
        np.multiply(np.tanh(c, out=gates["g"]), gates["o"], out=h)

    return advance


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
