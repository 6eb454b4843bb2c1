"""What comes in and goes out over the API, field by field, with units and ranges.

Requests are parsed by these models. Answers are written straight from arrays (`documents.trace`);
their models describe them in the OpenAPI document, and the tests hold every answer to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gate_explorer.analysis.patterns import Trait
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs import clamps
from gate_explorer.runs.card import Cell, InputKind, OutputKind, Provenance
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.run import Direction, RunState
from gate_explorer.weights.files import LAYOUTS

from ..address.state import LAYER, ExplorerState, split_clamps

LARGEST_FLOAT32 = 3.4e38
LARGEST_STATE = 1e18
LATEST_STEP = 1_000_000_000
WIDEST, DEEPEST = 4096, 64
MOST_INPUTS = 64
PAGE_ONLY = "Where the page looks; a trace doesn't depend on it."
OF = (
    "A class, a token, or a unit as 7 or unit 7; `number` for a model that gives one. The likeliest"
    " class or token if left out; in a file of one's own without a head that can be read, a unit of"
    " the last hidden state, the one that moves most if left out."
)
ASKED_AT = (
    "The step whose answer is asked about; the last at which the network was trained to answer if"
    " left out."
)
ANSWER = (
    "What the answer is: `tone`, a class or token (its probability), `number`, or a unit's last"
    " hidden state as `unit 7`: of the uppermost layer, where its pass ends (the trace's `state`),"
    " the units of the backward pass counted after those of the forward one. If left out: the tone,"
    " else the probability of the class or token that is likeliest at the end, else the number, or"
    " the unit that moves most."
)
HELD_UNITS = (
    "`*`: all units are held together; `2,4-6`: these together; `each`: every one by itself."
)
HELD_LAYER = (
    "The layer of a stack whose gates are held, as 1 or 2-backward; those of all layers and"
    " directions together if left out."
)
GRADIENT_LAYER = (
    "The layer of a stack whose cell, hidden state and gates are told of, as 1 or 2; the last if"
    " left out."
)
CLAMP = (
    "What if: a gate held at a value, as `gate:value@steps/units`, the units optional:"
    " `forget_gate:0@3`, `output_gate:1@2-5/7,9`, `candidate:0.5@*`. Gates can be 0 to 1, a"
    " candidate -1 to 1 (in `toy-rules` any number that x1 can be); where clamps meet, the last"
    " holds. In a stack it holds every layer and direction that has those units, or with `/layer:`"
    " behind it one: `forget_gate:0@3/layer:1`, `output_gate:0@*/7/layer:2-backward`. A vanilla RNN"
    " has none."
)

Number = Annotated[float, Field(ge=-LARGEST_FLOAT32, le=LARGEST_FLOAT32)]
StateNumber = Annotated[float, Field(ge=-LARGEST_STATE, le=LARGEST_STATE)]
StateNumbers = Annotated[list[StateNumber], Field(max_length=WIDEST, fail_fast=True)]
Vector = Annotated[list[Number], Field(min_length=1, max_length=WIDEST, fail_fast=True)]
Checkpoint = Annotated[
    str | None,
    Field(max_length=64, description="One of the card's `checkpoints`; the last if left out."),
]
Share = Annotated[float, Field(ge=0, le=1)]
Units = list[float]


@dataclass(frozen=True)
class InputNames:
    """How a place names the input, vectors and words, each with an example."""

    vectors: str
    words: str

    def telling(self, name: str) -> str:
        """The right name for what elsewhere has this one; "" for what is no input anywhere."""
        if name in VECTOR_NAMES:
            return f"give the numbers as {self.vectors}."
        return f"give the words as {self.words}." if name in WORD_NAMES else ""


VECTOR_NAMES = {"x", "vector", "vectors", "inputs"}
WORD_NAMES = {"text", "token", "tokens", "word", "words", "sentence"}
TRACE_QUERY = InputNames("x=3,1,0;5,0,1", "text=I love France")
TRACE_BODY = InputNames('{"vectors": [[3, 1, 0], [5, 0, 1]]}', '{"text": "I love France"}')
STEP_BODY = InputNames('{"vector": [3, 1, 0]}', '{"token": "love"}')


class Request(BaseModel):
    """A request body: its fields and no others, with the JSON types as they are."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)
    names: ClassVar[InputNames | None] = None

    @classmethod
    def refusal(cls, loc: Sequence[str | int]) -> str:
        """What to say of a field that isn't there: the right name, or those that there are."""
        if len(loc) > 1:
            return "There is no such field here."
        name = str(loc[0])
        told = cls.names.telling(name) if cls.names else ""
        if told:
            return f"There is no “{name}” here: {told}"
        return f"There is no such field here; there are {', '.join(cls.model_fields)}."


