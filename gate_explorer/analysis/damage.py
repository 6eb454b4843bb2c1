"""Units named by causes: what a network loses without each of its units, over held-out runs.

    silenced      the unit's output gate is 0 throughout: nothing of it is ever shown
    erased        the unit's forget gate is 0 at one step: what it held until then is gone

Silencing a unit is the same as taking its column out of U and of the readout, so that each unit
costs one plain batch; an erased unit is held in the engine, at each sequence's own step.

A name is given to the unit that is missed most by the measure that the name is about (rank 1), if
the damage is at least CLEAR times that of any other, and at least MATTERS of what is lost without
any unit at all. A name that says what a unit holds is proven by erasing it; one that says what it
measures by silencing it, and its memory must follow that quantity besides (|r| >= FOLLOWS). A name
that no single unit bears out may go to a group: all units with |r| >= TOGETHER, if they are missed
more than every other group of that size that is tried (all of them, or GROUPS drawn at random).

A cell without gates has units that can be silenced, and none that can be erased.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.cells import Held, LSTMParameters, LSTMTrace
from gate_explorer.engine.checks import Array
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.runs.card import Damage
from gate_explorer.zoo.units import Findings, Group, Unit

FOLLOWS, TOGETHER, CLEAR, MATTERS = 0.7, 0.75, 2.0, 0.03
GROUPS, SEED = 200, 4004
BATCH = 512  # sequences that are erased at once, to bound the memory

Mask = NDArray[np.bool_]
Steps = NDArray[np.intp]
Stands = Callable[[int, Sequence[int]], bool]


@dataclass(frozen=True)
class Measure:
    """A figure of a network over the trial's data: its words, what it is, whether more is better.

    figure: from the logits or numbers (T, N, K) after every step.
    """

    words: str
    figure: Callable[[Array], float]
    more: bool = False

    def worse(self, whole: float, without: float) -> float:
        """How much worse a figure is than the whole network's."""
        return whole - without if self.more else without - whole


@dataclass(frozen=True)
class Claim:
    """A name, and what would prove it.

    values: what the memory should follow, at the steps that `at` marks, (T, N) both. measure: by
    which the unit that bears the name is missed most. holds: whether it is erasing that tells.
    moments: where its gates are looked at, each a mask (T, N).
    """

    name: str
    follows: str
    values: Array
    at: Mask
    measure: int
    holds: bool
    moments: Mapping[str, Mask]


@dataclass(frozen=True)
class Trial:
    """Held-out data and what is asked over it; the first measure is what units are ranked by.

    Shapes: x (T, N, D); erased (N,): the step at which a unit is erased in each sequence.
    """

    data: str
    erasure: str
    x: Array
    erased: Steps
    measures: tuple[Measure, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, eq=False)
class Subject:
    """A cell and its readout (K, H), (K,): what the trial is made with."""

    cell: LSTMParameters | RNNParameters
    weight: Array
    bias: Array

    def read_out(self, h: Array) -> Array:
        """z = W h + b. Shapes: h (..., H) -> (..., K)."""
        z: Array = h @ self.weight.T + self.bias
        return z


def silenced(subject: Subject, units: Sequence[int], x: Array) -> Array:
    """What is read out while units (from 0) show nothing: (T, N, K)."""
    inside, outside = subject.cell.weight_hh.copy(), subject.weight.copy()
    inside[:, list(units)] = outside[:, list(units)] = 0
    cell = replace(subject.cell, weight_hh=inside)
    return replace(subject, weight=outside).read_out(_run(cell, x).h)


def erased(subject: Subject, units: Sequence[int], x: Array, steps: Steps) -> Array | None:
    """What is read out where units (from 0) lost their memory once, at each sequence's own step.

    Shapes: x (T, N, D), steps (N,) -> (T, N, K); None for a cell without a forget gate.
    """
    if isinstance(subject.cell, RNNParameters):
        return None
    parts = []
    for first in range(0, x.shape[1], BATCH):
        some, at = x[:, first : first + BATCH], steps[first : first + BATCH]
        held = Held.nothing((*some.shape[:2], subject.cell.hidden_size))
        for unit in units:
            held.f[at, np.arange(len(at)), unit] = 0
        parts.append(subject.read_out(lstm.forward(subject.cell, some, None, held).h))
    return np.concatenate(parts, axis=1)


