"""The chosen unit's sum: its terms are the desk's rows, and it comes out."""

import pytest

from app.views.equation.numbers import numbers
from gate_explorer.runs.run import Run
from tests.views.equation.runs import RUNS, at, each_run


@each_run
def test_numbers_are_the_rows_numbers_in_their_order(run: Run) -> None:
    if not run.equation.gates:
        return
    explorer = at(run, 2)
    first, second = numbers(explorer)
    keys = ["c_prev", "f", "i", "g", "c"]
    assert [term.words for term in first] == [explorer.short(key) for key in keys]
    assert [term.operator for term in first] == ["", "×", "+", "×", "="]
    keys = [run.equation.squashed or "c", "o", "h"]
    assert [term.words for term in second] == [explorer.short(key) for key in keys]
    assert second[-1].operator == "="


def test_numbers_of_the_toy_say_no_tanh() -> None:
    assert numbers(at(RUNS["toy"]))[1][0].operator == ""
    assert numbers(at(RUNS["sentiment"]))[1][0].operator == "tanh"


def test_numbers_of_a_cell_without_gates_add_up_to_what_is_squashed() -> None:
    mixed, squashed = numbers(at(RUNS["rnn"], 3, 2))
    parts = [float(term.words.replace("−", "-")) for term in mixed]
    assert sum(parts[:3]) == pytest.approx(parts[3], abs=0.02)
    assert squashed[0].operator == "tanh"
    assert squashed[-1].words == at(RUNS["rnn"], 3, 2).value_word("h")


def test_numbers_with_symbols_are_letters() -> None:
    names = [term.name for term in numbers(at(RUNS["sentiment"], 1, names="symbols"))[0]]
    assert names == ["c′", "f", "i", "g", "c"]
