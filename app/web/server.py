"""The web server: uvicorn with what it leaves open closed.

uvicorn waits without end for a request to arrive and keeps any number of connections. Here a
request has a time to arrive in whole, idle connections end, and there is a limit to them; what
isn't HTTP is answered in problem+json like everything else.
"""

import asyncio
import contextlib
import sys
from http import HTTPStatus

import h11
import uvicorn
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from gate_explorer.errors import ExplorerError, HeadError, MalformedError, OverloadError

from ..settings import settings
from .errors import problem
from .factory import create_app
from .headers import security_headers

GRACE_SECONDS = 5


class PatientProtocol(H11Protocol):
    """One connection, patient but not for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection if there is room, and start the time for its first request."""
        super().connection_made(transport)
        if len(self.connections) > settings().max_connections:
            self._refuse(OverloadError("Too many connections; please try again in a moment."))
            return
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Read on; the time ends when the request is complete, and starts with the next."""
        super().data_received(data)
        arriving = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if not arriving:
            self._stop_waiting()
        elif self._waiting is None:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time with the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what isn't HTTP, or has too long a head, and close."""
        error = sys.exception()
        if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:
            most = settings().max_head
            self._refuse(HeadError(f"Address and headers may have {most:,} bytes in all."))
        else:
            self._refuse(MalformedError(msg))

    def _await_request(self) -> None:
        self._waiting = self.loop.call_later(settings().request_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self.transport.abort()

    def _refuse(self, error: ExplorerError) -> None:
        """Write the error and close; only close if an answer is already under way."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_written(problem(error)))
        self.transport.close()


def serve(host: str, port: int) -> None:
    """Serve until asked to stop; then let what is under way finish, for a few seconds."""
    config = uvicorn.Config(
        create_app(),
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",
        h11_max_incomplete_event_size=settings().max_head,
        timeout_keep_alive=settings().idle_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )
    # The signal that ended the server is raised again by uvicorn; Ctrl-C needs no traceback.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run()


def _written(response: Response) -> bytes:
    """An answer as it goes over the wire, for a request that never became one."""
    headers = {**dict(response.headers), **security_headers("/api"), "connection": "close"}
    lines = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(response.body)
