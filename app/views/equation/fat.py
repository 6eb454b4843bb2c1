"""One unit's sum as fat bars in a line: the toy's whole desk, and any unit's drawer."""

from dataclasses import dataclass

from gate_explorer.runs.cells import Quantity

from ..drawing.bars import level, sizes
from .explorer import Explorer


@dataclass(frozen=True)
class FatBar:
    """A quantity of the chosen unit: its name, its number, and the classes of its length.

    passing: the classes of what passes its gate; "" where nothing gates it. small: what stands
    below it. top: the end of its scale. fader: a gate's value as its fader's.
    """

    quantity: Quantity
    name: str
    words: str
    level: str
    passing: str
    signed: bool
    small: str
    top: str
    fader: str

    @property
    def key(self) -> str:
        """The quantity's key."""
        return self.quantity.key


def fat_bars(explorer: Explorer) -> tuple[FatBar, ...]:
    """The chosen unit's quantities, in the order of its sum."""
    return tuple(_bar(explorer, quantity) for quantity in explorer.equation.quantities)


def _bar(e: Explorer, quantity: Quantity) -> FatBar:
    key, place = quantity.key, e.unit - 1
    value = e.values(key)[place : place + 1]
    signed, top = e.signed(key), e.top(key)
    passing = ""
    if quantity.gate:
        passed = value * e.values(quantity.gate)[place]
        passing = level(sizes(passed[None], top)[0][0], signed)
    return FatBar(
        quantity=quantity,
        name=e.called(key),
        words=e.short(key),
        level=level(sizes(value[None], top)[0][0], signed),
        passing=passing,
        signed=signed,
        small=_small(quantity, e.symbols),
        top=e.word(key, top),
        fader=f"{float(value[0]):.2f}" if quantity.is_gate and e.holdable else "",
    )


def _small(quantity: Quantity, symbols: bool) -> str:
    """What stands below a bar: the field's word, and what a gate does."""
    if symbols or not (quantity.squash or quantity.key == "g"):
        return quantity.does
    return f"{quantity.term} · {quantity.does}"
