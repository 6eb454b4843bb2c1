"""What if: what a run holds, in words, and the choices of the form that holds a gate."""

from dataclasses import dataclass

from gate_explorer.analysis.words import number
from gate_explorer.runs.cells import LSTM, called
from gate_explorer.runs.clamps import EVERYWHERE, GATES, Clamp, Ranges
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.brought import Brought

from ..address.state import ExplorerState
from ..equation.explorer import Explorer
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

    why: why nothing can be held here, in words; "" where it can. layers: whether the file has
    layers that can be opened by themselves.
    """

    holds: tuple[Hold, ...]
    gates: tuple[tuple[str, str], ...]
    unit: int
    units: int
    atlas: Atlas | None
    why: str = ""
    layers: bool = False


def title(context: Context) -> str:
    """The tab's words."""
    return "What if"


def has(context: Context) -> bool:
    """Every model with gates to hold."""
    return bool(context.explorer.equation.gates) and context.error is None


def clamps(context: Context) -> HoldPanel:
    """What is held, and what can be."""
    e = context.explorer
    if not e.holdable:
        return HoldPanel((), (), e.unit, e.units, None, _why(e), _has_layers(context.model))
    gates = tuple((NAMES[q.key], _the(q.key, e.symbols)) for q in LSTM.held)
    return HoldPanel(holds(context.state), gates, e.unit, e.units, atlas(context))


def _why(e: Explorer) -> str:
    """Why no gate of a stack can be held."""
    layers = len(set(e.run.depths))
    what = f"has {layers} layers" if layers > 1 else "reads backwards"
    if layers == 1 and len(e.run.layers) > 1:
        what = "reads both ways"
    return (
        "Gates can be held, and their what-ifs mapped, in a network of one layer that reads"
        f" forwards; this one {what}."
    )


def _has_layers(model: Model) -> bool:
    """Whether the file that a model came in has several networks."""
    return isinstance(model, Brought) and len(model.opened.interpretation.networks) > 1


def holds(state: ExplorerState) -> tuple[Hold, ...]:
    """The clamps of a state."""
    held = state.options.clamps
    texts = [clamp.text for clamp in held]
    return tuple(
        Hold(hold_words(clamp, state.names is not None), (*texts[:n], *texts[n + 1 :]) or None)
        for n, clamp in enumerate(held)
    )


def hold_words(clamp: Clamp, symbols: bool) -> str:
    """`the Eraser is held at 0 at step 3 in units 7, 9`."""
    steps = "at every step" if clamp.steps == EVERYWHERE else f"at {_places('step', clamp.steps)}"
    units = "" if clamp.units == EVERYWHERE else f" in {_places('unit', clamp.units)}"
    return f"{_the(clamp.gate, symbols)} is held at {number(clamp.value)} {steps}{units}"


def _the(gate: str, symbols: bool) -> str:
    name = called(LSTM[gate], symbols)
    return f"the {name.lower() if symbols else name}"


def _places(what: str, ranges: Ranges) -> str:
    parts = [str(low) if low == high else f"{low}–{high}" for low, high in ranges]
    many = len(ranges) > 1 or ranges[0][0] != ranges[0][1]
    return f"{what}{'s' if many else ''} {', '.join(parts)}"
