"""Units taken away: silencing and erasing are what the clamps of the same words do."""

import numpy as np
import pytest

from gate_explorer.analysis.damage import (
    Claim,
    Measure,
    Subject,
    Trial,
    damages_of,
    erased,
    find,
    silenced,
)
from gate_explorer.engine import lstm
from gate_explorer.engine.cells import LSTMParameters
from gate_explorer.engine.checks import Array
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.symbols import Symbols

STEPS, COUNT, HIDDEN = 6, 40, 3


def counter() -> tuple[Learned, Symbols, Subject]:
    model = registry.get("counter")
    assert isinstance(model, Learned)
    assert model.symbols
    network = model.network()
    return model, model.symbols, Subject(
        network.cell, network.readout_weight, network.readout_bias
    )  # fmt: skip


def read_with(*texts: str) -> Array:
    """The hidden states of aabb under clamps, read out: (T, K)."""
    model, _, subject = counter()
    run = model.run(Text("aabb"), None, Options(clamps=clamps.parse(texts)))
    return subject.read_out(run.layers[0].h)


def test_silenced_is_the_output_gate_held_at_0_throughout() -> None:
    _, symbols, subject = counter()
    x = symbols.encode("aabb")[:, None]
    for units in ([0], [1, 3]):
        held = ",".join(str(unit + 1) for unit in units)
        expected = read_with(f"output_gate:0@*/{held}")
        assert silenced(subject, units, x)[:, 0] == pytest.approx(expected, abs=1e-5)


def test_erased_is_the_forget_gate_held_at_0_at_each_sequences_own_step() -> None:
    _, symbols, subject = counter()
    x = np.repeat(symbols.encode("aabb")[:, None], 3, axis=1)
    found = erased(subject, [1], x, np.array([1, 2, 3]))
    assert found is not None
    for column, step in enumerate((2, 3, 4)):
        expected = read_with(f"forget_gate:0@{step}/2")
        assert found[:, column] == pytest.approx(expected, abs=1e-5)


def carrier() -> tuple[Subject, Trial]:
    """Three units: the first holds a sign from step 1 on, the second copies what it reads now.

    The readout reads the first alone. Bits of 5 or more are as good as a hard gate.
    """
    weight_ih, bias = np.zeros((4 * HIDDEN, 2)), np.zeros(4 * HIDDEN)
    i, f, g, o = (slice(k * HIDDEN, (k + 1) * HIDDEN) for k in range(4))
    bias[f], bias[o] = 20.0, 20.0
    weight_ih[i][0, 1], bias[i][0] = 40.0, -20.0  # opens where the mark is 1
    weight_ih[g][0, 0] = 2.0
    bias[f][1], bias[i][1], weight_ih[g][1, 0] = -20.0, 20.0, 2.0
    bias[i][2] = -20.0
    cell = LSTMParameters(weight_ih, np.zeros((4 * HIDDEN, HIDDEN)), bias)
    rng = np.random.default_rng(1)
    x = np.stack((rng.choice((-1.0, 1.0), (STEPS, COUNT)), np.zeros((STEPS, COUNT))), axis=2)
    x[0, :, 1] = 1
    kept = np.broadcast_to(x[0, :, 0], (STEPS, COUNT))
    right = Measure("right signs", lambda z: float((np.sign(z[-1, :, 0]) == kept[0]).mean()), True)
    error = Measure("error", lambda z: float(np.mean((z[-1, :, 0] - 0.7 * kept[0]) ** 2)))
    everywhere = np.ones((STEPS, COUNT), bool)
    claims = (
        Claim("keeps the sign", "the first sign", kept, everywhere, 1, True, {"": everywhere}),
        Claim("copies", "the sign just read", x[..., 0], everywhere, 1, False, {}),
    )
    trial = Trial("random signs", "at step 4", x, np.full(COUNT, 3), (right, error), claims)
    return Subject(cell, np.array([[1.0, 0.0, 0.0]]), np.zeros(1)), trial


def test_find_names_the_unit_that_holds_and_not_the_one_that_resembles() -> None:
    subject, trial = carrier()
    found = find(subject, trial)
    assert found.first == 1
    assert found.of(1).name == "keeps the sign"
    assert found.of(1).damage.whole == 1
    assert found.of(1).damage.silenced < 0.1
    assert found.of(1).damage.erased is not None
    assert found.of(1).damage.rank == found.of(1).damage.erased_rank == 1
    assert dict(found.of(1).gates)["forget gate"] == pytest.approx(1, abs=1e-3)
    copier = found.of(2)
    assert copier.of == "the sign just read"
    assert abs(copier.correlation or 0) > 0.9
    assert copier.name is None
    assert copier.damage.silenced == copier.damage.whole


def test_find_ranks_are_by_damage_and_equals_share_them() -> None:
    subject, trial = carrier()
    found = find(subject, trial)
    assert [one.unit for one in found.units] == [1, 2, 3]
    assert [one.damage.rank for one in found.units] == [1, 2, 2]


def test_find_names_a_group_where_no_unit_does_it_alone() -> None:
    """The carrier twice, read out half and half: either may go, both may not."""
    subject, trial = carrier()
    cell = subject.cell
    assert isinstance(cell, LSTMParameters)
    weight_ih, bias = cell.weight_ih.copy(), cell.bias.copy()
    for gate in range(4):
        weight_ih[gate * HIDDEN + 2] = weight_ih[gate * HIDDEN]
        bias[gate * HIDDEN + 2] = bias[gate * HIDDEN]
    twice = Subject(
        LSTMParameters(weight_ih, cell.weight_hh, bias), np.array([[0.5, 0.0, 0.5]]), np.zeros(1)
    )
    found = find(twice, trial)
    (group,) = found.groups
    assert group.units == (1, 3)
    assert group.compared == 3
    assert [found.of(unit).group for unit in (1, 2, 3)] == [(1, 3), None, (1, 3)]
    assert found.of(1).name == found.of(3).name == "keeps the sign"
    assert "of 2 other groups of 2" in group.words


def test_damages_of_groups_are_those_of_holding_them_together() -> None:
    subject, trial = carrier()
    (damage, _), *_ = damages_of(subject, trial, [(0, 1), (1, 2)])
    z = lstm.forward(subject.cell, trial.x).h  # type: ignore[arg-type]
    assert damage.whole == trial.measures[0].figure(subject.read_out(z))
    assert damage.silenced == 0
    assert damage.rank == 1
