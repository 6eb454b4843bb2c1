"""A model's units as the JSON of the HTTP contract: what each is for, and where to see it."""

from dataclasses import asdict

from gate_explorer.analysis.alike import Alike, Read
from gate_explorer.analysis.corpus import Place, Stand
from gate_explorer.analysis.places import Surveyed
from gate_explorer.runs.card import Card, Damage
from gate_explorer.zoo.corpora import Corpus
from gate_explorer.zoo.units import Findings, Unit

from ..address.links import page_at
from .trace import Document


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
        "corpus": _corpus(surveyed.corpus, surveyed.steps),
        **{
            kind: [place_document(card, place, unit.unit) for place in places.places.get(kind, ())]
            for kind in ("highest", "lowest", "written", "erased", "shown")
        },
        "together": [_stand(one) for one in places.stands],
    }


def alike_document(card: Card, found: Alike, read: Read | None) -> Document:
    """Units that do the same over a stretch, and where else they all do."""
    first = found.units[0] if found.units else None
    places = read.places(found) if read else ()
    return {
        "model": card.id,
        "trait": found.trait,
        "units": list(found.units),
        "selective": found.selective,
        "counts": found.counts.tolist(),
        "corpus": _corpus(read.corpus, len(read.patterns)) if read else None,
        "places": [place_document(card, place, first) for place, _ in places],
    }


def place_document(card: Card, place: Place, unit: int | None) -> Document:
    """A step of the corpus, with the address of the page that opens it."""
    fields = {} if unit is None else {"unit": unit}
    return {
        "page": page_at(card, place.input, place.t, **fields),
        "input": place.input,
        "t": place.t,
        "value": place.value,
    }


def _corpus(corpus: Corpus, steps: int) -> Document:
    return {"source": corpus.source, "inputs": len(corpus.inputs), "steps": steps}


def _damage(damage: Damage) -> Document:
    return asdict(damage)


def _stand(stand: Stand) -> Document:
    return {**asdict(stand), "tokens": list(stand.tokens)}
