"""How often one address may ask: so many requests a minute, of which heavy ones count for several.

An address is a client's IPv4 address or its IPv6 /64, the connection's own unless that is a trusted
proxy's. What comes from the machine itself is not counted. Counts are kept in memory, by each
process for itself; or, where a setting names one, in a Redis that several share, and in memory
again while that is away.
"""

import contextlib
import logging
import math
import time
from ipaddress import ip_address, ip_network

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gate_explorer.errors import RateError

from ..settings import settings
from .limits import HEALTH

# Milliseconds of heavy work that count as one request more.
HEAVY_SHARE = 20.0
IPV6_NETWORK = 64
REDIS_SECONDS = 0.1
# For how long a Redis that didn't answer isn't asked again.
AWAY_SECONDS = 5.0
# More addresses than that are counted by larger networks: /16, and /32 of IPv6.
MOST_ADDRESSES = 10_000

log = logging.getLogger("uvicorn.error")


class Counts(MemoryStorage):
    """Counts in memory, swept once a second: the storage's own sweeps at each request."""

    def __init__(self) -> None:
        super().__init__()
        self.swept = 0.0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """The count of a key with so much more in it; it ends `expiry` seconds after its first."""
        now = time.time()
        if now - self.swept > 1:
            self.swept = now
            for ended in [each for each, end in self.expirations.items() if end <= now]:
                del self.expirations[ended], self.storage[ended]
        if self.expirations.get(key, 0.0) <= now:
            self.storage[key] = 0
            self.expirations[key] = now + expiry
        self.storage[key] += amount
        return self.storage[key]


class Rates:
    """ASGI middleware: an address that asks too often is told when to ask again."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.limit = RateLimitItemPerMinute(settings().rate) if settings().rate else None
        self.counts = Counts()
        self.here = FixedWindowRateLimiter(self.counts)
        self.shared = _shared()
        self.away_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request. Raises: RateError."""
        if scope["type"] == "http" and self.limit and scope["path"] not in HEALTH:
            scope.setdefault("state", {})["rates"] = self
            await self.charge(scope, 1)
        await self.app(scope, receive, send)

    async def charge(self, scope: Scope, units: int) -> None:
        """Count so many requests for whoever asks. Raises: RateError if that is too many."""
        client = scope.get("client")
        address = _counted(client[0] if client else "", len(self.counts.expirations))
        if self.limit is None or address is None:
            return
        if not await self._hit(address, units):
            seconds = await self._seconds_left(address)
            raise RateError(
                f"{self.limit.amount:,} requests a minute are answered, of which heavy ones count"
                f" for several; ask again in {seconds} s.",
                retry_after=seconds,
            )

    async def _hit(self, address: str, units: int) -> bool:
        if self.limit is None:
            return True
        if self.shared and time.monotonic() >= self.away_until:
            try:
                return await self.shared.hit(self.limit, address, cost=units)
            except Exception as error:
                self.away_until = time.monotonic() + AWAY_SECONDS
                log.warning("Redis is away (%s); rates are counted here", type(error).__name__)
        return await self.here.hit(self.limit, address, cost=units)

    async def _seconds_left(self, address: str) -> int:
        """Until the address may ask again."""
        if self.limit is None:
            return 0
        limiter = self.here
        if self.shared and time.monotonic() >= self.away_until:
            limiter = self.shared
        reset = time.time() + 1
        with contextlib.suppress(Exception):
            reset = (await limiter.get_window_stats(self.limit, address)).reset_time
        return max(1, math.ceil(reset - time.time()))


async def charge(request: Request, milliseconds: float) -> None:
    """Count heavy work for whoever asks, beside the request itself. Raises: RateError."""
    rates: Rates | None = request.scope.get("state", {}).get("rates")
    if rates:
        await rates.charge(request.scope, math.ceil(milliseconds / HEAVY_SHARE))


def _shared() -> FixedWindowRateLimiter | None:
    """The counts that several servers share, where a setting names a Redis for them."""
    url = settings().rate_storage
    if url is None:
        return None
    storage = storage_from_string(
        f"async+{url}",
        implementation="redispy",
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
    )
    if not isinstance(storage, Storage):
        raise TypeError(f"{url} isn't asynchronous")
    return FixedWindowRateLimiter(storage)


def _counted(host: str, addresses: int) -> str | None:
    """What an address is counted as; None for this machine, and where there is no address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_loopback:
        return None
    many = addresses > MOST_ADDRESSES
    if address.version == 6:
        return str(ip_network((address, 32 if many else IPV6_NETWORK), strict=False))
    return str(ip_network((address, 16), strict=False)) if many else str(address)
