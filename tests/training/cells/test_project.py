"""A project: what ranks its runs, and the recipes of its twin."""

from dataclasses import replace

from gate_explorer.training.cells.project import example
from gate_explorer.training.tasks.agreement import PROJECT as AGREEMENT
from gate_explorer.training.tasks.reber import PROJECT as REBER


def test_rank_has_more_of_what_is_better_in_the_order_of_the_figures() -> None:
    assert REBER.rank({"closing": 0.9, "bits": 0.7}) > REBER.rank({"closing": 0.8, "bits": 0.1})
    assert REBER.rank({"closing": 0.9, "bits": 0.7}) > REBER.rank({"closing": 0.9, "bits": 0.8})
    assert len(AGREEMENT.rank({"misleading": 1.0, "agreement": 0.9})) == 2


def test_twin_recipes_differ_in_cell_and_rate_alone() -> None:
    recipes = REBER.twin_recipes
    assert [one.learning_rate for one in recipes] == list(REBER.twin_rates)
    for one in recipes:
        assert one.cell == "rnn"
        same = replace(one, cell="lstm", learning_rate=REBER.recipe.learning_rate)
        assert same == REBER.recipe


def test_example_is_written_as_an_address_has_it() -> None:
    found = example("Title", "Note.", text="a b")
    assert (found.query, found.title, found.note) == ({"text": "a b"}, "Title", "Note.")
