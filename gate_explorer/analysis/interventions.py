"""The whole map of interventions of a run: what the answer had been with a gate shut or opened.

A gate is closed (held at 0) or opened (held at 1) at one step alone, in some units, in one layer of
a stack or in all, and the run goes on from there by itself (`analysis.reruns`); the map holds the
last step's answer of each such run.

What the answer is: on a scale of classes the tone; of other classes, or of tokens, the probability
of the one that is likeliest at the end; else the number, or a unit's last hidden state. That is a
unit of the uppermost layer where its pass ends, which is the first step if it reads backwards; of
two directions the backward one's units are counted after the forward one's.

The work grows as runs * steps: V variants at each of T steps are V * T (T + 1) / 2 steps of a cell
that stands alone, and a step of it is reckoned as H (4 H + ELEMENTWISE) multiplications; in a stack
as much for every layer that is run again. What would take more than MOST_WORK is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis import reruns
from gate_explorer.analysis.pull import telling
from gate_explorer.analysis.reruns import ELEMENTWISE, Reruns
from gate_explorer.engine.cells import Held
from gate_explorer.engine.checks import Array
from gate_explorer.errors import FieldError, InputError, LimitError
from gate_explorer.runs.card import Card
from gate_explorer.runs.clamps import GATES, written
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, sides
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Run, gated
from gate_explorer.zoo.sentiment_network import log_softmax

SWITCHED = ("forget_gate", "input_gate", "output_gate")
VALUES = {"closed": 0.0, "opened": 1.0}
TONE, NUMBER = "tone", "number"
ALL, EACH = "*", "each"

MOST_WORK = 20_000_000_000  # most of a second on one core
ROWS = 2048  # of a batch: few enough for its arrays to stay in the processor's cache
MOST_WAITING = 4_000_000  # numbers of a batch that the layer above has yet to read

UNITS = re.compile(r"\d{1,6}(?:-\d{1,6})?(?:,\d{1,6}(?:-\d{1,6})?){0,63}", re.ASCII)
UNIT = re.compile(r"unit ([1-9]\d{0,5})", re.ASCII)


@dataclass(frozen=True, eq=False)
class Interventions:
    """The last step's answer under every intervention.

    of: what the answer is: `tone`, a class or token (its probability), `number`, or `unit 7`.
    answer: the run's own. closed, opened: by gate in its word, (T,), or (T, H) where each unit was
    held by itself. first: the number of the first step, from 1. units, layer: what was held, as
    asked.
    """

    of: str
    answer: float
    closed: Mapping[str, Array]
    opened: Mapping[str, Array]
    first: int
    units: str
    layer: str | None = None

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
    """What is asked of the last step: a name, and the answers that hidden states (N, P) give: those
    of the uppermost layer, its directions joined. at_last_step: those of the last step, where a
    pass that reads backwards has only begun; else those that each ended with.
    """

    of: str
    answers: Callable[[Array], Array]
    at_last_step: bool = False


def interventions(
    run: Run,
    of: str | None = None,
    units: str = ALL,
    layer: str | None = None,
    at: int | None = None,
) -> Interventions:
    """The whole map of a run's interventions, on top of what the run holds already.

    of: a class, a token, `tone`, `number` or `unit 7`; see the module for None. units: `*` for all
    together, `2,4-6` for these together, `each` for every one by itself. layer: the only one whose
    gates are held, as an address calls it; None for all together. at: the only step, as the trace
    numbers them, for a map of one column; None for all. Raises: InputError for a cell without
    gates, or for what the run doesn't have; LimitError where it would take too long.
    """
    _refuse_without_gates(run)
    places = _places(run, layer)
    groups = _groups(units, max(gated(run.layers[place]).f.shape[1] for place in places))
    first, count = (0, len(run)) if at is None else (at - run.start - 1, 1)
    if at is None:
        _refuse_too_much(run, len(groups), layer)
    question = _question(run, of, places)
    ends = _ends(run, groups, places, range(first, first + count), question.at_last_step)
    own = question.answers(_own_end(run, question.at_last_step))
    shape = (count, len(SWITCHED), len(VALUES), len(groups))
    answers = np.concatenate([question.answers(h) for h in ends]).reshape(shape)
    if units != EACH:
        answers = answers[..., 0]
    closed, opened = (
        dict(zip(SWITCHED, answers[:, :, k].swapaxes(0, 1), strict=True))
        for k in range(len(VALUES))
    )
    start = run.start + first + 1
    return Interventions(question.of, float(own[0]), closed, opened, start, units, layer)


def work(run: Run, groups: int = 1, layer: str | None = None) -> int:
    """How much a map is reckoned to take, in multiplications: see the module.

    groups: of units that are held together, 1 for all of them. layer: as in `interventions`.
    """
    return _runs(groups) * reruns.work(run, _places(run, layer), range(len(run)))


def work_at(run: Run, t: int, layer: str | None = None) -> int:
    """The same for a map of the run's t-th step alone, from 1, with all units together."""
    return _runs(1) * reruns.work(run, _places(run, layer), range(t - 1, t))


