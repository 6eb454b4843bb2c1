"""The same store in a Redis (or Valkey) that several servers share.

What one brings another opens. Every change is one script, which Redis runs whole or not at all, and
nobody else meanwhile. How durable an acknowledged upload is, is Redis's setting: with `appendonly
yes` and `appendfsync always` it is on the disk before the answer; with `everysec` the last second
can be lost; without either, a restart of Redis loses everything. A replica that takes over may lack
what the lost one had acknowledged.

All keys share one hash tag, so that a cluster keeps them together.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gate_explorer.errors import OverloadError, RoomError

from .store import OPENED_AGAIN, Kept, Quota, check_size, digest_of

PREFIX = "{gate-explorer}:"
SECONDS = 3.0  # for Redis to answer
# For how long a Redis that didn't answer isn't asked again, and a yes of its own holds.
AWAY_SECONDS, KNOWN_SECONDS = 2.0, 1.0
AWAY = "The store of the models that were brought can't be reached; please try again in a moment."
FULL = "There is no room for another model now; please try again later."

# What all scripts share: to take a network away with its tokens, and all whose time is over.
_COMMON = """
local p = KEYS[1]
local function take(id)
  redis.call('DECRBY', p .. 'bytes', redis.call('HGET', p .. 'net:' .. id, 'size') or 0)
  redis.call('DEL', p .. 'net:' .. id, p .. 'tokens:' .. id)
  redis.call('ZREM', p .. 'made', id)
  redis.call('ZREM', p .. 'opened', id)
end
local function expire(before)
  local over = redis.call('ZRANGEBYSCORE', p .. 'made', '-inf', '(' .. before)
  for _, id in ipairs(over) do take(id) end
end
"""
# Those that only take away run also where no memory is left.
_TAKING = f"#!lua flags=allow-oom{_COMMON}"
_PUT = f"""{_COMMON}
local id, data, facts, digest, now, before, bytes, networks, token = unpack(ARGV)
local size = #data
expire(before)
if redis.call('HGET', p .. 'net:' .. id, 'digest') ~= digest then
  if redis.call('EXISTS', p .. 'net:' .. id) == 1 then take(id) end
  while redis.call('ZCARD', p .. 'opened') >= tonumber(networks)
      or tonumber(redis.call('GET', p .. 'bytes') or 0) + size > tonumber(bytes) do
    take(redis.call('ZRANGE', p .. 'opened', 0, 0)[1])
  end
  redis.call('INCRBY', p .. 'bytes', size)
end
redis.call('HSET', p .. 'net:' .. id, 'data', data, 'facts', facts, 'digest', digest, 'size', size)
redis.call('ZADD', p .. 'made', now, id)
redis.call('ZADD', p .. 'opened', now, id)
redis.call('SADD', p .. 'tokens:' .. id, token)
"""
_DELETE = f"""{_TAKING}
local id, token = unpack(ARGV)
local count = redis.call('SREM', p .. 'tokens:' .. id, token)
if count == 1 and redis.call('SCARD', p .. 'tokens:' .. id) == 0 then take(id) end
return count
"""
_SWEEP = f"{_TAKING}expire(ARGV[1])"

log = logging.getLogger("uvicorn.error")


class SharedStore:
    """The networks in a Redis; as `Store`, for servers that share it.

    url: redis://host:port/database. Any thread may call. Raises: OverloadError from every method
    while Redis is away, and RoomError where it has no memory left.
    """

    def __init__(
        self, url: str, quota: Quota | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.quota, self.clock = quota or Quota(), clock
        self._redis: Any = redis.Redis.from_url(
            url,
            socket_timeout=SECONDS,
            socket_connect_timeout=SECONDS,
            # A connection that a restart has ended is made anew; what is slow isn't asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        self._put, self._delete, self._expire = map(
            self._redis.register_script, (_PUT, _DELETE, _SWEEP)
        )
        self._away_until = 0.0
        self._known: dict[str, float] = {}
        self._start()

    def put(self, name: str, data: bytes, facts: str) -> str:
        """Keep a network under an id of `id_of`, and return a token that can give it up.

        One that is there already begins its time anew. Room is made by giving up what was opened
        longest ago. Raises: TooLargeError for what doesn't fit even alone.
        """
        check_size(data, self.quota)
        token, now = secrets.token_urlsafe(32), self.clock()
        arguments: Sequence[Any] = (
            name, data, facts, digest_of(data), now, now - self.quota.seconds,
            self.quota.bytes, self.quota.networks, digest_of(token.encode()),
        )  # fmt: skip
        with self._asking():
            self._put(keys=[PREFIX], args=arguments)
        return token

    def get(self, name: str) -> Kept | None:
        """The network of that id; None where it isn't there, its time is over, or it is damaged."""
        with self._asking(), self._redis.pipeline() as pipe:
            pipe.hmget(f"{PREFIX}net:{name}", "facts", "data", "digest")
            pipe.zscore(f"{PREFIX}made", name).zscore(f"{PREFIX}opened", name)
            (facts, data, digest), made, opened = pipe.execute()
        if made is None or data is None or self._is_over(made):
            return None
        if digest_of(data).encode() != digest:
            return None
        if (now := self.clock()) - opened > OPENED_AGAIN:
            with self._asking():
                self._redis.zadd(f"{PREFIX}opened", {name: now}, xx=True)
        return Kept(name, facts.decode(), data, made, opened)

    def has(self, name: str) -> bool:
        """Whether the network of that id is there and in time; for a second after a yes, still."""
        if self._known.get(name, 0.0) > time.monotonic():
            return True
        with self._asking():
            made = self._redis.zscore(f"{PREFIX}made", name)
        there = made is not None and not self._is_over(made)
        self._known.pop(name, None)
        if there:
            if len(self._known) > self.quota.networks:
                self._known.clear()
            self._known[name] = time.monotonic() + KNOWN_SECONDS
        return there

    def delete(self, name: str, token: str) -> bool:
        """Give up a token; whether it was one of that network, whose last one takes it away."""
        with self._asking():
            count = self._delete(keys=[PREFIX], args=(name, digest_of(token.encode())))
        self._known.pop(name, None)
        return bool(count)

    def names(self) -> list[str]:
        """The ids of all that is kept and whose time isn't over, the newest first."""
        with self._asking():
            pairs = self._redis.zrange(f"{PREFIX}made", 0, -1, withscores=True)
        found = sorted((-made, name.decode()) for name, made in pairs if not self._is_over(made))
        return [name for _, name in found]

    def sweep(self) -> None:
        """Remove what is over."""
        with self._asking():
            self._expire(keys=[PREFIX], args=(self.clock() - self.quota.seconds,))

    def _start(self) -> None:
        """Sweep, and say how durable this Redis is; one that is away may come later."""
        try:
            self.sweep()
            with self._asking():
                found = self._redis.info("persistence")
        except (OverloadError, RoomError) as error:
            log.warning("uploads: %s", error.detail)
            return
        if not found.get("aof_enabled"):
            log.warning("uploads: this Redis keeps no append-only file; a restart can lose them")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask Redis, unless it was away a moment ago."""
        if time.monotonic() < self._away_until:
            raise OverloadError(AWAY)
        try:
            yield
        except redis.ResponseError as error:
            log.warning("uploads: Redis refuses (%s)", str(error).partition(" ")[0])
            raise RoomError(FULL) from None
        except redis.RedisError as error:
            log.warning("uploads: Redis is away (%s)", type(error).__name__)
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise OverloadError(AWAY) from None

    def _is_over(self, made: float) -> bool:
        return made < self.clock() - self.quota.seconds
