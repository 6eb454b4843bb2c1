"""What is left of a gradient against how far back one looks, in sentences that follow the figures.

Like is compared with like: what is left of the gradient on the hidden state in both cells, where
one that has MORE times as much keeps more. What is left of that on the memory after AT steps says
whether the network holds (HOLDS of it or more), and whether it does so by what it learned.
"""

from dataclasses import dataclass

from gate_explorer.analysis.gradients import has_learned
from gate_explorer.analysis.gradients_told import MORE
from gate_explorer.analysis.words import share_words
from gate_explorer.runs.card import Card
from gate_explorer.zoo.distances import Distances, Line

AT = 100
HOLDS = 0.5


@dataclass(frozen=True)
class Shown:
    """The lines of a checkpoint: of the LSTM's memory and hidden state, and the twin's.

    path: what the LSTM's forget gates alone would leave of the memory's.
    """

    memory: Line
    path: Line
    hidden: Line
    twin: Line


def lines_at(found: Distances, card: Card, checkpoint: str) -> Shown:
    """The lines of an LSTM and its twin at a checkpoint. Raises: KeyError for one they lack."""
    memory, path, hidden = (
        found.line(card.id, checkpoint, of) for of in ("memory", "path", "hidden")
    )
    return Shown(memory, path, hidden, found.line(card.twin or "", checkpoint, "hidden"))


def in_words(found: Distances, card: Card, twin: Card, checkpoint: str) -> str:
    """What is left at this point of the training, who keeps more of it, and what was learned."""
    shown = lines_at(found, card, checkpoint)
    before = lines_at(found, card, card.checkpoints[0])
    here = found.distances.index(AT)
    own = (
        f"{_when(card, checkpoint)}, {share_words(shown.memory.mean[here])} of the gradient on the"
        f" LSTM’s memory is left after {AT} steps, where its forget gates alone would leave"
        f" {share_words(shown.path.mean[here])}."
    )
    learned = _learned(has_learned(card, checkpoint), has_learned(twin, checkpoint))
    return " ".join([own, _change(before, shown, here), _beside(found, shown), learned])


def _when(card: Card, checkpoint: str) -> str:
    updates = {point.checkpoint: point.step for point in card.curve}
    if checkpoint == card.checkpoints[0]:
        return "Before training"
    return f"After update {updates[checkpoint]} of {updates[card.checkpoints[-1]]}"


def _change(before: Shown, shown: Shown, here: int) -> str:
    """What has become of what was left before training."""
    first, now = before.memory.mean[here], shown.memory.mean[here]
    if before.memory.checkpoint == shown.memory.checkpoint:
        return "It holds as it is." if now >= HOLDS else "It doesn’t hold; that would be learned."
    if now >= HOLDS:
        learned = "the network has learned to hold" if first < HOLDS else "it held from the start"
        return f"Before training it was {share_words(first)}: {learned}."
    if now >= MORE * first:
        return f"Before training it was {share_words(first)}: more now, but it doesn’t hold yet."
    if first >= MORE * now:
        return f"Before training it was {share_words(first)}: it holds less than it did."
    return f"Before training it was {share_words(first)}: it doesn’t hold yet."


def _beside(found: Distances, shown: Shown) -> str:
    """Who keeps more of the gradient on the hidden state, at which distances."""
    keep: dict[str, list[int]] = {"the LSTM keeps more": [], "the RNN keeps more": [], "alike": []}
    for steps, own, other in zip(found.distances, shown.hidden.mean, shown.twin.mean, strict=True):
        who = "alike"
        if own >= MORE * other:
            who = "the LSTM keeps more"
        elif other >= MORE * own:
            who = "the RNN keeps more"
        keep[who].append(steps)
    parts = [
        f"both keep about as much{_after(steps, found)}"
        if who == "alike"
        else f"{who}{_after(steps, found)}"
        for who, steps in keep.items()
        if steps
    ]
    return f"Of the gradient on the hidden state, {', '.join(parts)}."


def _after(steps: list[int], found: Distances) -> str:
    if len(steps) == len(found.distances):
        return " at every distance"
    *most, last = (str(each) for each in steps)
    return f" after {', '.join(most)} and {last} steps" if most else f" after {last} steps"


def _learned(own: bool | None, twin: bool | None) -> str:
    if own is None or twin is None:
        return ""
    if own == twin:
        return "Both have learned the task." if own else "Neither has learned the task."
    return (
        "The LSTM has learned the task, the RNN hasn’t."
        if own
        else ("The RNN has learned the task, the LSTM hasn’t.")
    )
