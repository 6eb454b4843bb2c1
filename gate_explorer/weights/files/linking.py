"""Which layers feed into which, where names alone say so, and the chains that come of it."""

import re
from collections.abc import Sequence

from gate_explorer.weights.files.opened import Layer, Link

MOST_CHAINS = 200
_NUMBER = re.compile(r"(\d+)(?!.*\d)")
BACKWARD = re.compile(r"(?i)(?:^|[^a-z])(?:backwards?|bwd?|rev|reverse|reversed|rtl)(?:$|[^a-z])")
FORWARD = re.compile(r"(?i)(?:^|[^a-z])(?:forwards?|fwd?|ltr)(?:$|[^a-z])")


def by_number(layers: Sequence[Layer]) -> tuple[Link, ...]:
    """Layers that are numbered one after the other under one name, where their widths fit.

    `lstm1` and `lstm2`, `cells.0` and `cells.1`; but not those that are called forward or
    backward: how directions are joined isn't in a name.
    """
    places: dict[tuple[str, int], int] = {}
    for k, layer in enumerate(layers):
        stem, number = _numbered(layer.name)
        if not BACKWARD.search(layer.name) and not FORWARD.search(layer.name):
            places.setdefault((stem, number), k)
    links = []
    for (stem, number), lower in places.items():
        upper = places.get((stem, number + 1))
        if upper is not None and fits(layers[lower], layers[upper]):
            links.append(Link(lower, upper, assumed_link(layers[lower], layers[upper], "names")))
    return tuple(links)


def in_order(layers: Sequence[Layer]) -> tuple[Link, ...]:
    """Layers that follow one another in the file, where their widths fit."""
    return tuple(
        Link(k, k + 1, assumed_link(layers[k], layers[k + 1], "order in the file"))
        for k in range(len(layers) - 1)
        if fits(layers[k], layers[k + 1])
    )


def fits(lower: Layer, upper: Layer) -> bool:
    """Whether the one can read what the other gives, and both are LSTMs or both RNNs."""
    same_kind = (lower.gate_order is None) == (upper.gate_order is None)
    return same_kind and lower.sizes[1] == upper.sizes[0]


def assumed_link(lower: Layer, upper: Layer, grounds: str) -> str:
    """That a link was taken for granted, as a sentence."""
    return f"{upper.name} reads what {lower.name} gives, by their {grounds} and widths"


def chains(layers: Sequence[Layer], links: Sequence[Link]) -> list[tuple[int, ...]]:
    """Every chain of two layers or more, as their places from the input up, in the file's order."""
    above: dict[int, list[int]] = {}
    for link in links:
        above.setdefault(link.lower, []).append(link.upper)
    found: list[tuple[int, ...]] = []
    for first in range(len(layers)):
        waiting: list[tuple[int, ...]] = [(first,)]
        while waiting and len(found) < MOST_CHAINS:
            chain = waiting.pop(0)
            longer = [(*chain, k) for k in above.get(chain[-1], []) if k not in chain]
            found += longer
            waiting += longer
    return found[:MOST_CHAINS]


def _numbered(name: str) -> tuple[str, int]:
    """The name without its last number, and that number; 0 without any, before 1."""
    match = _NUMBER.search(name)
    if match is None or len(match[1]) > 6:
        return f"{name}#", 0
    before = name[: match.start()]
    return f"{before.rstrip('_.-')}#{name[match.end() :]}", int(match[1])
