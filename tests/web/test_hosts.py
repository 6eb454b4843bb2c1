"""Which hosts are answered, and what a setting may say they are."""

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from app.settings import Settings
from tests.server import ROOT, RunningServer, running_server
from tests.web.asking import api, problem

ALLOWED = {"GATE_EXPLORER_ALLOWED_HOSTS": "gates.example, 127.0.0.1"}


@pytest.fixture(scope="module")
def choosy() -> Iterator[RunningServer]:
    with running_server(ALLOWED) as running:
        yield running


@pytest.mark.parametrize("host", ["evil.example", "gates.example.evil.example", "", "[::1", "a b"])
@pytest.mark.parametrize("path", ["/", "/models/toy-rules", api("toy-rules"), "/static/icon.svg"])
def test_host_that_is_not_allowed_is_answered_421(
    choosy: RunningServer, host: str, path: str
) -> None:
    answer = httpx.get(f"{choosy.url}{path}", headers={"Host": host})
    problem(answer, 421)
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["gates.example", "GATES.example:8443", "127.0.0.1:1"])
def test_host_that_is_allowed_is_answered_on_any_port(choosy: RunningServer, host: str) -> None:
    assert httpx.get(f"{choosy.url}/", headers={"Host": host}).status_code == 200


def test_health_is_answered_under_any_host(choosy: RunningServer) -> None:
    for path in ("/healthz", "/readyz"):
        answer = httpx.get(f"{choosy.url}{path}", headers={"Host": "10.0.0.9"})
        assert answer.json() == {"status": "ok"}


BAD_SETTINGS = {
    "PUBLIC_URL": [
        "javascript:alert(1)", "gates.example", "ftp://gates.example", "https://", "https://a/b",
        "https://user@gates.example", "https://a?b", "data:text/html,x", "//gates.example",
    ],
    "FRAMED_BY": ["*", "huggingface.co", "https://a/b", "https://a; script-src *"],
    "SHARED_SECONDS": ["-1"],
    "TRACES": ["collector:4318", "http://host/v1/traces"],
    "METRICS": ["perhaps"],
    "UPLOADS": ["s3://bucket", "http://host/folder"],
    "ROOT_PATH": ["gates", "//gates", "/a//b", "/a/../b", "/a b", "/gates?x", "https://a/b", '/"'],
    "ALLOWED_HOSTS": ["https://gates.example", "gates.example/", "gates.example:80", ",", "a b"],
    "TRUSTED_PROXIES": ["proxy.example", "10.0.0.0/99", "10.0.0.1/8"],
    "RATE_STORAGE": ["memory://", "localhost:6379", "file:///tmp/x"],
    "MAX_STEPS": ["0", "many"],
    "HEAVY_SECONDS": ["0"],
    "KERNELS": ["fast"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, each in BAD_SETTINGS.items() for value in each]
)
def test_setting_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"GATE_EXPLORER_{name}", value)
    with pytest.raises(ValueError, match=name.lower()):
        Settings()


def test_setting_that_cannot_be_used_ends_the_server_with_its_name() -> None:
    environment = {**os.environ, "GATE_EXPLORER_PUBLIC_URL": "javascript:alert(1)"}
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "error: GATE_EXPLORER_PUBLIC_URL: it should be a scheme and a host"
    )
    assert "Traceback" not in done.stderr
