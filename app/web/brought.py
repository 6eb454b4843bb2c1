"""The models that visitors brought to this site, where a setting names a folder to keep them in."""

import contextlib
import re
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate_explorer.errors import NotFoundError
from gate_explorer.weights.files import Limits
from gate_explorer.weights.worker import Workers
from gate_explorer.zoo import registry
from gate_explorer.zoo.brought import Brought

from ..settings import REDIS, settings
from ..storage.shared import SharedStore
from ..storage.store import PREFIX, Quota, Storage, Store
from ..storage.uploads import Uploads

SECONDS_A_DAY = 24 * 3600.0
NAMED = re.compile(f"{PREFIX}[0-9a-f]{{30}}")
# An address that names more of them than two desks need is of no page of ours.
MOST_NAMED = 2


@cache
def uploads() -> Uploads:
    """The models brought. Raises: NotFoundError where this site takes none."""
    place = settings().uploads
    if place is None:
        raise NotFoundError("This site takes no files: its owner has set no folder for them.")
    quota = Quota(
        bytes=settings().upload_bytes,
        networks=settings().upload_networks,
        seconds=settings().upload_days * SECONDS_A_DAY,
    )
    limits = Limits(file_bytes=settings().max_upload)
    return Uploads(_store(place, quota), Workers(count=1), limits)


def _store(place: str, quota: Quota) -> Storage:
    """The store in a folder, or in a Redis that several servers share."""
    return SharedStore(place, quota) if place.startswith(REDIS) else Store(Path(place), quota)


def model_of(name: str) -> Brought:
    """The model of that id. Raises: NotFoundError where it is gone, or never was."""
    return uploads().model(name)


def open_to_all() -> None:
    """Have the registry open what was brought, by its id."""
    registry.ELSEWHERE[PREFIX] = model_of


class BroughtModels:
    """ASGI middleware: a model that an address names is opened in a thread before its answer is
    made; and nobody keeps the answer, as the model can be taken back at any time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what names none."""
        address = scope["path"] + scope["query_string"].decode() if scope["type"] == "http" else ""
        names = list(dict.fromkeys(NAMED.findall(address)))[:MOST_NAMED]
        if not names:
            await self.app(scope, receive, send)
            return
        for name in names:
            with contextlib.suppress(NotFoundError):  # told where it is asked for
                await run_in_threadpool(model_of, name)

        async def unkept(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, unkept)
