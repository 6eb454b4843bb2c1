"""How much a request may ask for: its size, its time, and how many are answered at once.

Everything is refused before it costs memory. A request counts as running once its body is there and
until its answer begins to go out, so neither who sends slowly nor who reads slowly takes a place. A
body that is too long is read past, not kept, so that the sender gets to see the answer. Long
answers go out in portions, and are counted until they are gone.
"""

import asyncio
from collections import Counter
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate_explorer.errors import (
    HeadError,
    MalformedError,
    OverloadError,
    SlowError,
    TooLargeError,
)

from ..settings import Settings
from .errors import problem

METRICS = "/metrics"
HEALTH = ("/healthz", "/readyz", METRICS)
MOST_READ_PAST = 64 * 2**20
# Bodies that are arriving, and answers that are going out, of all connections together.
MOST_ARRIVING, MOST_LEAVING = 48 * 2**20, 96 * 2**20
# Where files are brought, and what a form may have besides.
UPLOADS, FORM_BYTES = ("/api/v1/models", "/open"), 64 * 2**10
PORTION = 64 * 2**10
HEADER_SIGNS = len(": \r\n")
LONG_ANSWERS = "Many long answers are being read; please try again in a moment."
NO_ROOM = "Too many requests at once; please try again in a moment."


class Heads:
    """ASGI middleware: addresses in UTF-8, address and headers within their limit."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.most = settings.max_head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what can be read. Raises: HeadError, MalformedError."""
        if scope["type"] == "http":
            self._check_size(scope)
            check_address(scope)
        await self.app(scope, receive, send)

    def _check_size(self, scope: Scope) -> None:
        # The HTTP parser only minds a long head that comes in several parts.
        words = (part for header in scope["headers"] for part in header)
        size = sum(map(len, (scope["raw_path"], scope["query_string"], *words)))
        size += HEADER_SIGNS * len(scope["headers"])
        if size > self.most:
            raise HeadError(f"Address and headers may have {self.most:,} bytes in all.")


class Place:
    """One of the places for requests that are being answered at once."""

    def __init__(self, limits: "RequestLimits") -> None:
        """Raises: OverloadError if none is free."""
        if limits.running >= limits.settings.max_requests:
            raise OverloadError(NO_ROOM)
        limits.running += 1
        self.limits = limits
        self.taken = True

    def leave(self) -> None:
        """Give the place to another: the answer is on its way, or others are making it."""
        if self.taken:
            self.taken = False
            self.limits.running -= 1


class RequestLimits:
    """ASGI middleware: bodies within their limits, not too many requests at once.

    It also answers HEAD wherever GET is answered. Health is outside of all limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.running = 0
        self.arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what is within the limits.

        Raises: TooLargeError, SlowError, OverloadError; ClientDisconnect if whoever asks leaves
        before the body is there.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # The server leaves the body out of an answer to HEAD by itself.
        inner = {**scope, "method": "GET" if scope["method"] == "HEAD" else scope["method"]}

        async def note(message: Message) -> None:
            scope["route"] = inner.get("route")  # for the log
            await send(message)

        if scope["path"] in HEALTH:
            await self.app(inner, receive, note)
        else:
            await self._limited(inner, receive, note)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = self._body_of(scope, receive)
        try:
            await body.check_declared(Headers(scope=scope))
            await self._arrive(body)
            await self._run(scope, body, send)
        finally:
            self.arriving -= body.counted

    def _body_of(self, scope: Scope, receive: Receive) -> "Body":
        """The request's body, within the limits of its address."""
        if scope["method"] == "POST" and scope["path"] in UPLOADS and self.settings.uploads:
            most = self.settings.max_upload + FORM_BYTES
            return Body(receive, most, self.settings.upload_seconds)
        return Body(receive, self.settings.max_body, self.settings.body_seconds)

    async def _arrive(self, body: "Body") -> None:
        """Wait for the whole body, if there is room for it."""
        while not body.complete:
            self.arriving += await body.read_on()
            if self.arriving > MOST_ARRIVING:
                raise OverloadError(NO_ROOM)

    async def _run(self, scope: Scope, body: "Body", send: Send) -> None:
        place = Place(self)
        scope.setdefault("state", {})["place"] = place

        async def leave(message: Message) -> None:
            place.leave()
            await send(message)

        try:
            await self.app(scope, body, leave)
        finally:
            place.leave()


