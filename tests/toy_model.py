"""The toy once more, written from its three rules alone, and sequences to run it on."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

Row = tuple[float, float, float]

FOUNDING: list[Row] = [(3, 1, 0), (5, 0, 1), (2, 1, 0), (3, 0, 1)]
NUMBERS = st.floats(-1e9, 1e9)
ROWS: st.SearchStrategy[Row] = st.tuples(
    NUMBERS, st.sampled_from((-1.0, 0.0, 1.0)), st.sampled_from((0.0, 1.0))
)
SEQUENCES: st.SearchStrategy[list[Row]] = st.lists(ROWS, min_size=1, max_size=20)


def remember(rows: Iterable[Row], memory: float = 0.0) -> tuple[list[float], list[float | None]]:
    """The memory after each row, and what is shown (None while silent)."""
    memories, shown = [], []
    for number, change, show in rows:
        if change == 1:
            memory += number
        if change == -1:
            memory = 0
        memories.append(memory)
        shown.append(memory if show else None)
    return memories, shown


def as_query(rows: Sequence[Sequence[float]]) -> str:
    """Rows as they stand in an address: `3,1,0;5,0,1`."""
    return ";".join(",".join(repr(value) for value in row) for row in rows)
