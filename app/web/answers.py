"""Answers as they were sent, kept for those who ask for the same.

A page, a picture or a file depends on its address, on the site that it names, on the release, and
on nothing else; so it is made once and kept, within a bound of bytes, compressed or not as it was
asked for. Its tag follows from the same things, which is why "is it still the same?" costs no work
at all: 304. What is asked for while it is being made isn't made twice.
"""

import asyncio
import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import gate_explorer
from gate_explorer.runs.cache import Cache

from ..settings import settings
from ..views.documents import raster
from .errors import is_api
from .limits import HEALTH

ROOT = Path(__file__).parents[2]
PARTS = ("app", "templates", "static")
# What pages answer by, beside the address: see `app.web.pages`.
PAGE_HEADERS = ("HX-Request", "HX-History-Restore-Request", "Explorer-Shape")
CHECKED = "no-cache"
OVERHEAD = 1_000
TOLD_AGAIN = {b"etag", b"cache-control", b"vary"}
# No single answer takes more of the room than this share.
LARGEST_SHARE = 4

Key = tuple[str, ...]
Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    """An answer's headers and body, as they went out, and the route that made it."""

    headers: Pairs
    body: bytes
    route: object


class Answers:
    """ASGI middleware: answers by GET that may be kept, kept; and tags on all of them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        most = settings().max_kept
        self.largest = most // LARGEST_SHARE
        self.kept: Cache[Key, Answer] = Cache(most, lambda answer: len(answer.body) + OVERHEAD)
        self.being_made: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or keep what is answered."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        if scope["path"] in HEALTH:
            await self.app(scope, receive, send)
            return
        key = _key(scope)
        tag = _tag(key)
        if tag in _tags(Headers(scope=scope)):
            scope.setdefault("state", {})["answer"] = "unchanged"
            await _send(send, 304, self._unchanged(key, tag), b"")
            return
        answer = await self._find(key)
        scope.setdefault("state", {})["answer"] = "made" if answer is None else "kept"
        if answer is not None:
            scope["route"] = answer.route  # for the log
            await _send(send, 200, answer.headers, answer.body)
            return
        self.being_made[key] = asyncio.Event()
        keeping = Keeping(self, key, tag, scope, send)
        try:
            await self.app(scope, receive, keeping)
        finally:
            keeping.finish()

    async def _find(self, key: Key) -> Answer | None:
        """What is kept; if it is being made for another, once that is done."""
        while (answer := self.kept.get(key)) is None and key in self.being_made:
            await self.being_made[key].wait()
        return answer

    def _unchanged(self, key: Key, tag: str) -> Pairs:
        """The headers of "it is still the same"."""
        answer = self.kept.get(key)
        if answer is None:
            return [(b"etag", tag.encode())]
        return [pair for pair in answer.headers if pair[0].lower() in TOLD_AGAIN]


class Keeping:
    """An ASGI `send` that notes what goes by, and keeps it if it may be kept."""

    def __init__(self, answers: Answers, key: Key, tag: str, scope: Scope, send: Send) -> None:
        self.answers, self.key, self.tag = answers, key, tag
        self.scope, self.send = scope, send
        self.headers: Pairs = []
        self.body: list[bytes] | None = None
        self.finished = False

    async def __call__(self, message: Message) -> None:
        """Pass a message on, the tag in its headers."""
        if message["type"] == "http.response.start":
            self._start(message)
        elif message["type"] == "http.response.body" and self.body is not None:
            self.body.append(message.get("body", b""))
            if not message.get("more_body", False):
                self._keep(b"".join(self.body))
        # Kept before it is sent: others don't wait for one who reads slowly.
        await self.send(message)

    def finish(self) -> None:
        """Let those go on who wait for the same."""
        if not self.finished:
            self.finished = True
            self.answers.being_made.pop(self.key).set()

    def _start(self, message: Message) -> None:
        headers = MutableHeaders(raw=message["headers"])
        if message["status"] == 200:
            headers.setdefault("Cache-Control", _cached(self.scope["path"]))
        if message["status"] != 200 or "etag" in headers or "no-store" in headers["Cache-Control"]:
            self.finish()
            return
        headers["ETag"] = self.tag
        self.headers, self.body = message["headers"], []

    def _keep(self, body: bytes) -> None:
        if len(body) <= self.answers.largest:
            answer = Answer(list(self.headers), body, self.scope.get("route"))
            self.answers.kept.put(self.key, answer)
        self.finish()


@cache
def release() -> str:
    """A short hash of all that answers are made by: the code, the models, the templates, and the
    processor's kind of arithmetic, whose last digits may differ.
    """
    found = hashlib.blake2b(digest_size=12)
    library = Path(gate_explorer.__file__).parent
    for file in sorted(_files([library, *(ROOT / part for part in PARTS)])):
        found.update(str(file.name).encode() + file.read_bytes())
    parts = (version("numpy"), raster.VERSION, platform.machine(), *_arithmetic())
    found.update(" ".join(parts).encode())
    return found.hexdigest()


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _arithmetic() -> list[str]:
    """The processor's features that NumPy makes use of."""
    config: Any = np.show_config(mode="dicts")
    found: list[str] = config["SIMD Extensions"].get("found", [])
    return found


def _key(scope: Scope) -> Key:
    """All that an answer depends on but for the release."""
    headers = Headers(scope=scope)
    packed = "gzip" if "gzip" in headers.get("accept-encoding", "") else ""
    named = "" if settings().public_url else f"{scope['scheme']}://{headers.get('host', '')}"
    address = (scope["path"], scope["query_string"].decode("latin-1"))
    asked = () if is_api(scope["path"]) else tuple(headers.get(name, "") for name in PAGE_HEADERS)
    return (named, *address, packed, *asked)


def _tag(key: Key) -> str:
    where = settings().public_url or "", settings().root_path
    words = "\n".join((release(), *where, *key)).encode("utf-8", "surrogatepass")
    return f'"{hashlib.blake2b(words, digest_size=12).hexdigest()}"'


def _tags(headers: Headers) -> list[str]:
    """The tags that whoever asks has; a proxy may have made them weak."""
    given = headers.get("if-none-match", "")
    return [each.strip().removeprefix("W/") for each in given.split(",")] if given else []


def _cached(path: str) -> str:
    """How an answer may be kept that doesn't say so itself: by asking for it anew each time, which
    costs a 304. Pages follow the host that was asked for, unless a setting names the site; until
    then no cache that serves several people may have them. A proxy may be allowed to give them to
    others for a while without asking.
    """
    if not is_api(path) and settings().public_url is None:
        return f"private, {CHECKED}"
    shared = settings().shared_seconds
    return f"public, max-age=0, s-maxage={shared}, must-revalidate" if shared else CHECKED


async def _send(send: Send, status: int, headers: Pairs, body: bytes) -> None:
    # A copy, since those who pass it on add to it.
    start = {"type": "http.response.start", "status": status, "headers": list(headers)}
    await send(start)
    await send({"type": "http.response.body", "body": body})