class LayerStateIn(Request):
    """One layer's state, H numbers each (h is narrower with a projection)."""

    h: Annotated[StateNumbers, Field(description="Hidden state, dimensionless, H numbers.")]
    c: Annotated[
        StateNumbers,
        Field(description="Cell state, dimensionless, H numbers; empty in a vanilla RNN."),
    ]


class StateIn(Request):
    """The state to start from, as the last answer gave it."""

    t: Annotated[int, Field(ge=0, le=LATEST_STEP, description="Steps taken so far.")]
    layers: Annotated[
        list[LayerStateIn],
        Field(max_length=DEEPEST, description="One per layer and direction, in that order."),
    ]

    def to_run_state(self) -> RunState:
        """The same as arrays."""
        return RunState(self.t, tuple((np.array(e.h), np.array(e.c)) for e in self.layers))


class RunRequest(Request):
    """What a trace and a step have in common."""

    checkpoint: Checkpoint = None
    sharpness: Annotated[
        float | None,
        Field(
            description="`toy-lstm` only: the slope of its sigmoids, 0.5 (soft) to 1000 (hard)."
            " The default is 100."
        ),
    ] = None
    state: Annotated[
        StateIn | None, Field(description="The state to start from; zeros if left out.")
    ] = None

    def options(self) -> Options:
        """How the model is to be run."""
        return Options(self.checkpoint, self.sharpness)

    def run_state(self) -> RunState | None:
        """The initial state, None for zeros."""
        return None if self.state is None else self.state.to_run_state()


class TraceRequest(RunRequest):
    """A whole sequence: `vectors` or `text`, one of the two."""

    names = TRACE_BODY

    vectors: Annotated[
        list[Vector] | None,
        Field(
            fail_fast=True,
            description="T rows of I numbers, for models that read vectors. The toys read"
            " x1 (a real number, |x1| <= 1e9), x2 (-1, 0 or 1) and x3 (0 or 1); `adding` reads"
            " a number and a mark, each from 0 to 1.",
        ),
    ] = None
    text: Annotated[
        str | None,
        Field(description="A text as people type it, for models that read words or characters."),
    ] = None
    clamp: Annotated[list[str] | str | None, Field(description=CLAMP)] = None

    def options(self) -> Options:
        """How the model is to be run. Raises: InputError for a clamp that can't be read."""
        texts = [self.clamp] if isinstance(self.clamp, str) else self.clamp or []
        return Options(self.checkpoint, self.sharpness, clamps.parse(clamps.split(texts)))


class OneInput(Request):
    """One of several inputs: `vectors` or `text`, one of the two."""

    names = TRACE_BODY

    vectors: Annotated[
        list[Vector] | None,
        Field(fail_fast=True, description="T rows of I numbers, for models that read vectors."),
    ] = None
    text: Annotated[
        str | None, Field(description="A text, for models that read words or characters.")
    ] = None


class TracesRequest(TraceRequest):
    """A whole sequence, `vectors` or `text`; or several of them at once, as `inputs`."""

    inputs: Annotated[
        list[OneInput] | None,
        Field(
            min_length=1,
            max_length=MOST_INPUTS,
            description=f"Up to {MOST_INPUTS} inputs of any lengths, run at once: each gives what"
            " its own trace gives, to rounding. What else stands in the body holds for all.",
        ),
    ] = None

    @classmethod
    def refusal(cls, loc: Sequence[str | int]) -> str:
        """What to say of a field that isn't there, in the body or in one of its inputs."""
        inside = len(loc) == 3 and loc[0] == "inputs"
        return OneInput.refusal(loc[2:]) if inside else super().refusal(loc)


class GradientsRequest(TraceRequest):
    """A whole sequence, and what it gives that the gradients are of."""

    of: Annotated[str | None, Field(max_length=64, description=OF)] = None
    t: Annotated[int | None, Field(ge=1, le=LATEST_STEP, description=ASKED_AT)] = None
    layer: Annotated[str | None, Field(pattern=LAYER, description=GRADIENT_LAYER)] = None


