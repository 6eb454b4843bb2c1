"""What makes a step's fragment cheap: it leaves out what the page has, and is kept for a moment.

A step's fragment depends on nothing but its address, the version, and whether the page that asks
has the rest. So the browser may keep it for a minute, which is what makes loading the next step
ahead worth while; the server keeps it as it keeps all answers (`app.web.answers`).
"""

import re

from fastapi import Request

from gate_explorer.runs.cache import Cache

from ..settings import settings
from ..views.address.root import rooted

# What decides a page apart from its step, and what a page that has it says: see `app.web.pages`.
SHAPE = "Explorer-Shape"
SHAPES = re.compile("[0-9a-f]{8}")

# Light to make, by shape: the address, at step 0, of a page whose run and whose shape are known.
light: Cache[str, str] = Cache(4_096, lambda _: 1)


def cached() -> str:
    """How long a browser may keep a fragment; others only if a setting says that they mind `Vary`.
    Without it a fragment might be given to somebody who asks for the page.
    """
    shared = settings().shared_seconds if settings().public_url else 0
    return f"public, max-age=60, s-maxage={shared}" if shared else "private, max-age=60"


def is_light(request: Request) -> bool:
    """Whether a step is asked for that is made sooner than it is handed to a thread."""
    known = light.get(shape_shown(request))
    return (
        known is not None and re.sub(r"(?<=[?&]t=)\d+", "0", address_of(request), count=1) == known
    )


def address_of(request: Request) -> str:
    """The address that is asked for, from its first slash, as links have it."""
    return rooted(f"{request.url.path}?{request.url.query}")


def shape_shown(request: Request) -> str:
    """The shape of the page that asks; empty where it says none."""
    shape = request.headers.get(SHAPE, "")
    return shape if SHAPES.fullmatch(shape) else ""
