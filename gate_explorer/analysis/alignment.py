"""Two sequences side by side, token by token: what they share, what changed, what one leaves out.

The alignment is the one of fewest edits (Levenshtein 1966; Wagner & Fischer 1974): a token changed,
put in or left out counts one. Of several as short, it is one that pairs most tokens with their
like, and then the one where what is put in or left out stands as early as may be, so that "really
hate" beside "love" pairs "hate" with "love". Two sequences that pair no token with its like are
paired from their beginnings.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gate_explorer.engine.checks import Array


@dataclass(frozen=True)
class Pair:
    """The step of A and the step of B, from 1, that stand side by side; None for a gap."""

    a: int | None
    b: int | None


@dataclass(frozen=True)
class Alignment:
    """The columns of two sequences, in order; every step of either stands in exactly one."""

    pairs: tuple[Pair, ...]

    def __len__(self) -> int:
        return len(self.pairs)

    @cached_property
    def reached(self) -> tuple[tuple[int, int], ...]:
        """How far each sequence has come at each column: its last step so far, 0 for none yet."""
        a = b = 0
        found = []
        for pair in self.pairs:
            a, b = pair.a or a, pair.b or b
            found.append((a, b))
        return tuple(found)

    def begins(self, place: int) -> int:
        """The column, from 1, at which A (place 0) or B (place 1) has its first step."""
        return next(n for n, steps in enumerate(self.reached, 1) if steps[place])


def align(a: Sequence[Hashable], b: Sequence[Hashable]) -> Alignment:
    """The alignment of two sequences, of n and m tokens, in some n m operations of NumPy."""
    edit = len(a) + len(b) + 1  # more than all the likes that could be paired
    cost = _costs(a, b, edit)
    pairs: list[Pair] = []
    i, j = len(a), len(b)
    while i or j:
        step = _last(a, b, cost, (i, j), edit)
        pairs.append(Pair(i if step[0] else None, j if step[1] else None))
        i, j = i - step[0], j - step[1]
    if not any(p.a and p.b and a[p.a - 1] == b[p.b - 1] for p in pairs):
        return _from_their_beginnings(len(a), len(b))
    return Alignment(tuple(reversed(pairs)))


def _from_their_beginnings(n: int, m: int) -> Alignment:
    return Alignment(
        tuple(Pair(t if t <= n else None, t if t <= m else None) for t in range(1, max(n, m) + 1))
    )


def _costs(a: Sequence[Hashable], b: Sequence[Hashable], edit: int) -> Array:
    """The least cost between the first i of `a` and the first j of `b`, (n + 1, m + 1).

    An edit costs `edit`, two tokens paired that are alike -1.
    """
    numbered = {token: n for n, token in enumerate(dict.fromkeys((*a, *b)))}
    columns = np.array([numbered[token] for token in b])
    places = np.arange(len(b) + 1) * edit
    cost: Array = np.empty((len(a) + 1, len(b) + 1), dtype=np.int64)
    cost[0] = places
    for i, token in enumerate(a, 1):
        row = cost[i - 1] + edit
        paired = cost[i - 1, :-1] + np.where(columns == numbered[token], -1, edit)
        row[1:] = np.minimum(row[1:], paired)
        # What is put in at once: the least of row[k] + (j - k) edits over all k up to j.
        cost[i] = np.minimum.accumulate(row - places) + places
    return cost


def _last(
    a: Sequence[Hashable],
    b: Sequence[Hashable],
    cost: Array,
    at: tuple[int, int],
    edit: int,
) -> tuple[int, int]:
    """The last column of the first i and j tokens: how many of each stand in it, 0 or 1."""
    i, j = at
    if i and j:
        pair = -1 if a[i - 1] == b[j - 1] else edit
        if cost[i, j] == cost[i - 1, j - 1] + pair:
            return 1, 1
    if i and cost[i, j] == cost[i - 1, j] + edit:
        return 1, 0
    return 0, 1