class InterventionsRequest(TraceRequest):
    """A whole sequence, what its last step's answer is, and which units are held."""

    of: Annotated[str | None, Field(max_length=64, description=ANSWER)] = None
    units: Annotated[str, Field(max_length=200, description=HELD_UNITS)] = "*"
    layer: Annotated[str | None, Field(pattern=LAYER, description=HELD_LAYER)] = None


class StepRequest(RunRequest):
    """One step: `vector` or `token`, one of the two."""

    names = STEP_BODY

    vector: Annotated[Vector | None, Field(description="I numbers.")] = None
    token: Annotated[
        str | None, Field(description="A text that is one token to the model, such as love.")
    ] = None


class TraceQuery(ExplorerState):
    """The query of a trace: the page's own, of which `t` and `unit` only matter to the page."""

    x: Annotated[
        str | None,
        Field(description="Vectors, one row a step: numbers by commas, rows by semicolons."),
    ] = None
    text: Annotated[
        str | None, Field(description="A text, for models that read words or characters.")
    ] = None
    checkpoint: Checkpoint = None
    sharpness: Annotated[
        float | None,
        Field(allow_inf_nan=False, description="`toy-lstm` only: 0.5 (soft) to 1000 (hard)."),
    ] = None
    t: Annotated[int | None, Field(ge=1, le=1_000_000, description=PAGE_ONLY)] = None
    unit: Annotated[int | None, Field(ge=1, le=1_000_000, description=PAGE_ONLY)] = None
    clamp: Annotated[
        tuple[str, ...] | None, BeforeValidator(split_clamps), Field(description=CLAMP)
    ] = None


class GradientsQuery(TraceQuery):
    """A trace's query, and what the gradients are of."""

    of: Annotated[str | None, Field(max_length=64, description=OF)] = None
    t: Annotated[int | None, Field(ge=1, le=1_000_000, description=ASKED_AT)] = None
    layer: Annotated[str | None, Field(pattern=LAYER, description=GRADIENT_LAYER)] = None


class InterventionsQuery(TraceQuery):
    """A trace's query, what the last step's answer is, and which units are held."""

    of: Annotated[str | None, Field(max_length=64, description=ANSWER)] = None
    units: Annotated[str, Field(max_length=200, description=HELD_UNITS)] = "*"
    layer: Annotated[str | None, Field(pattern=LAYER, description=HELD_LAYER)] = None


class AlikeQuery(TraceQuery):
    """A trace's query, the stretch of it that is marked, and what units do there."""

    first: Annotated[int, Field(ge=1, le=1_000_000, description="The first step marked.")]
    last: Annotated[int, Field(ge=1, le=1_000_000, description="The last step marked.")]
    trait: Annotated[
        Trait,
        Field(
            description="`high` or `low` (what the memory shows at most, tanh c, is beyond a half),"
            " `writes`, `erases` or `shows` (the gate stands beyond a half).",
        ),
    ] = "high"


class WeightsQuery(BaseModel):
    """Which of a model's weights."""

    checkpoint: Checkpoint = None
    sharpness: Annotated[
        float | None,
        Field(allow_inf_nan=False, description="`toy-lstm` only: 0.5 (soft) to 1000 (hard)."),
    ] = None


class Answer(BaseModel):
    """An answer, or a part of one: exactly these fields."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class WeightsForm(BaseModel):
    """A file of weights, and what may be known of it that it doesn't say."""

    file: Annotated[
        bytes,
        Field(
            json_schema_extra={"format": "binary"},
            description="A .safetensors, .npz, .onnx, .keras, .weights.h5, .h5, .hdf5, or a .json"
            " with arrays; the content decides, not the name.",
        ),
    ]
    layout: Annotated[
        str | None, Field(description=f"How the arrays are laid out: {', '.join(LAYOUTS)}.")
    ] = None
    gate_order: Annotated[
        str | None,
        Field(description="The order of the gates in the file, a permutation of `ifgo`."),
    ] = None
    network: Annotated[
        str | None,
        Field(description="Which to open, out of `networks`; the longest chain if left out."),
    ] = None
    concatenation: Annotated[
        str | None, Field(description="`hx` for matrices on [h, x], `xh` for [x, h].")
    ] = None
    reference_input: Annotated[
        str | None,
        Field(
            description="Vectors that your code gave the network, as `x=` writes them"
            " (`3,1,0;5,0,1`) or as JSON."
        ),
    ] = None
    reference_output: Annotated[
        str | None,
        Field(
            description="What it gave for them, likewise: the hidden state after the last, or after"
            " each; of several layers the topmost's, both directions side by side."
        ),
    ] = None


