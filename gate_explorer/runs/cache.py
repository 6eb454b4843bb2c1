"""What was made last, kept for a while and within a bound, for those who ask for it again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key, the longest unused given up first once all together are too large.

    `size` says how large one is, `most` how large all may be. Safe among threads; who gets a value
    shares it with others and doesn't change it.
    """

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        self._most, self._size, self._total = most, size, 0
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, if it is still there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value, and give up others to make room for it."""
        with self._lock:
            if key in self._values:
                return
            self._values[key] = value
            self._total += self._size(value)
            while self._total > self._most:
                _, oldest = self._values.popitem(last=False)
                self._total -= self._size(oldest)
