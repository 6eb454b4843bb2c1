"""What the shipped models' units are called, held by what happens without them."""

from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from gate_explorer.analysis.damage import find
from gate_explorer.analysis.repeats import find_steady
from gate_explorer.errors import DataError
from gate_explorer.runs.card import Damage
from gate_explorer.training.name_units import network_of, trained, trial_of
from gate_explorer.training.units import subject_of
from gate_explorer.zoo import registry
from gate_explorer.zoo.units import UNITS, Findings, Repeat, card_with, load, to_json

GENERATED = [name for name in trained() if name not in ("sentiment", "characters")]
LSTMS = [name for name in trained() if registry.get(name).card.cell == "lstm"]
each_trained = pytest.mark.parametrize("model_id", trained())


@cache
def kept(model_id: str) -> Findings:
    findings = load(registry.ZOO / model_id)
    assert findings is not None, f"run python -m gate_explorer.training.name_units {model_id}"
    return findings


def close(ours: Damage | Repeat, theirs: Damage | Repeat) -> bool:
    """Whether two are the same but for another machine's rounding."""
    pairs = zip(asdict(ours).items(), asdict(theirs).values(), strict=True)
    return all(
        mine == pytest.approx(other, rel=0.02, abs=2e-3)
        if isinstance(mine, float)
        else mine == other or "rank" in name
        for (name, mine), other in pairs
    )


@pytest.mark.parametrize("model_id", GENERATED)
def test_units_are_what_the_shipped_weights_do_over_held_out_runs(model_id: str) -> None:
    trials = (trial_of(model_id, Path()), trial_of(model_id, Path(), again=True))
    subject, stands = subject_of(network_of(model_id)), kept(model_id)
    # Where none bears a name, there is none that would have to hold elsewhere too.
    named = any(one.name for one in stands.units)
    found = find_steady(subject, *trials) if named else find(subject, trials[0], lambda *_: False)
    assert {(one.unit, one.name) for one in found.units} == {
        (one.unit, one.name) for one in stands.units
    }
    for one in found.units:
        assert close(one.damage, stands.of(one.unit).damage), one
        assert one.correlation == pytest.approx(stands.of(one.unit).correlation, abs=0.01)
        for ours, theirs in zip(one.repeats, stands.of(one.unit).repeats, strict=named):
            assert close(ours, theirs), one
    assert found.first == stands.first


@each_trained
def test_units_are_all_there_the_most_missed_first(model_id: str) -> None:
    units = kept(model_id).units
    hidden = registry.get(model_id).card.hidden_size
    assert sorted(one.unit for one in units) == list(range(1, hidden + 1))
    ranks = [one.damage.rank for one in units]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1
    worse = [
        one.damage.whole - one.damage.silenced if one.damage.more
        else one.damage.silenced - one.damage.whole
        for one in units
    ]  # fmt: skip
    assert all(a >= b - 1e-3 * abs(a) for a, b in pairwise(worse))


@each_trained
def test_units_that_bear_a_name_are_missed_most_by_a_measure_or_stand_in_a_group_that_is(
    model_id: str,
) -> None:
    findings = kept(model_id)
    for one in findings.units:
        if one.group:
            (group,) = (group for group in findings.groups if one.unit in group.units)
            assert group.units == one.group
            assert any(1 in (each.rank, each.erased_rank) for each in group.damage)
            assert group.compared > 2
        elif one.name:
            damages = (one.damage, *one.also)
            assert any(1 in (each.rank, each.erased_rank) for each in damages)
            assert one.words
            assert one.words.startswith(one.name)


@each_trained
def test_names_hold_at_random_steps_and_on_data_drawn_anew(model_id: str) -> None:
    findings = kept(model_id)
    singles = [one.repeats for one in findings.units if one.name and not one.group]
    for found in (*singles, *(group.repeats for group in findings.groups)):
        first, second = found
        assert first.data
        assert second.data
        assert first.whole != second.whole, "other data"
        if first.erased is None:
            assert first.rank == second.rank == 1
        else:
            assert first.erased_rank == second.erased_rank == 1


@each_trained
def test_card_names_the_units_that_are_proven_and_no_others(model_id: str) -> None:
    card = registry.get(model_id).card
    assert card == card_with(card, kept(model_id))
    assert [fact.unit for fact in card.units] == [
        one.unit for one in kept(model_id).units if one.name
    ]
    assert card.first_unit == kept(model_id).first


@pytest.mark.parametrize("model_id", [name for name in LSTMS if name != "forecast"])
def test_every_lstm_has_a_unit_or_a_group_that_is_proven(model_id: str) -> None:
    assert any(one.name for one in kept(model_id).units)


