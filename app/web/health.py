"""Liveness and readiness: answered at once whatever else goes on, and outside all limits.

Every model is tried once as the server starts, in the background. From then on it is ready unless
its heavy work has been turned away for long.
"""

import asyncio
import logging

from fastapi import APIRouter, Request
from starlette.responses import Response

from gate_explorer.errors import NotReadyError
from gate_explorer.zoo import registry

from ..views.address.state import ExplorerState
from ..views.documents import schema
from ..views.documents.trace import to_bytes
from . import examples
from .asked import ask
from .openapi import PROBLEM
from .work import FULL_SECONDS, Pool

JSON = "application/json"
# How long the first answer may wait for the models that are being tried.
PATIENCE_SECONDS = 0.3

router = APIRouter(tags=["Health"])
log = logging.getLogger("uvicorn.error")


class Trial:
    """Whether every model can be opened and runs its first example."""

    def __init__(self) -> None:
        self._done = asyncio.Event()
        self._broken: str | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Try them in the background; in a running event loop."""
        self._task = asyncio.create_task(self._try_all())

    async def check(self) -> None:
        """Raise NotReadyError if a model can't be opened, or the trial isn't over."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._done.wait()
        except TimeoutError:
            raise NotReadyError("The models are still being opened.") from None
        if self._broken:
            raise NotReadyError(f"The model {self._broken} can't be opened.")

    async def _try_all(self) -> None:
        for model_id in registry.MODELS:
            if not await asyncio.to_thread(_opens, model_id):
                self._broken = model_id
                break
        self._done.set()


@router.get(
    "/healthz",
    summary="Liveness",
    responses={200: {"model": schema.Health, "description": "It answers."}},
    openapi_extra=examples.HEALTH,
)
async def healthz() -> Response:
    """The server answers."""
    return _well()


@router.get(
    "/readyz",
    summary="Readiness",
    responses={
        200: {"model": schema.Health, "description": "Every model runs, and there is room."},
        503: {
            "description": "A model can't be opened, or there has been no room for heavy work for"
            " ten seconds.",
            "content": PROBLEM,
        },
    },
    openapi_extra=examples.READY,
)
async def readyz(request: Request) -> Response:
    """Every model could be opened and ran its first example, and heavy work finds room."""
    trial: Trial = request.app.state.trial
    pool: Pool = request.app.state.pool
    await trial.check()
    if pool.full_seconds > FULL_SECONDS:
        raise NotReadyError("Heavy work has found no room for a while.")
    return _well()


def _opens(model_id: str) -> bool:
    try:
        model = registry.get(model_id)
        state = ExplorerState(**model.card.examples[0].query)
        ask(model, state.inputs, state.options).run()
    except Exception:
        log.exception("The model %s can't be opened", model_id)
        return False
    return True


def _well() -> Response:
    content = to_bytes({"status": "ok"})
    return Response(content, headers={"Cache-Control": "no-store"}, media_type=JSON)
