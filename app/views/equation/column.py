"""Where the chosen unit's column stands among those drawn, in per cent of the bars' width."""

from dataclasses import dataclass

from .explorer import Explorer


@dataclass(frozen=True)
class Column:
    """The column's left edge, width and middle, as SVG writes lengths; and the units in order."""

    unit: int
    x: str
    width: str
    middle: str
    anchor: str
    order: str


def column(explorer: Explorer) -> Column:
    """The chosen unit's column."""
    drawn = explorer.drawn
    place, share = drawn.index(explorer.unit), 100 / len(drawn)
    middle = (place + 0.5) * share
    anchor = "start" if middle < 6 else "end" if middle > 94 else "middle"
    return Column(
        explorer.unit,
        f"{place * share:.3f}%",
        f"{share:.3f}%",
        f"{middle:.3f}%",
        anchor,
        ",".join(map(str, drawn)),
    )
