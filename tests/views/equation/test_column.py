"""Where the chosen unit's column stands among those drawn."""

import pytest

from app.views.equation.column import column
from gate_explorer.runs.run import Run
from tests.views.equation.runs import RUNS, at, each_run


@each_run
def test_column_is_the_chosen_units_share_of_the_width(run: Run) -> None:
    units = run.layers[-1].memory.shape[1]
    for unit in {1, units}:
        explorer = at(run, 1, unit)
        found, place = column(explorer), explorer.drawn.index(unit)
        assert float(found.width.rstrip("%")) == pytest.approx(100 / units, abs=0.001)
        assert float(found.x.rstrip("%")) == pytest.approx(100 / units * place, abs=0.001)
        assert found.order == ",".join(map(str, explorer.drawn))


def test_column_in_another_order_stands_where_the_unit_does() -> None:
    explorer = at(RUNS["sentiment"], 1, 5, sort="similarity")
    place = explorer.drawn.index(5)
    share = 100 / len(explorer.drawn)
    assert float(column(explorer).middle.rstrip("%")) == pytest.approx(
        (place + 0.5) * share, abs=0.001
    )
