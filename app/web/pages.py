"""The pages: the explorer at `/`, `/models/{id}` and, without chrome, `/embed/models/{id}`.

`/share/models/{id}` gives the code that embeds a step, with a preview; `/compare` shows two runs in
step.

One view serves page and fragment: htmx gets `_explorer.html` (or, for input that can't be used,
`_input.html`), anyone else the whole page around the same partials. A page that names its shape,
which is everything but the step, and asks for the same at another step, gets `_step.html`: what the
step changes, and a mark for each part that stays. `Vary` says all of this.
"""

from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from gate_explorer.analysis.places import surveyed
from gate_explorer.errors import ExplorerError, InputError, NotFoundError
from gate_explorer.runs.card import Card
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.distances import made_with

from ..settings import settings
from ..views.address.framing import Look, read_framing, read_look
from ..views.address.root import rooted
from ..views.address.state import (
    ExplorerState,
    Pasted,
    Typed,
    as_typed,
    comes_from_form,
    read_query,
    typed_only,
)
from ..views.marking import marked, tight
from ..views.pages.compare import compare as compared
from ..views.pages.distances import checkpoint_of, distances_page
from ..views.pages.explorer import Page, make_page
from ..views.pages.sharing import Sharing
from ..views.pages.unit import unit_page
from ..views.panels.glossary import ENTRIES, READINGS
from ..views.panels.tour import STOPS
from ..views.walk import walk_state
from . import assets, fragments
from .hosts import site
from .units import findings_of

ROOT = Path(__file__).parents[2]
SHORT_TITLES = {
    "sentiment": "Sentence",
    "characters": "Shakespeare",
    "toy-lstm": "In an LSTM",
    "exercise": "Exercise",
}
FRAGMENT, STEP = "partials/_explorer.html", "partials/_step.html"
# Drawers whose view takes longer than handing the request to a thread.
SLOW_DRAWERS = {"alike", "attribution", "gradients"}
VARY = f"HX-Request, HX-History-Restore-Request, {fragments.SHAPE}"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
templates = Jinja2Templates(ROOT / "templates")
templates.env.trim_blocks = templates.env.lstrip_blocks = True
templates.env.auto_reload = False
templates.env.filters["marked"] = marked
templates.env.filters["tight"] = tight


def short_title(card: Card) -> str:
    """A model's name where there is little room for it."""
    return SHORT_TITLES.get(card.id, card.title)


templates.env.globals.update(
    glossary=ENTRIES,
    first_stop=lambda: STOPS[0].address(1),
    short_title=short_title,
    asset=assets.asset,
    htmx=assets.htmx,
    memory_tasks=registry.memory_tasks,
    root=rooted(""),
    rooted=rooted,
    takes_files=lambda: settings().uploads is not None,
    lean=False,
)


@router.get("/")
def home(request: Request) -> Response:
    """The toy's example where the memory is shown; a query goes on to the model that reads it."""
    asked = request.query_params
    if any(name in asked for name in ExplorerState.model_fields):
        model_id = "sentiment" if "text" in asked else registry.DEFAULT
        return RedirectResponse(rooted(f"/models/{model_id}?{asked}"), status_code=303)
    model = registry.get(registry.DEFAULT)
    state = ExplorerState(x=model.card.examples[0].query["x"], t=2)
    name = FRAGMENT if _wants_fragment(request) else "pages/explorer.html"
    return _answer(request, name, open_page(model, state))


@router.get("/models/{model_id}")
async def explorer(request: Request, model_id: str) -> Response:
    """A model at any state; the address is the state."""
    return await _explore(request, model_id, "pages/explorer.html")


