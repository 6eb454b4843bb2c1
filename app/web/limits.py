"""How much a request may ask for: its size, its time, and how many are answered at once.

Everything is refused before it costs memory. A body that is too long is read past, not kept, so
that the sender gets to see the answer.
"""

import asyncio
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate_explorer.errors import (
    ExplorerError,
    HeadError,
    MalformedError,
    OverloadError,
    SlowError,
    TooLargeError,
)

from ..settings import Settings
from .errors import respond

MOST_READ_PAST = 64 * 2**20
HEADER_SIGNS = len(": \r\n")


class RequestLimits:
    """ASGI middleware: addresses in UTF-8, bodies within their limits, not too many at once.

    It also answers HEAD wherever GET is answered.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is beyond a limit; let the rest through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = Body(receive, self.settings.max_body, self.settings.body_seconds)
        self.running += 1
        try:
            self._check_room()
            self._check_head(scope)
            check_address(scope)
            await body.check_declared(Headers(scope=scope))
        except ExplorerError as error:
            await respond(Request(scope), error)(scope, receive, send)
        else:
            # The server leaves the body out of an answer to HEAD by itself.
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            await self.app({**scope, "method": method}, body, send)
        finally:
            self.running -= 1

    def _check_room(self) -> None:
        if self.running > self.settings.max_requests:
            raise OverloadError("Too many requests at once; please try again in a moment.")

    def _check_head(self, scope: Scope) -> None:
        # The HTTP parser only minds a long head that comes in several parts.
        words = (part for header in scope["headers"] for part in header)
        size = sum(map(len, (scope["raw_path"], scope["query_string"], *words)))
        size += HEADER_SIGNS * len(scope["headers"])
        if size > self.settings.max_head:
            raise HeadError(
                f"Address and headers may have {self.settings.max_head:,} bytes in all."
            )


class Body:
    """An ASGI `receive` that gives a body's parts as long as size and time allow.

    Raises, when called: TooLargeError, SlowError.
    """

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self.receive, self.most, self.seconds = receive, most, seconds
        self.deadline = asyncio.get_running_loop().time() + seconds
        self.size = 0
        self.complete = False

    async def __call__(self) -> Message:
        """The next part of the body, or the end of the connection."""
        if self.complete:
            # Now it is the end of the connection that is waited for, however long that takes.
            return await self.receive()
        message = await self._next_part()
        if self.size > self.most:
            raise await self._too_large()
        return message

    async def check_declared(self, headers: Headers) -> None:
        """Raise TooLargeError if the headers announce too long a body."""
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) <= self.most:
            return
        if "expect" in headers:
            # The sender waits for our word before it sends: there is nothing to read past.
            self.complete = True
        raise await self._too_large()

    async def _next_part(self) -> Message:
        try:
            async with asyncio.timeout_at(self.deadline):
                message = await self.receive()
        except TimeoutError:
            raise SlowError(
                f"The request body did not arrive within {self.seconds:g} seconds."
            ) from None
        self.size += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        return message

    async def _too_large(self) -> TooLargeError:
        while not self.complete and self.size < MOST_READ_PAST:
            try:
                await self._next_part()
            except SlowError:
                break
        return TooLargeError(f"A request body may have {self.most:,} bytes at most.")


def check_address(scope: Scope) -> None:
    """Raise MalformedError unless path and query are UTF-8, the path without control characters."""
    try:
        path = unquote_to_bytes(scope["raw_path"]).decode("utf-8")
        unquote_to_bytes(scope["query_string"]).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("The address isn't UTF-8; percent-encode it as UTF-8.") from None
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise MalformedError("The address holds a control character.")