class Links(Answer):
    """Where a model can be opened: paths from the server's root."""

    page: Annotated[str, Field(description="The explorer.")]
    self: Annotated[str, Field(description="This card.")]
    trace: Annotated[str, Field(description="Its traces; takes one of the `examples` after `?`.")]
    step: Annotated[str, Field(description="Its single steps.")]
    gradients: Annotated[str, Field(description="How far back the gradient of an answer reaches.")]
    units: Annotated[
        str | None,
        Field(description="Its units, and what happens without each; where that was tried."),
    ] = None
    interventions: Annotated[
        str | None, Field(description="What if, everywhere at once; where there are gates.")
    ] = None
    weights: Annotated[str | None, Field(description="Its weights, where there are any.")] = None


class Curated(Answer):
    """An example with what to look for in it."""

    query: Annotated[str, Field(description="The same query as in `examples`.")]
    title: str
    note: Annotated[str, Field(description="What to look for.")]


class Card(Answer):
    """What a model is, where it comes from and how well it does."""

    id: Annotated[str, Field(description="Its name in addresses.")]
    title: str
    description: str
    cell: Annotated[Cell, Field(description="The kind of cell.")]
    input: Annotated[InputKind, Field(description="What it reads.")]
    input_size: Annotated[int, Field(ge=1, description="I, the width of one input.")]
    hidden_size: Annotated[int, Field(ge=1, description="H, the number of units.")]
    num_layers: Annotated[int, Field(ge=1)]
    bidirectional: bool
    output: Annotated[OutputKind | None, Field(description="The kind of output after each step.")]
    provenance: Annotated[Provenance, Field(description="Where its numbers come from.")]
    checkpoints: Annotated[list[str], Field(description="Labels, oldest first; may be empty.")]
    twin: Annotated[
        str | None,
        Field(description="The id of a vanilla RNN of the same size that learned the same task."),
    ]
    listed: Annotated[bool, Field(description="Whether the menu shows it.")]
    metrics: Annotated[
        dict[str, Any], Field(description="Measured figures, each with its data and split.")
    ]
    examples: Annotated[
        list[str],
        Field(description="Queries, percent-encoded: each may follow `?` on page and trace."),
    ]
    curated: Annotated[list[Curated], Field(description="The examples with titles and notes.")]
    details: Annotated[dict[str, Any], Field(description="Further facts of the model card.")]
    links: Links


class Settled(Answer):
    """The reading of a file that reproduces a reference output."""

    reading: Annotated[str, Field(description="What it reads so, in words.")]
    difference: Annotated[
        float,
        Field(ge=0, description="How far off any number is, relative to the largest expected."),
    ]
    tolerance: Annotated[float, Field(description="How far off one may be.")]
    tried: Annotated[int, Field(ge=1, description="How many readings the file leaves open.")]
    also_fits: Annotated[
        list[str],
        Field(description="Other readings that give this output, and others on other inputs."),
    ]


class Interpretation(Answer):
    """How a file was understood."""

    layout: Annotated[str, Field(description="Whose way of laying arrays out it follows.")]
    networks: Annotated[
        list[str],
        Field(
            description="Every recurrent layer by its name in the file, and every chain of them as"
            " `a > b`."
        ),
    ]
    network: Annotated[str, Field(description="The one that is open.")]
    cell: Annotated[Literal["lstm", "rnn"], Field(description="The kind of cell.")]
    layers: Annotated[int, Field(ge=1, description="How many lie on one another.")]
    directions: Annotated[list[Direction], Field(description="Which ways they read.")]
    gate_order: Annotated[
        str | None, Field(description="As the gates stand in the file; null for an RNN.")
    ]
    biases: Annotated[str, Field(description="How many there were, and how they were combined.")]
    concatenation: Annotated[
        str | None, Field(description="[h, x] or [x, h]; null where each has its own matrix.")
    ]
    activations: Annotated[dict[str, str], Field(description="By what they squash.")]
    assumed: Annotated[
        list[str], Field(description="What the file doesn't say and was taken for granted.")
    ]
    unused: Annotated[list[str], Field(description="What was left unread.")]
    settled: Annotated[
        Settled | None, Field(description="What a reference output settled; null without one.")
    ] = None


