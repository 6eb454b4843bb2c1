"""A disk that is full, or may not be written: what is brought is refused, all else goes on."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.server import SERVE, RunningServer, running_server
from tests.weights.samples import samples

HIDDEN = 256
# The system lets no file grow beyond 200 blocks of 512 bytes.
CRAMPED = ("sh", "-c", "ulimit -f 200 && exec {}".format(" ".join(SERVE)))
# Root may write anywhere; without this right it is like others.
MEEK: Sequence[str] = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search", *SERVE)
    if os.geteuid() == 0
    else SERVE
)


def large() -> bytes:
    """A file of weights of about a megabyte."""
    rng = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih_l0": (4 * HIDDEN, 3),
        "weight_hh_l0": (4 * HIDDEN, HIDDEN),
    }
    shapes |= {"bias_ih_l0": (4 * HIDDEN,), "bias_hh_l0": (4 * HIDDEN,)}
    file = io.BytesIO()
    np.savez(file, **{name: rng.normal(size=s).astype("f4") for name, s in shapes.items()})  # type: ignore[arg-type]
    return file.getvalue()


def bring(server: RunningServer, data: bytes) -> httpx.Response:
    files = {"file": ("mine.npz", data)}
    return httpx.post(f"{server.url}/api/v1/models", files=files, timeout=60)


def goes_on(server: RunningServer, *paths: str) -> None:
    for path in ("/", "/readyz", "/open", "/models/sentiment?text=still+here", *paths):
        assert httpx.get(f"{server.url}{path}", timeout=60).status_code == 200, path


def refused(answer: httpx.Response) -> None:
    assert answer.status_code == 507, answer.text
    assert answer.json()["title"] == "There is no room to keep it"
    assert answer.headers["retry-after"]


def test_disk_that_is_full_refuses_what_is_brought_and_reads_go_on(tmp_path: Path) -> None:
    uploads = {"GATE_EXPLORER_UPLOADS": str(tmp_path)}
    with running_server(uploads, CRAMPED) as server:
        small = bring(server, samples()["stacked.npz"])
        assert small.status_code == 201, small.text
        for _ in range(3):
            refused(bring(server, large()))
        form = httpx.post(f"{server.url}/open", files={"file": ("a.npz", large())}, timeout=60)
        assert form.status_code == 507
        goes_on(server, small.json()["links"]["page"], small.json()["links"]["self"])
        assert bring(server, samples()["gates.npz"]).status_code == 201
        left = {path.suffix for path in (tmp_path / "networks").iterdir()}
    # Once there is room, the same file is taken, and nothing half-written is left.
    with running_server(uploads) as server:
        taken = bring(server, large())
        assert taken.status_code == 201
        goes_on(server, taken.json()["links"]["page"])
    assert left <= {"", ".part"}
    assert {path.suffix for path in (tmp_path / "networks").iterdir()} == {""}


def test_disk_that_may_not_be_written_refuses_what_is_brought_and_reads_go_on(
    tmp_path: Path,
) -> None:
    uploads = {"GATE_EXPLORER_UPLOADS": str(tmp_path)}
    with running_server(uploads) as server:
        before = bring(server, samples()["stacked.npz"])
        assert before.status_code == 201
    _allow(tmp_path, 0o500, 0o400)
    try:
        with running_server(uploads, MEEK) as server:
            refused(bring(server, samples()["gates.npz"]))
            goes_on(server, before.json()["links"]["page"], before.json()["links"]["self"])
            bearer = {"Authorization": f"Bearer {before.json()['token']}"}
            refused(httpx.delete(f"{server.url}{before.json()['links']['self']}", headers=bearer))
            _allow(tmp_path, 0o700, 0o600)
            assert bring(server, samples()["gates.npz"]).status_code == 201
    finally:
        _allow(tmp_path, 0o700, 0o600)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_place_that_cant_be_made_is_told_and_all_else_goes_on(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "folder":
        place.mkdir(mode=0o500)
        place = place / "uploads"
    else:
        place.write_bytes(b"no folder")
    with running_server({"GATE_EXPLORER_UPLOADS": str(place)}, MEEK) as server:
        refused(bring(server, samples()["gates.npz"]))
        assert httpx.get(f"{server.url}/open", timeout=60).status_code == 507
        assert httpx.get(f"{server.url}/models/toy-rules?x=3,1,0", timeout=60).status_code == 200


def _allow(folder: Path, folders: int, files: int) -> None:
    """Set the rights of a folder and all in it."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(folders if path.is_dir() else files)
