"""Networks that visitors bring: sent as files, shown as they were understood, and taken back.

A file is read by a process of its own (`gate_explorer.weights.worker`), a few at a time; what it
holds is kept on the disk before the answer goes out.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from gate_explorer.errors import (
    ExplorerError,
    FieldError,
    InputError,
    MalformedError,
    MediaTypeError,
    NotFoundError,
    OverloadError,
)
from gate_explorer.weights.files import LAYOUTS, Options
from gate_explorer.weights.files.wording import Vocabulary, read_vocabulary
from gate_explorer.zoo import registry
from gate_explorer.zoo.samples import SAMPLES, Sample, sample

from ..settings import settings
from ..storage.uploads import Receipt, Uploads
from ..views.address.root import rooted
from ..views.documents import schema
from ..views.documents.card import card_document
from ..views.documents.trace import API, to_bytes
from ..views.panels.reading import reading
from . import examples
from .api import JSON, ModelId
from .brought import uploads
from .openapi import TOKEN, form_of, problems
from .pages import templates
from .rates import charge
from .reference import REFERENCE, read_reference

FIELDS = ("layout", "gate_order", "network", "concatenation")
WORDS, AGAIN, SAMPLE = "vocabulary", "again", "sample"
MOST_FIELD = 256 * 2**10
MOST_AT_ONCE = 4
COST = 500.0  # milliseconds, as a rate counts it
TITLE = "Your LSTM"
NO_FILE = "There is no file: choose one, in the field named file."
BRINGING = {
    404: "This site takes no files.",
    415: "The body isn't `multipart/form-data`, or the file is a pickle, which is never read.",
    422: "The file can't be opened, or not in this way: `choices` names those that fit.",
}
GONE = "There is no model of that name that this token can take back."

router = APIRouter()


@dataclass
class Reading:
    """How many files are being read."""

    count: int = 0


_reading = Reading()


@router.post(
    f"{API}/models",
    tags=["Your own LSTM"],
    summary="Bring a file of weights",
    status_code=201,
    responses={
        201: {
            "model": schema.BroughtModel,
            "description": "Opened; `Location` is where its card stands.",
        },
        **problems(404, 408, 413, 415, 422, words=BRINGING),
    },
    openapi_extra={**form_of("WeightsForm"), **examples.BRING},
)
async def post_model(request: Request) -> Response:
    """Open the LSTM or RNN in a file of safetensors, NumPy, ONNX, Keras or JSON.

    The content tells the kind, not the name. What the file doesn't say is assumed, and said in
    `assumed`; `layout`, `gate_order`, `network` and `concatenation` say otherwise. Nothing is ever
    unpickled.

    What the file leaves open, one output of the network settles: with `reference_input` and
    `reference_output` every reading is tried, and the one that gives the output is taken.

    The same file with the same choices is the same model, with a token of its own each time.
    """
    receipt = await _bring(request, await _form(request))
    card = receipt.model.card
    document = {
        **card_document(card),
        "token": receipt.token,
        "interpretation": receipt.model.opened.interpretation.as_json(),
    }
    headers = {"Location": rooted(f"{API}/models/{card.id}"), "Cache-Control": "no-store"}
    return Response(to_bytes(document), 201, headers, JSON)


@router.delete(
    f"{API}/models/{{model_id}}",
    tags=["Your own LSTM"],
    summary="Take a model back",
    status_code=204,
    response_class=Response,
    responses={
        204: {"description": "Given up: the model is gone with the last of its tokens."},
        **problems(404, 422, words={404: GONE}),
    },
    openapi_extra={"security": [{TOKEN: []}], **examples.TAKE_BACK},
)
async def delete_model(request: Request, model_id: ModelId) -> Response:
    """Take back what was brought, with `Authorization: Bearer` and the token that came with it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotFoundError(GONE)
    await run_in_threadpool(uploads().take_back, model_id, token.strip())
    return Response(status_code=204)


@router.get("/open", include_in_schema=False)
def open_form(request: Request) -> Response:
    """The form that brings a file."""
    uploads()
    return _page(request, {}, 200)


@router.get("/open/samples/{name}", include_in_schema=False)
def get_sample(name: str) -> Response:
    """A weight file of a network of ours."""
    uploads()
    one = sample(name)
    headers = {"Content-Disposition": f'attachment; filename="{one.name}"'}
    return Response(one.data, 200, headers, "application/octet-stream")


