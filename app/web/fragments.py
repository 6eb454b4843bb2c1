"""Fragments as they are sent, kept by the server for a while and by the browser for a moment.

A step's fragment depends on nothing but its address and the version. So the browser may keep it for
a minute, which is what makes loading the next step ahead worth while; and the server keeps the
latest, compressed, for those who walk back and forth or open the same example.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response

from app.views.latest import Latest

# A fragment of the sentence model has some 10 KB.
MOST_BYTES = 8_000_000
# As the other answers: level 9 takes several times as long, for a few per cent.
COMPRESSION = 4
CACHED = "private, max-age=60"


@dataclass(frozen=True)
class Fragment:
    """A fragment's compressed body, and its headers."""

    packed: bytes
    headers: Mapping[str, str]


# By path and query.
latest: Latest[tuple[str, str], Fragment] = Latest(MOST_BYTES, lambda kept: len(kept.packed))


def kept(request: Request) -> Response | None:
    """The answer, if the fragment of this address is still there."""
    fragment = latest.get((request.url.path, request.url.query))
    return None if fragment is None else _answer(request, fragment)


def keep(request: Request, response: Response) -> Response:
    """The answer as it was made, kept if all is well."""
    if response.status_code != HTTPStatus.OK:
        return response
    fragment = _packed(response)
    latest.keep((request.url.path, request.url.query), fragment)
    return _answer(request, fragment)


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
