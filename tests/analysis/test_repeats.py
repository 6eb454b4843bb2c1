"""A name stands where it holds at random steps and on data drawn anew, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from gate_explorer.analysis.damage import figures, find, silenced
from gate_explorer.analysis.repeats import find_steady, random_steps, repeats
from tests.analysis.test_damage import carrier


def test_repeats_of_a_unit_that_holds_are_the_first_on_both_trials() -> None:
    subject, trial = carrier()
    found = find_steady(subject, trial, replace(trial, data="the same again"))
    assert [one.data for one in found.of(1).repeats] == ["random signs", "the same again"]
    assert all(one.erased_rank == 1 for one in found.of(1).repeats)
    assert found.of(1).name == "keeps the sign"
    assert "of 3 units, at random steps and on data drawn anew too" in (found.of(1).words or "")
    unmissed = found.of(3).repeats[0]
    assert unmissed.erased == unmissed.whole
    assert unmissed.deviation == 0


def test_name_that_holds_at_one_place_alone_is_not_given() -> None:
    """On the other data the first sign is asked for before anything could hold it."""
    subject, trial = carrier()
    measure = replace(trial.measures[1], figure=lambda _: 0.0)
    blind = replace(trial, measures=(trial.measures[0], measure))
    assert find(subject, trial).of(1).name == "keeps the sign"
    found = find_steady(subject, trial, replace(blind, measures=(measure, measure)))
    assert found.of(1).name == "keeps the sign", "equals share the first rank"
    worse = replace(measure, figure=lambda z: float(np.abs(z).sum()))
    found = find_steady(subject, trial, replace(trial, measures=(worse, worse)))
    assert all(one.name is None for one in found.units)


def test_random_steps_lie_where_something_is_held_already() -> None:
    subject, trial = carrier()
    at = np.zeros((6, 40), bool)
    at[2:5, ::2] = True
    claim = replace(trial.claims[0], at=at)
    rng = np.random.default_rng(3)
    draws = np.array([random_steps(claim, rng) for _ in range(50)])
    assert set(draws[:, ::2].ravel()) == {3, 4}
    assert set(draws[:, 1::2].ravel()) == {0}, "nothing to erase"
    del subject


def test_repeats_have_the_figures_of_silencing() -> None:
    subject, trial = carrier()
    groups = [(0, 1), (1, 2)]
    shut = [[figures(trial, silenced(subject, units, trial.x)) for units in groups]]
    table = repeats(subject, (trial,), 0, groups, shut)
    measure = trial.claims[0].measure
    for (one,), of_group in zip(table, shut[0], strict=True):
        assert one.silenced == pytest.approx(of_group[measure], rel=1e-3)
    assert [one.rank for (one,) in table] == [1, 2]
