"""What if: what a run holds, in words, and the choices of the form that holds a gate."""

from dataclasses import dataclass

from gate_explorer.analysis.words import number
from gate_explorer.runs.cells import LSTM, called
from gate_explorer.runs.clamps import EVERYWHERE, GATES, Clamp, Ranges
from gate_explorer.runs.run import Run

from .atlas import Atlas, atlas
from .context import Context

NAMES: dict[str, str] = {letter: name for name, letter in GATES.items()}


@dataclass(frozen=True)
class Hold:
    """A clamp in words, and the clamps that are left without it."""

    words: str
    others: tuple[str, ...] | None


@dataclass(frozen=True)
class HoldPanel:
    """What is held, and what the form can hold: each gate's name in an address and on the page.

    layer: that of a stack which is looked at, by its name in an address and in words; None where
    there is but one.
    """

    holds: tuple[Hold, ...]
    gates: tuple[tuple[str, str], ...]
    unit: int
    units: int
    layer: tuple[str, str] | None
    atlas: Atlas | None


def title(context: Context) -> str:
    """The tab's words."""
    return "What if"


def has(context: Context) -> bool:
    """Every model with gates to hold."""
    return context.explorer.holdable and context.error is None


def clamps(context: Context) -> HoldPanel:
    """What is held, and what can be."""
    e = context.explorer
    gates = tuple((NAMES[q.key], _the(q.key, e.symbols)) for q in LSTM.held)
    layer = (e.held_layer, e.run.layer_words) if e.held_layer else None
    return HoldPanel(holds(context), gates, e.unit, e.units, layer, atlas(context))


def holds(context: Context) -> tuple[Hold, ...]:
    """The clamps of a page."""
    held, symbols = context.state.options.clamps, context.explorer.symbols
    texts = [clamp.text for clamp in held]
    return tuple(
        Hold(
            hold_words(clamp, symbols, layer_of(clamp, context.run)),
            (*texts[:n], *texts[n + 1 :]) or None,
        )
        for n, clamp in enumerate(held)
    )


def layer_of(clamp: Clamp, run: Run) -> str:
    """Which layers of a stack a clamp holds, in words; "" where there is but one."""
    if len(run.layers) == 1:
        return ""
    if clamp.layer is None:
        return "every layer"
    return run.looking_at(run.place_of(clamp.layer)).layer_words


def hold_words(clamp: Clamp, symbols: bool, layer: str = "") -> str:
    """`the Eraser is held at 0 at step 3 in units 7, 9 of layer 2, backward`."""
    steps = "at every step" if clamp.steps == EVERYWHERE else f"at {_places('step', clamp.steps)}"
    units = "" if clamp.units == EVERYWHERE else f" in {_places('unit', clamp.units)}"
    where = f" {'of' if units else 'in'} {layer}" if layer else ""
    return f"{_the(clamp.gate, symbols)} is held at {number(clamp.value)} {steps}{units}{where}"


def _the(gate: str, symbols: bool) -> str:
    name = called(LSTM[gate], symbols)
    return f"the {name.lower() if symbols else name}"


def _places(what: str, ranges: Ranges) -> str:
    parts = [str(low) if low == high else f"{low}–{high}" for low, high in ranges]
    many = len(ranges) > 1 or ranges[0][0] != ranges[0][1]
    return f"{what}{'s' if many else ''} {', '.join(parts)}"