class BroughtModel(Card):
    """The card of a model that was brought, and what only whoever brings it is given."""

    token: Annotated[str, Field(description="It can take the model back; it is shown once.")]
    interpretation: Annotated[Interpretation, Field(description="How the file was understood.")]


class Models(Answer):
    """All models, in the order of the menu."""

    models: list[Card]


class Layer(Answer):
    """One layer in one direction at one step: H dimensionless numbers each.

    In a vanilla RNN the gates and the cell state are null. In `toy-rules` the candidate is x1, the
    cell state is the memory and the hidden state what is shown, all unbounded.
    """

    direction: Annotated[Direction, Field(description="Which way it reads.")]
    forget_gate: Annotated[
        list[Share] | None, Field(description="The Eraser: the share of the memory that is kept.")
    ]
    input_gate: Annotated[
        list[Share] | None, Field(description="The Filter: the share of the draft let in.")
    ]
    candidate: Annotated[
        Units | None, Field(description="The Writer's draft, in [-1, 1] in an LSTM.")
    ]
    output_gate: Annotated[
        list[Share] | None, Field(description="The Presenter: the share that is shown.")
    ]
    cell_state: Annotated[Units | None, Field(description="The memory after the step, unbounded.")]
    hidden_state: Annotated[
        Units,
        Field(description="What is shown, in [-1, 1] in an LSTM; narrower with a projection."),
    ]


class NumberOutput(Answer):
    """A number."""

    kind: Literal["number"]
    value: Annotated[
        float, Field(description="In the units of the input; of a series, on the scale of x.")
    ]
    shown: Annotated[bool, Field(description="Whether the output gate shows it.")]


class ClassesOutput(Answer):
    """Probabilities of classes."""

    kind: Literal["classes"]
    probabilities: Annotated[dict[str, Share], Field(description="They sum to 1.")]
    tone: Annotated[
        float | None,
        Field(
            ge=-1,
            le=1,
            description="On a scale of classes: P(positive) + P(very positive) - P(negative) -"
            " P(very negative); null where the classes are no scale.",
        ),
    ]
    score: Annotated[
        Share | None,
        Field(description="The probability of positive, given that it isn't neutral."),
    ] = None


class TokenProbability(Answer):
    """A token that may come next."""

    token: str
    probability: Share


class NextTokenOutput(Answer):
    """What is likely to come next."""

    kind: Literal["next_token"]
    top: Annotated[
        list[TokenProbability],
        Field(max_length=10, description="The ten likeliest at most, the likeliest first."),
    ]


class Roles(Answer):
    """How the toy would read the step, each a share."""

    store: Annotated[Share, Field(description="Of the draft, how much was written.")]
    reset: Annotated[Share, Field(description="Of the memory, how much was erased.")]
    output: Annotated[Share, Field(description="Of the memory, how much was shown.")]


class Step(Answer):
    """Everything that happened at one step."""

    t: Annotated[int, Field(ge=1, description="Which step, from 1.")]
    token: Annotated[str | None, Field(description="As typed; null for vectors.")]
    known: Annotated[
        bool | None, Field(description="Whether the vocabulary has it; null for vectors.")
    ]
    read_as: Annotated[
        str | None,
        Field(description="The word that a misspelt token was taken for; null if read as it is."),
    ]
    x: Annotated[
        list[float], Field(description="What the cell received, I numbers: the word's embedding.")
    ]
    layers: Annotated[list[Layer], Field(description="One per layer and direction, in that order.")]
    output: NumberOutput | ClassesOutput | NextTokenOutput | None
    roles: Roles
    story: Annotated[str, Field(description="The step in one or two plain sentences.")]


class LayerState(Answer):
    """One layer's state, H dimensionless numbers each."""

    h: Annotated[Units, Field(description="Hidden state.")]
    c: Annotated[Units, Field(description="Cell state; empty in a vanilla RNN.")]


class State(Answer):
    """What to carry to the next step."""

    t: Annotated[int, Field(ge=0, description="Steps taken so far.")]
    layers: Annotated[
        list[LayerState], Field(description="One per layer and direction, in that order.")
    ]


class SeriesColumn(Answer):
    """A column of a series: a number v of it is (v - mean) / spread in x."""

    name: Annotated[str, Field(description="As it was given.")]
    unit: Annotated[str, Field(description="Empty for none.")]
    mean: Annotated[float, Field(description="In the column's unit; 0 unscaled.")]
    spread: Annotated[float, Field(gt=0, description="In the column's unit; 1 unscaled.")]


