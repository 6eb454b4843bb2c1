"""Exports: the trace as CSV, NPZ and NDJSON, the step as a picture, the run as an animation.

Every one goes the way of the JSON trace: the same query, limits and errors. What takes long is made
by the processes for heavy work: drawing keeps Python's lock, and a table of a long run keeps the
event loop.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from jinja2 import Template
from pydantic import Field
from starlette.responses import Response

from ..views.address.root import rooted
from ..views.address.state import LAYER, ExplorerState
from ..views.cost import cost, frame_cost, most_frames
from ..views.documents import raster, schema
from ..views.documents.exports import csv_bytes, ndjson_lines, npz_bytes
from ..views.documents.picture import (
    Picture,
    Theme,
    animation,
    grounds,
    inks,
)
from ..views.documents.snapshot import Snapshot
from ..views.documents.trace import API, trace_document
from ..views.equation.explorer import Explorer
from ..views.walk import seen
from .api import ModelId
from .asked import Asked, asked_by_query
from .headers import API_POLICY, kept
from .hosts import site
from .openapi import Extra, Responses, problems
from .pages import templates
from .work import heavy

CSV, NPZ, NDJSON = "text/csv; charset=utf-8", "application/octet-stream", "application/x-ndjson"
SVG, PNG, GIF, HTML = "image/svg+xml", "image/png", "image/gif", "text/html; charset=utf-8"
SEALED = {"Content-Security-Policy": f"{API_POLICY} frame-ancestors 'none'; sandbox"}
BINARY: Extra = {"type": "string", "format": "binary"}
LINES: Extra = {"type": "string"}


router = APIRouter(default_response_class=Response, tags=["Exports"])


class PictureQuery(schema.TraceQuery):
    """A trace's query, and what to look at."""

    t: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="The step to show, from 1; the last if left out."),
    ] = None
    unit: Annotated[
        int | None,
        Field(
            ge=1,
            le=1_000_000,
            description="The unit to mark, from 1; the model's most telling one if left out.",
        ),
    ] = None
    layer: Annotated[
        str | None,
        Field(
            pattern=LAYER,
            description="The layer of a stack to draw, from 1, with -backward for the pass from the"
            " end where it reads both ways; the last if left out.",
        ),
    ] = None
    names: Annotated[
        Literal["symbols"] | None,
        Field(description="Names the gates in the field's words instead of their nicknames."),
    ] = None
    sort: Annotated[
        Literal["importance", "similarity"] | None,
        Field(description="The order of the units, where it isn't their number."),
    ] = None
    only: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="How many units to draw, the most important."),
    ] = None
    theme: Annotated[Theme, Field(description="Ink on paper, or light on dark.")] = "light"


RunQuery = Annotated[schema.TraceQuery, Query()]
StepQuery = Annotated[PictureQuery, Query()]


def _answers(media_type: str, words: str, form: Extra) -> Responses:
    """The answers of an export for the OpenAPI document."""
    kind = media_type.partition(";")[0]
    ok = {"description": words, "content": {kind: {"schema": form}}}
    return {200: ok, **problems(404, 422)}


def _examples(ending: str, queries: dict[str, str]) -> Extra:
    """Requests for the documentation, each by what it is; the queries begin with the model."""
    paths = {what: query.replace("?", f"/trace.{ending}?") for what, query in queries.items()}
    requests = [
        {"summary": what, "method": "GET", "path": f"{API}/models/{path}", "status": 200}
        for what, path in paths.items()
    ]
    return {"x-requests": requests}


VECTORS, TEXT = "toy-rules?x=3,1,0;5,0,1;2,1,0;3,0,1", "sentiment?text=I%20love%20France"
PATH = f"{API}/models/{{model_id}}/trace"


