"""Static files under addresses that change with their content, so that browsers may keep them.

`/static/css/app.css?v=1f2e3d4c` is kept for a year; the same file without `v` is asked for again
each time. htmx comes from its CDN, or, for rooms without internet, from a file that a setting
names; the integrity hash in the page holds for both.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from gate_explorer.errors import NotFoundError

from ..settings import settings

FOLDER = Path(__file__).parents[2] / "static"
HTMX_CDN = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"
HTMX_INTEGRITY = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
HTMX_HERE = "/vendor/htmx.min.js"
CHECKED = "public, no-cache"
KEPT = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


class Assets(StaticFiles):
    """The static files, with ETag, and a year's cache where the address names the content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304."""
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].decode() == f"v={version(path)}"
        response.headers["Cache-Control"] = KEPT if versioned else CHECKED
        return response


@router.get(HTMX_HERE)
def htmx_here() -> FileResponse:
    """htmx from this host, if a setting names the file."""
    file = settings().htmx_file
    if file is None or not file.is_file():
        raise NotFoundError("This server doesn't serve htmx; its pages load it from the CDN.")
    return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": CHECKED})


def asset(path: str) -> str:
    """The address of a static file's present content."""
    return f"/static/{path}?v={version(path)}"


def htmx() -> tuple[str, str]:
    """The address and the integrity of htmx."""
    return (HTMX_CDN if settings().htmx_file is None else HTMX_HERE), HTMX_INTEGRITY


@cache
def version(path: str) -> str:
    """A short hash of a static file; empty for what isn't one."""
    file = (FOLDER / path).resolve()
    if not file.is_relative_to(FOLDER) or not file.is_file():
        return ""
    return hashlib.blake2b(file.read_bytes(), digest_size=4).hexdigest()
