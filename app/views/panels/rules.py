"""The three rules on the toy's own page: which of them fired at this step, and what that does."""

from dataclasses import dataclass

from gate_explorer.analysis.words import number

from .context import Context


@dataclass(frozen=True)
class Rule:
    """A rule: the switch's word, what it does, whether it fired."""

    word: str
    does: str
    fired: bool


@dataclass(frozen=True)
class Deviation:
    """For an LSTM that follows the rules: what they would output, and how far off it is."""

    rules: str
    off: str


def rules(context: Context) -> tuple[Rule, ...]:
    """The rules, where the model is the rules themselves."""
    if context.card.cell != "toy":
        return ()
    e = context.explorer
    _, x2, x3 = e.run.x[e.t - 1]
    free = context.error is None and not e.holding
    return (
        Rule("add", e.named("Filter opens: the number goes in"), bool(x2 == 1) and free),
        Rule("reset", e.named("Eraser shuts: memory starts at 0"), bool(x2 == -1) and free),
        Rule("show", e.named("Presenter opens: memory comes out"), bool(x3 == 1) and free),
    )


def deviation(context: Context) -> Deviation | None:
    """How far a network that follows the rules is off them at this step."""
    run, t = context.run, context.explorer.t - 1
    if run.deviation is None:
        return None
    off = float(run.deviation[t])
    shown = float(run.layers[-1].h[t, 0]) / run.unit_scale
    return Deviation(number(shown - off), number(off))
