"""oEmbed 1.0: what a site that knows it asks before it shows one of our addresses as a frame.

Any address of the explorer on this host answers, with the frame of `/embed/` and the picture of
that very state; the look that the address names (`theme=dark`) is the frame's.
"""

from typing import Annotated, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from gate_explorer.errors import InputError, NotFoundError
from gate_explorer.zoo import registry

from ..settings import settings
from ..views.address.framing import HEIGHT as FRAME_HEIGHT
from ..views.address.framing import frame_code, read_look
from ..views.address.root import rooted, unrooted
from ..views.address.state import ExplorerState, read_query
from ..views.documents import schema
from ..views.documents.exports import addresses
from ..views.documents.picture import HEIGHT, WIDTH
from ..views.documents.trace import Document, to_bytes
from ..views.pages.explorer import Page
from .api import JSON
from .headers import CACHE_SECONDS, kept
from .hosts import site
from .openapi import problems
from .pages import open_page

FRAME_WIDTH = 720
PORTS = {"http": 80, "https": 443}
NOT_OURS = "There is no page of the explorer at that address of this host."

router = APIRouter(tags=["Sharing"])


class OEmbedQuery(BaseModel):
    """The address to show, and how large it may be."""

    url: Annotated[
        str,
        Field(
            max_length=16_384, description="An address of the explorer on this host, or its path."
        ),
    ]
    format: Annotated[Literal["json"], Field(description="Only JSON is served.")] = "json"
    maxwidth: Annotated[int | None, Field(ge=1, description="In CSS pixels.")] = None
    maxheight: Annotated[int | None, Field(ge=1, description="In CSS pixels.")] = None


class OEmbed(schema.Answer):
    """A page as a frame and a picture (oEmbed 1.0, type rich)."""

    type: Annotated[Literal["rich"], Field(description="A piece of HTML.")]
    version: Annotated[Literal["1.0"], Field(description="Of oEmbed.")]
    title: Annotated[str, Field(description="The page's title.")]
    provider_name: Annotated[str, Field(description="Gate Explorer.")]
    provider_url: Annotated[str, Field(description="This host.")]
    cache_age: Annotated[int, Field(description="How long this holds, in seconds.")]
    html: Annotated[str, Field(description="An iframe of the page without chrome.")]
    width: Annotated[int, Field(ge=1, description="Of the frame, in CSS pixels.")]
    height: Annotated[int, Field(ge=1, description="Of the frame, in CSS pixels.")]
    thumbnail_url: Annotated[str, Field(description="The picture of that very state, a PNG.")]
    thumbnail_width: Annotated[int, Field(ge=1, description="In pixels.")]
    thumbnail_height: Annotated[int, Field(ge=1, description="In pixels.")]


EXAMPLES = {
    "x-requests": [
        {
            "summary": "A step of the three rules",
            "method": "GET",
            "path": "/oembed?url=/models/toy-rules%3Fx=3,1,0%3B5,0,1%26t=2&format=json",
            "status": 200,
        },
        {
            "summary": "An address of another host",
            "method": "GET",
            "path": "/oembed?url=https://example.org/models/toy-rules",
            "status": 404,
        },
    ]
}


@router.get(
    "/oembed",
    summary="An address as a frame",
    responses={
        200: {"model": OEmbed, "description": "The frame, and its picture."},
        **problems(404, 422),
    },
    openapi_extra=EXAMPLES,
)
def get_oembed(request: Request, query: Annotated[OEmbedQuery, Query()]) -> Response:
    """How to show an address of the explorer on another site (oEmbed 1.0, type rich)."""
    url = _ours(request, query.url)
    host = settings().public_url or f"{url.scheme}://{url.netloc}"
    width = min(FRAME_WIDTH, query.maxwidth or FRAME_WIDTH)
    height = min(FRAME_HEIGHT, query.maxheight or FRAME_HEIGHT)
    document = _document(_page(url), host.rstrip("/"), width, height)
    return kept(to_bytes(document), JSON, names_site=True)


def _document(page: Page, host: str, width: int, height: int) -> Document:
    """The answer for a page, its frame as wide and high as given, in CSS pixels."""
    return {
        "type": "rich",
        "version": "1.0",
        "title": page.title,
        "provider_name": "Gate Explorer",
        "provider_url": host + rooted("/"),
        "cache_age": CACHE_SECONDS,
        "html": frame_code(host + page.links.address, page.title, width, height),
        "width": width,
        "height": height,
        "thumbnail_url": host + addresses(page.card.id, page.state)["png"],
        "thumbnail_width": WIDTH,
        "thumbnail_height": HEIGHT,
    }


def _ours(request: Request, address: str) -> SplitResult:
    """The address in parts, with scheme and host, if it is this host's.

    Raises: NotFoundError.
    """
    try:
        url = urlsplit(address)
        there = _host(url)
    except ValueError:
        raise NotFoundError(NOT_OURS) from None
    if not url.scheme and not url.netloc and url.path.startswith("/"):
        here = urlsplit(site(request))
        path = url.path if unrooted(url.path) else rooted(url.path)
        return url._replace(scheme=here.scheme, netloc=here.netloc, path=path)
    # Behind a proxy the scheme here may not be the one outside; the host is the same.
    ours = [urlsplit(str(request.base_url))._replace(scheme=url.scheme), urlsplit(site(request))]
    if url.scheme not in PORTS or "@" in url.netloc or there not in map(_host, ours):
        raise NotFoundError(NOT_OURS)
    return url


def _host(url: SplitResult) -> tuple[str | None, int | None]:
    """Host and port, the scheme's own if none is named."""
    return url.hostname, url.port or PORTS.get(url.scheme)


def _page(url: SplitResult) -> Page:
    """The embedded page of the state at the address.

    Raises: NotFoundError, also where the page would say what is wrong with its input.
    """
    path = unrooted(unquote(url.path))
    if path is None:
        raise NotFoundError(NOT_OURS)
    path = path.removeprefix("/embed")
    model_id = registry.DEFAULT if path in {"", "/"} else path.removeprefix("/models/")
    try:
        items = parse_qsl(url.query, keep_blank_values=True)
        state = read_query(items)
        if path in {"", "/"} and state == ExplorerState():
            state = state.having(t=2)
        return open_page(registry.get(model_id), state, look=read_look(items))
    except (InputError, NotFoundError):
        raise NotFoundError(NOT_OURS) from None
