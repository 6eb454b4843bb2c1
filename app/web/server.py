"""The web server: uvicorn with what it leaves open closed.

uvicorn waits without end for a request to arrive and for an answer to be read, and keeps any number
of connections. Here a request has a time to arrive in whole, who reads hardly anything for ten
seconds is cut off, idle connections end, and there is a limit to them all, but for those that ask
after the server's health. What isn't HTTP is answered in problem+json like everything else.
"""

import asyncio
import contextlib
import fcntl
import resource
import socket
import struct
import sys
import termios
from collections import deque
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors import Multiprocess

from gate_explorer.errors import ExplorerError, HeadError, MalformedError, OverloadError

from ..settings import settings
from . import log
from .errors import problem
from .headers import security_headers
from .limits import HEALTH

APPLICATION = f"{__package__}.factory:create_app"
# Beyond the limit so many more connections are taken, for questions after the server's health.
GUESTS = 64
GUEST_SECONDS = 2.0
# More than a whole queue of heavy work takes.
GRACE_SECONDS = 15
WATCH_SECONDS, WINDOW_SECONDS = 1.0, 10.0
# What the system may hold of an answer for one connection; else it takes megabytes at once, and
# nobody sees how slowly they are read.
SEND_BUFFER = 64 * 2**10
FILES_BESIDE = 256
RESET = struct.pack("ii", 1, 0)


class Counted:
    """A transport that counts what is written to it, and knows how much of that is still here."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._socket: socket.socket | None = transport.get_extra_info("socket")
        self.written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, and count."""
        self.written += len(data)
        self._transport.write(data)

    @property
    def unread(self) -> int:
        """Bytes that the other side hasn't taken: here, and with the system."""
        here = self._transport.get_write_buffer_size()
        if self._socket is None or self._socket.fileno() < 0:
            return here
        try:
            held = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4))
        except OSError:
            return here
        return here + int.from_bytes(held, sys.byteorder)

    def reset(self) -> None:
        """End the connection, and forget what wasn't taken."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()


class PatientProtocol(H11Protocol):
    """One connection, patient but not for ever."""

    _waiting: asyncio.TimerHandle | None = None
    _watching: asyncio.TimerHandle | None = None
    _guest = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection if there is room, and start the time for its first request."""
        made = transport.get_extra_info("socket")
        if made is not None:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._counted = Counted(transport)
        self._least = settings().slowest * WINDOW_SECONDS
        self._taken: deque[int] = deque(maxlen=int(WINDOW_SECONDS / WATCH_SECONDS))
        super().connection_made(self._counted)  # type: ignore[arg-type]
        beyond = len(self.connections) - settings().max_connections
        if beyond > GUESTS:
            self._refuse(OverloadError("Too many connections; please try again in a moment."))
            return
        self._guest = beyond > 0
        self._await_request(GUEST_SECONDS if self._guest else settings().request_seconds)
        if settings().slowest:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Read on; the time ends when the request is complete, and starts with the next."""
        super().data_received(data)
        arriving = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if not arriving:
            self._stop_waiting()
        elif self._waiting is None:
            self._await_request(settings().request_seconds)

    def handle_events(self) -> None:
        """Handle what has arrived; a guest may only ask after the server's health."""
        super().handle_events()
        if self._guest and self.scope and self.scope["path"] not in HEALTH:
            self._refuse(OverloadError("Too many connections; please try again in a moment."))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the times with the connection."""
        self._stop_waiting()
        if self._watching is not None:
            self._watching.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what isn't HTTP, or has too long a head, and close."""
        error = sys.exception()
        if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:
            most = settings().max_head
            self._refuse(HeadError(f"Address and headers may have {most:,} bytes in all."))
        else:
            self._refuse(MalformedError(msg))

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, unless its last answer is still being read."""
        if self._counted.unread and settings().slowest:
            self.timeout_keep_alive_task = self.loop.call_later(
                WATCH_SECONDS, self.timeout_keep_alive_handler
            )
            return
        super().timeout_keep_alive_handler()

    def _watch(self) -> None:
        """Cut off who, with something to read, has read hardly any of it for the whole window."""
        unread = self._counted.unread
        taken = self._counted.written - unread
        if not unread:
            self._taken.clear()
        elif len(self._taken) == self._taken.maxlen and taken - self._taken[0] < self._least:
            self._counted.reset()
            return
        else:
            self._taken.append(taken)
        self._watching = self.loop.call_later(WATCH_SECONDS, self._watch)

    def _await_request(self, seconds: float) -> None:
        self._waiting = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._counted.reset()

    def _refuse(self, error: ExplorerError) -> None:
        """Write the error and close; only close if an answer is already under way."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_written(problem(error)))
        self.transport.close()


def serve(host: str, port: int, processes: int = 1) -> None:
    """Serve until asked to stop; then let what is under way finish, for a few seconds.

    processes: how many share the port. Raises: SettingsError.
    """
    limits = settings()
    _allow_files(limits.max_connections + GUESTS + FILES_BESIDE)
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        host=host,
        port=port,
        workers=processes,
        http=PatientProtocol,
        ws="none",
        h11_max_incomplete_event_size=limits.max_head,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        access_log=False,
        log_config=log.configuration(),
        proxy_headers=limits.trusted_proxies is not None,
        forwarded_allow_ips=limits.trusted_proxies or "",
    )
    # The signal that ended the server is raised again by uvicorn; Ctrl-C needs no traceback.
    with contextlib.suppress(KeyboardInterrupt):
        if processes == 1:
            uvicorn.Server(config).run()
        else:
            log.log.info("%d processes answer on one port", processes)
            Multiprocess(config, sockets=[config.bind_socket()]).run()


def _allow_files(most: int) -> None:
    """Let this process have so many files open, if the system allows it: connections are files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _written(response: Response) -> bytes:
    """An answer as it goes over the wire, for a request that never became one."""
    headers = {**dict(response.headers), **security_headers("/api"), "connection": "close"}
    lines = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(response.body)
