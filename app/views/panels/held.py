"""What is held, and what that changed: in one sentence, against the same run by itself."""

from dataclasses import dataclass

import numpy as np

from gate_explorer.analysis.forecasts import said
from gate_explorer.analysis.words import percent, quoted, signed
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.runs.run import Run, by_unit

from .clamps import Hold, holds
from .context import Context

# Tones nearer to each other than this end alike.
ALIKE = 0.02


@dataclass(frozen=True)
class Held:
    """The clamps in words, what they changed at the end, and the way back."""

    holds: tuple[Hold, ...]
    headline: str
    words: str
    free: str


def held(context: Context) -> Held | None:
    """What the run holds, beside the same run with nothing held; None where nothing is."""
    own = context.own
    if own is None:
        return None
    headline, words = _changed(context.run, own.run, context.explorer.t)
    return Held(holds(context), headline, words, context.links.free)


def _changed(run: Run, free: Run, t: int) -> tuple[str, str]:
    """A headline and a sentence on how the run ends, with what is held and without; t: the step."""
    now, own = run.outputs[-1], free.outputs[-1]
    if isinstance(own, ClassesOutput) and isinstance(now, ClassesOutput):
        if own.tone is not None and now.tone is not None:
            return _tones(own.tone, now.tone)
        return _likeliest(own.likeliest, now.likeliest)
    if isinstance(own, NextTokenOutput) and isinstance(now, NextTokenOutput):
        return _likeliest(own.top(1)[0], now.top(1)[0])
    if isinstance(own, NumberOutput) and isinstance(now, NumberOutput):
        a, b = _shown(run, own), _shown(run, now)
        if a == b:
            return "The end stays.", f"It ends with {a}, held or not."
        return "The end changes.", f"It ends with {b}, not {a}."
    return _units(run, free, t)


def _units(run: Run, free: Run, t: int) -> tuple[str, str]:
    """The same where nothing is read out: by the unit that changes most, of the layer shown."""
    of = f" of {run.layer_words}" if run.layer_words else ""
    end = 1 if run.layer.direction == "backward" else len(run)
    unit, own, now = _farthest(run, free, end)
    if own != now:
        return "The end changes.", f"Unit {unit}{of} ends at {now}, not {own}; no other moves more."
    unit, own, now = _farthest(run, free, t)
    if own != now:
        return "The end stays.", f"Here unit {unit}{of} shows {now}, not {own}."
    return "The end stays.", f"Every unit{of} ends as it does by itself, to two decimals."


def _farthest(run: Run, free: Run, t: int) -> tuple[int, str, str]:
    """The unit whose shown value changes most at step t, from 1: its number, before and after."""
    own, now = (by_unit(each.layer, "h")[t - 1].astype(float) for each in (free, run))
    unit = int(np.abs(now - own).argmax())
    return unit + 1, signed(float(own[unit])), signed(float(now[unit]))


def _tones(own: float, now: float) -> tuple[str, str]:
    if abs(own - now) < ALIKE:
        return "The verdict stays.", f"It ends at {signed(now)}; by itself, at {signed(own)}."
    turned = own * now < 0 and min(abs(own), abs(now)) >= ALIKE
    headline = "The verdict turns over." if turned else "The verdict moves."
    return headline, f"It ends at {signed(now)}, not {signed(own)}."


def _likeliest(own: tuple[str, float], now: tuple[str, float]) -> tuple[str, str]:
    (a, p), (b, q) = own, now
    if a == b:
        return (
            "The answer stays.",
            f"It ends with {quoted(b)} at {percent(q)}; by itself, at {percent(p)}.",
        )
    return (
        "The answer changes.",
        f"It ends with {quoted(b)} ({percent(q)}), not {quoted(a)} ({percent(p)}).",
    )


def _shown(run: Run, output: NumberOutput) -> str:
    return said(run, output.value) if output.shown else "nothing"
