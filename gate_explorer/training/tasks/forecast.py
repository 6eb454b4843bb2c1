"""One step ahead: after every value of a series, the next.

It learns from series that are drawn: sums of noise that remembers, of cycles, of a season of twelve
steps and of a trend, each scaled by its own mean and spread, or by those of its beginning. None of
them is real. It is measured on four real ones, yearly and monthly, and against two peers that need
no learning: the last value, and the value of a year ago. The test is the last fifth of each, scaled
by the mean and spread of what came before; dev is the fifth before that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from gate_explorer.analysis.damage import Claim, Measure, Trial
from gate_explorer.engine.checks import Array
from gate_explorer.runs.card import Figure, Limit, SeriesInput, Source
from gate_explorer.runs.series import Series, column_text, label_text, read_series
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import Batch
from gate_explorer.training.measures import SEED, TRIED, listed, tried_by
from gate_explorer.zoo.cell_network import CellNetwork

FOLDER = Path(__file__).parent / "series"
REAL = ("nile", "sunspots", "co2", "elnino")
STEPS, SHORTEST, ASKED = 132, 36, 4  # of a drawn series; the first values are not asked for
YEAR, HARMONICS = 12, (1, 2, 3)
FARTHEST = 6.0  # spreads that a drawn value lies from the mean at most
SETTLING = 60  # steps that noise and cycles run before they are looked at
DEV, TEST = (0.6, 0.8), (0.8, 1.0)


@cache
def real(name: str) -> Series:
    """One of the four real series."""
    text = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    return read_series(text, width=1, scaling="spread")


def drawn(steps: int, count: int, rng: np.random.Generator) -> Array:
    """Random series (T, N), unscaled: each a sum of some of noise, cycle, season and trend."""
    season, noise, cycle, trend = (
        make(steps, count, rng) for make in (_season, _noise, _cycle, _trend)
    )
    parts = (noise, cycle, season, trend)
    weights = 10 ** rng.uniform(-1, 0.3, (len(parts), count))
    weights[1:] *= rng.random((len(parts) - 1, count)) < 0.5
    result: Array = sum(w * part for w, part in zip(weights, parts, strict=True))
    return result


def scaled(series: Array, rng: np.random.Generator) -> Array:
    """Each of (T, N) less its mean, by its spread: of all of it, or as often of its beginning."""
    steps, count = series.shape
    ends = np.where(rng.random(count) < 0.5, steps, rng.integers(steps * 3 // 5, steps + 1, count))
    counts = np.arange(steps)[:, None] < ends
    mean = series.mean(axis=0, where=counts)
    spread = np.maximum(series.std(axis=0, where=counts), np.finfo(np.float32).eps)
    result: Array = np.clip((series - mean) / spread, -FARTHEST, FARTHEST).astype(np.float32)
    return result


def _noise(steps: int, count: int, rng: np.random.Generator) -> Array:
    """Noise that remembers: z = phi z' + e, spread 1."""
    return _settled(rng.uniform(0, 0.98, count), np.zeros(count), steps, rng)


def _cycle(steps: int, count: int, rng: np.random.Generator) -> Array:
    """Cycles of 4 to 14 steps that come and go; half of them with high peaks and flat valleys."""
    radius, angle = rng.uniform(0.85, 0.99, count), 2 * np.pi / rng.uniform(4, 14, count)
    z = _settled(2 * radius * np.cos(angle), -(radius**2), steps, rng)
    peaked = rng.random(count) < 0.5
    return np.where(peaked, np.exp(0.6 * z), z)


def _settled(first: Array, second: Array, steps: int, rng: np.random.Generator) -> Array:
    """z = first z' + second z'' + e over (T, N), once it has settled, spread 1."""
    z = rng.standard_normal((steps + SETTLING, len(first)))
    for t in range(2, len(z)):
        z[t] += first * z[t - 1] + second * z[t - 2]
    settled: Array = z[SETTLING:] / z[SETTLING:].std(axis=0)
    return settled


def _season(steps: int, count: int, rng: np.random.Generator) -> Array:
    """The same shape every twelve steps, spread 1 or so."""
    t, found = np.arange(steps)[:, None], np.zeros((steps, count))
    for n in HARMONICS:
        height = rng.normal(size=count) / n
        found += height * np.sin(2 * np.pi * n * t / YEAR + rng.uniform(0, 2 * np.pi, count))
    result: Array = found / np.maximum(found.std(axis=0), np.finfo(float).eps)
    return result


def _trend(steps: int, count: int, rng: np.random.Generator) -> Array:
    """A straight line with a random walk beside it, spread 1 or so."""
    line = rng.normal(size=count) * np.arange(steps)[:, None] / steps * 4
    walk = rng.standard_normal((steps, count)).cumsum(axis=0) / np.sqrt(steps)
    result: Array = line + walk * (rng.random(count) < 0.5)
    return result


