"""One real server for all tests of the web, and a client that keeps its connections."""

from collections.abc import Iterator

import httpx
import pytest

from tests.server import RunningServer, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """The server with its default settings; what it logged in error fails the run at its end."""
    with running_server() as running:
        yield running
        assert "Traceback" not in running.output()


@pytest.fixture(scope="session")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The same server where files may be brought to it."""
    environment = {"GATE_EXPLORER_UPLOADS": str(tmp_path_factory.mktemp("uploads"))}
    with running_server(environment) as running:
        yield running
        assert "Traceback" not in running.output()


@pytest.fixture(scope="session")
def open_client(open_server: RunningServer) -> Iterator[httpx.Client]:
    """A client whose addresses are relative to the server that takes files."""
    with httpx.Client(base_url=open_server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def server_url(server: RunningServer) -> str:
    """The server's address without a slash at its end."""
    return server.url


@pytest.fixture(scope="session")
def client(server_url: str) -> Iterator[httpx.Client]:
    """A client whose addresses are relative to the server."""
    with httpx.Client(base_url=server_url, timeout=30) as client:
        yield client
