"""Files that may be compressed, and files that are whole or not there."""

import gzip
import zlib
from pathlib import Path

from gate_explorer.errors import DataError


def read_bytes(path: Path) -> bytes:
    """The content of a file, unpacked if its name ends in .gz.

    Raises: DataError naming a file whose compression is damaged.
    """
    content = path.read_bytes()
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(f"{path} is damaged or not gzip: {error}") from error


def write_gzip(path: Path, content: bytes) -> None:
    """Write compressed content, the same bytes at every time of day; make the folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(gzip.compress(content, mtime=0))
    partial.replace(path)