@router.post("/open", include_in_schema=False)
async def open_file(request: Request) -> Response:
    """The same form with what was understood, or with what is at fault."""
    form = await _form(request)
    given = {name: str(form.get(name, "")) for name in (*FIELDS, *REFERENCE)}
    try:
        receipt = await _bring(request, form)
    except (InputError, MediaTypeError) as error:
        return _page(request, {"given": given, "error": error}, error.status)
    return _page(request, {"given": given, "receipt": receipt}, 201)


async def _form(request: Request) -> FormData:
    """The form of a request. Raises: MediaTypeError for what isn't one."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise MediaTypeError(
            "Send the file as a form (multipart/form-data) with the field file; with curl: -F"
            " file=@weights.safetensors"
        )
    return await run_in_threadpool(_parsed, request.headers, await request.body())


def _parsed(headers: Headers, body: bytes) -> FormData:
    """A form out of a body that is here whole; large ones take longer than the loop may wait.

    Raises: MalformedError.
    """

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(headers, once(), max_files=2, max_fields=10, max_part_size=MOST_FIELD)
    # It is in memory, and stays there: a disk that is full is no hindrance.
    parser.spool_max_size = len(body) + 1
    try:
        return asyncio.run(parser.parse())
    except MultiPartException as error:
        raise MalformedError(f"The form can't be read: {error.message}") from None


async def _bring(request: Request, form: FormData) -> Receipt:
    """Read and keep the file of a form. Raises: InputError and its kin, OverloadError."""
    here = uploads()
    options, words = _options(form), await run_in_threadpool(_vocabulary, form)
    kept, ours = str(form.get(AGAIN, "")), str(form.get(SAMPLE, ""))
    file = None if kept or ours else _file(form)
    reference = read_reference(*(str(form.get(name, "")) for name in REFERENCE))
    await charge(request, COST)
    if _reading.count >= MOST_AT_ONCE:
        raise OverloadError("Many files are being read; please try again in a moment.")
    _reading.count += 1
    try:
        if ours:
            return await run_in_threadpool(_sample, here, sample(ours), options)
        if file is None:
            return await run_in_threadpool(here.again, kept, options, words)
        return await run_in_threadpool(
            lambda: here.bring(file.file.read(), options, TITLE, words, reference)
        )
    finally:
        _reading.count -= 1


def _sample(here: Uploads, one: Sample, options: Options) -> Receipt:
    words = read_vocabulary(one.vocabulary) if one.vocabulary else None
    return here.bring(one.data, options, one.name, words)


def _options(form: FormData) -> Options:
    """The choices of a form. Raises: InputError naming a field that isn't one."""
    known = {"file", WORDS, AGAIN, SAMPLE, *FIELDS, *REFERENCE}
    for name in form:
        if name not in known:
            fields = ", ".join((*FIELDS, WORDS, *REFERENCE))
            words = f"There is no such field; there are file, {fields}."
            raise InputError(words, [FieldError((name[:40],), words)])
    for name in (*FIELDS, WORDS, AGAIN, SAMPLE, *REFERENCE):
        if len(form.getlist(name)) > 1:
            words = "This field comes twice; give it once."
            raise InputError(words, [FieldError((name,), words)])
    given: dict[str, Any] = {name: str(form[name]) for name in FIELDS if form.get(name)}
    return Options(**given)


def _vocabulary(form: FormData) -> Vocabulary | None:
    """The vocabulary of a form, typed or as a file. Raises: InputError for what isn't one."""
    given = form.get(WORDS)
    data = given.encode() if isinstance(given, str) else given.file.read() if given else b""
    return read_vocabulary(data) if data.strip() else None


def _file(form: FormData) -> UploadFile:
    """The file of a form. Raises: InputError unless there is just one."""
    files = form.getlist("file")
    if len(files) != 1 or not isinstance(files[0], UploadFile) or not files[0].size:
        words = NO_FILE if len(files) < 2 else "There are several files: bring one at a time."
        raise InputError(words, [FieldError(("file",), words)])
    return files[0]


def _page(request: Request, context: Mapping[str, Any], status: int) -> Response:
    receipt: Receipt | None = context.get("receipt")
    error: ExplorerError | None = context.get("error")
    whole = {
        "menu": registry.menu(),
        "layouts": LAYOUTS,
        "most": settings().max_upload // 2**20,
        "days": settings().upload_days,
        "samples": SAMPLES,
        "given": context.get("given", {}),
        "receipt": receipt,
        "reading": reading(receipt.model) if receipt else None,
        "error": error,
    }
    response = templates.TemplateResponse(request, "pages/open.html", whole, status_code=status)
    response.headers["Cache-Control"] = "no-store"
    return response
