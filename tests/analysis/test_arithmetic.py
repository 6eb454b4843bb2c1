"""A gate taken apart adds up to the gate that the run computed."""

import subprocess
import sys

import numpy as np
import pytest

from gate_explorer.analysis.arithmetic import ROWS, Gate, arithmetic, snippet
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry


@pytest.fixture(scope="module")
def run() -> Run:
    return registry.get("sentiment").run(Text("The plot is thin"), None, Options())


@pytest.mark.parametrize("gate", ROWS)
def test_arithmetic_of_every_unit_and_step_gives_the_runs_value(run: Run, gate: Gate) -> None:
    values = getattr(run.layers[0], gate)
    for t in range(1, len(run) + 1):
        for unit in range(1, 33):
            whole = arithmetic(run, t, gate, unit)
            assert whole.result == pytest.approx(values[t - 1, unit - 1], abs=2e-6)
            assert whole.total == pytest.approx(
                sum(term.weight * term.value for term in whole.terms) + whole.bias
            )


def test_arithmetic_of_the_first_step_has_an_empty_hidden_state(run: Run) -> None:
    assert {term.value for term in arithmetic(run, 1, "f", 3).of("h")} == {0.0}


def test_arithmetic_terms_are_the_runs_inputs_and_weights(run: Run) -> None:
    assert run.cell is not None
    whole = arithmetic(run, 2, "g", 5)
    row = 2 * run.card.hidden_size + 4
    np.testing.assert_array_equal([t.value for t in whole.of("x")], run.x[1])
    np.testing.assert_array_equal([t.weight for t in whole.of("x")], run.cell.weight_ih[row])
    np.testing.assert_array_equal([t.value for t in whole.of("h")], run.layers[0].h[0])
    np.testing.assert_array_equal([t.weight for t in whole.of("h")], run.cell.weight_hh[row])


def test_arithmetic_by_size_starts_with_the_largest_product(run: Run) -> None:
    sizes = [abs(term.product) for term in arithmetic(run, 2, "o", 1).by_size]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("gate", ROWS)
def test_snippet_run_prints_the_result_to_six_decimals(run: Run, gate: Gate) -> None:
    whole = arithmetic(run, 3, gate, 7)
    done = subprocess.run(
        [sys.executable, "-c", snippet(whole)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == pytest.approx(whole.result, abs=1e-6)


def test_arithmetic_of_the_rules_says_that_they_have_no_weights() -> None:
    toy = registry.get("toy-rules").run(Vectors([(3, 1, 0)]), None, Options())
    with pytest.raises(InputError, match="no gates with weights"):
        arithmetic(toy, 1, "f", 1)
