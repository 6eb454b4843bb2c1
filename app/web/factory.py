"""The application: routes, static files, errors and limits, put together once."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from ..settings import settings
from . import (
    api,
    assets,
    continuation,
    docs,
    errors,
    exports,
    health,
    metrics,
    oembed,
    openapi,
    pages,
    series,
    telemetry,
    units,
    uploads,
)
from .answers import Answers, release
from .brought import BroughtModels
from .headers import OpenToAll, SecurityHeaders
from .hosts import AllowedHosts
from .limits import Heads, Portions, RequestLimits
from .log import AccessLog
from .rates import Rates
from .work import make_pool

SMALLEST_COMPRESSED = 1024
# Level 9 takes several times as long on a long trace, for a few per cent.
COMPRESSION = 4


def create_app() -> FastAPI:
    """The whole site as an ASGI application."""
    app = FastAPI(
        title="Gate Explorer",
        version=openapi.VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        telemetry=telemetry.configuration(),
        # In the order in which a request passes them.
        middleware=[
            Middleware(AccessLog),
            Middleware(SecurityHeaders),
            Middleware(OpenToAll),
            Middleware(Portions),
            Middleware(errors.LastResort),
            Middleware(Heads, settings=settings()),
            Middleware(AllowedHosts),
            Middleware(Rates),
            Middleware(Answers),
            Middleware(RequestLimits, settings=settings()),
            Middleware(BroughtModels),
            Middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED, compresslevel=COMPRESSION),
        ],
    )
    app.state.pool, app.state.trial = make_pool(), health.Trial()
    errors.install(app, pages.error_page)
    openapi.install(app)
    for router in (
        assets.router,
        api.router,
        units.router,
        uploads.router,
        series.router,
        exports.router,
        continuation.router,
        oembed.router,
        health.router,
        metrics.router,
        docs.router,
        pages.router,
    ):
        app.include_router(router)
    app.mount("/static", assets.Assets(directory=assets.FOLDER), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What was made at start-up lives as long as the server: the collector may pass it by."""
    release()
    app.state.pool.open()
    app.state.trial.start()
    gc.collect()
    gc.freeze()
    # A fragment makes thousands of objects and no cycles: looked at less often, it costs less.
    gc.set_threshold(10_000, 20, 20)
    yield
    await app.state.pool.close()
