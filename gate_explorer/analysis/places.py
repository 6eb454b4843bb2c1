"""What every unit does over its model's corpus, as the file `places.json` keeps it.

To survey a corpus takes a second; the file is read in milliseconds. It is written by
`gate_explorer.training.corpora` beside the corpus that its places are in, and for a model without a
file, such as the toys, the survey is made when it is asked for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate_explorer.analysis.corpus import Place, Stand, Survey, UnitPlaces, corpus_of, survey
from gate_explorer.errors import DataError
from gate_explorer.zoo import registry
from gate_explorer.zoo.corpora import Corpus

PLACES = "places.json"


@dataclass(frozen=True)
class Surveyed:
    """A corpus, how many steps it has, and what each unit, from 1, does over it."""

    corpus: Corpus
    steps: int
    units: Mapping[int, UnitPlaces]


@cache
def surveyed(model_id: str) -> Surveyed | None:
    """What a model's units do over its corpus; None for a model that has none to be looked at.

    Raises: DataError for a damaged file.
    """
    corpus = corpus_of(model_id)
    if corpus is None:
        return None
    path = registry.ZOO / model_id / PLACES
    if path.is_file():
        return load(path, corpus)
    found = survey(model_id)
    return None if found is None else of(found)


def of(found: Survey) -> Surveyed:
    """The whole of a survey."""
    units = range(1, found.card.hidden_size + 1)
    return Surveyed(found.corpus, len(found), {unit: found.places(unit) for unit in units})


def to_json(found: Surveyed) -> str:
    """A survey as the file holds it: each place as the number of its input, its step, its value."""
    number = {one: n for n, one in enumerate(found.corpus.inputs)}
    units = [
        {
            "unit": one.unit,
            "places": {
                kind: [[number[place.input], place.t, _short(place.value)] for place in places]
                for kind, places in one.places.items()
            },
            "stands": [
                [int(stand.keeps), int(stand.writes), int(stand.shows), _short(stand.share),
                 list(stand.tokens)]
                for stand in one.stands
            ],
        }
        for one in found.units.values()
    ]  # fmt: skip
    lines = ",\n".join(json.dumps(unit, ensure_ascii=False) for unit in units)
    return f'{{"steps": {found.steps}, "units": [\n{lines}\n]}}\n'


def load(path: Path, corpus: Corpus) -> Surveyed:
    """A survey of a corpus from its file. Raises: DataError for a damaged one."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        units = [_unit(one, corpus) for one in facts["units"]]
        return Surveyed(corpus, int(facts["steps"]), {one.unit: one for one in units})
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"{path} doesn't fit the corpus beside it: {error}") from error


def _unit(facts: dict[str, Any], corpus: Corpus) -> UnitPlaces:
    return UnitPlaces(
        facts["unit"],
        {
            kind: tuple(Place(corpus.inputs[n], t, value) for n, t, value in places)
            for kind, places in facts["places"].items()
        },
        tuple(
            Stand(bool(keeps), bool(writes), bool(shows), share, tuple(tokens))
            for keeps, writes, shows, share, tokens in facts["stands"]
        ),
    )


def _short(value: float) -> float:
    return float(f"{value:.5g}")
