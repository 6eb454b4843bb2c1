"""The log: a line of JSON for each request and each event, or plain words on a terminal.

A request's line has its time, an id that its answer carries too, its method, route, status, how
long it took and how much it sent. What a visitor typed is in its address, so the route stands
for it (`/models/{model_id}`), unless a setting asks for the address itself. For the same reason
the message of an unexpected error isn't logged, only where it happened.
"""

import logging
import secrets
import sys
import time
import traceback
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..settings import settings
from . import metrics
from .metrics import Answered

ACCESS = "gate_explorer.access"
ID_BYTES = 8

log = logging.getLogger(ACCESS)


class AccessLog:
    """ASGI middleware: an id for every request, and once it is answered a line, and counts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log_queries = settings().log_queries
        self.metrics = metrics.make()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note what goes by."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, begun = secrets.token_hex(ID_BYTES), time.perf_counter()
        status, sent = 0, 0
        if self.metrics:
            self.metrics.begin(scope)

        async def note(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(raw=message["headers"])["X-Request-ID"] = request_id
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            seconds = time.perf_counter() - begun
            facts = {
                "id": request_id,
                "method": scope["method"],
                "route": self._where(scope),
                "status": status or None,  # none for who left before there was one
                "ms": round(1000 * seconds, 1),
                "bytes": sent,
            }
            log.info("request", extra={"facts": facts})
            if self.metrics:
                self.metrics.end(scope, Answered(route_of(scope), status, seconds, sent))

    def _where(self, scope: Scope) -> str | None:
        if self.log_queries:
            query = scope["query_string"].decode("latin-1")
            return f"{scope['path']}?{query}" if query else str(scope["path"])
        return route_of(scope)


def route_of(scope: Scope) -> str | None:
    """The template of the route that answered, `/models/{model_id}`; None where there is none."""
    if scope["path"].startswith("/static/"):
        return "/static"
    return getattr(scope.get("route"), "path", None)


class JSONLines(logging.Formatter):
    """A record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03}",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Where an error happened and of what kind it is, without its message."""
        return where(ei[1])


class Words(JSONLines):
    """A record in words, for who watches a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        facts = getattr(record, "facts", None)
        if facts:
            return "{method} {route} {status} {ms} ms".format(**facts)
        words = f"{record.levelname}: {record.getMessage()}"
        return f"{words}\n{self.formatException(record.exc_info)}" if record.exc_info else words


def where(error: BaseException | None) -> str:
    """The traceback of an error without its message, in which a visitor's text may stand."""
    if error is None:
        return ""
    if settings().log_queries:
        return "".join(traceback.format_exception(error))
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{frames}{type(error).__name__}"


def configuration() -> dict[str, Any]:
    """Everything to standard error: in words on a terminal, else as JSON."""
    form = Words if sys.stderr.isatty() else JSONLines
    names = ("uvicorn", "uvicorn.error", ACCESS)
    loggers = {name: {"handlers": ["out"], "level": "INFO", "propagate": False} for name in names}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": form}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": loggers,
    }