def find(subject: Subject, trial: Trial, stands: Stands | None = None) -> Findings:
    """Every unit's damage, correlation and, where it is proven, name; the most missed first.

    stands: whether a claim of units (from 0) stands elsewhere too; without it no name is given.
    """
    trace = _run(subject.cell, trial.x)
    singles = [(unit,) for unit in range(subject.cell.hidden_size)]
    damages = damages_of(subject, trial, singles)
    memory = trace.c if isinstance(trace, LSTMTrace) else trace.h
    followed = [correlations(memory, claim) for claim in trial.claims]
    gated = isinstance(trace, LSTMTrace)
    found = dict(_named(subject, trial, damages, followed)) if gated else {}
    named = {
        unit: number for unit, number in found.items() if stands is None or stands(number, (unit,))
    }
    groups = list(_groups(subject, trial, followed, named, stands)) if gated else []
    units = [
        _unit(unit, trial, damages[unit], followed, named, groups, trace)
        for unit in range(len(singles))
    ]
    ranked = sorted(units, key=lambda one: one.damage.rank)
    return Findings(trial.data, trial.erasure, tuple(ranked), tuple(groups))


def damages_of(
    subject: Subject, trial: Trial, groups: Sequence[Sequence[int]]
) -> list[tuple[Damage, ...]]:
    """What each measure becomes without each of the groups, ranked among them."""
    whole = figures(trial, subject.read_out(_run(subject.cell, trial.x).h))
    without = [figures(trial, silenced(subject, units, trial.x)) for units in groups]
    read = (erased(subject, units, trial.x, trial.erased) for units in groups)
    once = [None if z is None else figures(trial, z) for z in read]
    columns = [
        _ranked(measure, whole[k], [f[k] for f in without], [f[k] for f in once if f])
        for k, measure in enumerate(trial.measures)
    ]
    return list(zip(*columns, strict=True))


def figures(trial: Trial, z: Array) -> list[float]:
    """Every measure of what was read out."""
    return [measure.figure(z) for measure in trial.measures]


def _run(cell: LSTMParameters | RNNParameters, x: Array) -> LSTMTrace | RNNTrace:
    return lstm.forward(cell, x) if isinstance(cell, LSTMParameters) else rnn.forward(cell, x)


def _ranked(
    measure: Measure, whole: float, without: Sequence[float], once: Sequence[float]
) -> list[Damage]:
    """One measure's damages, unit by unit or group by group; once: none where nothing is erased."""
    places = ranks([measure.worse(whole, value) for value in without])
    damages = [
        Damage(measure.words, rounded(whole), rounded(value), rank, more=measure.more)
        for value, rank in zip(without, places, strict=True)
    ]
    if not once:
        return damages
    places = ranks([measure.worse(whole, value) for value in once])
    return [
        replace(damage, erased=rounded(value), erased_rank=rank)
        for damage, value, rank in zip(damages, once, places, strict=True)
    ]


def correlations(c: Array, claim: Claim) -> Array:
    """Pearson's r of each unit's memory with what the claim speaks of, (H,)."""
    seen, wanted = c[claim.at].astype(np.float64), claim.values[claim.at].astype(np.float64)
    seen, wanted = seen - seen.mean(axis=0), wanted - wanted.mean()
    spread = np.sqrt((seen**2).sum(axis=0) * (wanted**2).sum())
    r: Array = wanted @ seen / np.maximum(spread, np.finfo(float).tiny)
    return r


def ranks(worse: Sequence[float]) -> list[int]:
    """1 for the worst; equals share the better number."""
    return [1 + sum(other > mine for other in worse) for mine in worse]


def _named(
    subject: Subject,
    trial: Trial,
    damages: Sequence[tuple[Damage, ...]],
    followed: Sequence[Array],
) -> Iterator[tuple[int, int]]:
    """Unit -> claim, for each claim that the most missed unit bears out."""
    (no_unit,) = damages_of(subject, trial, [range(subject.cell.hidden_size)])
    for number, claim in enumerate(trial.claims):
        measure = trial.measures[claim.measure]
        worse = [
            measure.worse(of_unit[claim.measure].whole, _without(of_unit[claim.measure], claim))
            for of_unit in damages
        ]
        unit = int(np.argmax(worse))
        rest = no_unit[claim.measure]
        least = max(
            CLEAR * max(worse[:unit] + worse[unit + 1 :], default=0.0),
            MATTERS * measure.worse(rest.whole, _without(rest, claim)),
        )
        follows = claim.holds or abs(followed[number][unit]) >= FOLLOWS
        if follows and worse[unit] > 0 and worse[unit] >= least:
            yield unit, number