class SeriesAnswer(Answer):
    """What x is, where the address says so."""

    columns: Annotated[list[SeriesColumn], Field(description="In the order of x.")]
    labels: Annotated[list[str], Field(description="One a row, or none.")]


Deviation = Annotated[
    list[float] | None,
    Field(
        description="`toy-lstm` only: each step's output less that of the rules themselves,"
        " in the units of the input."
    ),
]


class Trace(Answer):
    """A whole run."""

    model: Annotated[str, Field(description="The model's id.")]
    steps: list[Step]
    state: Annotated[State, Field(description="The state after the last step.")]
    deviation: Deviation = None
    series: Annotated[
        SeriesAnswer | None, Field(description="Where a series was given: what x is.")
    ] = None


class OneRun(Answer):
    """One of several runs, in the order of the inputs."""

    steps: list[Step]
    state: Annotated[State, Field(description="The state after the last step.")]
    deviation: Deviation = None
    series: Annotated[
        SeriesAnswer | None, Field(description="Where a series was given: what x is.")
    ] = None


class Traces(Answer):
    """Several runs."""

    model: Annotated[str, Field(description="The model's id.")]
    runs: Annotated[
        list[OneRun],
        Field(max_length=MOST_INPUTS, description="One an input, each as a trace has it."),
    ]


class StepAnswer(Answer):
    """One step, and the state to send with the next."""

    step: Step
    state: State


Size = Annotated[float, Field(ge=0)]


class GradientStep(Answer):
    """How large the gradient is at one step: Euclidean norms, through all that follows."""

    t: Annotated[int, Field(ge=1, description="Which step, from 1.")]
    token: Annotated[str | None, Field(description="As typed; null for vectors.")]
    cell_gradient_norm: Annotated[
        Size | None, Field(description="On the cell state after the step; null in a vanilla RNN.")
    ]
    hidden_gradient_norm: Annotated[Size, Field(description="On the hidden state after the step.")]
    input_gradient_norm: Annotated[Size, Field(description="On what the cell received, x.")]
    forget_product: Annotated[
        Share | None,
        Field(
            description="The forget gates of all later steps of the run multiplied, unit by unit,"
            " and averaged over the units; null in a vanilla RNN."
        ),
    ]
    forget_path_norm: Annotated[
        Size | None,
        Field(
            description="What the forget gates alone would leave of the gradient on the cell state"
            " of the step that is asked about; null in a vanilla RNN."
        ),
    ]


class Gradients(Answer):
    """How far back the gradient of an answer reaches."""

    model: Annotated[str, Field(description="The model's id.")]
    of: Annotated[
        str,
        Field(
            description="What it is the gradient of: the number; or the logit of that class or"
            " token, less the mean of all logits; or that unit's hidden state."
        ),
    ]
    asked_at: Annotated[
        int,
        Field(
            ge=1,
            description="The step whose answer is asked about: `t`, or the last at which the"
            " network was trained to answer. Later steps have sizes of 0.",
        ),
    ]
    trained_there: Annotated[
        bool | None,
        Field(description="Whether it was trained to answer there; null where that isn't known."),
    ]
    learned: Annotated[
        bool | None,
        Field(description="Whether the model does its task, by its card's first figure on dev."),
    ]
    rnn_learned: Annotated[bool | None, Field(description="Whether its twin does.")]
    words: Annotated[str, Field(description="What the figures show, in a few sentences.")]
    steps: Annotated[list[GradientStep], Field(description="Every step of the run.")]
    rnn: Annotated[
        list[GradientStep] | None,
        Field(
            description="The same in the model's twin, a vanilla RNN of the same size that was"
            " trained on the same task; null if it has none, or for a run from a state."
        ),
    ]


class DistanceLine(Answer):
    """What is left of a gradient at each distance, as a share of its size at the last step."""

    model: Annotated[str, Field(description="The network's id.")]
    checkpoint: Annotated[str, Field(description="When in its training.")]
    of: Annotated[
        Literal["hidden", "memory", "path"],
        Field(
            description="Of the gradient on the hidden state, on the cell state, or what the forget"
            " gates alone would leave of the latter."
        ),
    ]
    mean: Annotated[list[Size], Field(description="Geometric mean over the inputs.")]
    low: Annotated[list[Size], Field(description="A geometric standard deviation below it.")]
    high: Annotated[list[Size], Field(description="And above.")]


