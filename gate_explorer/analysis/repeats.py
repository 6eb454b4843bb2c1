"""Whether what a unit is called holds elsewhere: erased at random steps, and on data drawn anew.

That a unit is missed most where it was erased at one place, over one draw of held-out data, may be
that place's or that draw's doing. So each unit is also erased at a random step of every sequence,
among those over which it should hold what it is said to hold, several times over; all of it on the
trial's data, and again on held-out data drawn anew. A name stands only if it is the first of its
rank on both: by the mean over the random steps where a name says what a unit holds, by silencing
where it says what a unit measures. A group's rank is among groups of the same size.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gate_explorer.analysis.damage import (
    Claim,
    Measure,
    Subject,
    Trial,
    erased,
    figures,
    find,
    other_groups,
    ranks,
    rounded,
    silenced,
)
from gate_explorer.zoo.units import Findings, Group, Repeat, Unit

ERASURES, GROUP_ERASURES = 5, 1  # how often every unit, or group, is erased at random steps
SEED = 505

Table = list[tuple[Repeat, ...]]


def find_steady(subject: Subject, trial: Trial, again: Trial) -> Findings:
    """Every unit's damage and name as `find` has them, where they stand on both trials.

    again: the same trial over held-out data drawn anew.
    """
    hidden = subject.cell.hidden_size
    singles = [(unit,) for unit in range(hidden)]
    both = (trial, again)
    shut = [[figures(one, silenced(subject, units, one.x)) for units in singles] for one in both]
    tables = [repeats(subject, both, number, singles, shut) for number in range(len(trial.claims))]
    of_groups: dict[str, tuple[Repeat, ...]] = {}

    def stands(number: int, units: Sequence[int]) -> bool:
        claim = trial.claims[number]
        if len(units) == 1:
            return _first(claim, tables[number][units[0]])
        groups = [tuple(units), *other_groups(tuple(units), hidden)]
        shut = [[figures(one, silenced(subject, of, one.x)) for of in groups] for one in both]
        table = repeats(subject, both, number, groups, shut, GROUP_ERASURES)
        of_groups[claim.name] = table[0]
        return _first(claim, of_groups[claim.name])

    found = find(subject, trial, stands)
    names = [claim.name for claim in trial.claims]

    def of_unit(unit: Unit) -> Unit:
        number = names.index(unit.name) if unit.name in names else 0
        found = tables[number][unit.unit - 1] if tables else ()
        if unit.words is None or unit.group:
            return replace(unit, repeats=found)
        return replace(unit, repeats=found, words=_words(unit.words, trial.claims[number], hidden))

    def of_group(group: Group) -> Group:
        return replace(group, repeats=of_groups[group.name])

    return replace(
        found,
        units=tuple(of_unit(unit) for unit in found.units),
        groups=tuple(of_group(group) for group in found.groups),
    )


def repeats(
    subject: Subject,
    trials: Sequence[Trial],
    number: int,
    groups: Sequence[Sequence[int]],
    shut: Sequence[Sequence[Sequence[float]]],
    erasures: int = ERASURES,
) -> Table:
    """What each group's damage is on every trial, by a claim's measure, ranked among the groups.

    shut: every figure of every trial, with each of the groups silenced.
    """
    columns = (
        _on(subject, trial, number, groups, of_trial, erasures)
        for trial, of_trial in zip(trials, shut, strict=True)
    )
    return list(zip(*columns, strict=True))


def random_steps(
    claim: Claim, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """A random step of each sequence at which a claim's unit should still hold what it held before.

    Where there is none, step 0: there is nothing to erase.
    """
    inside = claim.at.copy()
    inside[0] = False
    inside[1:] &= claim.at[:-1]
    steps: np.ndarray[tuple[int], np.dtype[np.intp]] = np.where(
        inside, rng.random(inside.shape), -1.0
    ).argmax(axis=0)
    return steps


def _on(
    subject: Subject,
    trial: Trial,
    number: int,
    groups: Sequence[Sequence[int]],
    every: Sequence[Sequence[float]],
    erasures: int,
) -> list[Repeat]:
    claim, place = trial.claims[number], trial.claims[number].measure
    measure = trial.measures[place]
    whole = figures(trial, silenced(subject, (), trial.x))[place]
    shut = [each[place] for each in every]
    found = [
        Repeat(trial.data, rounded(whole), rounded(value), rank)
        for value, rank in zip(shut, _ranked(measure, whole, shut), strict=True)
    ]
    rng = np.random.default_rng(SEED)
    draws = [random_steps(claim, rng) for _ in range(erasures if claim.holds else 0)]
    values = np.array([
        [
            figures(trial, z)[place]
            for steps in draws
            if (z := erased(subject, units, trial.x, steps)) is not None
        ]
        for units in groups
    ])  # fmt: skip
    if not values.size:
        return found
    means = values.mean(axis=1).tolist()
    return [
        replace(one, erased=rounded(mean), deviation=rounded(spread), erased_rank=rank)
        for one, mean, spread, rank in zip(
            found, means, values.std(axis=1).tolist(), _ranked(measure, whole, means), strict=True
        )
    ]


def _words(words: str, claim: Claim, hidden: int) -> str:
    """A unit's words, with where else it is missed most."""
    others = f"more than any other of {hidden} units"
    places = "at random steps and on data drawn anew" if claim.holds else "on data drawn anew"
    return words.replace(others, f"{others}, {places} too")


def _ranked(measure: Measure, whole: float, values: Sequence[float]) -> list[int]:
    return ranks([measure.worse(whole, value) for value in values])


def _first(claim: Claim, found: Sequence[Repeat]) -> bool:
    return all((one.erased_rank if claim.holds else one.rank) == 1 for one in found)
