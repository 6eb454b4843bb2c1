"""The form: what was typed, what is wrong where, and results as far as the run has come."""

import pytest

from app.views.address.state import ExplorerState, as_typed
from app.views.panels.input import Form, make_form
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options
from gate_explorer.zoo.registry import get

TOY = get("toy-rules")
X = "3,1,0;5,0,1;2,1,0;3,0,1"


def shown(x: str, t: int) -> Form:
    state = ExplorerState(x=x)
    assert state.inputs is not None
    return make_form(TOY.card, as_typed(state), TOY.run(state.inputs, None, Options()), t)


def refused(x: str) -> Form:
    state = ExplorerState(x=x)
    with pytest.raises(InputError) as caught:
        TOY.run(state.inputs, None, Options())  # type: ignore[arg-type]
    return make_form(TOY.card, as_typed(state), None, 1, caught.value)


def test_form_has_a_row_for_each_vector_and_a_spare_one() -> None:
    rows = shown(X, 2).rows
    assert [[cell.value for cell in row.cells] for row in rows] == [
        ["3", "1", "0"],
        ["5", "0", "1"],
        ["2", "1", "0"],
        ["3", "0", "1"],
        ["", "", ""],
    ]
    assert [row.when for row in rows] == ["past", "now", "future", "future", "spare"]


def test_form_results_are_filled_in_up_to_the_step() -> None:
    rows = shown(X, 3).rows
    assert [(row.memory, row.output) for row in rows] == [
        ("3", "–"),
        ("3", "3"),
        ("5", "–"),
        (None, None),
        (None, None),
    ]


def test_form_with_a_fault_marks_the_cell_and_keeps_what_was_typed() -> None:
    form = refused("3,1,0;5,2,1")
    assert [[cell.error is not None for cell in row.cells] for row in form.rows] == [
        [False, False, False],
        [False, True, False],
        [False, False, False],
    ]
    assert form.rows[1].cells[1].value == "2"
    assert form.error is not None
    assert form.error.startswith("Row 2: x2 is 2;")
    assert all(row.memory is None for row in form.rows)


def test_form_with_a_short_row_marks_the_row() -> None:
    form = refused("3,1,0;5,0")
    assert form.rows[1].error is not None
    assert form.rows[1].error.startswith("Row 2 has 2 numbers")
    assert [cell.value for cell in form.rows[1].cells] == ["5", "0", ""]


def test_form_with_an_empty_row_marks_the_row() -> None:
    form = refused("3,1,0;;5,0,1")
    assert [row.error is not None for row in form.rows] == [False, True, False, False]
    assert form.rows[2].cells[0].value == "5"


def test_form_of_more_rows_than_are_run_shows_those_and_says_so() -> None:
    form = refused(";".join(["a"] * 600))
    assert len(form.rows) == 513
    assert form.error is not None
    assert form.error.endswith("The table shows the first 512 of 600 rows.")


def test_form_knows_which_example_is_open() -> None:
    assert [example.current for example in shown(X, 2).examples][:2] == [True, False]
    assert not any(example.current for example in shown("1,1,1", 1).examples)


@pytest.mark.parametrize(
    ("model_id", "sharpness", "field"),
    [("toy-lstm", None, "100"), ("toy-lstm", 4.0, "4"), ("toy-lstm", 4.123456789, "4.123456789"),
     ("toy-rules", None, None), ("sentiment", None, None)],
)  # fmt: skip
def test_form_has_a_sharpness_where_the_model_has_one(
    model_id: str, sharpness: float | None, field: str | None
) -> None:
    typed = as_typed(ExplorerState(sharpness=sharpness))
    cell = make_form(get(model_id).card, typed, None, 1).sharpness
    assert (cell and cell.value) == field
