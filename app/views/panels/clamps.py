"""What a run holds, in words, and the choices of the form that holds a gate."""

from dataclasses import dataclass

from gate_explorer.analysis.words import number
from gate_explorer.runs.clamps import EVERYWHERE, GATES, Clamp, Ranges

from ..address.state import ExplorerState
from .arithmetic import KINDS

NAMES = {letter: name for name, letter in GATES.items()}


@dataclass(frozen=True)
class Hold:
    """A clamp in words, and the clamps that are left without it."""

    words: str
    others: tuple[str, ...] | None


def holds(state: ExplorerState) -> tuple[Hold, ...]:
    """The clamps of a state."""
    clamps = state.options.clamps
    texts = [clamp.text for clamp in clamps]
    return tuple(
        Hold(hold_words(clamp, bool(state.names)), (*texts[:n], *texts[n + 1 :]) or None)
        for n, clamp in enumerate(clamps)
    )


def hold_words(clamp: Clamp, symbols: bool) -> str:
    """`the Eraser is held at 0 at step 3 in units 7, 9`."""
    steps = "at every step" if clamp.steps == EVERYWHERE else f"at {_places('step', clamp.steps)}"
    units = "" if clamp.units == EVERYWHERE else f" in {_places('unit', clamp.units)}"
    return f"{_gate(clamp.gate, symbols)} is held at {number(clamp.value)} {steps}{units}"


def gate_choices(state: ExplorerState) -> tuple[tuple[str, str], ...]:
    """What the form can hold: each gate's name in an address, and its name on the page."""
    return tuple((NAMES[gate], _gate(gate, bool(state.names))) for gate in ("f", "i", "g", "o"))


def _gate(gate: str, symbols: bool) -> str:
    kind = KINDS[gate]
    return f"the {kind.term if symbols else kind.name}"


def _places(what: str, ranges: Ranges) -> str:
    parts = [str(low) if low == high else f"{low}–{high}" for low, high in ranges]
    many = len(ranges) > 1 or ranges[0][0] != ranges[0][1]
    return f"{what}{'s' if many else ''} {', '.join(parts)}"
