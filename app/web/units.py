"""The API's units: what happens without each, where to see it, and which do the same."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from gate_explorer.analysis.alike import alike, read_corpus
from gate_explorer.analysis.corpus import follows_rules
from gate_explorer.analysis.places import Surveyed, surveyed
from gate_explorer.analysis.rules_damage import of_toy
from gate_explorer.errors import NotFoundError
from gate_explorer.zoo import registry, units
from gate_explorer.zoo.units import Findings

from ..views.address.state import ExplorerState
from ..views.documents import schema
from ..views.documents.trace import API, to_bytes
from ..views.documents.units import alike_document, unit_page_document, units_document
from ..views.walk import seen
from . import examples
from .api import JSON, ModelId
from .asked import Asked, asked_by_query
from .headers import kept
from .openapi import problems
from .work import heavy

NO_CORPUS = "{} has no corpus to be looked at over."

router = APIRouter()

UnitNumber = Annotated[int, Path(ge=1, le=1_000_000, description="A unit, from 1.", examples=[1])]


@router.get(
    f"{API}/models/{{model_id}}/units",
    tags=["Units"],
    summary="A model's units",
    responses={
        200: {"model": schema.ModelUnits, "description": "All of them, the most missed first."},
        **problems(404, 422),
    },
    openapi_extra=examples.UNITS,
)
async def get_units(model_id: ModelId) -> Response:
    """What happens without each unit over held-out runs, silenced and erased once; and its name.

    A unit bears a name only where it, or a group that it stands in, is missed most.
    """
    document = units_document(registry.get(model_id).card, findings_of(model_id))
    return kept(to_bytes(document), JSON)


@router.get(
    f"{API}/models/{{model_id}}/units/{{unit}}",
    tags=["Units"],
    summary="One unit",
    responses={
        200: {"model": schema.UnitPage, "description": "Where it does what it does."},
        **problems(404, 422),
    },
    openapi_extra=examples.UNIT,
)
async def get_unit(model_id: ModelId, unit: UnitNumber) -> Response:
    """Where over a corpus the unit's memory is highest, lowest, written, erased and shown most."""
    card, findings = registry.get(model_id).card, findings_of(model_id)
    if unit > card.hidden_size:
        raise NotFoundError(f"{model_id} has units 1 to {card.hidden_size}; there is no {unit}.")
    document = unit_page_document(card, findings.of(unit), surveyed_of(model_id))
    return kept(to_bytes(document), JSON)


@router.get(
    f"{API}/models/{{model_id}}/alike",
    tags=["Units"],
    summary="Units that do the same",
    responses={
        200: {"model": schema.Alike, "description": "The units, and where else they all do it."},
        **problems(404, 422),
    },
    openapi_extra=examples.ALIKE,
)
async def get_alike(
    request: Request, model_id: ModelId, query: Annotated[schema.AlikeQuery, Query()]
) -> Response:
    """Mark a stretch of a run: which units do the same there, and where else in the corpus."""
    asked = asked_by_query(request, model_id, query)
    cost = asked.cost("run")
    marked = query.first, query.last, query.trait, query.layer
    found = await heavy(request, cost, _alike, asked, *marked)
    return kept(found, JSON)


def _alike(asked: Asked, first: int, last: int, trait: str, layer: str | None) -> bytes:
    """The answer, in whichever process."""
    run = seen(asked.run(), ExplorerState(layer=layer))
    found = alike(run, first, last, trait)
    return to_bytes(alike_document(asked.card, found, read_corpus(asked.card, asked.options)))


@cache
def findings_of(model_id: str) -> Findings:
    """What is known of a model's units. Raises: NotFoundError where nothing was measured."""
    card = registry.get(model_id).card
    if follows_rules(card):
        return of_toy(model_id)
    found = units.load(registry.ZOO / model_id)
    if found is None:
        raise NotFoundError(
            f"The units of {model_id} were not tried: that takes held-out data, and it has none."
        )
    return found


def surveyed_of(model_id: str) -> Surveyed:
    """What a model's units do over its corpus. Raises: NotFoundError where it has none."""
    found = surveyed(model_id)
    if found is None:
        raise NotFoundError(NO_CORPUS.format(model_id))
    return found