@dataclass(frozen=True)
class Errors:
    """Root mean squared errors one step ahead, in spreads of what came before."""

    network: float
    last: float
    year: float

    @property
    def peer(self) -> float:
        """The better peer's."""
        return min(self.last, self.year)


def errors(network: CellNetwork, name: str, span: tuple[float, float]) -> Errors:
    """How a network and its peers do over a span (shares of its length) of a real series."""
    series = real(name)
    values = np.array(series.rows)[:, 0]
    first, end = (int(len(values) * share) for share in span)
    before = values[:first]
    z = ((values[:end] - before.mean()) / before.std()).astype(np.float32)
    said = network.read(z[:-1, None, None])[:, 0, 0]
    t = np.arange(first, end)
    return Errors(*(_size(of - z[t]) for of in (said[t - 1], z[t - 1], z[t - series.season])))


def ratio(found: Mapping[str, Errors]) -> float:
    """The errors against those of the better peer, the geometric mean over the series."""
    return float(np.exp(np.mean([np.log(each.network / each.peer) for each in found.values()])))


def _size(error: Array) -> float:
    return float(np.sqrt((error.astype(float) ** 2).mean()))


class Forecast:
    """The task as the training loop sees it."""

    input_size = output_size = 1
    symbols: tuple[str, ...] = ()

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Drawn series, all of one length; every value but the first few is asked for."""
        steps = int(rng.integers(SHORTEST, STEPS + 1)) if step % 2 else STEPS
        z = scaled(drawn(steps + 1, size, rng), rng)
        targets = z[1:].copy()
        targets[: ASKED - 1] = np.nan
        return Batch(z[:-1, :, None], targets)

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures on the fifth before the last of each real series."""
        return self._figures(network, DEV)

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """Figures on the last fifth."""
        return self._figures(network, TEST)

    def _figures(self, network: CellNetwork, span: tuple[float, float]) -> Mapping[str, float]:
        found = {name: errors(network, name, span) for name in REAL}
        return {"ratio": ratio(found), **{name: each.network for name, each in found.items()}}

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """Against its peers on each real series, and where it loses."""
        found = {name: errors(network, name, TEST) for name in REAL}
        told = [
            f"{TITLES[name]} {each.network:.3f} ({each.last:.3f}; {each.year:.3f})"
            for name, each in found.items()
        ]
        note = (
            "One step ahead over the last fifth, its error beside those of the last value and of"
            f" last year’s: {listed(told)}, root mean squared, in spreads of what came before."
        )
        return (Limit(note), Limit(_lost(found)), Limit(_on_walks(network)))

    def trial(self, again: bool = False) -> Trial:
        """Drawn series; a unit is erased in the middle."""
        rng = tried_by(again)
        z = scaled(drawn(STEPS + 1, TRIED, rng), rng)
        x, wanted = z[:-1], z[1:]
        steps = np.arange(STEPS)[:, None]
        asked = np.broadcast_to(steps >= YEAR, x.shape)
        middle = np.full(TRIED, STEPS // 2)
        after = (steps >= STEPS // 2) & (steps < STEPS // 2 + YEAR)

        def measure(words: str, where: Array) -> Measure:
            at = np.broadcast_to(where, x.shape)
            return Measure(words, lambda z: float(((z[..., 0] - wanted)[at] ** 2).mean()))

        claims = tuple(
            Claim(name, follows, values, asked, number, holds=holds, moments={"": asked})
            for name, follows, values, number, holds in (
                ("reads the last value", "the value just read", x, 0, False),
                ("reads the change", "the value just read less the one before", _change(x), 0,
                 False),
                ("holds the level", "the mean of the last twelve values", _level(x), 1, True),
            )
        )  # fmt: skip
        return Trial(
            f"{TRIED} drawn series of {STEPS} steps", "in the middle", x[..., None], middle,
            (measure("the mean squared error", steps >= YEAR),
             measure("the mean squared error of the next twelve steps", after)),
            claims,
        )  # fmt: skip


def _change(x: Array) -> Array:
    return np.diff(x, axis=0, prepend=x[:1])


def _level(x: Array) -> Array:
    """The mean of the last twelve values, of as many as there are, (T, N)."""
    sums = np.concatenate([np.zeros((1, x.shape[1])), x.cumsum(axis=0, dtype=float)])
    first = np.maximum(np.arange(len(x)) - YEAR + 1, 0)
    result: Array = (sums[1:] - sums[first]) / (np.arange(len(x)) - first + 1)[:, None]
    return result


def _lost(found: Mapping[str, Errors]) -> str:
    """On which of the real series a peer is as good or better."""
    last, year = (
        [TITLES[name] for name, each in found.items() if getattr(each, peer) <= each.network]
        for peer in ("last", "year")
    )
    return (
        f"Of the four it loses to the last value on {listed(last) or 'none'}, to last year’s on"
        f" {listed(year) or 'none'}."
    )


def _on_walks(network: CellNetwork) -> str:
    """What it does where the last value is the best that can be said."""
    rng = np.random.default_rng(SEED)
    walks = rng.standard_normal((STEPS + 1, TRIED)).cumsum(axis=0)
    z = ((walks - walks.mean(axis=0)) / walks.std(axis=0)).astype(np.float32)
    said = network.read(z[:-1, :, None])[YEAR:, :, 0]
    own, last = _size(said - z[YEAR + 1 :]), _size(z[YEAR:-1] - z[YEAR + 1 :])
    return (
        f"On random walks nothing is better than the last value: its error there is {own:.3f}"
        f" against {last:.3f}, in spreads of the whole. Nothing tells it how far a value may lie"
        f" beyond all that it learned from, {FARTHEST:g} spreads from the mean."
    )


TITLES = {"nile": "Nile", "sunspots": "sunspots", "co2": "CO₂", "elnino": "El Niño"}


def query_of(name: str, last: int | None = None) -> dict[str, str]:
    """A real series, or its last values, as an example's address."""
    whole = real(name)
    kept = slice(-last if last else 0, None)
    series = Series(whole.rows[kept], whole.columns, whole.labels[kept], "spread", whole.season)
    x = ";".join(f"{row[0]:g}" for row in series.rows)
    return {
        "x": x,
        "columns": column_text(series),
        "rows": label_text(series),
        "scaling": "spread",
    }


def _examples() -> Iterator[tuple[str, str, dict[str, str]]]:
    yield (
        "The Nile", "The river’s yearly flow at Aswan, 1871 to 1970. Around 1898 it fell by more"
        " than a fifth: the forecasts follow it down. The LSTM misses by 140 · 10⁸ m³ (root mean"
        " squared), the last value by 167.", query_of("nile"),
    )  # fmt: skip
    yield (
        "Sunspots", "Yearly numbers since 1890, which rise and fall in about eleven years. The LSTM"
        " misses by 19, the last value by 28.", query_of("sunspots", 119),
    )  # fmt: skip
    yield (
        "CO₂ on Mauna Loa", "Ten years of months: up in spring, down in late summer, and a little"
        " higher each year. The LSTM misses by 0.7 ppm, the last value by 1.3 and last year’s by"
        " 1.8.", query_of("co2", 120),
    )  # fmt: skip
    yield (
        "El Niño", "Ten years of months of the sea’s surface off Peru. The LSTM misses by 0.5 °C,"
        " the last value and last year’s by 1.2 each.", query_of("elnino", 120),
    )  # fmt: skip


PROJECT = Project(
    name="forecast",
    title="Forecast",
    description=(
        "An LSTM of 16 units that reads a series value by value, yearly or monthly, and says after"
        " each what comes next. It learned from drawn series alone, none of them real."
    ),
    task=(
        "One step ahead on the last fifth of four real series, which nothing was learned or chosen"
        " from. Its peers need no learning: the last value, and the value of a year ago."
    ),
    input="vectors",
    output="number",
    make=lambda _: Forecast(),
    recipe=Recipe(hidden=16, updates=4000, batch=32, learning_rate=1e-2),
    twin_rates=(3e-3, 1e-2),
    figures=(
        Figure("ratio", "error against the better peer’s, geometric mean of four series",
               "last fifths", "error", more=False),
        *(Figure(name, f"root mean squared error on {TITLES[name]}, in spreads", "last fifth",
                 "error", more=False) for name in REAL),
    ),
    examples=tuple(example(title, note, **query) for title, note, query in _examples()),
    order=55,
    inputs=("the value",),
    range=(-1e6, 1e6),
    series=SeriesInput("spread", forecasts=True),
    data=(
        Source("Nile", "Cobb 1978, The problem of the Nile, Biometrika 65; as in statsmodels.",
               "yearly flow at Aswan 1871 to 1970, measured on, not learned from",
               "public domain"),
        Source("Sunspots", "NOAA, National Geophysical Data Center; as in statsmodels.",
               "yearly numbers 1700 to 2008, measured on, not learned from", "public domain"),
        Source("Mauna Loa", "Keeling & Whorf 2004, Atmospheric CO₂, Oak Ridge National Laboratory;"
               " as in statsmodels.",
               "monthly CO₂ 1958 to 2001, measured on, not learned from", "public domain"),
        Source("El Niño", "NOAA, ERSST.V3B; as in statsmodels.",
               "monthly sea surface temperatures 1950 to 2010, measured on, not learned from",
               "public domain"),
    ),
)  # fmt: skip

release = partial(release_project, PROJECT)
