"""A cell's equation: its rows are the layer's arrays, and the sum that it writes comes out."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest

from app.views.address.state import read_query
from gate_explorer.engine.checks import Array
from gate_explorer.runs.cells import EQUATIONS, FIELDS, Equation, called, named
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import all_models

each_equation = pytest.mark.parametrize("cell", EQUATIONS)
RUNS: Mapping[str, Run] = {
    model.card.id: model.run(state.inputs, None, state.options)
    for model in all_models()
    if (state := read_query(list(model.card.examples[0].query.items()))).inputs is not None
}


@each_equation
def test_equation_carries_and_shows_rows_of_its_own(cell: str) -> None:
    equation = EQUATIONS[cell]
    for key in (equation.memory, equation.before, equation.shown):
        assert key in equation
    assert len({quantity.key for quantity in equation.quantities}) == len(equation.quantities)


@each_equation
def test_every_gate_meets_one_quantity(cell: str) -> None:
    equation = EQUATIONS[cell]
    for gate in equation.gates:
        met = [quantity.key for quantity in equation.quantities if quantity.gate == gate.key]
        assert met == [equation.meets(gate.key).key]
        assert gate.question
        assert gate.share


@each_equation
def test_names_and_words_tell_the_quantities_apart(cell: str) -> None:
    quantities = EQUATIONS[cell].quantities
    for symbols in (False, True):
        names = [called(quantity, symbols) for quantity in quantities]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("model_id", RUNS)
def test_rows_are_arrays_of_the_layer_within_their_span(model_id: str) -> None:
    run = RUNS[model_id]
    for layer in run.layers:
        assert {field.name for field in dataclasses.fields(layer)} >= {
            quantity.key for quantity in run.equation.quantities
        }
        for quantity in run.equation.quantities:
            values: Array = getattr(layer, quantity.key)
            assert values.shape == layer.h.shape
            if quantity.span:
                low, high = quantity.span
                assert low <= values.min() <= values.max() <= high


def sums(equation: Equation, layer: object) -> list[tuple[Array, Array]]:
    """What the rows above each result come to, read downward, and the result."""
    found, total, product = [], None, None
    for quantity in equation.quantities:
        values: Array = getattr(layer, quantity.key)
        match quantity.operator:
            case "":
                product = values
            case "×":
                assert product is not None
                product = product * values
            case "+":
                total, product = product, values
            case "∫":
                assert product is not None
                product = np.tanh(product)
            case "=":
                result = product if total is None else total + product
                found.append((np.asarray(result), values))
                total, product = None, values
    return found


@pytest.mark.parametrize("model_id", [name for name, run in RUNS.items() if run.equation.gates])
def test_sum_that_the_equation_writes_comes_out(model_id: str) -> None:
    run = RUNS[model_id]
    pairs = sums(run.equation, run.layers[0])
    assert len(pairs) == 2, "the memory, and what is shown"
    for result, values in pairs:
        np.testing.assert_allclose(result, values, rtol=1e-5, atol=1e-6)


def test_fields_of_files_are_those_of_the_contract() -> None:
    assert list(FIELDS) == [
        "forget_gate",
        "input_gate",
        "candidate",
        "output_gate",
        "cell_state",
        "hidden_state",
    ]


def test_symbols_leave_no_nickname_in_a_text() -> None:
    text = "The Eraser keeps; the Filter lets the Writer’s draft in; the Presenter’s share shows."
    said = named(text, symbols=True)
    for nickname in ("Eraser", "Filter", "Writer", "Presenter"):
        assert nickname not in said
    assert named(text, symbols=False) == text