class Distances(Answer):
    """How much of a gradient is left, against how far back one looks, all through training."""

    model: Annotated[str, Field(description="The model's id.")]
    distances: Annotated[list[int], Field(description="In steps.")]
    inputs: Annotated[int, Field(description="How many random inputs at each distance.")]
    data: Annotated[str, Field(description="Which inputs.")]
    lines: Annotated[list[DistanceLine], Field(description="A network, a checkpoint, a size each.")]


Answers = list[float] | list[list[float]]


class Switched(Answer):
    """The last step's answer with a gate held at step t alone: T numbers, or T lists of H."""

    forget_gate: Annotated[Answers, Field(description="The Eraser held.")]
    input_gate: Annotated[Answers, Field(description="The Filter held.")]
    output_gate: Annotated[Answers, Field(description="The Presenter held.")]


class Interventions(Answer):
    """The last step's answer with each gate closed or opened at each step."""

    model: Annotated[str, Field(description="The model's id.")]
    of: Annotated[
        str,
        Field(
            description="What the answer is: `tone`, the probability of that class or token, the"
            " `number`, or that unit's hidden state."
        ),
    ]
    answer: Annotated[float, Field(description="The run's own.")]
    closed: Annotated[Switched, Field(description="With the gate held at 0.")]
    opened: Annotated[Switched, Field(description="With the gate held at 1.")]


class Damage(Answer):
    """What a figure becomes without a unit, or without a group of units."""

    measure: Annotated[str, Field(description="The figure, in words.")]
    whole: Annotated[float, Field(description="With every unit.")]
    silenced: Annotated[float, Field(description="With its output gate at 0 throughout.")]
    rank: Annotated[int, Field(ge=1, description="By how much worse that makes it, 1 the worst.")]
    erased: Annotated[
        float | None,
        Field(description="With its forget gate at 0 at one step; null where that isn't asked."),
    ]
    erased_rank: Annotated[int | None, Field(ge=1, description="The same rank for that.")]
    more: Annotated[bool, Field(description="Whether more of the figure is better.")]


class Repeat(Answer):
    """The same damage on some held-out data, by the figure that the unit's name rests on."""

    data: Annotated[str, Field(description="On what; the second was drawn anew.")]
    whole: Annotated[float, Field(description="With every unit.")]
    silenced: Annotated[float, Field(description="With its output gate at 0 throughout.")]
    rank: Annotated[int, Field(ge=1, description="By how much worse that makes it, 1 the worst.")]
    erased: Annotated[
        float | None,
        Field(
            description="The mean over several times of its forget gate at 0 at a random step of"
            " every sequence; null where that isn't asked."
        ),
    ]
    deviation: Annotated[float | None, Field(description="The standard deviation over them.")]
    erased_rank: Annotated[int | None, Field(ge=1, description="The same rank for that mean.")]


class Unit(Answer):
    """A unit of a model: named only by what happens without it."""

    unit: Annotated[int, Field(ge=1, description="Its number, from 1.")]
    name: Annotated[
        str | None, Field(description="What it is for, where that is proven; else null.")
    ]
    group: Annotated[
        list[int] | None,
        Field(description="The units that do it together, where no single one does."),
    ]
    correlation: Annotated[
        float | None, Field(ge=-1, le=1, description="Pearson's r of its memory with `of`.")
    ]
    of: Annotated[str | None, Field(description="What its memory was compared with.")]
    damage: Annotated[Damage, Field(description="By the figure that units are ranked by.")]
    also: Annotated[list[Damage], Field(description="By other figures.")]
    repeats: Annotated[
        list[Repeat],
        Field(description="At random steps, on the same data and on data drawn anew."),
    ]
    gates: Annotated[
        dict[str, float], Field(description="Means of its gates at the moments that matter.")
    ]
    words: Annotated[str | None, Field(description="Its name with what proves it.")]


class UnitGroup(Answer):
    """Units that bear a name together."""

    units: Annotated[list[int], Field(description="Their numbers.")]
    name: Annotated[str, Field(description="What they are for.")]
    compared: Annotated[int, Field(ge=2, description="How many groups of that size were tried.")]
    words: Annotated[str, Field(description="The name with what proves it.")]
    damage: Annotated[list[Damage], Field(description="Without all of them, by each figure.")]
    repeats: Annotated[
        list[Repeat], Field(description="Ranked among groups of that size, as for a unit.")
    ]


