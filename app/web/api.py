"""The JSON API, version 1: models, weights, traces, what is made of them, and single steps.

Traces are written from arrays straight to bytes; the models of `documents.schema` describe them.
A short run takes less than a millisecond and is made where it is asked for; what takes longer is
heavy work, for the processes that do it (`app.web.work`).
"""

import json
from typing import Annotated

import numpy as np
import safetensors.numpy
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from gate_explorer.analysis.gradients import highway
from gate_explorer.analysis.interventions import EACH, MOST_WORK, interventions, most_work_of
from gate_explorer.errors import FieldError, InputError, NotFoundError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import OneToken, Options, Vectors
from gate_explorer.zoo import registry
from gate_explorer.zoo.distances import made_with

from ..views.address.state import ExplorerState
from ..views.documents import schema
from ..views.documents.card import card_document
from ..views.documents.trace import (
    API,
    distances_document,
    gradients_document,
    interventions_document,
    step_document,
    to_bytes,
    trace_document,
    traces_document,
)
from ..views.walk import seen
from . import examples
from .asked import (
    Asked,
    Several,
    ask,
    asked_by_body,
    asked_by_query,
    refuse_both,
    several_by_body,
)
from .body import read_body
from .headers import kept
from .openapi import body_of, problems
from .work import heavy

JSON = "application/json"
BINARY = "application/octet-stream"
# What a map of interventions takes: its multiplications, and each step of each pass run again.
MULTIPLICATIONS_A_MILLISECOND = 25e6
A_STEP_AGAIN = 0.25  # milliseconds

router = APIRouter()

ModelId = Annotated[
    str, Path(description="A model's id, as `/api/v1/models` lists them.", examples=["toy-rules"])
]


@router.get(
    f"{API}/models",
    tags=["Models"],
    summary="All models",
    responses={200: {"model": schema.Models, "description": "The cards of all models."}},
    openapi_extra=examples.MODELS,
)
async def list_models(request: Request) -> Response:
    """Every model's card, in the order of the menu."""
    cards = [card_document(model.card) for model in registry.all_models()]
    return kept(to_bytes({"models": cards}), JSON)


@router.get(
    f"{API}/models/{{model_id}}",
    tags=["Models"],
    summary="One model",
    responses={200: {"model": schema.Card, "description": "Its card."}, **problems(404, 422)},
    openapi_extra=examples.MODEL,
)
async def get_model(request: Request, model_id: ModelId) -> Response:
    """What a model is, where it comes from, how well it does, and examples to open."""
    return kept(to_bytes(card_document(registry.get(model_id).card)), JSON)


