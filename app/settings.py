"""What can be set from outside, each by an environment variable `GATE_EXPLORER_<NAME>`."""

import re
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gate_explorer.errors import ExplorerError

PREFIX = "GATE_EXPLORER_"
REDIS = ("redis://", "rediss://")  # how an address of one begins
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
# What one part of a path may be made of, so that it stands the same in HTML, JSON and headers.
PART = re.compile(r"[A-Za-z0-9._~-]+")


class SettingsError(ExplorerError):
    """An environment variable holds what can't be set."""

    title = "A setting can't be used"


def _site(url: str) -> str:
    """Scheme and host of a URL that is nothing else."""
    parts = urlsplit(url)
    plain = parts.scheme in {"http", "https"} and HOST.fullmatch(parts.netloc)
    if not plain or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it should be a scheme and a host, such as https://example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _sites(text: str) -> str:
    """Schemes and hosts, as a policy lists them."""
    return " ".join(_site(word) for word in words_of(text))


def _hosts(text: str) -> str:
    names = words_of(text)
    if not names or any(set(name) & set("/@:?# ") for name in names):
        raise ValueError("it should be names of hosts without ports, such as example.org,10.0.0.7")
    return text


def _networks(text: str) -> str:
    for word in words_of(text):
        ip_network(word)
    return text


def _path(text: str) -> str:
    """A path without a slash at its end; empty for the host's root."""
    path = text.rstrip("/")
    parts = path.split("/")
    if path and (parts[0] or not all(map(PART.fullmatch, parts[1:])) or {".", ".."} & set(parts)):
        raise ValueError("it should be a path such as /gates, of letters, digits and . _ ~ -")
    return path


def _place(text: str) -> str:
    """A folder, or a Redis."""
    if "://" in text and not text.startswith(REDIS):
        raise ValueError("it should be a folder, or a Redis such as redis://host:6379/1")
    return text


def words_of(text: str | None) -> tuple[str, ...]:
    """A list that is written with commas between."""
    return tuple(word.strip().lower() for word in (text or "").split(",") if word.strip())


class Settings(BaseSettings):
    """The server's limits; the defaults serve a small public host."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    max_steps: Annotated[int, Field(ge=1, description="most steps or tokens in one run")] = 512
    max_text: Annotated[int, Field(ge=1, description="most characters in one text")] = 8_000
    max_body: Annotated[int, Field(ge=1, description="most bytes in one request body")] = 262_144
    max_head: Annotated[
        int, Field(ge=1024, description="most bytes in a request's address and headers")
    ] = 65_536
    max_requests: Annotated[int, Field(ge=1, description="most requests answered at once")] = 64
    max_connections: Annotated[int, Field(ge=1, description="most connections open at once")] = 800
    max_kept: Annotated[int, Field(ge=0, description="most bytes of answers kept for others")] = (
        33_554_432
    )
    budget: Annotated[
        int, Field(ge=1, description="most milliseconds of one core that a request may cost")
    ] = 1_000
    heavy_processes: Annotated[
        int, Field(ge=1, description="processes for pictures, long runs and gradients")
    ] = 1
    heavy_seconds: Annotated[
        float, Field(gt=0, description="most seconds of such work that may wait for each of them")
    ] = 4.0
    rate: Annotated[
        int,
        Field(ge=0, description="requests a minute for one address, heavy ones count more; 0: any"),
    ] = 1_200
    rate_storage: Annotated[
        str | None,
        Field(
            pattern=r"^rediss?://",
            description="Redis that several servers count in, such as redis://host:6379",
        ),
    ] = None
    body_seconds: Annotated[
        float, Field(gt=0, description="longest time for a request body to arrive")
    ] = 10.0
    request_seconds: Annotated[
        float, Field(gt=0, description="longest time for a whole request to arrive")
    ] = 12.0
    idle_seconds: Annotated[
        int, Field(ge=1, description="how long an idle connection is kept for the next request")
    ] = 12
    slowest: Annotated[
        int, Field(ge=0, description="fewest bytes a second that a reader takes, over ten seconds")
    ] = 1_024
    public_url: Annotated[
        str | None,
        AfterValidator(lambda url: url if url is None else _site(url)),
        Field(description="scheme and host that links name, such as https://example.org"),
    ] = None
    root_path: Annotated[
        str,
        AfterValidator(_path),
        Field(description="path of the site that a proxy takes off, such as /gates"),
    ] = ""
    allowed_hosts: Annotated[
        str | None,
        AfterValidator(lambda text: text if text is None else _hosts(text)),
        Field(description="hosts that are answered, with commas between; others get 421"),
    ] = None
    framed_by: Annotated[
        str | None,
        AfterValidator(lambda text: text if text is None else _sites(text)),
        Field(description="sites that may frame all pages, such as https://huggingface.co"),
    ] = None
    shared_seconds: Annotated[
        int,
        Field(ge=0, description="how long a proxy that minds Vary may give an answer to others"),
    ] = 0
    trusted_proxies: Annotated[
        str | None,
        AfterValidator(lambda text: text if text is None else _networks(text)),
        Field(description="proxies whose X-Forwarded-For and -Proto count, such as 10.0.0.0/8"),
    ] = None
    log_queries: Annotated[
        bool, Field(description="whether the log holds queries: what visitors type")
    ] = False
    metrics: Annotated[
        bool, Field(description="whether /metrics has counts for Prometheus, by route")
    ] = False
    traces: Annotated[
        str | None,
        AfterValidator(lambda url: url if url is None else _site(url)),
        Field(description="OpenTelemetry collector for traces, such as http://host:4318"),
    ] = None
    kernels: Annotated[
        Literal["portable"] | None,
        Field(description="portable: the same arithmetic on every kind of processor"),
    ] = None
    uploads: Annotated[
        str | None,
        AfterValidator(lambda text: text if text is None else _place(text)),
        Field(description="folder or Redis for the weight files of visitors; if none, none"),
    ] = None
    upload_bytes: Annotated[int, Field(ge=1, description="most bytes kept of them in all")] = (
        2_147_483_648
    )
    upload_networks: Annotated[int, Field(ge=1, description="most of them kept")] = 1_000
    upload_days: Annotated[float, Field(gt=0, description="how many days each is kept")] = 30.0
    max_upload: Annotated[int, Field(ge=1, description="most bytes in one weight file")] = (
        33_554_432
    )
    upload_seconds: Annotated[
        float, Field(gt=0, description="longest time for a weight file to arrive")
    ] = 60.0
    htmx_file: Annotated[
        Path | None, Field(description="a copy of htmx.min.js 4.0.1 to serve instead of the CDN's")
    ] = None


@cache
def settings() -> Settings:
    """The settings, read once. Raises: SettingsError naming the variable at fault."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = f"{PREFIX}{'_'.join(map(str, first['loc']))}".upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
