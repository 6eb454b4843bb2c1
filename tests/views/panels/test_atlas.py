"""The map of what-ifs on the page: its cells lead to runs that end as they say."""

import pytest

from app.views.panels.atlas import LEVELS, Atlas, atlas
from gate_explorer.analysis.words import signed
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from tests.views.panels.page import opened, page_of

GATED = [model for model in registry.all_models() if model.card.cell != "rnn"]


def made(model: Model, **fields: object) -> Atlas:
    """The map of a model's first example, or of the fields' own input."""
    found = atlas(page_of(model, **fields))
    assert found is not None
    return found


@pytest.mark.parametrize("model", GATED, ids=lambda m: m.card.id)
def test_atlas_has_a_cell_for_each_gate_shut_and_open_at_each_step(model: Model) -> None:
    page = page_of(model)
    found = made(model)
    assert len(found.rows) == 2 * len(page.explorer.equation.gates)
    first, last = page.explorer.window
    for row in found.rows:
        assert [cell.t for cell in row.cells] == list(range(first, last + 1))
        assert all(0 <= cell.level <= LEVELS for cell in row.cells)
    assert sum(cell.largest for row in found.rows for cell in row.cells) <= 1


def test_atlas_cells_of_a_sentence_end_as_their_runs_do() -> None:
    model = registry.get("sentiment")
    own = page_of(model, text="The movie was not good.").run.outputs[-1]
    assert isinstance(own, ClassesOutput)
    for row in made(model, text="The movie was not good.").rows:
        for cell in row.cells:
            ends = opened(model, cell.address).run.outputs[-1]
            assert isinstance(ends, ClassesOutput)
            assert ends.tone is not None
            assert own.tone is not None
            assert cell.told == f"ends at {signed(ends.tone)}"
            assert cell.words in {"·", signed(ends.tone)}
            assert cell.turns == (cell.words != "·" and ends.tone * own.tone < 0)


def test_atlas_of_one_unit_holds_that_unit_alone() -> None:
    found = made(registry.get("counter"), text="aabb", unit=2, among="unit")
    assert found.unit == 2
    assert all("/2" in cell.address for row in found.rows for cell in row.cells)


def test_atlas_of_a_long_run_prints_no_numbers() -> None:
    found = made(registry.get("counter"), text="a" * 15 + "b" * 15)
    assert {cell.words for row in found.rows for cell in row.cells} <= {"", "·"}


def test_atlas_is_not_drawn_where_a_gate_is_held() -> None:
    page = page_of(registry.get("counter"), text="aabb", clamp="forget_gate:0@2")
    assert atlas(page) is None
