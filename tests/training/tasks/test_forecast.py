"""Forecasting: drawn series of every kind, real ones measured on their held-out ends alone."""

import numpy as np
import pytest

from gate_explorer.training.tasks import forecast
from gate_explorer.training.tasks.forecast import DEV, TEST, Errors, Forecast, real
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned

RNG_SEED = 17


def shipped() -> Learned:
    model = registry.get("forecast")
    assert isinstance(model, Learned)
    return model


def test_drawn_series_are_finite_and_none_is_like_another() -> None:
    z = forecast.drawn(60, 40, np.random.default_rng(RNG_SEED))
    assert z.shape == (60, 40)
    assert np.isfinite(z).all()
    assert (z.std(axis=0) > 0).all()
    assert len(np.unique(z[0])) == 40


def test_scaled_series_have_the_spread_of_all_of_them_or_of_their_beginning() -> None:
    rng = np.random.default_rng(RNG_SEED)
    z = forecast.scaled(rng.normal(5, 3, (100, 200)), rng)
    whole = np.isclose(z.mean(axis=0), 0, atol=1e-4) & np.isclose(z.std(axis=0), 1, atol=1e-3)
    assert 60 < whole.sum() < 140
    beginnings = [z[:n].mean(axis=0) for n in range(60, 101)]
    assert (np.abs(beginnings).min(axis=0) < 1e-4).all()
    assert z.dtype == np.float32


def test_season_repeats_every_twelve_steps() -> None:
    z = forecast._season(48, 5, np.random.default_rng(RNG_SEED))
    assert z[12:] == pytest.approx(z[:-12])
    assert z.std(axis=0) == pytest.approx(np.ones(5))


def test_forecast_batch_wants_the_next_value_but_for_the_first_few() -> None:
    task = Forecast()
    batch = task.batch(0, 6, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (forecast.STEPS, 6, 1)
    assert np.isnan(batch.targets[: forecast.ASKED - 1]).all()
    later = slice(forecast.ASKED - 1, -1)
    assert np.array_equal(batch.targets[later], batch.x[forecast.ASKED :, :, 0])
    shorter = task.batch(1, 6, np.random.default_rng(RNG_SEED)).x
    assert forecast.SHORTEST <= len(shorter) <= forecast.STEPS


def test_real_series_are_whole_with_names_units_and_seasons() -> None:
    whole = {name: real(name) for name in forecast.REAL}
    facts = {name: (len(one.rows), one.labels[0], one.season) for name, one in whole.items()}
    assert facts == {
        "nile": (100, "1871", 1),
        "sunspots": (309, "1700", 1),
        "co2": (526, "1958-03", 12),
        "elnino": (732, "1950-01", 12),
    }
    assert [str(real(name).columns[0]) for name in forecast.REAL] == [
        "flow (10⁸ m³)", "sunspots", "CO₂ (ppm)", "sea surface (°C)",
    ]  # fmt: skip


@pytest.mark.parametrize("name", forecast.REAL)
def test_errors_are_those_of_a_loop_written_out(name: str) -> None:
    network, series = shipped().network(), real(name)
    values = [row[0] for row in series.rows]
    first = int(len(values) * TEST[0])
    before = np.array(values[:first])
    z = (np.array(values) - before.mean()) / before.std()
    said = network.read(z[:-1, None, None].astype(np.float32))[:, 0, 0]
    squares = np.array([
        [(said[t - 1] - z[t]) ** 2, (z[t - 1] - z[t]) ** 2, (z[t - series.season] - z[t]) ** 2]
        for t in range(first, len(values))
    ])  # fmt: skip
    found = forecast.errors(network, name, TEST)
    wanted = np.sqrt(squares.mean(axis=0))
    assert (found.network, found.last, found.year) == pytest.approx(tuple(wanted), rel=1e-4)


def test_dev_and_test_have_no_step_in_common() -> None:
    assert DEV[1] == TEST[0]


def test_ratio_is_against_the_better_peer() -> None:
    found = {"a": Errors(1.0, 2.0, 4.0), "b": Errors(3.0, 5.0, 1.5)}
    assert forecast.ratio(found) == pytest.approx(1.0)


def test_level_is_the_mean_of_the_last_twelve_values() -> None:
    x = np.random.default_rng(RNG_SEED).normal(size=(30, 2))
    level = forecast._level(x)
    assert level[20] == pytest.approx(x[9:21].mean(axis=0))
    assert level[3] == pytest.approx(x[:4].mean(axis=0))


def test_lost_names_the_series_on_which_a_peer_is_as_good() -> None:
    found = {"nile": Errors(1.0, 1.0, 2.0), "co2": Errors(1.0, 2.0, 0.5)}
    assert forecast._lost(found) == (
        "Of the four it loses to the last value on Nile, to last year’s on CO₂."
    )
