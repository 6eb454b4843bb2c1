"""Exports: the trace as CSV, NPZ and NDJSON, the step as a picture, the run as an animation.

Every one goes the way of the JSON trace: the same query, limits and errors. Their tags follow from
what they are made of, so that whoever has a picture is told so before it is drawn again. Drawing
keeps Python's lock, so it is done one at a time, and few may wait: the pages need threads too.
"""

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from jinja2 import Template
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from gate_explorer.errors import OverloadError

from ..views.address.state import ExplorerState
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
from ..views.documents.trace import API, to_bytes, trace_document
from ..views.equation.explorer import Explorer
from .api import ModelId, traced
from .headers import API_POLICY, NOBODY, cacheable
from .openapi import Extra, Responses, problems
from .pages import origin, templates

CSV, NPZ, NDJSON = "text/csv; charset=utf-8", "application/octet-stream", "application/x-ndjson"
SVG, PNG, GIF, HTML = "image/svg+xml", "image/png", "image/gif", "text/html; charset=utf-8"
SEALED = {"Content-Security-Policy": f"{API_POLICY}{NOBODY}; sandbox"}
NO_ROOM = "Other pictures are being drawn; please try again in a moment."
BINARY: Extra = {"type": "string", "format": "binary"}
LINES: Extra = {"type": "string"}


class DrawingRoom:
    """One drawing at a time, a few waiting; for others there is no room."""

    def __init__(self, places: int, seconds: float) -> None:
        """places: most that draw or wait; seconds: longest wait."""
        self._places = threading.BoundedSemaphore(places)
        self._turn = threading.Lock()
        self._seconds = seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and have it until the end of the block.

        Raises: OverloadError if there is no place, or the wait is too long.
        """
        if not self._places.acquire(blocking=False):
            raise OverloadError(NO_ROOM)
        try:
            if not self._turn.acquire(timeout=self._seconds):
                raise OverloadError(NO_ROOM)
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()


router = APIRouter(default_response_class=Response, tags=["Exports"])
drawing_room = DrawingRoom(places=8, seconds=8.0)


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

    `t`, `layer` and `unit` count from 1, as on the pages. `token` is empty for vectors.
    """
    content = csv_bytes(traced(request, model_id, query))
    return cacheable(request, content, CSV, _named(model_id, "csv"))


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
    content = npz_bytes(traced(request, model_id, query))
    return cacheable(request, content, NPZ, _named(model_id, "npz"))


@router.get(
    f"{PATH}.ndjson",
    summary="A run, a step a line",
    responses=_answers(NDJSON, "A Step of the trace on each line.", LINES),
    openapi_extra=_examples("ndjson", {"Four vectors": VECTORS, "A text": TEXT}),
)
async def get_ndjson(request: Request, model_id: ModelId, query: RunQuery) -> Response:
    """The steps of the trace, each as JSON on a line of its own, streamed."""
    document = trace_document(traced(request, model_id, query))
    kept = cacheable(request, to_bytes(document), NDJSON, _named(model_id, "ndjson"))
    if kept.status_code == 304:
        return kept
    headers = {name: value for name, value in kept.headers.items() if name != "content-length"}
    return StreamingResponse(_stream(ndjson_lines(document)), headers=headers, media_type=NDJSON)


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
    picture = _picture(request, model_id, query)
    headers = {**SEALED, **_named(model_id, "svg", picture.explorer.t)}
    return cacheable(request, _svg(picture).encode(), SVG, headers)


@router.get(
    f"{PATH}.png",
    summary="A step as a PNG",
    responses=_answers(PNG, "The picture, 1200 x 630 pixels.", BINARY),
    openapi_extra=_examples(
        "png", {"The second of four vectors, dark": f"{VECTORS}&t=2&theme=dark"}
    ),
)
def get_png(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The same picture in pixels, for the previews of links."""
    picture = _picture(request, model_id, query)
    svg, headers = _svg(picture), _named(model_id, "png", picture.explorer.t)
    return _drawn(request, [svg], PNG, headers, partial(raster.to_png, svg))


@router.get(
    f"{PATH}.gif",
    summary="A run as an animation",
    responses=_answers(GIF, "A GIF, 600 x 315 pixels, a frame a step.", BINARY),
    openapi_extra=_examples("gif", {"Four vectors": VECTORS}),
)
def get_gif(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The pictures of up to 60 steps, one after the other; of a longer run those around `t`, and
    the frames say which.
    """
    explorer, theme = _picture(request, model_id, query).explorer, query.theme
    svgs = [_svg(frame) for frame in animation(explorer, theme)]
    headers = _named(model_id, "gif")
    draw = partial(raster.to_gif, svgs, inks(theme), grounds(theme))
    return _drawn(request, svgs, GIF, headers, draw)


@router.get(
    f"{PATH}.html",
    summary="A run as a page of its own",
    responses=_answers(HTML, "One file that works offline.", LINES),
    openapi_extra=_examples("html", {"A text": TEXT}),
)
def get_snapshot(request: Request, model_id: ModelId, query: StepQuery) -> Response:
    """The step's picture, every step's story and numbers, and the address they came from, in one
    file without scripts or references. Of a very long run, the steps around `t`; the page says so.
    """
    picture = _picture(request, model_id, query)
    address = f"{origin(request)}/models/{model_id}?{picture.explorer.state.query()}"
    page = _render("pages/snapshot.html", snapshot=Snapshot(picture, address), svg=_svg(picture))
    headers = {**SEALED, **_named(model_id, "html", picture.explorer.t, "attachment")}
    return cacheable(request, page.encode(), HTML, headers)


def _picture(request: Request, model_id: str, query: PictureQuery) -> Picture:
    fields = query.model_dump(include=set(ExplorerState.model_fields))
    run, state = traced(request, model_id, query), ExplorerState(**fields)
    return Picture(Explorer(run, state), query.theme)


def _svg(picture: Picture) -> str:
    return _render("picture.svg", picture=picture)


def _render(name: str, **context: Any) -> str:
    template: Template = templates.env.get_template(name)
    return template.render(context).strip()


def _drawn(
    request: Request,
    svgs: Iterable[str],
    media_type: str,
    headers: dict[str, str],
    draw: Callable[[], bytes],
) -> Response:
    """What is drawn from the SVGs, under a tag that follows from them: 304 costs no drawing."""
    source = "\n".join([raster.VERSION, media_type, *svgs])
    kept = cacheable(request, source.encode(), media_type, headers)
    if kept.status_code == 304:
        return kept
    with drawing_room.turn():
        content = draw()
    again = {name: value for name, value in kept.headers.items() if name != "content-length"}
    return Response(content, headers=again)


async def _stream(lines: Iterable[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line


def _named(model_id: str, ending: str, t: int | None = None, how: str = "") -> dict[str, str]:
    """A name for whoever keeps the file; data is kept, pictures are looked at."""
    what = "trace" if t is None else f"step-{t}"
    how = how or ("inline" if ending in {"svg", "png", "gif"} else "attachment")
    return {"Content-Disposition": f'{how}; filename="{model_id}-{what}.{ending}"'}
