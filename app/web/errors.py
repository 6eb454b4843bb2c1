"""Errors on their way out: problem+json (RFC 9457) for programs, a page for people.

Every answer of this kind is made here. What came in is never echoed at length, and what went wrong
inside stays in the log.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate_explorer.errors import (
    MOST_TOLD,
    ChoiceError,
    ExplorerError,
    FieldError,
    InputError,
    LaterError,
    MalformedError,
    MethodError,
    NotFoundError,
)

from ..views.address.root import rooted

Headers = Mapping[str, str]
ErrorPage = Callable[[Request, ExplorerError], Response]

MEDIA_TYPE = "application/problem+json"
TYPES = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    415: "media-type",
    421: "other-host",
    422: "bad-input",
    429: "too-many-requests",
    431: "head-too-large",
    500: "internal",
    503: "overloaded",
    507: "no-room",
}
LONGEST_WORDS, LONGEST_NAME = 400, 60
API_PATHS = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/oembed")
INTERNAL = "An error of our own, which has been logged. Please try again later."

log = logging.getLogger("uvicorn.error")


def is_api(path: str) -> bool:
    """Whether an address is for programs, so that its errors are never pages."""
    return path == "/api" or path.startswith("/api/") or path in API_PATHS


def problem(error: ExplorerError, headers: Headers | None = None) -> Response:
    """The error as problem+json; `type` leads to its description in the documentation."""
    inside = error.status == 500
    document: dict[str, Any] = {
        "type": rooted(f"/docs#{TYPES[error.status]}"),
        "title": error.title,
        "status": error.status,
        "detail": INTERNAL if inside else _clip(error.detail, LONGEST_WORDS),
    }
    if error.errors:
        document["errors"] = [
            {"loc": [_name(part) for part in fault.loc], "msg": _clip(fault.msg, LONGEST_WORDS)}
            for fault in error.errors[:MOST_TOLD]
        ]
    if isinstance(error, ChoiceError):
        document["choices"] = {name: list(values) for name, values in error.choices.items()}
    content, extra = orjson.dumps(document), {**_headers(error), **(headers or {})}
    return Response(content, error.status, extra, MEDIA_TYPE)


def respond(request: Request, error: ExplorerError, headers: Headers | None = None) -> Response:
    """The error as the one who asked wants it: a page for a browser, else problem+json."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if is_api(request.url.path) or not wants_page:
        return problem(error, headers)
    page: ErrorPage = request.app.state.error_page
    try:
        response = page(request, error)
    except Exception:
        log.exception("The page of an error could not be made")
        return problem(error, headers)
    response.headers.update({**_headers(error), **(headers or {})})
    return response


def from_validation(errors: Iterable[Mapping[str, Any]]) -> InputError:
    """Pydantic's errors (their `errors()`) as an InputError; the values stay out."""
    faults = [FieldError(tuple(error["loc"]), error["msg"]) for error in errors]
    if not faults:
        return InputError("The input can't be read.")
    error = InputError.telling(faults)
    where = _clip(".".join(map(str, faults[0].loc)), LONGEST_NAME)
    return InputError(f"{where}: {error.detail}" if where else error.detail, error.errors)


def from_http(error: HTTPException) -> ExplorerError:
    """The framework's own errors in ours."""
    if error.status_code == 405:
        return MethodError("Nothing here takes this method; Allow names those that are taken.")
    if error.status_code == 404:
        return NotFoundError("There is nothing at this address.")
    if error.status_code < 500:
        return MalformedError("The request can't be read.")
    return ExplorerError(str(error.detail))


def install(app: FastAPI, error_page: ErrorPage) -> None:
    """Make the application answer every error through this module."""
    app.state.error_page = error_page
    app.add_exception_handler(ExplorerError, _on_explorer_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(ValidationError, _on_validation_error)


class LastResort:
    """ASGI middleware: what was refused on the way in is answered, and what nobody expected is
    logged and answered with 500, without its text. Nobody is answered who has left.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what nobody caught."""
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note)
        except ClientDisconnect:
            return
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            known = error if isinstance(error, ExplorerError) else ExplorerError(INTERNAL)
            if known is not error:
                log.exception("An error that nobody expected")
            await respond(Request(scope), known)(scope, receive, send)


async def _on_explorer_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ExplorerError):
        raise error
    if error.status == 500:
        log.error("%s", error.detail, exc_info=error)
    return respond(request, error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else None
    return respond(request, from_http(error), headers)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        # The first part says "query", "path" or "header": the field's name is enough.
        return respond(request, from_validation({**e, "loc": e["loc"][1:]} for e in error.errors()))
    if not isinstance(error, ValidationError):
        raise error
    return respond(request, from_validation(error.errors(include_input=False)))


def _allowed(request: Request) -> str:
    """All methods of an address, which the framework spreads over one route a method."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    methods = {
        method
        for method in ("GET", "POST", "DELETE")
        for route in routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    # What is mounted are the static files.
    methods = methods or {"GET"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _headers(error: ExplorerError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, LaterError):
        headers["Retry-After"] = str(error.retry_after)
    if error.status in (408, 413):
        # The rest of the body may still be under way; no further request can follow it.
        headers["Connection"] = "close"
    return headers


def _name(part: str | int) -> str | int:
    return part if isinstance(part, int) else _clip(part, LONGEST_NAME)


def _clip(words: str, longest: int) -> str:
    """At most `longest` characters, and none that UTF-8 can't write."""
    words = words.encode("utf-8", "replace").decode()
    return words if len(words) <= longest else words[: longest - 1] + "…"
