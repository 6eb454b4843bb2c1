"""A run that someone asks for: read from a query or a body, and made where its answer is made.

What is asked can be pickled, so that the processes for heavy work can make it as the server does.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from gate_explorer.errors import FieldError, InputError, LimitError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Inputs, OneToken, Options, Text, Vectors
from gate_explorer.runs.run import Run, RunState
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model, how_to_give

from ..settings import settings
from ..views.cost import Kind, cost, steps_of
from ..views.documents import schema
from ..views.walk import check_size, walk, walk_all
from .brought import open_to_all

# The server and the processes for heavy work alike find what was brought.
open_to_all()

FOR_ALL = {"checkpoint", "sharpness", "state", "clamp"}
NAMES = {Vectors: "vectors", Text: "text", OneToken: "token"}


@dataclass(frozen=True, eq=False)
class Asked:
    """Everything that a run depends on."""

    model_id: str
    inputs: Inputs
    options: Options
    state: RunState | None = None

    @property
    def model(self) -> Model:
        """The model that is to run."""
        return registry.get(self.model_id)

    @property
    def card(self) -> Card:
        """The model's card."""
        return self.model.card

    @property
    def steps(self) -> int:
        """About how many steps it will have."""
        return steps_of(self.card, self.inputs)

    def cost(self, kind: Kind) -> float:
        """What an answer of that kind will cost, in milliseconds."""
        return cost(kind, self.steps, self.card)

    def run(self) -> Run:
        """Run it; a fault that the model doesn't pin on a field is pinned on the input.

        Raises: InputError and its kin.
        """
        try:
            return walk(self.model, self.inputs, self.options, self.state)
        except InputError as error:
            raise _pinned(error, self.inputs) from None


@dataclass(frozen=True, eq=False)
class Several:
    """Everything that runs of several inputs depend on; what isn't an input holds for all."""

    model_id: str
    inputs: tuple[Inputs, ...]
    options: Options
    state: RunState | None = None

    def cost(self) -> float:
        """What they will cost together, in milliseconds. Raises: LimitError beyond the budget."""
        card = registry.get(self.model_id).card
        steps = [steps_of(card, each) for each in self.inputs]
        milliseconds, most = sum(cost("run", count, card) for count in steps), settings().budget
        if milliseconds > most:
            words = (
                f"The {len(self.inputs)} inputs, {sum(steps):,} steps together, would take about"
                f" {milliseconds:,.0f} ms of work; a request may cost {most:,} ms. Send fewer of"
                " them at once, or shorter ones."
            )
            raise LimitError(words, [FieldError(("inputs",), words)])
        return milliseconds

    def run(self) -> list[Run]:
        """Run them at once. Raises: InputError naming each input at fault by its place."""
        model = registry.get(self.model_id)
        try:
            return walk_all(model, self.inputs, self.options, self.state)
        except InputError:
            return self._one_by_one()

    def _one_by_one(self) -> list[Run]:
        """The same one after the other, to find those at fault.

        What is said of all alike, and not of the inputs, such as a state that doesn't fit, is said
        once.
        """
        runs, faults = [], {}
        for n, inputs in enumerate(self.inputs):
            try:
                runs.append(Asked(self.model_id, inputs, self.options, self.state).run())
            except InputError as error:
                faults[n] = error
        if not faults:
            return runs
        first = next(iter(faults.values()))
        alike = len({error.detail for error in faults.values()}) == 1
        if alike and len(faults) == len(self.inputs) and first.errors[0].loc[0] in FOR_ALL:
            raise first
        raise _placed(faults)


def several_by_body(model: Model, body: schema.TracesRequest) -> Several:
    """What a body with `inputs` asks for.

    Raises: InputError naming each of its inputs that is none, or too long.
    """
    for name in ("vectors", "text"):
        if getattr(body, name) is not None:
            words = f"Give inputs or {name}, not both."
            raise InputError(words, [FieldError((each,), words) for each in ("inputs", name)])
    found, faults = [], {}
    for n, each in enumerate(body.inputs or ()):
        try:
            found.append(ask(model, _input_of(each), Options()).inputs)
        except InputError as error:
            faults[n] = error
    if faults:
        raise _placed(faults)
    return Several(model.card.id, tuple(found), body.options(), body.run_state())


def _placed(faults: Mapping[int, InputError]) -> InputError:
    """The faults of several inputs as one error, each with the place of its input."""
    return InputError.telling(
        FieldError(("inputs", n, *fault.loc), f"inputs[{n}]: {fault.msg}")
        for n, error in faults.items()
        for fault in error.errors
    )


def _input_of(body: schema.TraceRequest | schema.OneInput) -> Inputs | None:
    """The one input that is given, None for none. Raises: InputError for two."""
    refuse_both("vectors", body.vectors, "text", body.text)
    if body.vectors is not None:
        return Vectors(body.vectors)
    return None if body.text is None else Text(body.text)


def asked_by_query(request: Request, model_id: str, query: schema.TraceQuery) -> Asked:
    """What a trace's query asks for, for the trace and for what is made of it.

    Raises: NotFoundError, InputError and its kin.
    """
    model = registry.get(model_id)
    _refuse_repeats(request, query)
    _refuse_misnamed(request, query)
    refuse_both("x", query.x, "text", query.text)
    return ask(model, query.inputs, query.options)


def asked_by_body(model: Model, body: schema.TraceRequest) -> Asked:
    """What a trace's body asks for; raises as `asked_by_query`."""
    return ask(model, _input_of(body), body.options(), body.run_state())


def ask(
    model: Model, inputs: Inputs | None, options: Options, state: RunState | None = None
) -> Asked:
    """What is asked of a model. Raises: InputError for no input, LimitError for too much of it."""
    if inputs is None:
        field = "vectors" if model.card.input == "vectors" else "text"
        card = model.card
        words = f"There is no input: {card.id} reads {card.input}; {how_to_give(card)}."
        raise InputError(words, [FieldError((field,), words)])
    try:
        check_size(inputs)
    except InputError as error:
        raise _pinned(error, inputs) from None
    return Asked(model.card.id, inputs, options, state)


def refuse_both(numbers: str, vectors: object, words: str, text: str | None) -> None:
    """Raise InputError where two inputs are given."""
    if vectors is not None and text is not None:
        errors = [FieldError((name,), "Give one of the two.") for name in (numbers, words)]
        raise InputError(f"Give {numbers} or {words}, not both.", errors)


def _pinned(error: InputError, inputs: Inputs) -> InputError:
    """The error, with the input as its field if it names none."""
    if error.errors:
        return error
    return type(error)(error.detail, [FieldError((NAMES[type(inputs)],), error.detail)])


def _refuse_repeats(request: Request, query: schema.TraceQuery) -> None:
    """Raise InputError for a field that comes twice in a query, where only one could count."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    fields = type(query).model_fields.keys() - {"clamp"}
    repeated = sorted(name for name in fields if counts[name] > 1)
    if repeated:
        words = "This field comes twice; give it once."
        errors = [FieldError((name,), words) for name in repeated]
        raise InputError(f"{', '.join(repeated)}: given twice; give each field once.", errors)


def _refuse_misnamed(request: Request, query: schema.TraceQuery) -> None:
    """Raise InputError for an input under a name that only a body has, or none."""
    fields = type(query).model_fields
    given = dict.fromkeys(name for name in request.query_params if name not in fields)
    errors = [
        FieldError((name,), f"There is no “{name}” in an address: {told}")
        for name in given
        if (told := schema.TRACE_QUERY.telling(name))
    ]
    if errors:
        raise InputError.telling(errors)
