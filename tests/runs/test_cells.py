"""The cells' declared equations: what they name is there, and holds as the rows say."""

import numpy as np
import pytest

from gate_explorer.engine.checks import Array
from gate_explorer.runs.cells import (
    EQUATIONS,
    FIELDS,
    LSTM,
    OPERATORS,
    RNN,
    TOY,
    Equation,
    Quantity,
    called,
    named,
)
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from tests.zoo.first_run import first_run

NICKNAMES = [quantity.nickname for quantity in LSTM.held]
each_model = pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)


def values(run: Run, key: str) -> Array:
    """A quantity of the run's last layer, (T, H), in float64."""
    found: Array = np.asarray(getattr(run.layers[-1], key), float)
    return found


@each_model
def test_equation_names_what_the_layer_holds_and_nothing_else(model: Model) -> None:
    run = first_run(model)
    held = {name for name in vars(run.layers[-1]) if name != "direction"}
    named_keys = {quantity.key for quantity in run.equation.quantities}
    assert named_keys <= held
    assert held - named_keys <= {"h_prev", "tanh_c"}  # in the toy tanh_c is c itself


@each_model
def test_equation_spans_hold_every_value(model: Model) -> None:
    run = first_run(model)
    for quantity in run.equation.quantities:
        if quantity.span:
            low, high = quantity.span
            assert low - 1e-9 <= values(run, quantity.key).min()
            assert values(run, quantity.key).max() <= high + 1e-9


@each_model
def test_equation_reads_down_like_a_sum(model: Model) -> None:
    run = first_run(model)
    if not run.equation.gates:
        return
    kept = values(run, "c_prev") * values(run, "f")
    written = values(run, "g") * values(run, "i")
    scale = max(1.0, float(abs(values(run, "c")).max()))
    np.testing.assert_allclose(kept + written, values(run, "c"), atol=1e-5 * scale)
    shown = values(run, run.equation.squashed or "c") * values(run, "o")
    np.testing.assert_allclose(shown, values(run, "h"), atol=1e-5 * scale)


@pytest.mark.parametrize("equation", EQUATIONS.values(), ids=EQUATIONS)
def test_equation_gates_meet_what_names_them(equation: Equation) -> None:
    for gate in equation.gates:
        assert equation.meets(gate.key).gate == gate.key


def test_fields_are_the_contracts_words_in_their_order() -> None:
    assert list(FIELDS) == [
        "forget_gate", "input_gate", "candidate", "output_gate", "cell_state", "hidden_state",
    ]  # fmt: skip


def test_equations_of_the_cells_differ_where_the_cells_do() -> None:
    assert TOY.squashed is None
    assert LSTM.squashed == "tanh_c"
    assert RNN.gates == ()
    assert RNN.memory == RNN.shown == "h"


@pytest.mark.parametrize("quantity", LSTM.quantities, ids=lambda q: q.key)
def test_quantity_is_called_by_nickname_or_by_the_fields_words(quantity: Quantity) -> None:
    assert called(quantity, symbols=False) == quantity.nickname
    assert called(quantity, symbols=True).lower() == quantity.term


@pytest.mark.parametrize("nickname", [*NICKNAMES, *OPERATORS])
def test_text_with_symbols_has_no_nickname_in_it(nickname: str) -> None:
    text = f"the {nickname} keeps; the {nickname}’s draft; {nickname}s"
    assert nickname not in named(text, symbols=True)
    assert named(text, symbols=False) == text


@pytest.mark.parametrize("quantity", LSTM.held, ids=lambda q: q.key)
def test_gates_each_ask_a_question(quantity: Quantity) -> None:
    assert quantity.question.endswith("?")
