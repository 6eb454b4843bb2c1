"""Two lanes in one address: `/compare?a=sentiment?text=I+love+it&b=sentiment?text=I+hate+it&t=2`.

A lane is the address of an explorer's state without its step: the model, a question mark, the
query. Within it `&`, `+` and `%` are written %26, %2B and %25 once more than elsewhere
(`a=sentiment?text=Good%26checkpoint=step-0`); a space is + as in any query. `t` is the shared step,
a column of the tape on which both stand side by side, and `unit` the shared unit, before a lane's
own. `units=differing` leaves out the units that differ little, `view=difference` shows A less B.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel, ConfigDict, Field

from gate_explorer.runs.card import Card
from gate_explorer.zoo import registry

from .root import rooted
from .state import INPUT, READABLE, ExplorerState, Scope, as_texts, read_query

KEPT = ExplorerState.of_scope(Scope.RUN) | {"unit", "layer", "names"}
ESCAPED = str.maketrans({"%": "%25", "&": "%26", "+": "%2B"})
RULES = {"toy-rules": "toy-lstm", "toy-lstm": "toy-rules"}


class Shared(BaseModel):
    """What both lanes look at, and how: a column of their tape and a unit, both from 1.

    page: which window of the units a narrow page shows, from 1.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    t: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    unit: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    units: Literal["differing"] | None = None
    view: Literal["difference"] | None = None
    tables: Literal["shown"] | None = None
    page: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


@dataclass(frozen=True)
class Lane:
    """A model, and the state to see it in, which the shared step and unit are not part of."""

    model_id: str
    state: ExplorerState

    @property
    def free(self) -> "Lane":
        """The lane with nothing held."""
        return Lane(self.model_id, self.state.having(clamp=None))

    @property
    def text(self) -> str:
        """The lane as it stands in the address of a comparison, before that is encoded."""
        fields = as_texts(self.state.model_dump(exclude_none=True, include=KEPT))
        query = "&".join(f"{name}={value.translate(ESCAPED)}" for name, value in fields.items())
        return f"{self.model_id}?{query}" if query else self.model_id


def lane_model(text: str) -> str:
    """The id of the model that a lane names, whether by id, by path or by a whole address."""
    return text.partition("?")[0].rpartition("models/")[2].strip("/ ")


def read_lane(text: str) -> Lane:
    """The lane of an address, or of its end from the model on.

    Raises: InputError naming each field that can't be read.
    """
    query = text.partition("?")[2].partition("#")[0]
    state = read_query(parse_qsl(query, keep_blank_values=True))
    return Lane(lane_model(text), ExplorerState(**state.model_dump(include=KEPT)))


def compare_address(a: str, b: str, shared: Mapping[str, object]) -> str:
    """The address of a comparison."""
    # A question mark and an equals sign may stand in a query as they are.
    fields = as_texts({"a": a, "b": b, **shared})
    return rooted(f"/compare?{urlencode(fields, safe=READABLE + '?=')}")


def comparisons(card: Card, state: ExplorerState) -> dict[str, str]:
    """Runs worth setting beside a state's own: what they are, and the comparison's address."""
    here, shared = Lane(card.id, state), state.model_dump(include={"t", "unit"}, exclude_none=True)
    others: dict[str, Lane | None] = {
        "itself with nothing held": here.free if state.clamp else None,
        _twin_words(card): _twin(card, state),
        **_checkpoint(card, state),
        "another input": Lane(card.id, state.having(**_another(card, state))),
    }
    return {
        words: compare_address(here.text, other.text, shared)
        for words, other in others.items()
        if other
    }


def _twin(card: Card, state: ExplorerState) -> Lane | None:
    twin = RULES.get(card.id) or registry.counterpart(card)
    return Lane(twin, ExplorerState.model_validate(state.input_fields)) if twin else None


def _twin_words(card: Card) -> str:
    if card.id in RULES:
        return "the rules themselves" if card.id == "toy-lstm" else "the same rules in an LSTM"
    return "its twin with gates" if card.cell == "rnn" else "its twin without gates"


def _checkpoint(card: Card, state: ExplorerState) -> dict[str, Lane]:
    """The same run half-way through the training, or, from there, after it."""
    if not card.checkpoints:
        return {}
    half = card.checkpoints[len(card.checkpoints) // 2]
    if state.checkpoint == half:
        return {"itself, fully trained": Lane(card.id, state.having(checkpoint=None))}
    step = half.removeprefix("step-")
    return {f"itself after {step} steps": Lane(card.id, state.having(checkpoint=half))}


def _another(card: Card, state: ExplorerState) -> dict[str, object]:
    """The first example that isn't the state's own input."""
    read = (read_query(list(each.query.items())) for each in card.examples)
    inputs = [each.model_dump(include=INPUT) for each in read]
    own = state.model_dump(include=INPUT)
    return next((each for each in inputs if each != own), own)
