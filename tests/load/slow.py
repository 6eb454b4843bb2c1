"""Those who are slow on purpose: with their headers, their bodies, or in reading what they get."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.server import HOST

BODY_HEAD = (
    b"POST /api/v1/models/toy-rules/trace HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
)
# What an attacker's own system buffers; the rest waits with the server.
RECEIVED = 4096
ESTABLISHED = 1  # the first byte of TCP_INFO, as Linux numbers the states

# Goes on being slow for a while; whether the connection is still there.
Way = Callable[[socket.socket], Awaitable[bool]]


@dataclass
class Attack:
    """How long the slow ones were borne: seconds to the end of each; None for those who weren't."""

    ended: list[float | None]

    @property
    def longest(self) -> float:
        """Until the last was cut off; infinite if some never were."""
        return max((float("inf") if each is None else each) for each in self.ended)


async def slow_headers(port: int, count: int, seconds: float) -> Attack:
    """A byte of a head every two seconds."""
    return await _attack(port, count, seconds, b"GET / HTTP/1.1\r\nX: ", _drip)


async def slow_bodies(port: int, count: int, seconds: float) -> Attack:
    """A whole head, then a byte of the body every two seconds."""
    return await _attack(port, count, seconds, BODY_HEAD, _drip)


async def slow_readers(port: int, count: int, seconds: float, path: str) -> Attack:
    """A request for a long answer, of which a hundred bytes a second are read."""
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    return await _attack(port, count, seconds, head, _sip)


async def honest_reader(port: int, path: str, rate: int, seconds: float) -> int:
    """A slow line that takes so many bytes a second: how many it got before it was cut off."""
    taken = 0
    with _connection(65_536) as made:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(made, (HOST, port))
        await loop.sock_sendall(made, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            part = await loop.sock_recv(made, rate // 10)
            if not part:
                break
            taken += len(part)
            await asyncio.sleep(0.1)
    return taken


def _connection(received: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
    made.setblocking(False)
    return made


async def _attack(port: int, count: int, seconds: float, head: bytes, way: Way) -> Attack:
    ended = await asyncio.gather(*(_one(port, seconds, head, way) for _ in range(count)))
    return Attack(list(ended))


async def _one(port: int, seconds: float, head: bytes, way: Way) -> float | None:
    loop = asyncio.get_running_loop()
    with _connection(RECEIVED) as made:
        begun = time.monotonic()
        try:
            await loop.sock_connect(made, (HOST, port))
            await loop.sock_sendall(made, head)
            while time.monotonic() - begun < seconds:
                if not await way(made):
                    return time.monotonic() - begun
        except OSError:
            return time.monotonic() - begun
    return None


async def _drip(made: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(made, b"x")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            return bool(await loop.sock_recv(made, 1000))
    return True


async def _sip(made: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(1)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await loop.sock_recv(made, 100)
    # What has arrived here can still be read after the other side has ended the connection.
    return made.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED
