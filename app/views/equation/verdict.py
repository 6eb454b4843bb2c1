"""What the model says after the step: a headline in words, and each answer with its share."""

from dataclasses import dataclass

from gate_explorer.analysis.forecasts import forecasts, said
from gate_explorer.analysis.outputs import tone_in_figures, tone_in_words
from gate_explorer.analysis.words import number, percent, visible
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput, Output

from ..drawing.bars import gate_level
from .explorer import Explorer
from .readings import Reading, facts, in_a_line

LIKELIEST = 6
# A letter is offered beside the likeliest where it is at least this likely.
WORTH_A_WORD = 0.1
MOST_NAMED = 3


@dataclass(frozen=True)
class Answer:
    """One answer the model could give: its share, and that of the step before."""

    label: str
    percent: str
    level: str
    before: str


@dataclass(frozen=True)
class Verdict:
    """The headline's plain part and its strong part, what is said beside it, and the answers.

    facts: of a series, what was read, or what a forecast stands beside. after: what was read
    so far, its end; verb: what the model does after it.
    """

    after: tuple[str, str]
    verb: str
    plain: str
    strong: str
    aside: str
    answers: tuple[Answer, ...]
    facts: tuple[Reading, ...] = ()


def verdict(explorer: Explorer) -> Verdict:
    """The verdict at the explorer's step."""
    output = explorer.run.outputs[explorer.t - 1]
    plain, strong, aside = _headline(explorer, output)
    return Verdict(
        after=_after(explorer),
        verb="it expects" if isinstance(output, NextTokenOutput) else "",
        plain=plain,
        strong=strong,
        aside=aside,
        answers=_answers(explorer, output),
        facts=facts(explorer.run, explorer.t),
    )


def _headline(explorer: Explorer, output: Output) -> tuple[str, str, str]:
    if isinstance(output, ClassesOutput) and output.tone is not None:
        words = tone_in_words(output)
        plain, _, strong = words.rpartition(" ") if "," in words else ("", "", words)
        return plain, strong, tone_in_figures(output.tone)
    if isinstance(output, ClassesOutput):
        label, share = output.likeliest
        return "it says", label, percent(share)
    if isinstance(output, NextTokenOutput):
        named = [visible(t) for t, p in output.top(MOST_NAMED) if p >= WORTH_A_WORD]
        likeliest = visible(output.top(1)[0][0])
        return "", ", or ".join(named) if named else likeliest, "" if named else "perhaps"
    series = explorer.run.series
    if isinstance(output, NumberOutput) and series and forecasts(explorer.run):
        row = series.label(explorer.t) or "the next row"
        return f"for {row} it expects", said(explorer.run, output.value), ""
    if isinstance(output, NumberOutput):
        if explorer.plain_numbers:
            shut = explorer.named("the Presenter is shut")
            return (
                "",
                number(output.value) if output.shown else "nothing",
                ("comes out" if output.shown else f"comes out: {shut}"),
            )
        return "its answer so far is", number(output.value), ""
    if explorer.run.card.output and output is None:
        return "it answers", "once all is read", ""
    return "", "", ""


def _answers(explorer: Explorer, output: Output) -> tuple[Answer, ...]:
    before = explorer.run.outputs[explorer.t - 2] if explorer.t > 1 else explorer.run.before
    if isinstance(output, NextTokenOutput):
        top = output.top(LIKELIEST)
        answers = [Answer(visible(token), percent(p), gate_level(p), "") for token, p in top]
        left = len(output.tokens) - len(top)
        rest = max(1 - sum(p for _, p in top), 0.0)
        if left > 0:
            answers.append(Answer(f"{left} more", percent(rest), gate_level(rest), ""))
        return tuple(answers)
    if not isinstance(output, ClassesOutput):
        return ()
    was = before.probabilities if isinstance(before, ClassesOutput) else {}
    return tuple(
        Answer(label, percent(p), gate_level(p), gate_level(was[label]) if label in was else "")
        for label, p in output.probabilities.items()
    )


MOST_READ = 20  # signs that stand beside the switch for guessing


def _after(explorer: Explorer) -> tuple[str, str]:
    """What was read before the step, its end, and the step's own token."""
    run, t = explorer.run, explorer.t
    if run.series:
        label = run.series.label(t - 1) or f"step {run.start + t}"
        return (f"{label}: ", in_a_line(run.series, t)) if forecasts(run) else ("", label)
    if not run.tokens:
        return f"step {run.start + t}: ", explorer.token
    gap = " " if run.card.input == "words" else ""
    before = gap.join(visible(token.text) for token in run.tokens[max(0, t - 40) : t - 1])
    if len(before) > MOST_READ:
        _, _, whole = before[-MOST_READ - 1 :].partition(gap) if gap else ("", "", "")
        before = f"…{whole or before[-MOST_READ:]}"
    return f"{before}{gap}" if before else "", explorer.token
