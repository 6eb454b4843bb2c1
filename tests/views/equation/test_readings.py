"""What was read of a series at a step, and what a forecast stands beside, by name."""

from app.views.equation.readings import LAST, MOST_READ, YEAR, facts, in_a_line, readings
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.run import Run
from gate_explorer.runs.series import read_series
from gate_explorer.zoo import registry

SPACE = "\N{NO-BREAK SPACE}"


def run_of(text: str) -> Run:
    series = read_series(text, 1, scaling="spread", season=2)
    return registry.get("forecast").run(Vectors.of(series), None, Options())


def test_readings_are_the_first_columns_by_name_with_their_units() -> None:
    heads = ",".join(f"c{k} (m)" for k in range(6))
    series = read_series(f"{heads}\n1,-2,3,4,5,6\n1,2,3,4,5,6", 6)
    found = readings(series, 1)
    assert len(found) == MOST_READ
    assert (found[1].words, found[1].value) == ("c1", f"−2{SPACE}m")
    assert in_a_line(series, 2).startswith(f"c0 1{SPACE}m; c1 2{SPACE}m; ")


def test_facts_of_a_forecast_are_what_came_and_its_peers() -> None:
    run = run_of("flow (m)\n3\n4\n6\n5")
    told = [(each.words, each.value) for each in facts(run, 2)]
    assert told == [("what came", f"6{SPACE}m"), (LAST, f"4{SPACE}m"), (YEAR, f"3{SPACE}m")]
    assert [each.words for each in facts(run, 1)] == ["what came", LAST]
    assert [each.words for each in facts(run, 4)] == [LAST, YEAR]


def test_facts_of_what_is_no_series_are_none() -> None:
    run = registry.get("forecast").run(Vectors([[0.5]]), None, Options())
    assert facts(run, 1) == ()
