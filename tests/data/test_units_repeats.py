"""Names of units at random steps and on data drawn anew, of the models that need real data.

Some of the units, measured anew from the committed weights: all of them take minutes. Run by
`make test-data DATA=folder`.
"""

import pytest

from gate_explorer.analysis.damage import Trial, figures, silenced
from gate_explorer.analysis.repeats import GROUP_ERASURES, repeats
from gate_explorer.training.name_units import network_of, trial_of
from gate_explorer.training.units import subject_of
from gate_explorer.zoo import registry
from gate_explorer.zoo.units import Findings, Repeat, load
from tests.data.folder import data_folder

# The two that bear a name; the one that is missed most, of a model where a group bears one.
SOME = {"characters": (100, 57), "sentiment": (21,)}


def kept(model_id: str) -> Findings:
    findings = load(registry.ZOO / model_id)
    assert findings is not None
    return findings


def trials(model_id: str) -> tuple[Trial, Trial]:
    return trial_of(model_id, data_folder()), trial_of(model_id, data_folder(), again=True)


def agree(ours: Repeat, theirs: Repeat) -> bool:
    """Whether two are the same but for rounding; a rank is among all units, and these are some."""
    pairs = (
        (ours.whole, theirs.whole),
        (ours.silenced, theirs.silenced),
        (ours.erased, theirs.erased),
        (ours.deviation, theirs.deviation),
    )
    return ours.data == theirs.data and all(
        mine == other if None in (mine, other) else mine == pytest.approx(other, rel=5e-3, abs=2e-4)
        for mine, other in pairs
    )


@pytest.mark.parametrize("model_id", SOME)
def test_units_repeats_are_what_the_weights_do_on_both_draws(model_id: str) -> None:
    findings, both = kept(model_id), trials(model_id)
    subject, names = subject_of(network_of(model_id)), [one.name for one in both[0].claims]
    for unit in SOME[model_id]:
        stands = findings.of(unit)
        number = names.index(stands.name) if stands.name in names else 0
        shut = [[figures(one, silenced(subject, (unit - 1,), one.x))] for one in both]
        (found,) = repeats(subject, both, number, [(unit - 1,)], shut)
        assert len(found) == len(stands.repeats) == 2
        for ours, theirs in zip(found, stands.repeats, strict=True):
            assert agree(ours, theirs), (unit, ours, theirs)


def test_group_repeats_are_what_the_weights_do_on_both_draws() -> None:
    (group,), both = kept("sentiment").groups, trials("sentiment")
    subject, units = subject_of(network_of("sentiment")), [unit - 1 for unit in group.units]
    shut = [[figures(one, silenced(subject, units, one.x))] for one in both]
    (found,) = repeats(subject, both, 0, [units], shut, GROUP_ERASURES)
    for ours, theirs in zip(found, group.repeats, strict=True):
        assert agree(ours, theirs), (ours, theirs)
        assert theirs.erased_rank == 1
