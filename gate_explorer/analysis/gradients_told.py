"""What a gradient's way back shows, in a sentence that follows its figures whichever way they fall.

Like is compared with like: what is left of the gradient on the hidden state in both cells, and the
memory's, which a vanilla RNN doesn't have, beside them. Where one has MORE times as much as the
other it keeps more; else both keep about as much.
"""

from dataclasses import dataclass
from typing import Literal

from gate_explorer.analysis.gradients import NUMBER, Highway, Reach
from gate_explorer.analysis.words import share_words, visible
from gate_explorer.engine.checks import Array
from gate_explorer.runs.run import Run

MORE = 1.5

Keeper = Literal["lstm", "rnn", "neither"]


@dataclass(frozen=True)
class Left:
    """What is left at the first step of each size at the step that is asked about, as shares.

    hidden, memory: of the gradient on h and on c; path: what the forget gates alone would leave of
    the latter; twin: of the gradient on h in the twin. None for what isn't there, or where nothing
    flows at all. keeper: who keeps more of h's, by MORE; None without a twin.
    """

    hidden: float | None
    memory: float | None
    path: float | None
    twin: float | None
    keeper: Keeper | None


def left_at_first(found: Highway, run: Run) -> Left:
    """The shares of a run's first step."""
    last = found.at - run.start - 1

    def share(sizes: Array | None) -> float | None:
        if sizes is None or not sizes[last]:
            return None
        return float(sizes[0] / sizes[last])

    own, twin = found.own, found.twin or Reach(found.own.hidden[:0], found.own.input[:0])
    hidden = share(own.hidden)
    other = share(twin.hidden) if found.twin else None
    return Left(hidden, share(own.cell), share(own.path), other, _keeper(hidden, other))


def in_words(found: Highway, run: Run) -> str:
    """What is asked, how much of each gradient is left at the first step, and who keeps more."""
    shares = left_at_first(found, run)
    asked = _asked(found, run)
    if shares.memory is None and (found.own.cell is not None or shares.hidden is None):
        return f"{asked} That step shows nothing, so no gradient flows back from it."
    return " ".join([asked, _own(found, run, shares), *_beside(found, shares)])


def _keeper(own: float | None, twin: float | None) -> Keeper | None:
    if own is None or twin is None:
        return None
    if own >= MORE * twin:
        return "lstm"
    return "rnn" if twin >= MORE * own else "neither"


def _asked(found: Highway, run: Run) -> str:
    answer = "a number" if found.of == NUMBER else f"“{visible(found.of)}”"
    if found.of.startswith("unit "):
        answer = f"what {found.of} {'of the last layer ' if len(run.layers) > 1 else ''}shows"
    words = f"The answer after step {found.at} is {answer}."
    if len(run.layers) > 1:
        words += f" The gradients are those on {run.layer_words}."
    if found.trained is False:
        return f"{words} The network was never trained to answer there."
    if found.at < run.start + len(run):
        return f"{words} What follows doesn’t count for it."
    return words


def _own(found: Highway, run: Run, shares: Left) -> str:
    parts = {"hidden state": shares.hidden, "memory": shares.memory}
    if run.card.cell == "toy":
        del parts["hidden state"]
    (what, share), *more = [(name, one) for name, one in parts.items() if one is not None]
    words = (
        f"At step {run.start + 1} the gradient on the {what} has {share_words(share)} of its size"
    )
    words += "".join(f" there, that on the {name} {share_words(one)}" for name, one in more)
    words += "" if more else " there"
    if shares.path is not None and run.card.cell == "lstm":
        words += f" (the Eraser’s path alone leaves {share_words(shares.path)})"
    if found.learned is False:
        words += "; the network hasn’t learned its task at this point"
    return f"{words}."


def _beside(found: Highway, shares: Left) -> list[str]:
    """The twin's, whether it learned the task, and who keeps more of the hidden state's."""
    if shares.twin is None:
        return []
    which = {
        True: "which learned the task too",
        False: "which hasn’t learned the task",
        None: "of the same task",
    }[found.twin_learned]
    keeps = {
        "lstm": "the LSTM keeps more of it here",
        "rnn": "the RNN keeps more of it here",
        "neither": "both keep about as much of it here",
        None: "",
    }[shares.keeper]
    said = f"{share_words(shares.twin)}{'; ' if keeps else ''}{keeps}"
    return [f"In the RNN without gates, {which}, the hidden state’s has {said}."]