def _without(damage: Damage, claim: Claim) -> float:
    """The figure without the unit, in the way that tells for the claim."""
    if not claim.holds:
        return damage.silenced
    if damage.erased is None:
        raise TypeError("expected a unit that was erased")
    return damage.erased


def _groups(
    subject: Subject,
    trial: Trial,
    followed: Sequence[Array],
    named: Mapping[int, int],
    stands: Stands | None,
) -> Iterator[Group]:
    """For each claim that no single unit bears out the group that does, if there is one."""
    for number, claim in enumerate(trial.claims):
        units = tuple(np.flatnonzero(np.abs(followed[number]) >= TOGETHER).tolist())
        if number in named.values() or not 2 <= len(units) < subject.cell.hidden_size:
            continue
        others = other_groups(units, subject.cell.hidden_size)
        damages = damages_of(subject, trial, [units, *others])
        damage = damages[0][claim.measure]
        first = (damage.erased_rank if claim.holds else damage.rank) == 1
        if first and (stands is None or stands(number, units)):
            yield _group(claim, units, damages)


def other_groups(units: tuple[int, ...], hidden: int) -> list[tuple[int, ...]]:
    """Other groups of the same size: all, or GROUPS drawn at random."""
    if comb(hidden, len(units)) <= GROUPS:
        return [other for other in combinations(range(hidden), len(units)) if other != units]
    rng, found = np.random.default_rng(SEED), set[tuple[int, ...]]()
    while len(found) < GROUPS:
        other = tuple(sorted(rng.choice(hidden, len(units), replace=False).tolist()))
        found |= {other} - {units}
    return sorted(found)


def _group(claim: Claim, units: tuple[int, ...], damages: list[tuple[Damage, ...]]) -> Group:
    numbers = ", ".join(str(unit + 1) for unit in units)
    damage = damages[0][claim.measure]
    rest = [_without(one[claim.measure], claim) for one in damages[1:]]
    worst = min(rest) if damage.more else max(rest)
    words = (
        f"{claim.name}: units {numbers} together; {_how(claim)} together, they take"
        f" {damage.measure} from {damage.whole:g} to {_without(damage, claim):g}, the worst of"
        f" {len(rest)} other groups of {len(units)} to {worst:g}"
    )
    return Group(tuple(unit + 1 for unit in units), claim.name, damages[0], len(damages), words)


def _unit(
    unit: int,
    trial: Trial,
    damages: tuple[Damage, ...],
    followed: Sequence[Array],
    named: Mapping[int, int],
    groups: Sequence[Group],
    trace: LSTMTrace | RNNTrace,
) -> Unit:
    """A unit's entry; without a name, what it follows most closely is still said."""
    closest = max(range(len(followed)), key=lambda k: abs(followed[k][unit]), default=None)
    number = named.get(unit, closest)
    group = next((one for one in groups if unit + 1 in one.units), None)
    entry = Unit(unit + 1, None, None, None, None, damages[0], damages[1:])
    if number is None:
        return entry
    claim = trial.claims[number]
    entry = replace(entry, correlation=round(float(followed[number][unit]), 3), of=claim.follows)
    if not isinstance(trace, LSTMTrace) or not (unit in named or group):
        return entry
    entry = replace(entry, gates=_gates(trace, claim, unit))
    if group:
        return replace(entry, name=group.name, group=group.units, words=group.words)
    words = _words(claim, entry, damages[claim.measure], trace.c.shape[-1])
    return replace(entry, name=claim.name, words=words)


def _gates(trace: LSTMTrace, claim: Claim, unit: int) -> tuple[tuple[str, float], ...]:
    """Each gate's mean at each of the claim's moments."""
    gates = {"forget gate": trace.f, "input gate": trace.i, "output gate": trace.o}
    return tuple(
        (f"{gate} {moment}".strip(), round(float(values[mask][:, unit].mean()), 3))
        for moment, mask in claim.moments.items()
        for gate, values in gates.items()
    )


def _words(claim: Claim, unit: Unit, damage: Damage, hidden: int) -> str:
    """The name with what proves it."""
    r = f"{unit.correlation:+.2f}".replace("-", "\N{MINUS SIGN}")
    return (
        f"{claim.name}: {_how(claim)}, it takes {damage.measure} from {damage.whole:g} to"
        f" {_without(damage, claim):g}, more than any other of {hidden} units; the correlation of"
        f" its memory with {claim.follows} is {r}"
    )


def _how(claim: Claim) -> str:
    return "erased once" if claim.holds else "silenced"


def rounded(value: float) -> float:
    """Four digits, so that the file says what was measured and not the noise of a machine."""
    return float(f"{value:.4g}")