@router.get("/models/{model_id}/units/{unit}")
async def unit_of(request: Request, model_id: str, unit: int) -> Response:
    """What happens without a unit, and where over a corpus it does what it does."""
    model = registry.get(model_id)
    findings = findings_of(model_id)
    if not 1 <= unit <= model.card.hidden_size:
        words = f"{model_id} has units 1 to {model.card.hidden_size}; there is no unit {unit}."
        raise NotFoundError(words)
    kind = request.query_params.get("show", "")

    def make() -> Response:
        page = unit_page(model, findings, surveyed(model_id), unit, kind)
        context = {"page": page, "menu": registry.menu()}
        return _render(request, "pages/unit.html", context, 200)

    return await run_in_threadpool(make)


@router.get("/models/{model_id}/distances")
def distances_of(request: Request, model_id: str) -> Response:
    """How far back a gradient reaches, at a point of the training; a slider's goes to its label."""
    card, found, asked = registry.get(model_id).card, made_with(model_id), request.query_params
    checkpoint = checkpoint_of(card, asked.get("checkpoint"), asked.get("point"))
    page = distances_page(found, card, registry.get(card.twin or "").card, checkpoint)
    fragment = _wants_fragment(request)
    if "point" in asked and not fragment:
        return RedirectResponse(page.address, status_code=303, headers={"Vary": VARY})
    name = "partials/_distances.html" if fragment else "pages/distances.html"
    context = {"page": page, "menu": registry.menu(), "alone": fragment}
    response = _render(request, name, context, 200)
    if "point" in asked:
        response.headers["HX-Replace-Url"] = page.address
    return response


@router.get("/share/models/{model_id}")
def share(request: Request, model_id: str) -> Response:
    """The code that embeds a state, with its options and a live preview."""
    items = request.query_params.multi_items()
    sharing = _sharing(registry.get(model_id), items)
    if _wants_fragment(request):
        return _answer_sharing(request, "partials/_embedding.html", sharing)
    if not sharing.error and _says_more(items, sharing.address):
        return RedirectResponse(sharing.address, status_code=303, headers={"Vary": VARY})
    return _answer_sharing(request, "pages/share.html", sharing)


@router.get("/embed/models/{model_id}")
async def embed(request: Request, model_id: str) -> Response:
    """The same without chrome, to be framed by other sites."""
    return await _explore(request, model_id, "pages/embed.html", Look())


@router.get("/compare")
def compare(request: Request) -> Response:
    """Two runs in step; a form's query is sent on to its address."""
    items = request.query_params.multi_items()
    comparison = compared({name: value.replace("\r\n", "\n") for name, value in items})
    name = "partials/_compare.html" if _wants_fragment(request) else "pages/compare.html"
    context = {"comparison": comparison, "menu": registry.menu(), "alone": _wants_fragment(request)}
    response = _render(request, name, context, 200 if comparison.ok else 422)
    if comparison.ok and _says_more(items, comparison.links.canonical):
        if _wants_fragment(request):
            response.headers["HX-Push-Url"] = comparison.links.canonical
        else:
            return RedirectResponse(
                comparison.links.canonical, status_code=303, headers={"Vary": VARY}
            )
    return response


@router.get("/glossary")
def glossary(request: Request) -> Response:
    """Every nickname beside the field's own word."""
    context = {"menu": registry.menu(), "readings": READINGS}
    return templates.TemplateResponse(request, "pages/glossary.html", context)


def error_page(request: Request, error: ExplorerError) -> Response:
    """An error as a page of its own, or as the message line where htmx asks."""
    name = "partials/_message.html" if _wants_fragment(request) else "pages/error.html"
    context = {"error": error, "menu": registry.menu()}
    response = templates.TemplateResponse(request, name, context, status_code=error.status)
    response.headers["Vary"] = VARY
    return response


async def _explore(
    request: Request, model_id: str, whole: str, look: Look | None = None
) -> Response:
    """A light fragment at once; what takes longer, in a thread.

    look: the plain one if the page is embedded, where the address may name another.
    """
    fragment = _wants_fragment(request)

    def make() -> Response:
        made = _make(request, registry.get(model_id), whole, look)
        if fragment and made.status_code == HTTPStatus.OK:
            made.headers["Cache-Control"] = fragments.cached()
        return made

    return make() if fragment and fragments.is_light(request) else await run_in_threadpool(make)


