"""The headers of every answer: what a page may load, who may frame it, who may read the API.

No inline script or style anywhere; htmx is the only thing that comes from another host, and what a
page frames is its own site's. The API is public, without cookies, and so any site may read it.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate_explorer.errors import MalformedError

from ..settings import settings
from .assets import HTMX_CDN
from .errors import is_api, problem

HTMX = HTMX_CDN.removesuffix("dist/htmx.min.js")
PAGE_POLICY = (
    f"default-src 'none'; script-src 'self' {HTMX}; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none';"
)
API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none';"

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CACHE_SECONDS = 300
METHODS = ("GET", "HEAD", "POST", "DELETE")


def security_headers(path: str) -> dict[str, str]:
    """The headers for an answer at this path; anybody may frame what lies under /embed/, and the
    sites of a setting the other pages.
    """
    api, embed = is_api(path), path.startswith("/embed/")
    framed_by = "*" if embed else (not api and settings().framed_by) or "'none'"
    policy = f"{API_POLICY if api else PAGE_POLICY} frame-ancestors {framed_by}"
    shared = api or embed or path.startswith("/static/")
    headers = {
        **COMMON,
        "Content-Security-Policy": policy,
        "Cross-Origin-Resource-Policy": "cross-origin" if shared else "same-origin",
    }
    return {**headers, "X-Frame-Options": "DENY"} if framed_by == "'none'" else headers


class SecurityHeaders:
    """ASGI middleware: the headers above on every answer, errors and static files included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers as the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, add)


class OpenToAll:
    """ASGI middleware: pages of any origin may read the API; the rest is left alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=METHODS,
            allow_headers=["*"],
            expose_headers=["ETag", "Retry-After", "Content-Disposition", "X-Request-ID"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the API's answers through the CORS middleware."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("access-control-request-method")
        if scope["method"] == "OPTIONS" and asked and asked not in METHODS:
            words = f"Pages of other sites may use {', '.join(METHODS)} here, and nothing else."
            refusal = problem(MalformedError(words), {"Access-Control-Allow-Origin": "*"})
            await refusal(scope, receive, send)
            return
        await self.open(scope, receive, send)


def kept(
    content: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    *,
    names_site: bool = False,
) -> Response:
    """An answer that depends on nothing but its address and the release: anyone may keep it.

    names_site: whether it holds whole addresses of this site. Where no setting says which those
    are, they follow what was asked for, and then no cache may give the answer to another visitor.
    """
    whose = "private" if names_site and settings().public_url is None else "public"
    cached = {"Cache-Control": f"{whose}, max-age={CACHE_SECONDS}"}
    return Response(content, headers={**cached, **(headers or {})}, media_type=media_type)
