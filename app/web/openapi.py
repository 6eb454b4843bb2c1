"""The OpenAPI document: what FastAPI finds out by itself, and what it can't know.

Bodies and errors are read and written outside of FastAPI, so they are described here.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from ..views.address.root import rooted
from ..views.address.state import ExplorerState, Scope
from ..views.documents import schema
from .errors import MEDIA_TYPE

Extra = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]

PAGE = (Scope.STEP, Scope.LOOK)
VERSION = "1"  # of the contract, as in /api/v1
REF = "#/components/schemas/{model}"
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
FORM_TYPE = "multipart/form-data"
TOKEN = "token"
TOKEN_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "The `token` that came with the model when its file was brought.",
}
PROBLEM_WORDS = {
    400: "The request can't be read: the body isn't JSON, or the address isn't UTF-8.",
    404: "There is no such model, or the model has no such thing.",
    405: "The address doesn't take this method; `Allow` names those it takes.",
    408: "The body took too long to arrive.",
    413: "The body is too long.",
    415: "The body isn't `application/json`.",
    421: "The address names a host that isn't served here.",
    422: "The input can't be used; `errors` names the fields at fault.",
    429: "Too many requests; try again after `Retry-After` seconds.",
    431: "Address and headers are too long.",
    500: "An error of our own, which has been logged.",
    503: "The server is busy; try again after `Retry-After` seconds.",
    507: "What was brought can't be kept: there is no room for it.",
}
COMMON = (400, 405, 421, 429, 431, 503)
DESCRIPTION = """\
Every gate of an LSTM at every step, as JSON. Gates and states are arrays of H numbers, one a unit;
floats carry enough digits to round-trip, and are never NaN or infinite. Errors are
`application/problem+json` (RFC 9457). The API needs no key, and keeps nothing but files that are
brought to it on purpose.
"""


def problems(*statuses: int, words: Mapping[int, str] | None = None) -> Responses:
    """The errors that an operation documents, with those that every operation may give.

    words: what some of them mean there, where that isn't what they mean everywhere.
    """
    told = PROBLEM_WORDS | dict(words or {})
    return {
        status: {"description": told[status], "content": PROBLEM}
        for status in sorted({*statuses, *COMMON})
    }


def body_of(model: str, examples: Mapping[str, Extra]) -> Extra:
    """A JSON request body, described by a model of `views.documents.schema`."""
    content = {"schema": {"$ref": REF.format(model=model)}, "examples": dict(examples)}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def form_of(model: str) -> Extra:
    """A form as a request body, described by a model of `views.documents.schema`."""
    content = {FORM_TYPE: {"schema": {"$ref": REF.format(model=model)}}}
    return {"requestBody": {"required": True, "content": content}}


def success(operation: Extra) -> tuple[str, Extra]:
    """The status with which an operation succeeds, and that answer."""
    return next((s, answer) for s, answer in operation["responses"].items() if s < "300")


def install(app: FastAPI) -> None:
    """Make the application serve the completed document at /openapi.json."""
    document: Extra = {}

    def openapi() -> Extra:
        if not document:
            document.update(_make(app))
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _make(app: FastAPI) -> Extra:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": rooted("")}] if rooted("") else None,
    )
    models = (
        schema.TracesRequest,
        schema.GradientsRequest,
        schema.InterventionsRequest,
        schema.StepRequest,
        schema.WeightsForm,
        schema.Problem,
    )
    _, found = models_json_schema([(m, "validation") for m in models], ref_template=REF)
    document["components"]["schemas"].update(found["$defs"])
    document["components"]["securitySchemes"] = {TOKEN: TOKEN_SCHEME}
    for operation in (each for path in document["paths"].values() for each in path.values()):
        _leave_out_the_page(operation)
        _leave_out_json(operation)
    return document


def _leave_out_the_page(operation: Extra) -> None:
    """Take out the parameters that only a page looks at, which a trace's query may carry along.

    An operation that does look at one, as a picture does, describes it in words of its own.
    """
    fields = schema.TraceQuery.model_fields
    words = {name: fields[name].description for name in ExplorerState.of_scope(*PAGE)}
    operation["parameters"] = [
        parameter
        for parameter in operation.get("parameters", [])
        if words.get(parameter["name"], "") != parameter.get("description")
    ]


def _leave_out_json(operation: Extra) -> None:
    """Take out the JSON that FastAPI takes for granted where the answer is of another kind."""
    content = success(operation)[1].get("content", {})
    if len(content) > 1:
        content.pop("application/json", None)