class ModelUnits(Answer):
    """All units of a model, the most missed first."""

    model: Annotated[str, Field(description="The model's id.")]
    data: Annotated[str, Field(description="The held-out data that they were tried on.")]
    erasure: Annotated[str, Field(description="Where each was erased once.")]
    units: Annotated[list[Unit], Field(description="Every one.")]
    groups: Annotated[list[UnitGroup], Field(description="Those named together.")]


class UnitPlace(Answer):
    """A step of the corpus."""

    page: Annotated[str, Field(description="The address of the page that opens that very step.")]
    input: Annotated[str, Field(description="The text, or the vectors as an address has them.")]
    t: Annotated[int, Field(ge=1, description="Which step of it, from 1.")]
    value: Annotated[float, Field(description="Of the quantity that it was chosen by.")]


class Stand(Answer):
    """One way in which a unit's gates stand together; a gate is open above a half."""

    keeps: Annotated[bool, Field(description="Whether the forget gate is open.")]
    writes: Annotated[bool, Field(description="Whether the input gate is.")]
    shows: Annotated[bool, Field(description="Whether the output gate is.")]
    share: Annotated[Share, Field(description="Of all steps of the corpus.")]
    tokens: Annotated[list[str], Field(description="Where it stands so most often.")]


class UnitCorpus(Answer):
    """What a unit was looked at over."""

    source: Annotated[str, Field(description="What it is and where it comes from.")]
    inputs: Annotated[int, Field(ge=1, description="How many texts or sequences.")]
    steps: Annotated[int, Field(ge=1, description="How many steps in all.")]


class UnitPage(Unit):
    """A unit, and where over a corpus it does what it does: ten places each, a text once."""

    model: Annotated[str, Field(description="The model's id.")]
    corpus: Annotated[UnitCorpus, Field(description="What it was looked at over.")]
    highest: Annotated[list[UnitPlace], Field(description="Where its memory is highest.")]
    lowest: Annotated[list[UnitPlace], Field(description="Where it is lowest.")]
    written: Annotated[
        list[UnitPlace], Field(description="Where most is added, i * g; none without gates.")
    ]
    erased: Annotated[
        list[UnitPlace],
        Field(description="Where most is taken away, (1 - f) * c'; none without gates."),
    ]
    shown: Annotated[list[UnitPlace], Field(description="Where most is shown, h.")]
    together: Annotated[
        list[Stand], Field(description="How its gates stand together, the commonest first.")
    ]


class Alike(Answer):
    """Units that do the same over a stretch of a run, and where else in the corpus they do."""

    model: Annotated[str, Field(description="The model's id.")]
    trait: Annotated[str, Field(description="What they do.")]
    units: Annotated[list[int], Field(description="Those that do it throughout.")]
    selective: Annotated[
        bool, Field(description="Whether they do it there and not right beside it.")
    ]
    counts: Annotated[
        list[int], Field(description="How many of them do it at each step of the run.")
    ]
    corpus: Annotated[
        UnitCorpus | None,
        Field(
            description="What was searched; null for a model without one, and for a run of other"
            " weights than the trained ones, which read it."
        ),
    ]
    places: Annotated[
        list[UnitPlace],
        Field(description="Where most of them do it together; `value` says how many."),
    ]


class Fault(Answer):
    """A field at fault."""

    loc: Annotated[
        list[str | int], Field(description='Where: ["vectors", 1, "x2"] is x2 of the second row.')
    ]
    msg: Annotated[str, Field(description="What is wrong there, and what is allowed.")]


class Problem(Answer):
    """An error (RFC 9457)."""

    type: Annotated[str, Field(description="The kind of error, as a link to its description.")]
    title: Annotated[str, Field(description="The kind of error in words.")]
    status: Annotated[int, Field(ge=400, le=599, description="The HTTP status.")]
    detail: Annotated[str, Field(description="What came, and what to do about it.")]
    errors: Annotated[list[Fault], Field(description="The fields at fault.")] = []
    choices: Annotated[
        dict[str, list[str]] | None,
        Field(description="What a field of an upload can be, where the file fits none as it is."),
    ] = None


class Health(Answer):
    """The server is well."""

    status: Literal["ok"]


def refuse_clamp(clamp: Sequence[str] | None) -> None:
    """Raise InputError for a clamp on what takes none, where it would otherwise be ignored."""
    if clamp:
        words = "Gradients are of the run as it is, with nothing held; leave clamp out."
        raise InputError(words, [FieldError(("clamp",), words)])
