"""The drawer that takes a series: its form, scaling with figures, lines and errors."""

import pytest

from app.views.address.state import ExplorerState, Pasted, Typed
from app.views.pages.explorer import make_page
from app.views.panels.series import SeriesPanel, has, series
from app.views.walk import walk_state
from gate_explorer.analysis.forecasts import errors
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.series import read_series
from gate_explorer.zoo import registry
from tests.views.panels.page import page_of


def panel(**fields: object) -> SeriesPanel:
    return series(page_of(registry.get("forecast"), **fields))


@pytest.mark.parametrize("model_id", list(registry.MODELS))
def test_series_are_for_models_whose_numbers_mean_nothing_in_particular(model_id: str) -> None:
    page = page_of(registry.get(model_id))
    assert has(page) == model_id.startswith("forecast")


def test_form_is_filled_in_with_the_series_shown() -> None:
    page = page_of(registry.get("forecast"))
    found = series(page)
    shown = page.run.series
    assert shown
    assert found.pasted.scaling == "spread"
    assert read_series(found.pasted.series, 1, scaling="spread") == shown


def test_scaling_is_told_with_its_figures() -> None:
    found = panel(x="3;1;7;5", columns="flow (m)", scaling="spread")
    (scale,) = found.scales
    assert (scale.column, scale.mean, scale.spread) == ("flow (m)", "4", "2.23607")
    assert panel(x="3;1;7;5", columns="flow").scales == ()


def test_errors_are_those_of_the_forecasts_and_in_the_series_units() -> None:
    page = page_of(registry.get("forecast"))
    found, counted = series(page), errors(page.run)
    assert counted
    assert found.errors[0] == ("the network", f"{counted.own:.3g} · 10⁸ m³".replace(" ", "\xa0"))
    assert [who for who, _ in found.errors] == ["the network", "the last value"]
    assert found.counted == "1875 to 1970"


def test_chart_has_a_point_a_row_and_the_forecasts_one_to_the_right() -> None:
    chart = panel(x="3;1;7;5", scaling="spread").chart
    assert chart
    assert chart.columns == 5
    values, expected = (line.split() for line in (chart.values, chart.expected))
    assert [point.split(",")[0] for point in values] == ["0.5", "1.5", "2.5", "3.5"]
    assert [point.split(",")[0] for point in expected] == ["1.5", "2.5", "3.5", "4.5"]
    heights = [float(point.split(",")[1]) for point in values]
    assert heights[2] == min(heights) >= 0
    assert heights[1] == max(heights) <= 40


def test_series_of_one_value_throughout_can_be_drawn() -> None:
    chart = panel(x="2;2;2", columns="v").chart
    assert chart
    assert all(0 <= float(point.split(",")[1]) <= 40 for point in chart.values.split())


def test_numbers_that_are_no_series_leave_an_empty_form() -> None:
    found = panel(x="0.5;0.2")
    assert found.pasted == Pasted(scaling="spread")
    assert found.chart is None
    assert (found.errors, found.scales) == ((), ())


def test_what_was_pasted_stays_with_every_fault_beside_it() -> None:
    model = registry.get("forecast")
    state, run = walk_state(model, ExplorerState(drawer="series"))
    error = InputError("a", [FieldError(("series", 1, "v"), "a"), FieldError(("series", 2), "b")])
    typed = Typed(pasted=Pasted(series="v\nx", column="v", scaling="none"))
    found = series(make_page(model.card, state, run, typed, error))
    assert found.faults == ("a", "b")
    assert found.pasted == typed.pasted
