"""The desk: a row a quantity of the cell's equation, a bar a unit, read downward like a sum."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from gate_explorer.analysis.words import percent
from gate_explorer.engine.checks import Array
from gate_explorer.runs.cells import Quantity
from gate_explorer.runs.run import by_unit

from ..drawing.bars import Bars, level, sizes
from .explorer import Explorer

# How many steps' bars are worked out at once: NumPy is slow for few numbers.
AT_ONCE = 8
# Up to so many units a number stands on every bar.
MOST_NUMBERED = 8
LEADS_TO = {"classes": "verdict", "next_token": "its guess", "number": "its answer"}


@dataclass(frozen=True)
class Numbered:
    """A unit's number on its bar: its words, and the classes of the bar's length."""

    unit: int
    words: str
    level: str


@dataclass(frozen=True)
class Row:
    """A row of the desk.

    term: the field's word beside a nickname. share: the gates' weighted mean in words. value: the
    chosen unit's number. leads: where it goes from here. held: what is held here, in words; ghost:
    the path of what the network itself would do. fader: a gate's value as its fader's. whence:
    where the memory came from, in a pass that reads backwards.
    """

    quantity: Quantity
    name: str
    term: str
    share: str
    bars: Bars
    value: str
    top: str
    bottom: str
    leads: str
    held: str
    numbered: tuple[Numbered, ...]
    ghost: str = ""
    fader: str = ""
    whence: str = ""

    @property
    def key(self) -> str:
        """The quantity's key."""
        return self.quantity.key

    @property
    def is_result(self) -> bool:
        """Whether it is what the rows above come to."""
        return self.quantity.operator == "="


def rows(explorer: Explorer, own: Explorer | None = None) -> tuple[Row, ...]:
    """The cell's quantities at this step, from top to bottom; own: the run with nothing held."""
    return tuple(_row(explorer, quantity, own) for quantity in explorer.equation.quantities)


def _row(e: Explorer, quantity: Quantity, own: Explorer | None) -> Row:
    key = quantity.key
    name, top, bottom = e.once(f"heads {key}", partial(_heads, e, quantity))
    bars, labels = _bars(e, quantity)
    return Row(
        quantity=quantity,
        name=name,
        term="" if e.symbols else _term(quantity),
        share=_share(e, quantity),
        bars=bars,
        value=e.short(key),
        top=top,
        bottom=bottom,
        leads=_leads(e, quantity),
        held=_held(e, quantity),
        ghost=_ghost(e, quantity, own),
        fader=f"{float(e.values(key)[e.unit - 1]):.2f}" if quantity.is_gate and e.holdable else "",
        numbered=_numbered(e, bars, labels),
        whence=_whence(e, quantity),
    )


def _term(quantity: Quantity) -> str:
    """The field's word for what stands in a row; a squashed memory has none of its own."""
    return quantity.term.removesuffix(" before") if quantity.key != "tanh_c" else ""


def _heads(e: Explorer, quantity: Quantity) -> tuple[str, str, str]:
    """A row's name, and the ends of its scale."""
    top = e.top(quantity.key)
    bottom = e.word(quantity.key, -top) if e.signed(quantity.key) else "0"
    return e.called(quantity.key), e.word(quantity.key, top), bottom


def _bars(e: Explorer, quantity: Quantity) -> tuple[Bars, str]:
    """The bars of this step, and their numbers with a | between them."""
    first = (e.t - 1) // AT_ONCE * AT_ONCE
    drawn = e.once(
        f"bars {quantity.key} {first}", partial(_drawn, e, quantity, slice(first, first + AT_ONCE))
    )
    whole, passing, labels = drawn
    n = e.t - 1 - first
    bars = Bars(whole[n], passing[n] if passing else None, e.signed(quantity.key))
    return bars, labels[n]


def _drawn(
    e: Explorer, quantity: Quantity, steps: slice
) -> tuple[list[bytes], list[bytes] | None, list[str]]:
    """The bars of some steps: sizes, those of what passes, numbers."""
    key, top = quantity.key, e.top(quantity.key)
    values = by_unit(e.layer, key)[steps][:, e.columns]
    passing = None
    if quantity.gate:
        passing = sizes(values * by_unit(e.layer, quantity.gate)[steps][:, e.columns], top)
    width = values.shape[1]
    if width > MOST_NUMBERED:
        return sizes(values, top), passing, [""] * len(values)
    texts = e.words(key, values.ravel())
    labels = ["|".join(texts[n : n + width]) for n in range(0, len(texts), width)]
    return sizes(values, top), passing, labels


def _numbered(e: Explorer, bars: Bars, labels: str) -> tuple[Numbered, ...]:
    if not labels:
        return ()
    each = zip(e.drawn, labels.split("|"), bars.sizes, strict=True)
    return tuple(Numbered(unit, words, level(size, bars.signed)) for unit, words, size in each)


def _share(e: Explorer, quantity: Quantity) -> str:
    """How much of what they meet the gates let pass, all units together."""
    if not quantity.is_gate or e.units == 1:
        return ""
    role = e.roles[e.t - 1]
    passed = {"f": 1 - role.reset, "i": role.store, "o": role.output}[quantity.key]
    return percent(passed)


def _leads(e: Explorer, quantity: Quantity) -> str:
    """Where a result goes: on to the next step, or out to the verdict."""
    if e.units == 1:
        return ""
    if quantity.key == e.equation.shown:
        return _shown_to(e)
    if quantity.key == e.equation.memory and e.backward and e.t > 1:
        return f"{e.step_word} before"
    if quantity.key == e.equation.memory and not e.backward and e.t < e.steps:
        return f"next {e.step_word}"
    return ""


def _shown_to(e: Explorer) -> str:
    """Where what is shown goes: up the stack, or into an answer where one is given at this step."""
    if e.run.depths[e.run.place] < e.run.depths[-1]:
        return "layer above"
    output = e.run.card.output
    return LEADS_TO[output] if output and e.run.outputs[e.t - 1] is not None else ""


def _whence(e: Explorer, quantity: Quantity) -> str:
    """Where a pass that reads backwards has its memory from."""
    if not e.backward or quantity.key != e.equation.before:
        return ""
    return f"from the {e.step_word} after" if e.t < e.steps else "it begins here, at the end"


def _ghost(e: Explorer, quantity: Quantity, own: Explorer | None) -> str:
    """The bars that the network itself would have where a gate is held at this step."""
    if own is None or not quantity.is_gate or not _held(e, quantity):
        return ""
    held = getattr(e.run.held, quantity.key)[e.t - 1]
    values = np.where(np.isnan(held), 0, getattr(own.layer, quantity.key)[e.t - 1])[e.columns]
    return Bars(sizes(values[None], e.top(quantity.key))[0], None, signed=False).whole


def _held(e: Explorer, quantity: Quantity) -> str:
    """What is said of a gate that is held at this step, in all units or in some."""
    held = e.run.held
    if held is None or quantity not in e.equation.held:
        return ""
    values = getattr(held, quantity.key)[e.t - 1]
    there = ~np.isnan(values)
    if not there.any():
        return ""
    some = "" if there.all() else _in_units(np.flatnonzero(there))
    first = float(values[there][0])
    alike = bool((values[there] == first).all())
    at = {0.0: "shut", 1.0: "open"}.get(first, f"at {e.word(quantity.key, first)}")
    return f"held {at if alike else 'by hand'}{some or ' by you'}"


def _in_units(places: Array) -> str:
    return f" in unit {places[0] + 1}" if len(places) == 1 else f" in {len(places)} units"
