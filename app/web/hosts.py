"""Which host a request means, and what this site is called in the addresses that answers hold.

People open the explorer by the machine's name, through tunnels and containers, so without settings
links follow the request's host. A public URL makes them name that alone; a list of allowed hosts
has others refused.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from gate_explorer.errors import HostError

from ..settings import settings, words_of
from .limits import HEALTH


class AllowedHosts:
    """ASGI middleware: a request for a host that isn't allowed is refused; health isn't asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.allowed = {_name(host) for host in words_of(settings().allowed_hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raise HostError for another host."""
        if self.allowed and scope["type"] == "http" and scope["path"] not in HEALTH:
            named = HTTPConnection(scope).headers.get("host", "")
            if _name(named) not in self.allowed:
                raise HostError("This server doesn't answer for the host that the request names.")
        await self.app(scope, receive, send)


def site(connection: HTTPConnection) -> str:
    """Scheme and host for addresses that must be whole: the setting's, or what was asked for."""
    return (settings().public_url or str(connection.base_url)).rstrip("/")


def _name(host: str) -> str | None:
    """A host's name without its port, in lower case."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
