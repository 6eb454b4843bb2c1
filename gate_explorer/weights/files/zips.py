"""Zip archives, unpacked within limits: what a member says of its size is not believed."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

from gate_explorer.errors import InputError, LimitError, MediaTypeError
from gate_explorer.weights.files.kinds import PICKLE
from gate_explorer.weights.files.opened import Limits
from gate_explorer.weights.files.tensors import shown

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
           ValueError, OverflowError, KeyError, IndexError)  # fmt: skip
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


class Archive:
    """The members of a zip archive. Raises: InputError, LimitError; MediaTypeError for torch's."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.left = limits.unpacked_bytes
        with _said_of("The archive"):
            self.archive = zipfile.ZipFile(BytesIO(data))
        members = self.archive.infolist()
        if len(members) > limits.arrays:
            raise LimitError(f"The archive has more than {limits.arrays:,} members.")
        self.names: Sequence[str] = [member.filename for member in members]
        if len(set(self.names)) != len(self.names):
            raise InputError("Two members of the archive have one name: which one counts?")
        self._members = dict(zip(self.names, members, strict=True))
        if any(name == "data.pkl" or name.endswith("/data.pkl") for name in self.names):
            raise MediaTypeError(f"This is what torch.save writes, a pickle in a zip. {PICKLE}")

    def read(self, name: str) -> bytes:
        """A member unpacked. Raises: InputError, LimitError."""
        member = self._members[name]
        if member.flag_bits & 1 or member.compress_type not in (_STORED, _DEFLATED):
            raise InputError(f"{shown(name)} is encrypted, or packed in a way that isn't read.")
        with _said_of(shown(name)), self.archive.open(member) as stream:
            data = stream.read(self.left + 1)
            if len(data) <= self.left:
                data += stream.read(1)  # the end, where the checksum is compared
        self.left -= len(data)
        if self.left < 0:
            raise LimitError(
                f"{shown(name)} unpacks to more than is read: the archive as a whole may have no"
                " more than it takes to hold a network's weights."
            )
        return data


@contextmanager
def _said_of(what: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise InputError(f"{what} can't be unpacked: the file is cut short or damaged.") from error
