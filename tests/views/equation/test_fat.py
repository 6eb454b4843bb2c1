"""One unit's fat bars: the same numbers and lengths as its rows."""

from app.views.equation.fat import fat_bars
from app.views.equation.rows import rows
from gate_explorer.runs.run import Run
from tests.views.equation.runs import RUNS, at, each_run


@each_run
def test_fat_bars_are_the_units_rows(run: Run) -> None:
    for t in (1, len(run)):
        explorer = at(run, t)
        place = explorer.drawn.index(explorer.unit)
        for bar, row in zip(fat_bars(explorer), rows(explorer), strict=True):
            assert (bar.key, bar.name, bar.words) == (row.key, row.name, row.value)
            if row.numbered:
                assert bar.level == row.numbered[place].level
            assert bool(bar.passing) == (row.bars.passing is not None)
            assert bool(bar.fader) == row.quantity.is_gate


def test_fat_bars_of_the_toy_have_seven_and_of_its_lstm_eight() -> None:
    assert len(fat_bars(at(RUNS["toy"]))) == 7
    assert len(fat_bars(at(RUNS["toy-lstm"]))) == 8
