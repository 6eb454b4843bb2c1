"""The JSON API, version 1: models, weights, traces, what is made of them, single steps; and health.

Traces are written from arrays straight to bytes; the models of `documents.schema` describe them.
A run of 512 steps takes a few milliseconds, so the handlers run it where they are: handing it to
a thread would cost each small request more than it would spare the others. Gradients and
interventions, which take ten times as long and more, go to a thread.
"""

import logging
from typing import Annotated

import numpy as np
import safetensors.numpy
from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from gate_explorer.analysis.gradients import highway
from gate_explorer.analysis.interventions import interventions
from gate_explorer.errors import FieldError, InputError, NotFoundError, NotReadyError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import (
    Inputs,
    OneToken,
    Options,
    Text,
    Vectors,
)
from gate_explorer.runs.run import Run, RunState
from gate_explorer.zoo import distances, registry
from gate_explorer.zoo.base import Model

from ..views.address.state import ExplorerState
from ..views.documents import schema
from ..views.documents.card import card_document
from ..views.documents.trace import (
    API,
    Document,
    distances_document,
    gradients_document,
    interventions_document,
    step_document,
    to_bytes,
    trace_document,
)
from ..views.walk import walk
from . import examples
from .body import read_body
from .headers import cacheable
from .openapi import PROBLEM, body_of, problems

JSON = "application/json"
BINARY = "application/octet-stream"
NAMES = {Vectors: "vectors", Text: "text", OneToken: "token"}

router = APIRouter()
log = logging.getLogger("uvicorn.error")

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
    return cacheable(request, to_bytes({"models": cards}), JSON)


@router.get(
    f"{API}/models/{{model_id}}",
    tags=["Models"],
    summary="One model",
    responses={200: {"model": schema.Card, "description": "Its card."}, **problems(404, 422)},
    openapi_extra=examples.MODEL,
)
async def get_model(request: Request, model_id: ModelId) -> Response:
    """What a model is, where it comes from, how well it does, and examples to open."""
    return cacheable(request, to_bytes(card_document(registry.get(model_id).card)), JSON)


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
    return cacheable(request, content, BINARY, {"Content-Disposition": disposition})


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
    run = traced(request, model_id, query)
    return cacheable(request, to_bytes(trace_document(run)), JSON)


@router.post(
    f"{API}/models/{{model_id}}/trace",
    tags=["Runs"],
    summary="Run a model, from any state",
    responses={
        200: {"model": schema.Trace, "description": "Every gate at every step."},
        **problems(400, 404, 408, 413, 415, 422),
    },
    openapi_extra={**body_of("TraceRequest", examples.TRACE_BODIES), **examples.POST_TRACE},
)
async def post_trace(request: Request, model_id: ModelId) -> Response:
    """The same with `vectors` or `text` in the body, and a `state` to start from."""
    model = registry.get(model_id)
    return _answer(trace_document(_posted(model, await read_body(request, schema.TraceRequest))))


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
def get_gradients(
    request: Request, model_id: ModelId, query: Annotated[schema.GradientsQuery, Query()]
) -> Response:
    """The gradient of an answer, on the states and the input of every step before it."""
    schema.refuse_clamp(query.clamp)
    run = traced(request, model_id, query)
    found = highway(registry.get(model_id), run, query.options, query.of, t=query.t)
    return cacheable(request, to_bytes(gradients_document(run, found)), JSON)


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
    asked = await read_body(request, schema.GradientsRequest)
    schema.refuse_clamp(asked.clamp)
    run = _posted(model, asked)
    options, state = asked.options(), asked.run_state()
    found = await run_in_threadpool(highway, model, run, options, asked.of, state, asked.t)
    return _answer(gradients_document(run, found))


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
async def get_distances(request: Request, model_id: ModelId) -> Response:
    """The gradient that is left after 10 to 300 steps, in the LSTM and in its twin without gates.

    At every checkpoint of their training: where the network learns to hold, it stops to vanish.
    """
    registry.get(model_id)
    found = distances.load(registry.ZOO / model_id)
    if found is None:
        raise NotFoundError(f"This experiment was made with adding, not with {model_id}.")
    return cacheable(request, to_bytes(distances_document(model_id, found)), JSON)


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
def get_interventions(
    request: Request, model_id: ModelId, query: Annotated[schema.InterventionsQuery, Query()]
) -> Response:
    """The last step's answer with each gate closed or opened at each step alone.

    Every entry is the answer of the trace under the clamp that says the same.
    """
    run = traced(request, model_id, query)
    found = interventions(registry.get(model_id), run, query.options, query.of, query.units)
    return cacheable(request, to_bytes(interventions_document(run, found)), JSON)


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
    asked = await read_body(request, schema.InterventionsRequest)
    run = _posted(model, asked)
    options, state = asked.options(), asked.run_state()
    found = await run_in_threadpool(
        interventions, model, run, options, asked.of, asked.units, state
    )
    return _answer(interventions_document(run, found))


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
    asked = await read_body(request, schema.StepRequest)
    _refuse_both("vector", asked.vector, "token", asked.token)
    _check_step_input(model.card, asked)
    inputs = OneToken(asked.token or "") if asked.vector is None else Vectors([asked.vector])
    run = _run(model, inputs, asked.options(), asked.run_state())
    return _answer(step_document(run))