@router.get(
    f"{PATH}.csv",
    summary="A run as CSV",
    responses=_answers(CSV, "A row for each step, layer and unit.", LINES),
    openapi_extra=_examples("csv", {"Four vectors": VECTORS, "A text": TEXT}),
)
async def get_csv(request: Request, model_id: ModelId, query: RunQuery) -> Response:
    """The trace as tidy rows: `t`, `token`, `layer`, `direction`, `unit`, then `forget_gate`,
    `input_gate`, `candidate`, `output_gate`, `cell_state`, `hidden_state`, with the JSON's digits.

    `t`, `layer` and `unit` count from 1, as on the pages. `token` is empty for vectors; one that a
    spreadsheet would take for a formula (it begins with `=`, `+`, `-` or `@`) is led by an
    apostrophe.
    """
    asked = asked_by_query(request, model_id, query)
    content = await heavy(request, asked.cost("csv"), _csv, asked)
    return kept(content, CSV, _named(model_id, "csv"))


@router.get(
    f"{PATH}.npz",
    summary="A run as NumPy arrays",
    responses=_answers(NPZ, "An NPZ archive; numpy.load reads it without pickle.", BINARY),
    openapi_extra=_examples("npz", {"Four vectors": VECTORS, "A text": TEXT}),
)
async def get_npz(request: Request, model_id: ModelId, query: RunQuery) -> Response:
    """The trace as arrays: `t` (T,) from 1, `x` (T, I), and for each layer k, from 0 as in PyTorch,
    `forget_gate_lk`, `input_gate_lk`, `candidate_lk`, `output_gate_lk`, `cell_state_lk` and
    `hidden_state_lk` (T, H), with `_reverse` for the backward direction.

    For a text also `tokens` and `known` (T,). The outputs are `output_value` and `output_shown`
    (T,), or `probabilities` (T, K), `labels` (K,) and `score` (T,), or `next_tokens` and
    `next_probabilities` (T, K).
    """
    asked = asked_by_query(request, model_id, query)
    content = await heavy(request, asked.cost("npz"), _npz, asked)
    return kept(content, NPZ, _named(model_id, "npz"))


@router.get(
    f"{PATH}.ndjson",
    summary="A run, a step a line",
    responses=_answers(NDJSON, "A Step of the trace on each line.", LINES),
    openapi_extra=_examples("ndjson", {"Four vectors": VECTORS, "A text": TEXT}),
)
async def get_ndjson(request: Request, model_id: ModelId, query: RunQuery) -> Response:
    """The steps of the trace, each as JSON on a line of its own."""
    asked = asked_by_query(request, model_id, query)
    content = await heavy(request, asked.cost("run"), _ndjson, asked)
    return kept(content, NDJSON, _named(model_id, "ndjson"))


