"""Networks that visitors brought: plain files by content, and a table of who holds them.

A network's id follows from its content, so that the same upload again is the same network, held by
one token more; it is gone once the last token has given it up, or its time is over. `put` returns
once all of it is on the disk: the file is written beside its place, flushed, renamed into place and
its folder flushed, and only then does the table name it. Removing goes the other way round, and no
file's name is used twice. So whatever moment a machine stops at, the table names whole files only;
a file that nothing names is swept up at the next start.

SQLite keeps the table and makes writers wait for one another, threads and processes alike. Where
the disk is full or may not be written, what is there is still read. What was refused leaves nothing
behind that takes room; and SQLite keeps its journal, so that a network can be given up where not a
byte is free.
"""

import errno
import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gate_explorer.errors import RoomError, TooLargeError

_TABLE = """
CREATE TABLE IF NOT EXISTS networks (
    id TEXT PRIMARY KEY, facts TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL,
    size INTEGER NOT NULL, made REAL NOT NULL, opened REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY, id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX IF NOT EXISTS held ON tokens (id);
"""
OPENED_AGAIN = 3600.0  # seconds, below which another opening isn't written down
FULL = "There is no room to keep it: this server's disk is full, or can't be written now."
_NO_ROOM = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EIO,
    errno.ENOTDIR,
    errno.EEXIST,
}
_NO_ROOM_TABLE = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip
_WAIT = 30.0  # seconds for another writer
_ID_BYTES = 15
PREFIX = "own-"  # of every id


@dataclass(frozen=True)
class Quota:
    """How much is kept: bytes and networks in all, seconds for each since it was brought last."""

    bytes: int = 2 * 2**30
    networks: int = 1000
    seconds: float = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Kept:
    """A network as it is kept: what is known of it, as text, and its bytes.

    made: when it was brought last, opened: when it was looked at last, in seconds since 1970.
    """

    id: str
    facts: str
    data: bytes
    made: float
    opened: float


@dataclass
class _Files:
    """Names of files to remove: the new ones where a change fails, the old ones once it is kept."""

    new: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)


def id_of(content: bytes, choices: str) -> str:
    """The id of a file read with these choices: the same for the same, and no other's."""
    whole = hashlib.sha256(content).digest() + hashlib.sha256(choices.encode()).digest()
    number = hashlib.sha256(whole).digest()[:_ID_BYTES]
    return f"{PREFIX}{number.hex()}"


class Storage(Protocol):
    """What a store of networks does, wherever it keeps them; `Store` says more of each."""

    def put(self, name: str, data: bytes, facts: str) -> str:
        """Keep a network, and return a token that can give it up."""

    def get(self, name: str) -> Kept | None:
        """The network of that id, if it is there."""

    def has(self, name: str) -> bool:
        """Whether it is there."""

    def delete(self, name: str, token: str) -> bool:
        """Give up a token."""

    def names(self) -> list[str]:
        """The ids of all, the newest first."""


def check_size(data: bytes, quota: Quota) -> None:
    """Raise TooLargeError for what doesn't fit even alone."""
    if len(data) > quota.bytes:
        raise TooLargeError(
            f"The network takes {len(data):,} bytes; kept are {quota.bytes:,} in all."
        )


