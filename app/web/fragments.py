"""Fragments as they are sent, kept by the server for a while and by the browser for a moment.

A step's fragment depends on nothing but its address, the version, and whether the page that asks
has the rest. So the browser may keep it for a minute, which is what makes loading the next step
ahead worth while; and the server keeps the latest, compressed, for those who walk back and forth or
open the same example.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response

from gate_explorer.runs.cache import Cache

# A fragment of the sentence model has some 5 KB, and 14 KB with what a step leaves as it is.
MOST_BYTES = 8_000_000
# Level 4 makes a step a tenth smaller, in twice the time.
COMPRESSION = 1
CACHED = "private, max-age=60"


@dataclass(frozen=True)
class Fragment:
    """A fragment's compressed body, and its headers."""

    packed: bytes
    headers: Mapping[str, str]


# What decides a page apart from its step, and what a page that has it says: see `app.web.pages`.
SHAPE = "Explorer-Shape"
SHAPES = re.compile("[0-9a-f]{8}")

# By site, path, query and shape: a fragment may hold whole addresses, which name the site.
recent: Cache[tuple[str, ...], Fragment] = Cache(MOST_BYTES, lambda kept: len(kept.packed))

# Light to make, by shape: the address, at step 0, of a page whose run and whose shape are known.
light: Cache[str, str] = Cache(4_096, lambda _: 1)


def is_light(request: Request) -> bool:
    """Whether a step is asked for that is made sooner than it is handed to a thread."""
    address = f"{request.url.path}?{request.url.query}"
    known = light.get(shape_shown(request))
    return known is not None and re.sub(r"(?<=[?&]t=)\d+", "0", address, count=1) == known


def kept(request: Request) -> Response | None:
    """The answer, if the fragment of this address is still there."""
    fragment = recent.get(_key(request))
    return None if fragment is None else _answer(request, fragment)


def keep(request: Request, response: Response) -> Response:
    """The answer as it was made, kept if all is well."""
    if response.status_code != HTTPStatus.OK:
        return response
    fragment = _packed(response)
    recent.put(_key(request), fragment)
    return _answer(request, fragment)


def shape_shown(request: Request) -> str:
    """The shape of the page that asks; empty where it says none."""
    shape = request.headers.get(SHAPE, "")
    return shape if SHAPES.fullmatch(shape) else ""


def _key(request: Request) -> tuple[str, ...]:
    return str(request.base_url), request.url.path, request.url.query, shape_shown(request)


def _packed(response: Response) -> Fragment:
    headers = {**response.headers, "cache-control": CACHED}
    del headers["content-length"]
    return Fragment(gzip.compress(response.body, COMPRESSION, mtime=0), headers)


def _answer(request: Request, fragment: Fragment) -> Response:
    """The fragment as it is, or unpacked for the few who can't."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(fragment.packed), headers=fragment.headers)
    vary = f"{fragment.headers['vary']}, Accept-Encoding"
    headers = {**fragment.headers, "content-encoding": "gzip", "vary": vary}
    return Response(fragment.packed, headers=headers)
