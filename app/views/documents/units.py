"""A model's units as the JSON of the HTTP contract: what each is for, and where to see it."""

from dataclasses import asdict

from gate_explorer.analysis.corpus import Alike, Place, Stand
from gate_explorer.analysis.places import Surveyed
from gate_explorer.runs.card import Card, Damage
from gate_explorer.zoo.units import Findings, Unit

from ..address.root import rooted
from ..address.state import query_string
from .trace import Document

INPUT = {"vectors": "x"}


def units_document(card: Card, findings: Findings) -> Document:
    """All units, the most telling first, and the groups that bear a name together."""
    return {
        "model": card.id,
        "data": findings.data,
        "erasure": findings.erasure,
        "units": [unit_document(unit) for unit in findings.units],
        "groups": [
            {
                "units": list(group.units),
                "name": group.name,
                "compared": group.compared,
                "words": group.words,
                "damage": [_damage(one) for one in group.damage],
                "repeats": [asdict(one) for one in group.repeats],
            }
            for group in findings.groups
        ],
    }


def unit_document(unit: Unit) -> Document:
    """A unit: its name if it bears one, what it follows, and what happens without it."""
    return {
        "unit": unit.unit,
        "name": unit.name,
        "group": list(unit.group) if unit.group else None,
        "correlation": unit.correlation,
        "of": unit.of,
        "damage": _damage(unit.damage),
        "also": [_damage(one) for one in unit.also],
        "repeats": [asdict(one) for one in unit.repeats],
        "gates": dict(unit.gates),
        "words": unit.words,
    }


def unit_page_document(card: Card, unit: Unit, surveyed: Surveyed) -> Document:
    """A unit, and where over the corpus it does what it does; each place's page opens that step."""
    places = surveyed.units[unit.unit]
    return {
        **unit_document(unit),
        "model": card.id,
        "corpus": {
            "source": surveyed.corpus.source,
            "inputs": len(surveyed.corpus.inputs),
            "steps": surveyed.steps,
        },
        **{
            kind: [place_document(card, place, unit.unit) for place in places.places.get(kind, ())]
            for kind in ("highest", "lowest", "written", "erased", "shown")
        },
        "together": [_stand(one) for one in places.stands],
    }


def alike_document(card: Card, found: Alike) -> Document:
    """Units that do the same over a stretch, and where else they all do."""
    first = found.units[0] if found.units else None
    return {
        "model": card.id,
        "trait": found.trait,
        "units": list(found.units),
        "selective": found.selective,
        "places": [place_document(card, place, first) for place in found.places],
    }


def place_document(card: Card, place: Place, unit: int | None) -> Document:
    """A step of the corpus, with the address of the page that opens it."""
    name = INPUT.get(card.input, "text")
    fields: dict[str, object] = {name: place.input, "t": place.t}
    if unit is not None:
        fields["unit"] = unit
    return {
        "page": rooted(f"/models/{card.id}?{query_string(fields)}"),
        "input": place.input,
        "t": place.t,
        "value": place.value,
    }


def _damage(damage: Damage) -> Document:
    return asdict(damage)


def _stand(stand: Stand) -> Document:
    return {**asdict(stand), "tokens": list(stand.tokens)}
