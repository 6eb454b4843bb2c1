"""A unit's page: what happens without it, where over a corpus it does what it does, and its gates.

Every figure is measured: over held-out runs with the unit silenced throughout, or erased once; the
places are steps of the model's corpus, each a link to that very step on the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.corpus import KINDS, Place, inputs_of, names
from gate_explorer.analysis.places import Surveyed
from gate_explorer.analysis.words import number, percent, signed, visible
from gate_explorer.runs.card import Card, Damage
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.run import Run
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.units import Findings, Repeat, Unit

from ..address.links import page_at
from ..address.root import rooted
from ..address.state import query_string
from ..drawing.around import Token, around
from ..drawing.bars import gate_level, nice_top, signed_level

BEFORE, AFTER = 12, 6
WORDS = {
    "highest": "its memory is highest",
    "lowest": "its memory is lowest",
    "written": "most is written",
    "erased": "most is erased",
    "shown": "most is shown",
}


@dataclass(frozen=True)
class Loss:
    """What a figure is without the unit: how it was tried, the figure, whole and without, rank."""

    tried: str
    how: str
    measure: str
    whole: str
    without: str
    rank: str
    levels: tuple[str, str]


@dataclass(frozen=True)
class TapePlace:
    """A place of the corpus: the steps around it, the unit's gates and memory there, its page."""

    tokens: tuple[Token, ...]
    gates: tuple[tuple[str, str], ...]
    value: str
    address: str


@dataclass(frozen=True)
class Together:
    """One way in which the gates stand together: in words, how often, and at which tokens."""

    words: str
    share: str
    level: str
    tokens: str


@dataclass(frozen=True)
class Tab:
    """A kind of place to look at."""

    kind: str
    words: str
    address: str
    current: bool


@dataclass(frozen=True)
class UnitPage:
    """The page of a unit."""

    card: Card
    unit: Unit
    rank: str
    of: str
    follows: str
    losses: tuple[Loss, ...]
    elsewhere: tuple[str, ...]
    together: tuple[Together, ...]
    tabs: tuple[Tab, ...]
    kind: str
    source: str
    places: tuple[TapePlace, ...]
    before: tuple[int, str] | None
    after: tuple[int, str] | None
    desk: str

    @property
    def title(self) -> str:
        """The document's title."""
        name = f" {self.unit.name}" if self.unit.name else ""
        return f"Unit {self.unit.unit}{name} · {self.card.title}"

    @property
    def json(self) -> str:
        """The same as JSON."""
        return rooted(f"/api/v1/models/{self.card.id}/units/{self.unit.unit}")


def unit_page(
    model: Model, findings: Findings, surveyed: Surveyed | None, number_: int, kind: str
) -> UnitPage:
    """The page of a unit, from 1; kind: of KINDS, which places it shows."""
    card, unit = model.card, findings.of(number_)
    path = rooted(f"/models/{card.id}")
    order = [one.unit for one in findings.units]
    place = order.index(number_)
    found = surveyed.units[number_] if surveyed else None
    kinds = [each for each in KINDS if found and found.places.get(each)]
    kind = kind if kind in kinds else (kinds[0] if kinds else "")
    return UnitPage(
        card=card,
        unit=unit,
        rank=_ordinal(unit.damage.rank),
        of=f"of {card.hidden_size} by what is lost without it",
        follows=f"Its memory follows {unit.of}: r = {signed(unit.correlation)}."
        if unit.of and unit.correlation is not None
        else "",
        losses=tuple(_losses(findings, (unit.damage, *unit.also))),
        elsewhere=tuple(_elsewhere(one) for one in unit.repeats),
        together=tuple(
            Together(_stand(one.keeps, one.writes, one.shows), percent(one.share),
                     gate_level(one.share), " ".join(visible(token) for token in one.tokens))
            for one in (found.stands if found else ())
        ),
        tabs=tuple(
            Tab(each, each, f"{path}/units/{number_}?show={each}", each == kind)
            for each in kinds
        ),
        kind=WORDS.get(kind, ""),
        source=_source(surveyed, len(found.places[kind]) if found and kind else 0),
        places=_places(model, found.places[kind], number_) if found and kind else (),
        before=_neighbour(findings, place - 1),
        after=_neighbour(findings, place + 1),
        desk=f"{path}?{query_string({'unit': number_})}",
    )  # fmt: skip


def _losses(findings: Findings, damages: Sequence[Damage]) -> list[Loss]:
    losses = []
    for damage in damages:
        how = "its Presenter held shut throughout"
        losses.append(_loss("Silenced", how, damage, damage.silenced, damage.rank))
        if damage.erased is not None:
            how = f"its Eraser shut {findings.erasure}"
            losses.append(_loss("Erased once", how, damage, damage.erased, damage.erased_rank))
    return losses


def _loss(tried: str, how: str, damage: Damage, without: float, rank: int | None) -> Loss:
    top = nice_top_of(damage.whole, without)
    return Loss(
        tried=tried,
        how=how,
        measure=damage.measure,
        whole=number(damage.whole, 4),
        without=number(without, 4),
        rank=f"{_ordinal(rank)} by this" if rank else "",
        levels=(gate_level(damage.whole / top), gate_level(without / top)),
    )


def _elsewhere(repeat: Repeat) -> str:
    """What a unit's damage is on some data, erased at random steps."""
    words = f"silenced {number(repeat.silenced, 4)} ({_ordinal(repeat.rank)})"
    if repeat.erased is not None and repeat.deviation is not None and repeat.erased_rank:
        words += (
            f", erased at random steps {number(repeat.erased, 4)} ± {number(repeat.deviation, 4)}"
            f" ({_ordinal(repeat.erased_rank)})"
        )
    return f"{words}; whole {number(repeat.whole, 4)}"


def nice_top_of(*values: float) -> float:
    """The end of a scale that holds some figures."""
    return nice_top(np.abs(np.array(values)))


def _places(model: Model, places: Sequence[Place], unit: int) -> tuple[TapePlace, ...]:
    runs = [model.run(inputs_of(model, place.input), None, Options()) for place in places]
    top = nice_top(*(run.layer.memory[:, unit - 1] for run in runs))
    pairs = zip(places, runs, strict=True)
    return tuple(_place(model.card, place, run, unit, top) for place, run in pairs)


def _place(card: Card, place: Place, run: Run, unit: int, top: float) -> TapePlace:
    layer, t = run.layer, place.t
    labels = [visible(name) for name in names(run.tokens, run.x)]
    levels = [signed_level(value, top) for value in layer.memory[:, unit - 1].tolist()]
    return TapePlace(
        tokens=around(labels, levels, t, BEFORE, AFTER),
        gates=tuple(
            (quantity.role, gate_level(float(getattr(layer, quantity.key)[t - 1, unit - 1])))
            for quantity in run.equation.gates
        ),
        value=signed(float(layer.memory[t - 1, unit - 1])),
        address=page_at(card, place.input, t, unit=unit),
    )


def _stand(keeps: bool, writes: bool, shows: bool) -> str:
    words = ["keeps" if keeps else "erases"]
    words += ["writes"] if writes else []
    words += ["shows"] if shows else []
    return ", ".join(words)


def _source(surveyed: Surveyed | None, places: int) -> str:
    if surveyed is None:
        return ""
    return (
        f"{places} of {surveyed.steps:,} steps; each opens on the desk. {surveyed.corpus.source}."
    )


def _neighbour(findings: Findings, place: int) -> tuple[int, str] | None:
    if not 0 <= place < len(findings.units):
        return None
    return findings.units[place].unit, _ordinal(place + 1)


def _ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