def most_work_of(card: Card, steps: int, groups: int) -> int:
    """What a map takes at most, told from the model's sizes before there is a run of it."""
    hidden, ways = card.hidden_size, 2 if card.bidirectional else 1
    if card.num_layers * ways == 1:
        again, read = steps * (steps + 1) // 2, 0
    else:
        again, read = steps * steps * card.num_layers * ways, hidden * ways
    return _runs(groups) * again * hidden * (4 * (hidden + read) + ELEMENTWISE)


def experiments(found: Interventions, t: int) -> list[Experiment]:
    """Every intervention at step t (as the trace numbers steps), the largest change first."""
    result = []
    for switch, value in VALUES.items():
        for gate, answers in found.under(switch).items():
            for k, after in enumerate(np.atleast_1d(answers[t - found.first]).tolist()):
                unit = k + 1 if found.units == EACH else None
                clamp = written(gate, value, t, str(unit or found.units), found.layer)
                result.append(Experiment(t, gate, switch, unit, found.answer, after, clamp))
    return sorted(result, key=lambda each: -abs(each.change))


def strongest(found: Interventions, t: int | None = None) -> Experiment:
    """The intervention that changes the answer most, at step t or, where None, of all steps."""
    if t is not None:
        return experiments(found, t)[0]
    steps = len(next(iter(found.closed.values())))
    at_each = [experiments(found, found.first + k)[0] for k in range(steps)]
    return max(at_each, key=lambda each: abs(each.change))


def unit_words(run: Run, of: str) -> str:
    """A unit that is asked about, by its number in its own layer: `unit 3 of layer 2, backward`."""
    number = int(of.removeprefix("unit "))
    for place in _uppermost(run):
        width = run.layers[place].h.shape[1]
        if number <= width:
            where = run.looking_at(place).layer_words
            return f"unit {number} of {where}" if len(run.layers) > 1 else f"unit {number}"
        number -= width
    raise ValueError(f"expected a unit of the uppermost layer, got {of}")


def _refuse_without_gates(run: Run) -> None:
    if run.card.cell == "rnn":
        raise InputError(
            f"{run.card.id} has no gates to close or open: a vanilla RNN rewrites all of its state"
            " at every step. Ask a model whose cell is an LSTM."
        )


def _refuse_too_much(run: Run, groups: int, layer: str | None) -> None:
    asked = work(run, groups, layer)
    if asked <= MOST_WORK:
        return
    formula = f"6 * groups * steps * (steps + 1) / 2 * units * (4 * units + {ELEMENTWISE})"
    mend = "Ask about a shorter input, or about units together (units=*)."
    if len(run.layers) > 1:
        formula = (
            "6 * groups, for each step that is held, times the steps that each layer is run again,"
            f" times its units * (4 * (units + changed inputs) + {ELEMENTWISE})"
        )
        mend = "Ask about a shorter input, units together (units=*), or a layer nearer the answer."
    raise LimitError(
        f"Holding {groups} units or groups of units at each of {len(run)} steps of"
        f" {run.card.hidden_size} units takes {asked / 1e9:.1f} billion multiplications"
        f" ({formula}); at most {MOST_WORK / 1e9:.1f} billion are made. {mend}"
    )


def _runs(groups: int) -> int:
    """How many runs hold something at a step."""
    return len(SWITCHED) * len(VALUES) * groups