@router.get(
    f"{PATH}.svg",
    summary="A step as a picture",
    responses=_answers(SVG, "The picture, 1200 x 630, without scripts or references.", LINES),
    openapi_extra=_examples(
        "svg", {"The second of four vectors": f"{VECTORS}&t=2", "A text": TEXT}
    ),
)
async def get_svg(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The LSTM's equation at one step, made of bars, as the page shows it."""
    look = _looked_at(request, model_id, query)
    content, t = await heavy(request, look.asked.cost("svg"), _svg_file, look)
    return kept(content, SVG, {**SEALED, **_named(model_id, "svg", t)})


@router.get(
    f"{PATH}.png",
    summary="A step as a PNG",
    responses=_answers(PNG, "The picture, 1200 x 630 pixels.", BINARY),
    openapi_extra=_examples(
        "png", {"The second of four vectors, dark": f"{VECTORS}&t=2&theme=dark"}
    ),
)
async def get_png(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The same picture in pixels, for the previews of links."""
    look = _looked_at(request, model_id, query)
    content, t = await heavy(request, look.asked.cost("png"), _png_file, look)
    return kept(content, PNG, _named(model_id, "png", t))


@router.get(
    f"{PATH}.gif",
    summary="A run as an animation",
    responses=_answers(GIF, "A GIF, 600 x 315 pixels, a frame a step, around `t`.", BINARY),
    openapi_extra=_examples("gif", {"Four vectors": VECTORS}),
)
async def get_gif(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The pictures of the steps, one after the other, as many as one request may cost: some twenty
    of a small model, ten of one with 128 units. Of a longer run those around `t`, and the frames
    say which.
    """
    look = _looked_at(request, model_id, query)
    frames = min(look.asked.steps, most_frames(look.asked.card, look.asked.steps))
    estimate = cost("run", look.asked.steps, look.asked.card) + frames * frame_cost(look.asked.card)
    content = await heavy(request, estimate, _gif_file, look)
    return kept(content, GIF, _named(model_id, "gif"))


@router.get(
    f"{PATH}.html",
    summary="A run as a page of its own",
    responses=_answers(HTML, "One file that works offline.", LINES),
    openapi_extra=_examples("html", {"A text": TEXT}),
)
async def get_snapshot(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The step's picture, every step's story and numbers, and the address they came from, in one
    file without scripts or references. Of a very long run, the steps around `t`; the page says so.
    """
    look = _looked_at(request, model_id, query)
    content, t = await heavy(request, look.asked.cost("html"), _page_file, look, site(request))
    headers = {**SEALED, **_named(model_id, "html", t, "attachment")}
    return kept(content, HTML, headers, names_site=True)


@dataclass(frozen=True)
class LookedAt:
    """A run that is asked for, and how it is looked at."""

    asked: Asked
    state: ExplorerState
    theme: Theme

    def picture(self) -> Picture:
        """Its picture. Raises: InputError and its kin."""
        return Picture(Explorer(seen(self.asked.run(), self.state), self.state), self.theme)


def _looked_at(request: Request, model_id: str, query: PictureQuery) -> LookedAt:
    fields = query.model_dump(include=set(ExplorerState.model_fields))
    return LookedAt(asked_by_query(request, model_id, query), ExplorerState(**fields), query.theme)


def _csv(asked: Asked) -> bytes:
    return csv_bytes(asked.run())


def _npz(asked: Asked) -> bytes:
    return npz_bytes(asked.run())


def _ndjson(asked: Asked) -> bytes:
    return b"".join(ndjson_lines(trace_document(asked.run())))


def _svg_file(look: LookedAt) -> tuple[bytes, int]:
    """The picture, and the step that it shows."""
    picture = look.picture()
    return _svg(picture).encode(), picture.explorer.t


def _png_file(look: LookedAt) -> tuple[bytes, int]:
    picture = look.picture()
    return raster.to_png(_svg(picture)), picture.explorer.t


def _gif_file(look: LookedAt) -> bytes:
    explorer, theme = look.picture().explorer, look.theme
    most = most_frames(look.asked.card, look.asked.steps)
    frames = animation(explorer, theme, most)
    return raster.to_gif((_svg(frame) for frame in frames), inks(theme), grounds(theme))


def _page_file(look: LookedAt, site: str) -> tuple[bytes, int]:
    picture = look.picture()
    query = picture.explorer.state.query()
    address = site + rooted(f"/models/{look.asked.model_id}?{query}")
    page = _render("pages/snapshot.html", snapshot=Snapshot(picture, address), svg=_svg(picture))
    return page.encode(), picture.explorer.t


def _svg(picture: Picture) -> str:
    return _render("picture.svg", picture=picture)


def _render(name: str, **context: Any) -> str:
    template: Template = templates.env.get_template(name)
    return template.render(context).strip()


def _named(model_id: str, ending: str, t: int | None = None, how: str = "") -> dict[str, str]:
    """A name for whoever keeps the file; data is kept, pictures are looked at."""
    what = "trace" if t is None else f"step-{t}"
    how = how or ("inline" if ending in {"svg", "png", "gif"} else "attachment")
    return {"Content-Disposition": f'{how}; filename="{model_id}-{what}.{ending}"'}
