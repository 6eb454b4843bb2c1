"""Fetching the data from a server on this machine, which serves small files, good and bad ones."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.sentiment.treebank import SHA256, SPLITS, read_split
from gate_explorer.training.sentiment.vectors import read_vectors
from gate_explorer.training.sources import (
    TEXT_PATH,
    TREES_PATH,
    VECTORS_MEMBER,
    VECTORS_PATH,
    WIDTH,
    fetch,
    fetch_text,
)
from gate_explorer.training.tasks import characters
from gate_explorer.training.tasks.characters import read_text

TREE = "(3 (2 It) (4 (2 's) (4 good)))\n"


class Site:
    """A web site: what stands at each path, and how many bytes of it to leave out."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.withheld = 0
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                if self.path not in site.content:
                    self.send_error(404)
                    return
                body = site.content[self.path]
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) - site.withheld])

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"


def packed(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def vector_lines(words: list[str]) -> str:
    return "".join(
        f"{word} {' '.join(f'{0.01 * (k + row):.4f}' for k in range(WIDTH))}\n"
        for row, word in enumerate(words)
    )


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    found.content[TREES_PATH] = packed({f"trees/{split}.txt": TREE for split in SPLITS})
    found.content[VECTORS_PATH] = packed({VECTORS_MEMBER: vector_lines(["the", "good", "café"])})
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_fetch_empty_folder_lays_out_what_training_reads(site: Site, tmp_path: Path) -> None:
    found = fetch(tmp_path / "data", base=site.base, quiet=True)
    assert [len(read_split(tmp_path / "data", split)) for split in SPLITS] == [1, 1, 1]
    vectors = read_vectors(tmp_path / "data")
    assert vectors.words == ("the", "good", "café")
    assert vectors.table.shape == (3, WIDTH)
    assert float(vectors.table[1, 1]) == pytest.approx(0.02, rel=1e-3)
    assert found.words == 3
    assert not [name for name in files(tmp_path) if name.endswith((".part", ".zip"))]


def test_fetch_other_trees_says_which_differ(site: Site, tmp_path: Path) -> None:
    found = fetch(tmp_path, base=site.base, quiet=True)
    assert [line.split(":")[0] for line in found.differing] == [f"trees_{s}" for s in SPLITS]
    assert hashlib.sha256(TREE.encode()).hexdigest() in str(found)
    assert "DIFFER" in str(found)


def test_fetch_expected_trees_says_so(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for split in SPLITS:
        monkeypatch.setitem(SHA256, split, hashlib.sha256(TREE.encode()).hexdigest())
    found = fetch(tmp_path, base=site.base, quiet=True)
    assert found.differing == ()
    assert "expected sha256" in str(found)


def test_fetch_second_time_downloads_nothing(site: Site, tmp_path: Path) -> None:
    fetch(tmp_path, base=site.base, quiet=True)
    fetch(tmp_path, base=site.base, quiet=True)
    assert site.asked == [TREES_PATH, VECTORS_PATH]


def test_fetch_rare_words_outside_the_treebank_are_left_out(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gate_explorer.training.sources.MOST_FREQUENT", 1)
    fetch(tmp_path, base=site.base, quiet=True)
    assert read_vectors(tmp_path).words == ("the", "good")


@pytest.mark.parametrize("path", [TREES_PATH, VECTORS_PATH])
def test_fetch_broken_off_download_leaves_no_file(site: Site, tmp_path: Path, path: str) -> None:
    fetch(tmp_path / "whole", base=site.base, quiet=True)
    if path == VECTORS_PATH:
        (tmp_path / "sst").mkdir()
        for split in SPLITS:
            name = f"sst/trees_{split}.txt.gz"
            (tmp_path / name).write_bytes((tmp_path / "whole" / name).read_bytes())
    site.withheld = 20
    before = files(tmp_path)
    with pytest.raises(DataError, match=r"broke off: \d+ of \d+ bytes"):
        fetch(tmp_path, base=site.base, quiet=True)
    assert files(tmp_path) == before


def test_fetch_missing_page_names_the_address(site: Site, tmp_path: Path) -> None:
    del site.content[VECTORS_PATH]
    with pytest.raises(DataError, match=r"glove\.6B\.zip answered 404"):
        fetch(tmp_path, base=site.base, quiet=True)
    assert len(read_split(tmp_path, "dev")) == 1


def test_fetch_no_server_names_the_address(site: Site, tmp_path: Path) -> None:
    site.server.server_close()
    with pytest.raises(DataError, match=r"127\.0\.0\.1.* can't be read"):
        fetch(tmp_path, base="http://127.0.0.1:9", quiet=True)


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (TREES_PATH, b"no archive", "damaged archive"),
        (TREES_PATH, packed({"trees/train.txt": TREE}), r"lacks trees/dev\.txt"),
        (VECTORS_PATH, packed({"glove.6B.50d.txt": "a 1"}), r"lacks glove\.6B\.100d\.txt"),
        (VECTORS_PATH, packed({VECTORS_MEMBER: "the 1 2 3\n"}), "line 1: expected 100"),
        (VECTORS_PATH, packed({VECTORS_MEMBER: "the " + "x " * 100}), "line 1: could not convert"),
        (VECTORS_PATH, packed({VECTORS_MEMBER: "the " + "nan " * 100}), "100 finite numbers"),
    ],
)
def test_fetch_unusable_archive_says_what_is_wrong(
    site: Site, tmp_path: Path, path: str, content: bytes, message: str
) -> None:
    site.content[path] = content
    with pytest.raises(DataError, match=message):
        fetch(tmp_path, base=site.base, quiet=True)
    assert not [name for name in files(tmp_path) if name.endswith(".part")]


def test_fetch_shows_a_progress_bar(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(tmp_path, base=site.base)
    assert "trainDevTestTrees_PTB.zip" in capsys.readouterr().err


def test_fetch_text_lays_out_what_training_reads_and_asks_once(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.content[TEXT_PATH] = b"First Citizen:\n"
    expected = hashlib.sha256(site.content[TEXT_PATH]).hexdigest()
    monkeypatch.setattr(characters, "SHA256", expected)
    for _ in range(2):
        fetch_text(tmp_path, base=site.base, quiet=True)
    assert site.asked == [TEXT_PATH]
    assert read_text(tmp_path) == "First Citizen:\n"


def test_fetch_text_of_another_sum_is_refused_and_leaves_no_file(
    site: Site, tmp_path: Path
) -> None:
    site.content[TEXT_PATH] = b"Another text"
    with pytest.raises(DataError, match="sha256 differs"):
        fetch_text(tmp_path, base=site.base, quiet=True)
    assert list(tmp_path.rglob("*")) == []