def _places(run: Run, layer: str | None) -> Sequence[int]:
    """Those of the layers that are held. Raises: InputError for one that the run doesn't have."""
    if layer is None:
        return range(len(run.layers))
    return (run.place_of(layer),)


def _uppermost(run: Run) -> list[int]:
    """The places of the uppermost layer's directions."""
    return [place for place, depth in enumerate(run.depths) if depth == run.depths[-1]]


def _own_end(run: Run, at_last_step: bool) -> Array:
    """What the uppermost layer's passes show, at the last step or where they end, joined (1, P)."""
    layers = [run.layers[place] for place in _uppermost(run)]
    begun = [layer.direction == "backward" and not at_last_step for layer in layers]
    ends = [layer.h[:1] if b else layer.h[-1:] for layer, b in zip(layers, begun, strict=True)]
    return np.concatenate(ends, axis=1)


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


def _variants(groups: list[Array], units: int) -> Held:
    """What each variant holds at its step in a layer of so many units: arrays (V, H), NaN where
    free, by gate, value, group.
    """
    held = Held.nothing((_runs(len(groups)), units))
    row = 0
    for gate in SWITCHED:
        for value in VALUES.values():
            for group in groups:
                getattr(held, GATES[gate])[row, group[:units]] = value
                row += 1
    return held


def _question(run: Run, of: str | None, places: Sequence[int]) -> _Question:
    """What is asked; raises InputError where the model doesn't say that."""
    readout = run.readout
    names = readout.names if readout else ()
    output, width = run.outputs[-1], sum(run.layers[n].h.shape[1] for n in _uppermost(run))
    at_last_step = readout is not None and not readout.of_ends
    of = _default(run, places) if of is None else of
    unit = UNIT.fullmatch(of)
    if of == TONE and sides(names):
        return _Question(of, _tone(_known(readout)), at_last_step)
    if of in names:
        return _Question(of, _probability(_known(readout), names.index(of)), at_last_step)
    if of == NUMBER and isinstance(output, NumberOutput):
        return _Question(of, _number(readout), at_last_step)
    if unit and int(unit[1]) <= width:
        return _Question(of, lambda h: h[:, int(unit[1]) - 1].astype(np.float64))
    allowed = [TONE] if sides(names) else []
    allowed += names or ([NUMBER] if isinstance(output, NumberOutput) else [])
    some = "".join(f"“{name}”, " for name in allowed[:8]) + ("…, " if len(allowed) > 8 else "")
    words = f"of is “{of[:20]}”; it should be {some}or unit 1 to unit {width}."
    raise InputError(words, [FieldError(("of",), words)])


def _default(run: Run, places: Sequence[int]) -> str:
    output = run.outputs[-1]
    if isinstance(output, ClassesOutput):
        return TONE if output.tone is not None else output.likeliest[0]
    if isinstance(output, NextTokenOutput):
        return output.top(1)[0][0]
    return f"unit {_telling(run, places)}" if output is None else NUMBER


def _telling(run: Run, places: Sequence[int]) -> int:
    """The unit of the uppermost layer that moves most, from 1, of those that can be changed."""
    again = reruns.passes_again(run, places)
    moved = [
        (run.layers[n].h - run.layers[n].h_prev) * (again[n] is not None) for n in _uppermost(run)
    ]
    return telling(np.concatenate(moved, axis=1).astype(np.float64))


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
    return lambda h: readout.numbers(h).astype(np.float64)


def _ends(
    run: Run, groups: list[Array], places: Sequence[int], steps: range, at_last_step: bool
) -> Iterator[Array]:
    """Where the uppermost layer ends under each variant at those steps, (T * V, P), in parts."""
    held = {n: _variants(groups, gated(run.layers[n]).f.shape[1]) for n in places}
    waiting = len(run) * max(run.width_of_inputs(n) for n in range(len(run.layers)))
    rows = ROWS if len(run.layers) == 1 else min(ROWS, MOST_WAITING // waiting)
    at_once = max(1, rows // _runs(len(groups)))
    for first in range(steps.start, steps.stop, at_once):
        last = min(first + at_once, steps.stop) - 1
        yield Reruns(run, held, first, last, at_last_step).ends()