def _make(request: Request, model: Model, whole: str, look: Look | None) -> Response:
    """The fragment or the `whole` page of the state; a form's query is sent on to its address."""
    items = request.query_params.multi_items()
    try:
        look = read_look(items) if look else None
        page = open_page(model, read_query(items), look=look)
    except InputError as error:
        # 422: the form with its faults marked; a whole page also runs the model's first example.
        page = open_page(model, ExplorerState(), typed_only(items), error, look=look)
        name = "partials/_input.html" if _wants_fragment(request) else whole
        return _answer(request, name, page, status=422)
    if _wants_fragment(request):
        response = _answer(request, FRAGMENT, page)
        if page.links.address != fragments.address_of(request):
            response.headers["HX-Push-Url"] = page.links.address
        return response
    if comes_from_form(items):
        return RedirectResponse(page.links.address, status_code=303, headers={"Vary": VARY})
    return _answer(request, whole, page)


def open_page(
    model: Model,
    state: ExplorerState,
    typed: Typed | None = None,
    error: InputError | None = None,
    *,
    look: Look | None = None,
) -> Page:
    """The page of a state; one that names no input shows the model's first example."""
    state, run = walk_state(model, state)
    return make_page(model.card, state, run, typed, error, look=look)


def refused(
    request: Request, model: Model, drawer: str, pasted: Pasted, error: InputError
) -> Response:
    """The page with a series that can't be used, over the run of the model's first example."""
    state, run = walk_state(model, ExplorerState(drawer=drawer))
    page = make_page(model.card, state, run, replace(as_typed(state), pasted=pasted), error)
    return _answer(request, "pages/explorer.html", page, status=error.status)


def _sharing(model: Model, items: list[tuple[str, str]]) -> Sharing:
    """A state as it will be framed; options that can't be read are told, and left out.

    Raises: InputError if the state itself can't be read.
    """
    framing, error = read_framing(items)
    page = open_page(model, read_query(items), look=framing)
    return Sharing(page, framing, dict(items), error)


def _wants_fragment(request: Request) -> bool:
    asked, restoring = (
        request.headers.get(name) == "true" for name in ("HX-Request", "HX-History-Restore-Request")
    )
    return asked and not restoring


def _says_more(items: list[tuple[str, str]], address: str) -> bool:
    """Whether a form's query holds what its canonical address leaves out, however it is encoded."""
    return items != parse_qsl(urlsplit(address).query, keep_blank_values=True)


def _shape(page: Page) -> str:
    """What decides all that a step leaves as it is; a page that has it needs only the rest."""
    at_end = page.state.t is None  # then no address has a step that could be another
    where = f"{page.links.carried} {page.tape.first} {at_end} {assets.asset('app.css')}"
    whole = f"{page.links.to(0)} {where}"
    return f"{crc32(whole.encode()):08x}"


def _answer_sharing(request: Request, name: str, sharing: Sharing) -> Response:
    status = 422 if sharing.error else 200
    return _render(request, name, {"page": sharing.page, "sharing": sharing}, status)


def _answer(request: Request, name: str, page: Page, status: int = 200) -> Response:
    # htmx takes the document's title from a fragment; a page has its own in its head.
    shape = _shape(page)
    lean = name == FRAGMENT and fragments.shape_shown(request) == shape
    slow = page.drawer is not None and page.drawer.key in SLOW_DRAWERS
    if not (page.error or page.state.t is None or slow):
        fragments.light.put(shape, page.links.to(0))
    context = {
        "page": page,
        "shape": shape,
        "lean": lean,
        "alone": name == FRAGMENT,
        "whole": name.startswith("pages/"),
    }
    return _render(request, STEP if lean else name, context, status)


def _render(request: Request, name: str, context: dict[str, object], status: int) -> Response:
    whole = {**context, "origin": site(request)}
    response = templates.TemplateResponse(request, name, whole, status_code=status)
    response.headers["Vary"] = VARY
    return response