class Body:
    """A body that is read on as long as size and time allow, and then an ASGI `receive` of it."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self.receive, self.most, self.seconds = receive, most, seconds
        self.deadline = asyncio.get_running_loop().time() + seconds
        self.parts: list[bytes] = []
        self.size = 0
        self.counted = 0
        self.complete = False
        self.given = False

    async def __call__(self) -> Message:
        """The whole body; after it, the end of the connection, however long that takes."""
        if self.given:
            return await self.receive()
        self.given = True
        content, self.parts = b"".join(self.parts), []
        return {"type": "http.request", "body": content, "more_body": False}

    async def read_on(self) -> int:
        """How many bytes more there are now.

        Raises: SlowError, TooLargeError; ClientDisconnect if whoever asks has left.
        """
        part = await self._next_part()
        if self.size > self.most:
            raise await self._too_large()
        self.parts.append(part)
        self.counted += len(part)
        return len(part)

    async def check_declared(self, headers: Headers) -> None:
        """Raise TooLargeError if the headers announce too long a body."""
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) <= self.most:
            return
        if "expect" in headers or int(length) > MOST_READ_PAST:
            # The sender waits for our word before it sends, or has no end: nothing is read past.
            self.complete = True
        raise await self._too_large()

    async def _next_part(self) -> bytes:
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError:
            raise SlowError(
                f"The request body did not arrive within {self.seconds:g} seconds."
            ) from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        self.size += len(part)
        self.complete = not message.get("more_body", False)
        return part

    async def _too_large(self) -> TooLargeError:
        self.parts = []
        while not self.complete and self.size < MOST_READ_PAST:
            try:
                await self._next_part()
            except SlowError:
                break
        return TooLargeError(f"A request body may have {self.most:,} bytes at most.")


class Portions:
    """ASGI middleware: a long answer goes out a portion at a time, as its reader takes it.

    What all readers together have still to take is bounded; an answer that several read at once
    counts once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.leaving = 0
        self.readers: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send on in portions; raises OverloadError before an answer for which there is no room."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        refused = False

        async def portion(message: Message) -> None:
            nonlocal start, refused
            if message["type"] == "http.response.start":
                start = message  # held back until it is clear that the body can follow
                return
            body: bytes = message.get("body", b"")
            refused = refused or not self._has_room(body)
            if refused:
                if start:
                    start = {}
                    await problem(OverloadError(LONG_ANSWERS))(scope, receive, send)
                return
            if start:
                start, first = {}, start
                await send(first)
            await self._in_portions(message, body, send)

        await self.app(scope, receive, portion)

    async def _in_portions(self, message: Message, body: bytes, send: Send) -> None:
        if len(body) <= PORTION:
            await send(message)
            return
        self._take(body)
        try:
            for at in range(0, len(body), PORTION):
                more = message.get("more_body", False) or at + PORTION < len(body)
                await send({**message, "body": body[at : at + PORTION], "more_body": more})
                await asyncio.sleep(0)  # others first
        finally:
            self._release(body)

    def _has_room(self, body: bytes) -> bool:
        if len(body) <= PORTION or self.readers[id(body)] or not self.leaving:
            return True
        return self.leaving + len(body) <= MOST_LEAVING

    def _take(self, body: bytes) -> None:
        self.leaving += 0 if self.readers[id(body)] else len(body)
        self.readers[id(body)] += 1

    def _release(self, body: bytes) -> None:
        self.readers[id(body)] -= 1
        if not self.readers[id(body)]:
            del self.readers[id(body)]
            self.leaving -= len(body)


def check_address(scope: Scope) -> None:
    """Raise MalformedError unless path and query are UTF-8, the path without control characters."""
    try:
        path = unquote_to_bytes(scope["raw_path"]).decode("utf-8")
        unquote_to_bytes(scope["query_string"]).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("The address isn't UTF-8; percent-encode it as UTF-8.") from None
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise MalformedError("The address holds a control character.")
