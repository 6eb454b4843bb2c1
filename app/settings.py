"""What can be set from outside, each by an environment variable `GATE_EXPLORER_<NAME>`."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The server's limits; the defaults serve a small public host."""

    model_config = SettingsConfigDict(env_prefix="GATE_EXPLORER_", frozen=True)

    max_steps: Annotated[int, Field(ge=1, description="most steps or tokens in one run")] = 512
    max_text: Annotated[int, Field(ge=1, description="most characters in one text")] = 8_000
    max_body: Annotated[int, Field(ge=1, description="most bytes in one request body")] = 262_144
    max_head: Annotated[
        int, Field(ge=1024, description="most bytes in a request's address and headers")
    ] = 65_536
    max_requests: Annotated[int, Field(ge=1, description="most requests answered at once")] = 256
    max_connections: Annotated[int, Field(ge=1, description="most connections open at once")] = 800
    body_seconds: Annotated[
        float, Field(gt=0, description="longest time for a request body to arrive")
    ] = 10.0
    request_seconds: Annotated[
        float, Field(gt=0, description="longest time for a whole request to arrive")
    ] = 15.0
    idle_seconds: Annotated[
        int, Field(ge=1, description="how long an idle connection is kept for the next request")
    ] = 15
    public_url: Annotated[
        str | None,
        Field(description="scheme and host that links name, such as https://example.org"),
    ] = None
    htmx_file: Annotated[
        Path | None, Field(description="a copy of htmx.min.js 4.0.1 to serve instead of the CDN's")
    ] = None


@cache
def settings() -> Settings:
    """The settings, read once."""
    return Settings()
