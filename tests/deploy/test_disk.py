"""A disk that is full, or may not be written: what is brought is refused, all else goes on."""

import io
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.deploy.disks import MEEK, ReadOnlyDisk, SmallDisk
from tests.server import RunningServer, running_server
from tests.weights.samples import samples

HIDDEN = 256
SIZE = 400 * 512  # of a disk, less than `large`, in whole blocks


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


def take_back(server: RunningServer, brought: httpx.Response) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {brought.json()['token']}"}
    return httpx.delete(f"{server.url}{brought.json()['links']['self']}", headers=bearer)


def test_disk_that_is_full_refuses_what_is_brought_and_reads_go_on(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path, SIZE)
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}, disk.command) as server:
        small = bring(server, samples()["stacked.npz"])
        assert small.status_code == 201, small.text
        for _ in range(3):
            refused(bring(server, large()))
        form = httpx.post(f"{server.url}/open", files={"file": ("a.npz", large())}, timeout=60)
        assert form.status_code == 507
        goes_on(server, small.json()["links"]["page"], small.json()["links"]["self"])
        # What was refused has left nothing that takes the room of something smaller.
        assert bring(server, samples()["gates.npz"]).status_code == 201
        assert len(list((disk.seen_by(server) / "networks").iterdir())) == 2
        disk.make_room(server)
        taken = bring(server, large())
        assert taken.status_code == 201, taken.text
        goes_on(server, taken.json()["links"]["page"])
        assert "Traceback" not in server.output()


def test_full_to_the_last_byte_a_file_can_be_taken_back_and_reads_go_on(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path, SIZE)
    with running_server({"GATE_EXPLORER_UPLOADS": str(tmp_path)}, disk.command) as server:
        first, second = (bring(server, samples()[name]) for name in ("stacked.npz", "gates.npz"))
        disk.fill(server)
        refused(bring(server, large()))
        goes_on(server, *(each.json()["links"]["page"] for each in (first, second)))
        assert take_back(server, first).status_code == 204
        assert httpx.get(f"{server.url}{first.json()['links']['page']}").status_code == 404
        goes_on(server, second.json()["links"]["page"])
        assert len(list((disk.seen_by(server) / "networks").iterdir())) == 1
        assert "Traceback" not in server.output()


def test_disk_that_may_not_be_written_refuses_what_is_brought_and_reads_go_on(
    tmp_path: Path,
) -> None:
    uploads = {"GATE_EXPLORER_UPLOADS": str(tmp_path)}
    with running_server(uploads) as server:
        before = bring(server, samples()["stacked.npz"])
        assert before.status_code == 201
    disk = ReadOnlyDisk(tmp_path)
    try:
        with running_server(uploads, disk.command) as server:
            refused(bring(server, samples()["gates.npz"]))
            goes_on(server, before.json()["links"]["page"], before.json()["links"]["self"])
            refused(take_back(server, before))
            disk.make_writable(server)
            assert bring(server, samples()["gates.npz"]).status_code == 201
            assert take_back(server, before).status_code == 204
            assert "Traceback" not in server.output()
    finally:
        disk.restore()


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
