"""A series that a visitor pastes: read once, and sent on to the address that says it."""

from dataclasses import asdict
from typing import get_args

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import RedirectResponse, Response

from gate_explorer.errors import FieldError, InputError, LimitError, MalformedError, NotFoundError
from gate_explorer.runs.card import Scaling
from gate_explorer.runs.series import LONGEST_SEASON, Series, read_series
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model

from ..settings import settings
from ..views.address.root import rooted
from ..views.address.state import ExplorerState, Pasted, of_series
from ..views.walk import walk_state
from .pages import refused

LONGEST_ADDRESS = 32_000  # characters: a page holds its own address some fifty times
DRAWER = "series"

router = APIRouter(include_in_schema=False)


@router.post("/models/{model_id}/series")
async def paste(request: Request, model_id: str) -> Response:
    """Read a form's series and send on to its address; or the form with what is wrong in it."""
    model = registry.get(model_id)
    if model.card.series is None:
        raise NotFoundError(f"{model_id} takes no series: its numbers have a meaning of their own.")
    pasted = await _pasted(request)
    return await run_in_threadpool(_read, request, model, pasted)


async def _pasted(request: Request) -> Pasted:
    """The form's fields. Raises: MalformedError; InputError for a file that is no text."""
    most = settings().max_body
    try:
        async with request.form(max_files=1, max_fields=8, max_part_size=most) as form:
            fields = {name: str(form.get(name) or "") for name in asdict(Pasted())}
            text = await _file(form)
    except MultiPartException as error:
        raise MalformedError(f"The form can't be read: {error.message}") from None
    return Pasted(**{**fields, "series": text or fields["series"]})


async def _file(form: FormData) -> str:
    """The text of the form's file; "" without one."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return ""
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = f"The file isn't text in UTF-8: see its byte {error.start + 1}. Save it as CSV."
        raise InputError(words, [FieldError(("file",), words)]) from None


def _read(request: Request, model: Model, pasted: Pasted) -> Response:
    try:
        state = ExplorerState(**of_series(_series(model, pasted)), drawer=DRAWER)
        state, _ = walk_state(model, state)
        address = rooted(f"/models/{model.card.id}?{state.query()}")
        if len(address) > LONGEST_ADDRESS:
            raise _too_long(len(address))
    except InputError as error:
        return refused(request, model, DRAWER, pasted, error)
    return RedirectResponse(address, status_code=303)


def _series(model: Model, pasted: Pasted) -> Series:
    """What was pasted, for that model. Raises: InputError."""
    return read_series(
        pasted.series,
        model.card.input_size,
        chosen=pasted.column,
        scaling=_scaling(pasted.scaling),
        season=_season(pasted.season),
        most=settings().max_steps,
        last=bool(pasted.last),
    )


def _scaling(word: str) -> Scaling:
    for each in get_args(Scaling):
        if word == each:
            found: Scaling = each
            return found
    words = f"The scaling is “{word[:20]}”; it should be one of {', '.join(get_args(Scaling))}."
    raise InputError(words, [FieldError(("scaling",), words)])


def _season(word: str) -> int | None:
    """The steps in a year; None for a field left blank."""
    if not word.strip():
        return None
    if word.strip().isascii() and word.strip().isdigit() and len(word.strip()) < 5:
        return int(word)
    words = (
        f"Steps in a year: “{word[:20]}” came; a whole number from 1 to {LONGEST_SEASON} was"
        " expected, or nothing."
    )
    raise InputError(words, [FieldError(("season",), words)])


def _too_long(length: int) -> LimitError:
    words = (
        f"The series makes an address of {length:,} characters; at most {LONGEST_ADDRESS:,} fit."
        " Paste fewer rows, or numbers with fewer digits."
    )
    return LimitError(words, [FieldError(("series",), words)])
