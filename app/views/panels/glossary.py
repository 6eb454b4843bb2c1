"""Every nickname, operator and squash in a sentence or two: tips on the page, and the glossary."""

from dataclasses import dataclass

from gate_explorer.runs.cells import LSTM, named


@dataclass(frozen=True)
class Entry:
    """A term: its key (which popovers point to), nickname, the field's own word, and what it is."""

    key: str
    nickname: str
    term: str
    words: str
    more: tuple[str, str] | None = None  # an address, and what is there

    @property
    def question(self) -> str:
        """What the gate is asked at every step; "" for what is no gate."""
        return next((q.question for q in LSTM.held if q.role == self.key), "")

    @property
    def plain(self) -> str:
        """The same in the field's own words."""
        return named(self.words, symbols=True)


ENTRIES = (
    Entry(
        "memory",
        "Memory",
        "cell state, c",
        "What the network carries from step to step: one number a unit. At each step part of it is"
        " erased and something is added; nothing else touches it.",
    ),
    Entry(
        "forget",
        "the Eraser",
        "forget gate, f",
        "How much of each unit’s memory is kept: 1 keeps all of it, 0 erases it. (It is called the"
        " forget gate, but 1 means remember.)",
    ),
    Entry(
        "input",
        "the Filter",
        "input gate, i",
        "How much of what the Writer drafted is let into the memory: 0 keeps it out.",
    ),
    Entry(
        "candidate",
        "the Writer",
        "candidate, g",
        "What could be added to the memory at this step, between −1 and 1. It is only a draft until"
        " the Filter lets it in.",
    ),
    Entry(
        "output",
        "the Presenter",
        "output gate, o",
        "How much of the memory is shown to the outside at this step. What isn’t shown is"
        " still kept.",
    ),
    Entry(
        "hidden",
        "Hidden state",
        "hidden state, h",
        "What the cell shows: the prediction is read off it, and the next step’s gates see it.",
    ),
    Entry(
        "selector",
        "the Selector",
        "× product, unit by unit",
        "Each number on the left is scaled by the gate on the right: 1 lets it pass, 0 blots it"
        " out. The solid part of a bar is what passes.",
    ),
    Entry(
        "adder",
        "the Knowledge adder",
        "+ sum, unit by unit",
        "What was kept and what was drafted are added, not overwritten. Where the Eraser stands"
        " open, gradients flow back through this sum without loss, over any number of steps;"
        " whether it stands open is learned. In a plain RNN weights and a slope multiply them at"
        " every step, so that they shrink or grow. A run’s can be followed back in a drawer.",
        ("/models/adding/distances", "An experiment: how far back, all through training"),
    ),
    Entry(
        "gatekeeper",
        "the Gatekeeper",
        "σ, the sigmoid",
        "It squeezes any number into 0 to 1, so it can say how far a gate stands open:"
        " σ(a) = 1 / (1 + exp(−a)).",
    ),
    Entry(
        "featurizer",
        "the Featurizer",
        "tanh",
        "It squeezes any number into −1 to 1, so that a unit can speak for something or"
        " against it.",
    ),
    Entry(
        "roles",
        "store, reset, output",
        "the toy’s three rules, read off a real step",
        "store is the share of the draft that was written, reset the share of the memory that was"
        " erased, output the share that was shown; each weighs the units by how much they hold.",
    ),
)


@dataclass(frozen=True)
class Reading:
    """Something to read on elsewhere, what it is good for, and the model here that goes with it."""

    title: str
    address: str
    words: str
    model: str = ""


READINGS = (
    Reading(
        "Understanding LSTM Networks",
        "https://colah.github.io/posts/2015-08-Understanding-LSTMs/",
        "Christopher Olah’s essay of 2015, which builds the cell up gate by gate, in drawings.",
    ),
    Reading(
        "Deep-ML, problem 59",
        "https://www.deep-ml.com/problems/59",
        "An exercise: write an LSTM yourself. Its weights are a model here, so that you can hold"
        " your own numbers beside every gate.",
        "/models/exercise",
    ),
)
