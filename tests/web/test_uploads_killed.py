"""Uploads when processes die: the server at any moment, and a process that reads a file."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import safetensors.numpy

from tests.engine.builders import draw_lstm
from tests.server import running_server

ROUNDS, AT_ONCE = 2, 2


def data(seed: int) -> bytes:
    """A file of a small cell, another for each seed."""
    cell = draw_lstm(np.random.default_rng(seed), 3, 4, np.float32)
    tensors = {"weight_ih_l0": cell.weight_ih, "weight_hh_l0": cell.weight_hh}
    return safetensors.numpy.save(tensors)


def bring(url: str, seed: int) -> dict[str, Any] | None:
    """What the server acknowledged; None where it died first."""
    try:
        answer = httpx.post(f"{url}/api/v1/models", files={"file": ("a", data(seed))}, timeout=60)
    except httpx.HTTPError:
        return None
    if answer.status_code == 503:
        return None
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bring_many(url: str, first: int, acknowledged: dict[int, dict[str, Any]]) -> None:
    """Bring files one after another, until the server answers no more."""
    for seed in range(first, first + 300):
        found = bring(url, seed)
        if found is None:
            return
        acknowledged[seed] = found


@pytest.mark.slow
def test_server_killed_during_uploads_keeps_each_that_it_acknowledged(tmp_path: Path) -> None:
    environment = {"GATE_EXPLORER_UPLOADS": str(tmp_path)}
    acknowledged: dict[int, dict[str, Any]] = {}
    for round_ in range(ROUNDS):
        with running_server(environment) as server:
            first = bring(server.url, 1000 * round_)
            assert first is not None
            acknowledged[1000 * round_] = first
            with ThreadPoolExecutor(AT_ONCE) as pool:
                waits = [
                    pool.submit(bring_many, server.url, 1000 * round_ + 300 * k + 1, acknowledged)
                    for k in range(AT_ONCE)
                ]
                time.sleep(0.4 + 0.3 * round_)
                os.kill(server.pid, signal.SIGKILL)
                for each in waits:
                    each.result()

    assert len(acknowledged) > ROUNDS
    with running_server(environment) as server, httpx.Client(base_url=server.url) as client:
        for seed, found in acknowledged.items():
            trace = client.get(f"{found['links']['trace']}?{found['examples'][0]}", timeout=60)
            assert trace.status_code == 200, seed
            weights = client.get(f"{found['links']['self']}/weights.safetensors").content
            kept, sent = safetensors.numpy.load(weights), safetensors.numpy.load(data(seed))
            for name, tensor in sent.items():
                assert np.array_equal(kept[name], tensor), (seed, name)
        again = client.post("/api/v1/models", files={"file": ("a", data(7))}, timeout=60)
        assert again.status_code == 201


def test_process_that_dies_reading_a_file_costs_that_visitor_alone(tmp_path: Path) -> None:
    environment = {"GATE_EXPLORER_UPLOADS": str(tmp_path)}
    with running_server(environment) as server:
        before = bring(server.url, 1)
        assert before is not None
        (reader,) = readers(server.pid)
        os.kill(reader, signal.SIGSTOP)  # it is asked, and doesn't come to answer
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(
                httpx.post,
                f"{server.url}/api/v1/models",
                files={"file": ("a", data(2))},
                timeout=60,
            )
            time.sleep(0.5)
            page = httpx.get(f"{server.url}{before['links']['page']}", timeout=60)
            os.kill(reader, signal.SIGKILL)
            answer = waiting.result()
        assert page.status_code == 200
        assert answer.status_code == 422
        assert "ended" in answer.json()["detail"] or "damaged" in answer.json()["detail"]
        assert bring(server.url, 3) is not None


def readers(parent: int) -> list[int]:
    """The processes that read files for a server, by their parent."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            above = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            command = (process / "cmdline").read_text()
        except (OSError, ValueError):
            continue  # it ended meanwhile
        if above == parent and "gate_explorer.weights.worker" in command:
            found.append(int(process.name))
    return found
