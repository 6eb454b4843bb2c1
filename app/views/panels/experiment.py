"""One experiment to try: the gate whose closing or opening at this step changes the answer most.

It is found by running the closings and openings of this very run, never taken from a table. Where
nothing at this step changes much, it names the step where something does; in a run so long that all
of them would take too long, only those of the step shown are run.
"""

from dataclasses import dataclass

from gate_explorer.analysis.forecasts import said
from gate_explorer.analysis.interventions import (
    NUMBER,
    TONE,
    UNIT,
    Experiment,
    Interventions,
    interventions,
    strongest,
    unit_words,
    work,
    work_at,
)
from gate_explorer.analysis.words import percent, quoted, signed
from gate_explorer.runs.clamps import GATES
from gate_explorer.runs.run import Run

from .context import Context

# What is worked out for a page: about a hundredth of a second on one core.
MOST_WORK = 150_000_000
# A change of this much of the answer's scale is worth pressing for.
MUCH = 0.1
ROUNDING = 1e-9
SWITCHES = {"closed": "Shut", "opened": "Open"}


@dataclass(frozen=True)
class Suggestion:
    """What to try: words that say what it will do, a link's words, where it leads."""

    words: str
    action: str = ""
    address: str = ""


def suggestion(context: Context) -> Suggestion | None:
    """What to try at the step shown; None without gates, or where something is held.

    Every answer it promises is that of the run under the clamp that its link holds.
    """
    e = context.explorer
    if not e.holdable or context.state.clamp or context.error:
        return None
    here = e.run.start + e.t
    if work(e.run, layer=e.held_layer) > MOST_WORK:
        return _in_a_long_run(context, here)
    found = e.once("interventions", lambda: interventions(e.run, layer=e.held_layer))
    best = strongest(found, here)
    if _is_much(found, best):
        return _here(context, found, best)
    elsewhere = strongest(found)
    if not _is_much(found, elsewhere):
        return Suggestion("No single gate, shut or opened at one step, changes the ending much.")
    where = context.links.to(elsewhere.t)
    token = _token(context, elsewhere.t)
    words = f"No gate at this step changes the ending much; at {token} one does."
    return Suggestion(words, f"Go to {token}", where)


def _in_a_long_run(context: Context, here: int) -> Suggestion:
    """The same where the whole map would take too long: of the step shown alone."""
    e = context.explorer
    if work_at(e.run, e.t, e.held_layer) > MOST_WORK:
        return Suggestion("From here on this run is too long to try its gates: go on, or hold one.")
    found = e.once(
        f"interventions {here}", lambda: interventions(e.run, layer=e.held_layer, at=here)
    )
    best = strongest(found, here)
    if _is_much(found, best):
        return _here(context, found, best)
    return Suggestion("No gate, shut or opened at this step, changes the ending much.")


def _here(context: Context, found: Interventions, best: Experiment) -> Suggestion:
    e = context.explorer
    gate = e.called(GATES[best.gate])
    if e.symbols:
        gate = gate.lower()
    action = f"{SWITCHES[best.switch]} the {gate} at {_token(context, e.t)}"
    words = f"Then {ends(found.of, best, e.run, ', not')}."
    return Suggestion(words, action, context.links.at(clamp=(best.clamp,)))


def ends(of: str, best: Experiment, run: Run, than: str) -> str:
    """How a run ends under an experiment, than how by itself: `it ends at +0.80, not at −0.80`."""
    if UNIT.fullmatch(of):
        before, after = signed(best.before), signed(best.after)
        return f"{unit_words(run, of)} ends at {after}{than} {before}"
    before, after = (told(of, value, run) for value in (best.before, best.after))
    return f"it ends {after}{than} {before}"


def told(of: str, value: float, run: Run) -> str:
    """How a run ends: `at −0.80`, `with 5`, `with unit 1 at +0.98`, `with “not” at 40 %`."""
    if of == TONE:
        return f"at {signed(value)}"
    if of == NUMBER:
        # Rounding is no number to be told.
        return f"with {said(run, value if abs(value) > ROUNDING else 0)}"
    if UNIT.fullmatch(of):
        return f"with {unit_words(run, of)} at {signed(value)}"
    return f"with {quoted(of)} at {percent(value)}"


def _is_much(found: Interventions, each: Experiment) -> bool:
    """Whether the change counts: of a share or a tone by itself, of a number beside its size."""
    scale = max(abs(each.before), abs(each.after)) if found.of == NUMBER else 1.0
    return abs(each.change) >= MUCH * scale and each.change != 0


def _token(context: Context, t: int) -> str:
    e = context.explorer
    return quoted(e.label(t)) if e.run.tokens else f"step {t}"
