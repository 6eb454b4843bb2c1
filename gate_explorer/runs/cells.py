"""What each cell is: its quantities in the order of its equation, read downward like a sum.

    memory before * Eraser + Filter * Writer = memory now
    squashed * Presenter = shown

Everything that shows or tells a step loops over these rows: the page and its tables, the step in
words, pictures, CSV, the map, clamps and the glossary. None of them asks which cell it is. The
nicknames are the founding text's; letters and words are the field's (torch.nn.LSTM's).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gate_explorer.engine.activations import TANH, Activation
from gate_explorer.engine.cells import STANDARD, LSTMOptions

Role = Literal["memory", "forget", "input", "candidate", "output", "hidden"]
Squash = Literal["gatekeeper", "featurizer"]


@dataclass(frozen=True)
class Quantity:
    """One row of a cell's equation: an array (T, H) of its layer, and what it is called.

    key: its name in the layer, which is the engine's letter. letter, subscript: as an equation
    writes it. field: its word in JSON and in files; "" where they leave it out. nickname: what the
    page calls it; term: the field's own words. does: what it does, in a word or two. operator: what
    stands before it in the sum. squash: what bounds it; by: the function that does. span: its least
    and largest value; None where it is unbounded. gate: the key of the gate that it meets. share:
    what the gates' mean share of what they meet is called. question: what the gate is asked at
    every step.
    """

    key: str
    role: Role
    letter: str
    nickname: str
    term: str
    does: str
    subscript: str = "t"
    field: str = ""
    operator: str = ""
    squash: Squash | None = None
    by: str = "tanh"
    span: tuple[float, float] | None = None
    gate: str | None = None
    share: str = ""
    question: str = ""

    @property
    def is_gate(self) -> bool:
        """Whether it is a fader: between 0 and 1, and met by another quantity."""
        return self.span == (0.0, 1.0)


@dataclass(frozen=True)
class Equation:
    """A cell's quantities from top to bottom.

    memory, before: the keys of what is carried to the next step, and of what came from the last;
    shown: the key of what the outside sees.
    """

    quantities: tuple[Quantity, ...]
    memory: str
    before: str
    shown: str

    def __getitem__(self, key: str) -> Quantity:
        return next(quantity for quantity in self.quantities if quantity.key == key)

    def __contains__(self, key: object) -> bool:
        return any(quantity.key == key for quantity in self.quantities)

    @property
    def gates(self) -> tuple[Quantity, ...]:
        """The gates, in the order of the sum; none in a vanilla RNN."""
        return tuple(quantity for quantity in self.quantities if quantity.is_gate)

    @property
    def held(self) -> tuple[Quantity, ...]:
        """What a clamp can hold: the gates, and the candidate that they let in."""
        return tuple(q for q in self.quantities if q.is_gate or q.key == "g")

    @property
    def squashed(self) -> str | None:
        """The key of the squashed memory, where the cell squashes it."""
        return "tanh_c" if "tanh_c" in self else None

    def meets(self, gate: str) -> Quantity:
        """What a gate meets: the quantity that passes or is stopped."""
        return next(quantity for quantity in self.quantities if quantity.gate == gate)


GATE, UNIT = (0.0, 1.0), (-1.0, 1.0)

_MEMORY_BEFORE = Quantity(
    key="c_prev", role="memory", letter="c", subscript="t−1", nickname="Memory before",
    term="cell state before", does="what it knew", gate="f",
)  # fmt: skip
_ERASER = Quantity(
    key="f", role="forget", letter="f", nickname="Eraser", term="forget gate", does="keeps",
    field="forget_gate", operator="×", squash="gatekeeper", span=GATE, share="keeps",
    question="Is this still worth remembering?",
)  # fmt: skip
_FILTER = Quantity(
    key="i", role="input", letter="i", nickname="Filter", term="input gate", does="lets in",
    field="input_gate", operator="+", squash="gatekeeper", span=GATE, share="lets in",
    question="Which parts of the new are useful?",
)  # fmt: skip
_WRITER = Quantity(
    key="g", role="candidate", letter="g", nickname="Writer", term="candidate", does="drafts",
    field="candidate", operator="×", squash="featurizer", span=UNIT, gate="i",
    question="What draft shall be written?",
)  # fmt: skip
_MEMORY_NOW = Quantity(
    key="c", role="memory", letter="c", nickname="Memory now", term="cell state",
    does="what it knows", field="cell_state", operator="=",
)  # fmt: skip
_SQUASHED = Quantity(
    key="tanh_c", role="memory", letter="tanh c", subscript="", nickname="Squashed",
    term="tanh of the cell state", does="memory, within −1 and 1", operator="∫",
    squash="featurizer", span=UNIT, gate="o",
)  # fmt: skip
_PRESENTER = Quantity(
    key="o", role="output", letter="o", nickname="Presenter", term="output gate", does="shows",
    field="output_gate", operator="×", squash="gatekeeper", span=GATE, share="shows",
    question="What shall be shown now?",
)  # fmt: skip
_SHOWN = Quantity(
    key="h", role="hidden", letter="h", nickname="Shown", term="hidden state",
    does="what shows", field="hidden_state", operator="=", span=UNIT,
)  # fmt: skip

LSTM = Equation(
    (
        _MEMORY_BEFORE,
        _ERASER,
        _FILTER,
        _WRITER,
        _MEMORY_NOW,
        _SQUASHED,
        _PRESENTER,
        _SHOWN,
    ),
    memory="c",
    before="c_prev",
    shown="h",
)
# The toy shows its memory as it is, without a tanh, and its numbers know no bounds.
TOY = Equation(
    (
        _MEMORY_BEFORE,
        _ERASER,
        _FILTER,
        replace(_WRITER, squash=None, span=None),
        replace(_MEMORY_NOW, gate="o"),
        _PRESENTER,
        replace(
            _SHOWN, letter="y", nickname="Output", term="output", does="what comes out", span=None
        ),
    ),
    memory="c",
    before="c_prev",
    shown="h",
)
# A vanilla RNN has no gates: all of its state is rewritten at every step.
RNN = Equation(
    (
        replace(
            _SHOWN, key="h_prev", subscript="t−1", nickname="Shown before", field="",
            term="hidden state before", does="all it knew", operator="",
        ),
        replace(
            _SHOWN, nickname="Shown now", does="all it knows", operator="∫", squash="featurizer"
        ),
    ),
    memory="h",
    before="h_prev",
    shown="h",
)  # fmt: skip

EQUATIONS: Mapping[str, Equation] = {"toy": TOY, "lstm": LSTM, "rnn": RNN}
# The six values that JSON and files tell of every unit, whatever its cell: null where it has none.
FIELDS: Mapping[str, str] = {
    LSTM[key].field: key for key in ("f", "i", "g", "o", "c", "h")
}  # fmt: skip


# Functions that stay within -1 and 1.
_BOUNDED = frozenset({"tanh", "softsign", "hard_tanh", "sigmoid", "hard_sigmoid"})


def lstm_of(options: LSTMOptions, projected: int | None = None) -> Equation:
    """The equation of an LSTM with functions of its own; projected: the width h is brought to."""
    if options == STANDARD and projected is None:
        return LSTM
    candidate, cell = options.candidate, options.cell
    rows = []
    for each in LSTM.quantities:
        if each.key == "g" and candidate != TANH:
            each = replace(each, span=_span(candidate), by=candidate.name)
        if each.key == "tanh_c" and cell != TANH:
            each = replace(
                each, letter=f"{cell.name} c", term=f"{cell.name} of the cell state",
                nickname=each.nickname if cell.name in _BOUNDED else "Activated",
                does=f"memory, through {cell.name}", span=_span(cell), by=cell.name,
            )  # fmt: skip
        if each.key == "h":
            does = each.does if projected is None else f"before it is projected to {projected}"
            bounded = cell.name in _BOUNDED and options.gate.name in _BOUNDED
            each = replace(each, span=UNIT if bounded else None, does=does)
        rows.append(each)
    return replace(LSTM, quantities=tuple(rows))


def rnn_of(activation: Activation) -> Equation:
    """The equation of an Elman network with a function of its own."""
    if activation == TANH:
        return RNN
    span = _span(activation)
    before, now = RNN.quantities
    rows = replace(before, span=span), replace(now, span=span, by=activation.name)
    return replace(RNN, quantities=rows)


def _span(activation: Activation) -> tuple[float, float] | None:
    return UNIT if activation.name in _BOUNDED else None


def called(quantity: Quantity, symbols: bool) -> str:
    """What a quantity is called: its nickname, or the field's own words for it."""
    return quantity.term.capitalize() if symbols else quantity.nickname


def named(text: str, symbols: bool) -> str:
    """A text about a step as it is, or with the field's own words in place of the nicknames."""
    if not symbols:
        return text
    for quantity in LSTM.quantities:
        if quantity.squash:
            text = text.replace(f"{quantity.nickname}’s draft", quantity.term)
            text = text.replace(f"{quantity.nickname}’s", f"{quantity.term}’s")
            text = text.replace(quantity.nickname, quantity.term)
    for nickname, term in OPERATORS.items():
        text = text.replace(nickname, term)
    return text


# What the founding text calls the operators and the squashes, and the field's words for them.
OPERATORS: Mapping[str, str] = {
    "Knowledge adder": "sum",
    "Selector": "product",
    "Gatekeeper": "sigmoid",
    "Featurizer": "tanh",
}
