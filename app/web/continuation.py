"""Writing on: a model that predicts what comes next goes on from what was typed.

For programs a stream of steps, each with all its gates; for the page, the address of the longer
text. The same text, temperature and seed give the same symbols.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from gate_explorer.errors import InputError, LimitError
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import HOTTEST, Learned, continue_text

from ..settings import settings
from ..views.address.root import rooted
from ..views.address.state import query_string
from ..views.cost import cost
from ..views.documents.trace import API, step_document, to_bytes
from .api import ModelId
from .headers import kept
from .openapi import problems
from .work import heavy

NDJSON = "application/x-ndjson"
MOST = 200

router = APIRouter()


class ContinueQuery(BaseModel):
    """What to go on from, how far, and how boldly."""

    model_config = ConfigDict(extra="ignore")

    text: Annotated[str, Field(description="What was typed.")]
    count: Annotated[int, Field(ge=1, le=MOST, description="Symbols to write, 1 to 200.")] = 60
    temperature: Annotated[
        float,
        Field(ge=0, le=HOTTEST, description="0 takes the likeliest, 1 draws as expected, to 5."),
    ] = 0.8
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="Seed of the draws.")] = 1
    checkpoint: Annotated[str | None, Field(description="A checkpoint of the card.")] = None


@router.get(
    f"{API}/models/{{model_id}}/continuation.ndjson",
    tags=["Runs"],
    summary="Write on",
    responses={
        200: {
            "description": "A step a line, as in a trace: each symbol written, and its gates.",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        },
        **problems(404, 422),
    },
    openapi_extra={
        "x-requests": [
            {
                "summary": "Twenty characters",
                "method": "GET",
                "path": f"{API}/models/characters/continuation.ndjson?text=ROMEO&count=20",
                "status": 200,
            }
        ]
    },
)
async def get_continuation(
    request: Request, model_id: ModelId, query: Annotated[ContinueQuery, Query()]
) -> Response:
    """Draw `count` symbols one after the other, for a model whose output is `next_token`.

    Each is drawn from what the model expects next, sharpened by the temperature, and read in turn.
    """
    writing = _writing(model_id, query)
    return kept(await heavy(request, writing.cost, _lines, writing), NDJSON)


@router.get("/models/{model_id}/continue", include_in_schema=False)
async def continue_page(
    request: Request, model_id: str, query: Annotated[ContinueQuery, Query()]
) -> Response:
    """Go on to the page of the longer text."""
    writing = _writing(model_id, query)
    text = await heavy(request, writing.cost, _text, writing)
    kept_fields = ("unit", "show", "checkpoint")
    rest = {n: v for n, v in request.query_params.items() if n in kept_fields}
    query_ = query_string({"text": text, **rest})
    return RedirectResponse(rooted(f"/models/{model_id}?{query_}"), 303)


@dataclass(frozen=True)
class Writing:
    """What a model is to write on from, and how."""

    model_id: str
    query: ContinueQuery

    @property
    def model(self) -> Learned:
        """The model. Raises: InputError if it doesn't predict what comes next."""
        model = registry.get(self.model_id)
        if not isinstance(model, Learned):
            words = f"{self.model_id} can't write on: it doesn't predict what comes next."
            raise InputError(words)
        return model

    @property
    def cost(self) -> float:
        """Milliseconds, as estimated."""
        card = self.model.card
        return cost("run", len(self.query.text), card) + cost("written", self.query.count, card)

    def runs(self) -> Iterator[Run]:
        """The run of each symbol written."""
        asked = self.query
        rng, options = np.random.default_rng(asked.seed), Options(asked.checkpoint)
        runs = continue_text(self.model, asked.text, asked.count, asked.temperature, rng, options)
        return islice(runs, 1, asked.count + 1)


def _writing(model_id: str, query: ContinueQuery) -> Writing:
    """What is asked for. Raises: InputError, LimitError."""
    writing = Writing(model_id, query)
    if writing.model.card.output != "next_token":
        raise InputError(f"{model_id} can't write on: it doesn't predict what comes next.")
    most = settings().max_steps
    if len(query.text) + query.count > most:
        raise LimitError(f"Text and continuation may have {most} symbols together; shorten one.")
    return writing


def _lines(writing: Writing) -> bytes:
    return b"".join(to_bytes(step_document(run)["step"]) + b"\n" for run in writing.runs())


def _text(writing: Writing) -> str:
    """The longer text."""
    words = writing.model.card.input == "words"
    symbols = [run.tokens[0].text for run in writing.runs() if run.tokens]
    written = "".join(f" {symbol}" for symbol in symbols) if words else "".join(symbols)
    return writing.query.text + written