@router.get(
    f"{API}/models/{{model_id}}/weights.safetensors",
    tags=["Models"],
    summary="A model's weights",
    responses={
        200: {
            "description": "A safetensors file with PyTorch's names: load it into torch.nn.LSTM.",
            "content": {BINARY: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(404, 422),
    },
    openapi_extra=examples.WEIGHTS,
)
async def get_weights(
    request: Request, model_id: ModelId, query: Annotated[schema.WeightsQuery, Query()]
) -> Response:
    """The cell's weights: `weight_ih_l0` (4H, I), `weight_hh_l0` (4H, H), `bias_ih_l0` and
    `bias_hh_l0` (4H), rows in the order input gate, forget gate, candidate, output gate.
    """
    tensors = registry.get(model_id).weights(Options(query.checkpoint, query.sharpness))
    if tensors is None:
        raise NotFoundError(f"{model_id} has no weights: its gates are read off the input.")
    content = safetensors.numpy.save({n: np.ascontiguousarray(t) for n, t in tensors.items()})
    disposition = f'attachment; filename="{model_id}.safetensors"'
    return kept(content, BINARY, {"Content-Disposition": disposition})


@router.get(
    f"{API}/models/{{model_id}}/trace",
    tags=["Runs"],
    summary="Run a model",
    responses={
        200: {"model": schema.Trace, "description": "Every gate at every step."},
        **problems(404, 422),
    },
    openapi_extra=examples.GET_TRACE,
)
async def get_trace(
    request: Request, model_id: ModelId, query: Annotated[schema.TraceQuery, Query()]
) -> Response:
    """Run a model over vectors (`x=3,1,0;5,0,1`) or a text (`text=I love France`).

    The query is the page's own: what `/models/{id}?…` shows, this gives in numbers.
    """
    asked = asked_by_query(request, model_id, query)
    return kept(await heavy(request, asked.cost("run"), _trace, asked), JSON)


@router.post(
    f"{API}/models/{{model_id}}/trace",
    tags=["Runs"],
    summary="Run a model, from any state, over one input or several",
    responses={
        200: {
            "model": schema.Trace | schema.Traces,
            "description": "Every gate at every step; of every run, where `inputs` were given.",
        },
        **problems(400, 404, 408, 413, 415, 422),
    },
    openapi_extra={**body_of("TracesRequest", examples.TRACE_BODIES), **examples.POST_TRACE},
)
async def post_trace(request: Request, model_id: ModelId) -> Response:
    """The same with `vectors` or `text` in the body, and a `state` to start from.

    With `inputs`, several sequences of any lengths run at once, as one batch; state, checkpoint
    and clamps hold for all of them.
    """
    model = registry.get(model_id)
    body = await read_body(request, schema.TracesRequest)
    if body.inputs is not None:
        several = several_by_body(model, body)
        return _answer(await heavy(request, several.cost(), _traces, several))
    asked = asked_by_body(model, body)
    return _answer(await heavy(request, asked.cost("run"), _trace, asked))


@router.get(
    f"{API}/models/{{model_id}}/gradients",
    tags=["Runs"],
    summary="How far back the gradient reaches",
    responses={
        200: {"model": schema.Gradients, "description": "Its size at every step."},
        **problems(404, 422),
    },
    openapi_extra=examples.GET_GRADIENTS,
)
async def get_gradients(
    request: Request, model_id: ModelId, query: Annotated[schema.GradientsQuery, Query()]
) -> Response:
    """The gradient of an answer, on the states and the input of every step before it."""
    schema.refuse_clamp(query.clamp)
    asked = asked_by_query(request, model_id, query)
    cost, of = asked.cost("gradients"), (query.of, query.t, query.layer)
    return kept(await heavy(request, cost, _gradients, asked, *of), JSON)


@router.post(
    f"{API}/models/{{model_id}}/gradients",
    tags=["Runs"],
    summary="How far back the gradient reaches, from any state",
    responses={
        200: {"model": schema.Gradients, "description": "Its size at every step."},
        **problems(400, 404, 408, 413, 415, 422),
    },
    openapi_extra={
        **body_of("GradientsRequest", examples.GRADIENTS_BODIES),
        **examples.POST_GRADIENTS,
    },
)
async def post_gradients(request: Request, model_id: ModelId) -> Response:
    """The same with `vectors` or `text` in the body, and a `state` to start from."""
    model = registry.get(model_id)
    body = await read_body(request, schema.GradientsRequest)
    schema.refuse_clamp(body.clamp)
    asked = asked_by_body(model, body)
    cost, of = asked.cost("gradients"), (body.of, body.t, body.layer)
    return _answer(await heavy(request, cost, _gradients, asked, *of))


@router.get(
    f"{API}/models/{{model_id}}/gradients/distances",
    tags=["Models"],
    summary="How much of a gradient is left, how far back",
    responses={
        200: {"model": schema.Distances, "description": "At every checkpoint of its training."},
        **problems(404, 422),
    },
    openapi_extra=examples.DISTANCES,
)
async def get_distances(model_id: ModelId) -> Response:
    """The gradient that is left after 10 to 300 steps, in the LSTM and in its twin without gates.

    At every checkpoint of their training: where the network learns to hold, it stops to vanish.
    """
    return kept(to_bytes(distances_document(model_id, made_with(model_id))), JSON)


@router.get(
    f"{API}/models/{{model_id}}/interventions",
    tags=["Runs"],
    summary="What if, everywhere at once",
    responses={
        200: {"model": schema.Interventions, "description": "The answer under each."},
        **problems(404, 422),
    },
    openapi_extra=examples.GET_INTERVENTIONS,
)
async def get_interventions(
    request: Request, model_id: ModelId, query: Annotated[schema.InterventionsQuery, Query()]
) -> Response:
    """The last step's answer with each gate closed or opened at each step alone.

    Every entry is the answer of the trace under the clamp that says the same.
    """
    asked = asked_by_query(request, model_id, query)
    cost, of = _cost_of_map(asked, query.units), (query.of, query.units, query.layer)
    return kept(await heavy(request, cost, _interventions, asked, *of), JSON)


@router.post(
    f"{API}/models/{{model_id}}/interventions",
    tags=["Runs"],
    summary="What if, everywhere at once, from any state",
    responses={
        200: {"model": schema.Interventions, "description": "The answer under each."},
        **problems(400, 404, 408, 413, 415, 422),
    },
    openapi_extra={
        **body_of("InterventionsRequest", examples.INTERVENTIONS_BODIES),
        **examples.POST_INTERVENTIONS,
    },
)
async def post_interventions(request: Request, model_id: ModelId) -> Response:
    """The same with `vectors` or `text` in the body, and a `state` to start from."""
    model = registry.get(model_id)
    body = await read_body(request, schema.InterventionsRequest)
    asked = asked_by_body(model, body)
    cost, of = _cost_of_map(asked, body.units), (body.of, body.units, body.layer)
    return _answer(await heavy(request, cost, _interventions, asked, *of))


@router.post(
    f"{API}/models/{{model_id}}/step",
    tags=["Runs"],
    summary="Take one step",
    responses={
        200: {"model": schema.StepAnswer, "description": "The step and the state after it."},
        **problems(400, 404, 408, 413, 415, 422),
    },
    openapi_extra={**body_of("StepRequest", examples.STEP_BODIES), **examples.POST_STEP},
)
async def post_step(request: Request, model_id: ModelId) -> Response:
    """One step with `vector` or `token`, from a `state` to the next.

    The server keeps nothing: send back the state that came with the last step. The numbers are
    bit for bit those of the trace of the whole sequence.
    """
    model = registry.get(model_id)
    check_can_step(model.card)
    body = await read_body(request, schema.StepRequest)
    refuse_both("vector", body.vector, "token", body.token)
    _check_step_input(model.card, body)
    inputs = OneToken(body.token or "") if body.vector is None else Vectors([body.vector])
    run = ask(model, inputs, body.options(), body.run_state()).run()
    return _answer(to_bytes(step_document(run)))


def check_can_step(card: Card) -> None:
    """Raise InputError for a model that reads its input from both ends."""
    if card.bidirectional:
        raise InputError(
            f"{card.id} can't be stepped: it is bidirectional, and reads the sequence from its end"
            " too. Ask for the trace of the whole sequence."
        )


def _trace(asked: Asked) -> bytes:
    return to_bytes(trace_document(asked.run()))


def _traces(several: Several) -> bytes:
    return to_bytes(traces_document(several.run()))


def _gradients(asked: Asked, of: str | None, t: int | None, layer: str | None) -> bytes:
    run = seen(asked.run(), ExplorerState(layer=layer))
    found = highway(asked.model, run, asked.options, of, asked.state, t)
    return to_bytes(gradients_document(run, found))


def _interventions(asked: Asked, of: str | None, units: str, layer: str | None) -> bytes:
    run = asked.run()
    found = interventions(run, of, units, layer)
    return to_bytes(interventions_document(run, found))


def _cost_of_map(asked: Asked, units: str) -> float:
    """What a map of interventions will cost: as many multiplications as are done, and its steps."""
    card, groups = asked.card, asked.card.hidden_size if units == EACH else 1
    work = min(most_work_of(card, asked.steps, groups), MOST_WORK) / MULTIPLICATIONS_A_MILLISECOND
    again = asked.steps * card.num_layers * (2 if card.bidirectional else 1) * A_STEP_AGAIN
    return asked.cost("gradients") + work + again


def _check_step_input(card: Card, asked: schema.StepRequest) -> None:
    """Raise InputError unless a step's input is there, and of the kind that the model reads."""
    numbers = card.input == "vectors"
    if (asked.vector if numbers else asked.token) is not None:
        return
    field = "vector" if numbers else "token"
    words = f'{card.id} reads {card.input}: give {{"{field}": {_first(card)}}}.'
    raise InputError(words, [FieldError((field,), words)])


def _first(card: Card) -> str:
    """What a step of the model's first example is given, as JSON."""
    query = card.examples[0].query
    if card.input == "vectors":
        return f"[{query['x'].split(';')[0].replace(',', ', ')}]"
    text = query["text"]
    return json.dumps(text[0] if card.input == "characters" else text.split()[0])


def _answer(content: bytes) -> Response:
    return Response(content, headers={"Cache-Control": "no-store"}, media_type=JSON)