def test_forecast_is_spread_over_its_units_and_none_bears_a_name() -> None:
    findings = kept("forecast")
    assert not any(one.name for one in findings.units)
    assert not findings.groups
    missed = sorted((one.damage.silenced for one in findings.units), reverse=True)
    assert missed[0] < 1.1 * missed[1]
    assert all(abs(one.correlation or 0) < 0.7 for one in findings.units)


def test_adding_is_held_by_unit_2_and_not_by_unit_7() -> None:
    findings = kept("adding")
    adder, other = findings.of(2), findings.of(7)
    assert findings.first == 2
    assert adder.name
    assert adder.correlation == pytest.approx(-0.998, abs=0.002)
    gates = dict(adder.gates)
    assert gates["forget gate at the others"] == pytest.approx(0.998, abs=0.002)
    assert gates["input gate at marked numbers"] == pytest.approx(0.93, abs=0.01)
    assert gates["input gate at the others"] == pytest.approx(0.008, abs=0.002)
    assert adder.damage.erased == pytest.approx(0.106, abs=0.002)
    assert adder.damage.silenced == pytest.approx(0.17, abs=0.01)
    assert adder.damage.rank == adder.damage.erased_rank == 1
    assert other.name is None
    assert other.damage.erased is not None
    assert other.damage.erased < 0.0005


def test_reber_is_held_by_unit_1_and_not_by_unit_4() -> None:
    findings = kept("reber")
    right = {one.unit: one.also[0] for one in findings.units}
    assert findings.first == 1
    assert findings.of(4).name is None
    erased = {unit: damage.erased or 0.0 for unit, damage in right.items()}
    assert findings.of(1).name == "holds the second symbol"
    assert erased[1] < 0.7
    assert min(erased[unit] for unit in erased if unit != 1) > 0.98


def test_counter_is_unit_2_and_unit_4_counts_too() -> None:
    findings = kept("counter")
    assert findings.first == 2
    assert findings.of(2).name == "counts"
    assert findings.of(2).damage.rank == 1
    assert findings.of(4).correlation == pytest.approx(0.99, abs=0.01)
    assert findings.of(4).name is None
    assert findings.of(4).damage.rank == 2


def test_parity_is_flipped_by_unit_1_and_the_unit_that_follows_it_is_not_needed() -> None:
    findings = kept("parity")
    right = {one.unit: one.also[0].silenced for one in findings.units}
    assert {one.unit: one.name for one in findings.units if one.name} == {1: "flips at every 1"}
    assert findings.first == 1
    assert right[1] == pytest.approx(0.516, abs=0.03)
    assert min(right[unit] for unit in (2, 3, 4)) > 0.99
    assert abs(findings.of(2).correlation or 0) > abs(findings.of(1).correlation or 0)
    gates = dict(findings.of(1).gates)
    assert gates["forget gate at 1"] < 0.1 < 0.9 < gates["forget gate at 0"]


def test_agreement_number_is_held_by_unit_4() -> None:
    unit = kept("agreement").of(4)
    assert unit.name == "holds the subject’s number"
    assert unit.damage.erased_rank == 1


def test_characters_line_and_speaker_are_named_and_the_word_is_not() -> None:
    findings = kept("characters")
    assert {one.unit: one.name for one in findings.units if one.name} == {
        100: "measures the line",
        57: "knows a speaker’s name",
    }
    line_ends, *_ = findings.of(100).also
    assert line_ends.silenced > line_ends.whole + 0.5
    assert line_ends.erased is not None
    assert line_ends.erased < line_ends.whole, "erasing it makes a line's end likelier"
    assert findings.of(100).damage.erased_rank == 1, "and all else harder to foresee"
    assert findings.of(55).name is None
    words = {one.unit: one.also[2].rank for one in findings.units}
    assert words[30] < words[55]


def test_sentiment_verdict_is_held_by_a_group_and_by_no_unit_alone() -> None:
    findings = kept("sentiment")
    (group,) = findings.groups
    loss, right, *_ = group.damage
    assert len(group.units) > 1
    assert group.compared == 201
    assert loss.erased_rank == 1
    assert right.erased is not None
    assert right.erased < right.whole - 0.02
    for unit in group.units:
        alone = findings.of(unit).also[0]
        assert alone.erased is not None
        assert alone.whole - alone.erased < 0.01, "erased alone it costs next to nothing"


def test_units_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / UNITS).write_text(to_json(kept("sentiment")), encoding="utf-8")
    assert load(tmp_path) == kept("sentiment")
    assert load(tmp_path / "none") is None


@pytest.mark.parametrize("text", ["", "[]", '{"data": "x"}', '{"units": 3}'])
def test_units_file_that_is_damaged_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / UNITS).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"units\.json"):
        load(tmp_path)
