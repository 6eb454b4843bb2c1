"""Files that may be compressed: read as they are, written whole, the same bytes every time."""

import gzip
from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.files import read_bytes, write_gzip


def test_content_written_is_read_back_and_the_same_bytes_lie_there(tmp_path: Path) -> None:
    first, second = tmp_path / "made" / "a.gz", tmp_path / "made" / "b.gz"
    write_gzip(first, b"text")
    write_gzip(second, b"text")
    assert read_bytes(first) == b"text"
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in first.parent.iterdir()) == ["a.gz", "b.gz"]


def test_content_of_a_file_without_the_ending_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_bytes(gzip.compress(b"text"))
    assert read_bytes(path) == path.read_bytes()


@pytest.mark.parametrize(
    "content", [b"", b"plain", gzip.compress(b"text")[:-4]], ids=["empty", "plain", "cut short"]
)
def test_damaged_compression_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(content)
    if not content:
        assert read_bytes(path) == b""
        return
    with pytest.raises(DataError, match=r"damaged\.gz is damaged or not gzip"):
        read_bytes(path)