@router.get(
    "/healthz",
    tags=["Health"],
    summary="Liveness",
    responses={200: {"model": schema.Health, "description": "It answers."}},
    openapi_extra=examples.HEALTH,
)
async def healthz() -> Response:
    """The server answers."""
    return _answer({"status": "ok"})


@router.get(
    "/readyz",
    tags=["Health"],
    summary="Readiness",
    responses={
        200: {"model": schema.Health, "description": "Every model runs."},
        503: {"description": "A model can't be opened.", "content": PROBLEM},
    },
    openapi_extra=examples.READY,
)
def readyz() -> Response:
    """Every model can be opened and runs its first example."""
    for model_id in registry.MODELS:
        _try_out(model_id)
    return _answer({"status": "ok"})


def check_can_step(card: Card) -> None:
    """Raise InputError for a model that reads its input from both ends."""
    if card.bidirectional:
        raise InputError(
            f"{card.id} can't be stepped: it is bidirectional, and reads the sequence from its end"
            " too. Ask for the trace of the whole sequence."
        )


def traced(request: Request, model_id: str, query: schema.TraceQuery) -> Run:
    """The run of a trace's query, for the trace and for what is made of it.

    Raises: NotFoundError, InputError and its kin.
    """
    model = registry.get(model_id)
    _refuse_repeats(request, query)
    _refuse_both("x", query.x, "text", query.text)
    return _run(model, query.inputs, query.options)


def _posted(model: Model, asked: schema.TraceRequest) -> Run:
    """The run of a body; raises as `traced`."""
    _refuse_both("vectors", asked.vectors, "text", asked.text)
    inputs: Inputs | None = None if asked.text is None else Text(asked.text)
    if asked.vectors is not None:
        inputs = Vectors(asked.vectors)
    return _run(model, inputs, asked.options(), asked.run_state())


def _run(
    model: Model, inputs: Inputs | None, options: Options, state: RunState | None = None
) -> Run:
    """Walk; a fault that the model doesn't pin on a field is pinned on the input."""
    if inputs is None:
        field = "vectors" if model.card.input == "vectors" else "text"
        words = f"There is no input: {model.card.id} reads {model.card.input}; give {field}."
        raise InputError(words, [FieldError((field,), words)])
    try:
        return walk(model, inputs, options, state)
    except InputError as error:
        if error.errors:
            raise
        raise type(error)(
            error.detail, [FieldError((NAMES[type(inputs)],), error.detail)]
        ) from None


def _refuse_both(numbers: str, vectors: object, words: str, text: str | None) -> None:
    """Raise InputError where two inputs are given."""
    if vectors is not None and text is not None:
        errors = [FieldError((name,), "Give one of the two.") for name in (numbers, words)]
        raise InputError(f"Give {numbers} or {words}, not both.", errors)


def _check_step_input(card: Card, asked: schema.StepRequest) -> None:
    """Raise InputError unless a step's input is there, and of the kind that the model reads."""
    numbers = card.input == "vectors"
    if (asked.vector if numbers else asked.token) is not None:
        return
    field, example = ("vector", "[3, 1, 0]") if numbers else ("token", '"love"')
    words = f'{card.id} reads {card.input}: give {{"{field}": {example}}}.'
    raise InputError(words, [FieldError((field,), words)])


def _refuse_repeats(request: Request, query: schema.TraceQuery) -> None:
    """Raise InputError for a field that comes twice in a query, where only one could count."""
    given = [name for name, _ in request.query_params.multi_items()]
    fields = type(query).model_fields.keys() - {"clamp"}
    repeated = sorted(name for name in fields if given.count(name) > 1)
    if repeated:
        words = "This field comes twice; give it once."
        errors = [FieldError((name,), words) for name in repeated]
        raise InputError(f"{', '.join(repeated)}: given twice; give each field once.", errors)


def _try_out(model_id: str) -> None:
    try:
        model = registry.get(model_id)
        state = ExplorerState(**model.card.examples[0].query)
        _run(model, state.inputs, state.options)
    except Exception as error:
        log.exception("The model %s can't be opened", model_id)
        raise NotReadyError(f"The model {model_id} can't be opened.") from error


def _answer(document: Document) -> Response:
    return Response(to_bytes(document), headers={"Cache-Control": "no-store"}, media_type=JSON)