class Store:
    """A folder of networks.

    clock: seconds since 1970. Any thread may call, and any process on the machine that opens the
    same folder.
    """

    def __init__(
        self, folder: Path, quota: Quota | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder, self.quota, self.clock = folder, quota or Quota(), clock
        self._files = folder / "networks"
        with _room():
            self._files.mkdir(parents=True, exist_ok=True)
            with closing(self._connected()) as connection:
                connection.executescript(_TABLE)
        with suppress(RoomError):
            self.sweep()

    def put(self, name: str, data: bytes, facts: str) -> str:
        """Keep a network under an id of `id_of`, and return a token that can give it up.

        When it returns, the network outlives a loss of power. One that is there already keeps its
        bytes and begins its time anew. Room is made by giving up what was opened longest ago.
        Raises: TooLargeError for what doesn't fit even alone.
        """
        check_size(data, self.quota)
        token, now = secrets.token_urlsafe(32), self.clock()
        with self._writing() as (connection, files):
            files.old += self._expired(connection, now)
            if not self._is_whole(connection, name):
                files.old += self._made_room(connection, len(data))
                file = secrets.token_hex(16)
                files.new.append(file)
                self._write(file, data)
                connection.execute(
                    "INSERT OR REPLACE INTO networks VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (name, facts, file, digest_of(data), len(data), now, now),
                )
            connection.execute(
                "UPDATE networks SET made = ?, opened = ? WHERE id = ?", (now, now, name)
            )
            connection.execute(
                "INSERT INTO tokens (digest, id) VALUES (?, ?)", (digest_of(token.encode()), name)
            )
        return token

    def get(self, name: str) -> Kept | None:
        """The network of that id; None where it isn't there, its time is over, or it is damaged."""
        with closing(self._connected()) as connection:
            row = connection.execute(
                "SELECT facts, file, digest, made, opened FROM networks WHERE id = ?", (name,)
            ).fetchone()
            if row is None or self._is_over(row[3]):
                return None
            facts, file, digest, made, opened = row
            data = self._read(file, digest)
            if data is None:
                return None
            now = self.clock()
            if now - opened > OPENED_AGAIN:
                with suppress(sqlite3.Error):  # a disk that may not be written
                    connection.execute("UPDATE networks SET opened = ? WHERE id = ?", (now, name))
        return Kept(name, facts, data, made, opened)

    def has(self, name: str) -> bool:
        """Whether the network of that id is there and in time; its bytes aren't read."""
        with closing(self._connected()) as connection:
            row = connection.execute("SELECT made FROM networks WHERE id = ?", (name,)).fetchone()
        return row is not None and not self._is_over(row[0])

    def delete(self, name: str, token: str) -> bool:
        """Give up a token; whether it was one of that network, whose last one takes it away."""
        with self._writing() as (connection, files):
            digest = digest_of(token.encode())
            count = connection.execute(
                "DELETE FROM tokens WHERE digest = ? AND id = ?", (digest, name)
            ).rowcount
            held = connection.execute("SELECT 1 FROM tokens WHERE id = ?", (name,)).fetchone()
            if count and held is None:
                files.old += _taken(connection, "id = ?", name)
        return bool(count)

    def names(self) -> list[str]:
        """The ids of all that is kept and whose time isn't over, the newest first."""
        with closing(self._connected()) as connection:
            rows = connection.execute("SELECT id, made FROM networks ORDER BY made DESC, id")
            return [name for name, made in rows if not self._is_over(made)]

    def sweep(self) -> None:
        """Remove what is over, and files that the table doesn't name."""
        with self._writing() as (connection, files):
            files.old += self._expired(connection, self.clock())
            named = {file for (file,) in connection.execute("SELECT file FROM networks")}
            files.old += [path.name for path in self._files.iterdir() if path.name not in named]

    def _connected(self) -> sqlite3.Connection:
        """A connection that flushes at every commit, and waits for other writers."""
        connection = sqlite3.connect(
            self.folder / "networks.sqlite", timeout=_WAIT, isolation_level=None
        )
        connection.execute("PRAGMA journal_mode = PERSIST")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def _writing(self) -> Iterator[tuple[sqlite3.Connection, _Files]]:
        """The only writer, until its changes are on the disk; none of them where it fails."""
        files = _Files()
        with _room(), closing(self._connected()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection, files
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._remove(files.new)
                raise
        self._remove(files.old)

    def _remove(self, files: Sequence[str]) -> None:
        """Remove files that nothing names, whole or half-written."""
        for file in files:
            for path in (self._files / file, self._beside(file)):
                with suppress(OSError):  # swept up at the next start
                    path.unlink()

    def _beside(self, file: str) -> Path:
        """Where a file is written before it has its name."""
        return self._files / f"{file}.part"

    def _is_whole(self, connection: sqlite3.Connection, name: str) -> bool:
        """Whether a network is there, byte for byte as it was put."""
        row = connection.execute("SELECT file, digest FROM networks WHERE id = ?", (name,))
        found = row.fetchone()
        return found is not None and self._read(*found) is not None

    def _read(self, file: str, digest: str) -> bytes | None:
        """A file's bytes, where they are those of the digest."""
        try:
            data = (self._files / file).read_bytes()
        except OSError:
            return None
        return data if digest_of(data) == digest else None

    def _write(self, name: str, data: bytes) -> None:
        """Write a new file, which is whole once it has its name, and stays so."""
        beside = self._beside(name)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._files / name)
        folder = os.open(self._files, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _made_room(self, connection: sqlite3.Connection, size: int) -> list[str]:
        """The files given up, of what was opened longest ago, for one more of that size."""
        rows = connection.execute("SELECT id, size FROM networks ORDER BY opened, id").fetchall()
        count, total = len(rows), sum(each for _, each in rows)
        gone = []
        for name, each in rows:
            if count < self.quota.networks and total + size <= self.quota.bytes:
                break
            gone += _taken(connection, "id = ?", name)
            count, total = count - 1, total - each
        return gone

    def _expired(self, connection: sqlite3.Connection, now: float) -> list[str]:
        return _taken(connection, "made < ?", now - self.quota.seconds)

    def _is_over(self, made: float) -> bool:
        return made < self.clock() - self.quota.seconds


@contextmanager
def _room() -> Iterator[None]:
    """Raise RoomError where the disk is full, or may not be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise RoomError(FULL) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _NO_ROOM_TABLE:
            raise
        raise RoomError(FULL) from error


def _taken(connection: sqlite3.Connection, where: str, value: object) -> list[str]:
    """The files of the networks taken out of the table, tokens with them."""
    files = connection.execute(f"SELECT file FROM networks WHERE {where}", (value,)).fetchall()
    connection.execute(f"DELETE FROM networks WHERE {where}", (value,))
    return [file for (file,) in files]


def digest_of(data: bytes) -> str:
    """What bytes are known by."""
    return hashlib.sha256(data).hexdigest()
