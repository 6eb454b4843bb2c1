"""Static files under addresses that change with their content, so that browsers may keep them.

`/static/app.css?v=1f2e3d4c` is kept for a year; the same file without `v` is asked for again each
time. The style sheet and the script lie in sections, a file each, and are served joined, each as
one. htmx comes from its CDN; where that doesn't answer, the page's script loads the same bytes from
here (the set-up fetches them), and a setting serves a copy from here alone. The integrity hash in
the page holds for all of them.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from gate_explorer.errors import NotFoundError

from ..settings import settings
from ..views.address.root import rooted

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "static"
HTMX_CDN = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"
HTMX_INTEGRITY = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
HTMX_HERE = "/vendor/htmx.min.js"
# Where the set-up puts its copy.
HTMX_FETCHED = ROOT / ".cache" / "htmx.org@4.0.1" / "dist" / "htmx.min.js"
CHECKED = "public, no-cache"
KEPT = "public, max-age=31536000, immutable"
# Each joined file: its media type, its sections in order, and what stands around them.
JOINED = {
    "app.css": (
        "text/css",
        [
            "css/tokens.css",
            "css/base.css",
            "css/masthead.css",
            "css/input.css",
            "css/timeline.css",
            "css/desk.css",
            "css/verdict.css",
            "css/stack.css",
            "css/drawers.css",
            "css/alike.css",
            "css/pages.css",
            "css/open.css",
            "css/compare.css",
            "css/unit.css",
            "css/distances.css",
            "css/embed.css",
            "css/print.css",
        ],
        ("", ""),
    ),
    "explorer.js": (
        "text/javascript",
        [
            "js/page.js",
            "js/theme.js",
            "js/steps.js",
            "js/ahead.js",
            "js/kept.js",
            "js/bars.js",
            "js/desk.js",
            "js/play.js",
            "js/hold.js",
            "js/mark.js",
            "js/guess.js",
            "js/drop.js",
            "js/input.js",
            "js/share.js",
            "js/keys.js",
            "js/htmx.js",
            "js/start.js",
        ],
        ('(() => {\n"use strict";\n', "})();\n"),
    ),
}

router = APIRouter(include_in_schema=False)


class Assets(StaticFiles):
    """The static files, with ETag, and a year's cache where the address names the content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304."""
        if path in JOINED:
            response = _joined_response(path, scope)
        else:
            response = await super().get_response(path, scope)
        versioned = scope["query_string"].decode() == f"v={version(path)}"
        response.headers["Cache-Control"] = KEPT if versioned else CHECKED
        return response


@router.get(HTMX_HERE)
def htmx_here() -> FileResponse:
    """htmx from this host: the copy that a setting names, or the one that the set-up fetched."""
    file = settings().htmx_file or HTMX_FETCHED
    if not is_htmx(file):
        raise NotFoundError("This server has no copy of htmx; its pages load it from the CDN.")
    return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": KEPT})


def asset(path: str) -> str:
    """The address of a static file's present content."""
    return rooted(f"/static/{path}?v={version(path)}")


def htmx() -> tuple[str, str, str]:
    """The address and the integrity of htmx, and where the same bytes are if that fails."""
    if settings().htmx_file is not None:
        return rooted(HTMX_HERE), HTMX_INTEGRITY, ""
    return HTMX_CDN, HTMX_INTEGRITY, rooted(HTMX_HERE) if is_htmx(HTMX_FETCHED) else ""


def is_htmx(file: Path) -> bool:
    """Whether a file is there and has the bytes that the pages ask for."""
    return file.is_file() and _digest(file, file.stat().st_mtime_ns) == HTMX_INTEGRITY


@cache
def _digest(file: Path, _: int) -> str:
    digest = base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()
    return f"sha384-{digest}"


@cache
def joined(path: str) -> bytes:
    """A joined file's content."""
    _, sections, (before, after) = JOINED[path]
    content = b"\n".join((FOLDER / section).read_bytes() for section in sections)
    return before.encode() + content + after.encode()


@cache
def version(path: str) -> str:
    """A short hash of a static file; empty for what isn't one."""
    if path in JOINED:
        return _hash(joined(path))
    file = (FOLDER / path).resolve()
    if not file.is_relative_to(FOLDER) or not file.is_file():
        return ""
    return _hash(file.read_bytes())


def _joined_response(path: str, scope: Scope) -> Response:
    tag = f'"{version(path)}"'
    asked = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
    headers = {"ETag": tag}
    if tag in asked:
        return Response(status_code=304, headers=headers)
    return Response(joined(path), media_type=JOINED[path][0], headers=headers)


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=4).hexdigest()
