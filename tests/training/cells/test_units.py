"""Telling units: the one that follows a quantity is found, each only once, with its gates."""

import numpy as np
import pytest

from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.training.cells.units import Observed, Quantity, findings, observed
from gate_explorer.zoo.cell_network import CellNetwork

STEPS = np.arange(8.0)
GATES = np.stack([np.full(8, 0.25), np.full(8, 0.5), STEPS / 8], axis=1)


def quantity(name: str, values: np.ndarray) -> Quantity:
    return Quantity(name, f"how it {name}", values, {"early": STEPS < 4, "late": STEPS >= 4})


def cells(*columns: np.ndarray) -> np.ndarray:
    return np.stack(columns, axis=1)


def test_findings_name_the_unit_that_follows_a_quantity() -> None:
    c = cells(np.cos(STEPS), -2 * STEPS, np.sin(STEPS))
    (found,) = findings(Observed(c, GATES, GATES, [quantity("grows", STEPS)]))
    assert (found.unit, found.name, found.of) == (2, "grows", "how it grows")
    assert found.correlation == -1
    assert found.gates["forget gate early"] == 0.5
    assert found.words.startswith("grows: its memory follows how it grows")
    assert "−1.00" in found.words


def test_findings_name_no_unit_twice() -> None:
    c = cells(np.cos(STEPS), STEPS, STEPS + 0.1 * np.sin(STEPS))
    seen = Observed(c, GATES, GATES, [quantity("grows", STEPS), quantity("rises", STEPS)])
    assert [one.unit for one in findings(seen)] == [2, 3]


def test_findings_gates_are_averages_over_the_moments_named() -> None:
    c = cells(np.cos(STEPS), np.sin(STEPS), STEPS)
    (found,) = findings(Observed(c, GATES, 1 - GATES, [quantity("grows", STEPS)]))
    assert found.gates["forget gate late"] == pytest.approx(np.mean([4, 5, 6, 7]) / 8, abs=1e-3)
    assert found.gates["input gate late"] == pytest.approx(1 - np.mean([4, 5, 6, 7]) / 8, abs=1e-3)


def test_observed_of_a_cell_without_gates_is_refused() -> None:
    cell = RNNParameters(np.ones((2, 1)), np.ones((2, 2)), np.zeros(2))
    network = CellNetwork(cell, np.ones((1, 2)), np.zeros(1))
    with pytest.raises(TypeError, match="only an LSTM"):
        observed(network, np.ones((3, 1, 1)), np.ones((3, 1), bool), ())
