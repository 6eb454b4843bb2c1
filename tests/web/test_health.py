"""Whether the server says when it can't do its work."""

import shutil
import sys
from pathlib import Path

import httpx
import pytest

from tests.server import ROOT, running_server
from tests.web.asking import api, problem

SERVE = (
    "import os; os.chdir({folder!r}); from app.cli import main; main(['serve', '--port', '{port}'])"
)


@pytest.mark.parametrize("name", ["weights.safetensors", "vocabulary.txt", "card.json"])
def test_readiness_sees_a_damaged_file_and_liveness_does_not(tmp_path: Path, name: str) -> None:
    for part in ("app", "gate_explorer", "static", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    damaged = tmp_path / "gate_explorer" / "zoo" / "sentiment" / name
    damaged.write_bytes(damaged.read_bytes()[:-100])
    code = SERVE.replace("{folder!r}", repr(str(tmp_path)))
    with running_server(command=(sys.executable, "-c", code)) as server:
        with httpx.Client(base_url=server.url) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            refused = client.get("/readyz")
            detail = problem(refused, 503)["detail"]
            assert "sentiment" in detail
            assert "retry-after" in refused.headers
            inside = problem(client.get(api("sentiment", "/trace?text=love")), 500)
            assert client.get(api("toy-rules", "/trace?x=3,1,1")).status_code == 200
        told = f"{detail} {inside}"
        assert str(tmp_path) not in told
        assert name not in told
        assert "can't be opened" in server.output()
