"""Weight files read in processes of their own, with limits in time and memory.

HDF5 is read by a library in C, which a file made to harm can crash; numbers can be made to unpack
to more than there is memory. Such a file ends a worker and nothing else: whoever brought it gets an
error, and the next file a new worker. Workers are kept between files, since starting one takes half
a second.

    with Workers() as workers:
        opened = workers.read(data)

What goes between the processes is JSON and the arrays' bytes, never a pickle. For POSIX systems.
"""

import contextlib
import json
import os
import queue
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np

from gate_explorer import errors
from gate_explorer.engine.cells import LINE
from gate_explorer.errors import ChoiceError, ExplorerError, InputError, OverloadError
from gate_explorer.weights.files import Limits, Opened, Options, Reference, read, settle
from gate_explorer.weights.files.packed import pack, unpack
from gate_explorer.weights.files.reading import DEFAULTS, LIMITS

SECONDS = 20.0
START_SECONDS = 60.0  # on a machine that is busy with other things
MEMORY = 192 * 2**20  # of data; code and libraries take some 50 MB besides
FILES = 500
_KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, ExplorerError) and kind is not errors.GrowthError
}
UNFORESEEN = "The file is damaged in a way that isn't foreseen"
# As long as a line of the cache, so that the arrays behind stay on theirs.
_OPENED, _FAILED, _READY = (word.ljust(LINE) for word in (b"opened", b"failed", b"ready"))


class _DiedError(Exception):
    """A worker ended, or answered with what isn't an answer."""


class Workers:
    """A few processes that read files.

    count: how many files are read at a time; seconds: for one file, before its worker is ended;
    memory: bytes of data that a worker may hold; files: how many one reads before a new one takes
    its place. Any thread may call.
    """

    def __init__(
        self,
        count: int = 2,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        files: int = FILES,
    ) -> None:
        self.seconds, self.memory, self.files = seconds, memory, files
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._free.put(None)
        self._count = count

    def read(self, data: bytes, options: Options = DEFAULTS, limits: Limits = LIMITS) -> Opened:
        """As `weights.files.read`. Raises: as it does; InputError where the file ends its worker;
        OverloadError where all are busy for as long as one may take."""
        return self._ask({"options": asdict(options), "limits": asdict(limits)}, data, limits)

    def settle(
        self,
        data: bytes,
        reference: Reference,
        options: Options = DEFAULTS,
        limits: Limits = LIMITS,
    ) -> Opened:
        """As `weights.files.settle`. Raises: as `read`."""
        given = {name: getattr(reference, name) for name in ("x", "h", "c")}
        listed = {k: None if v is None else np.asarray(v).tolist() for k, v in given.items()}
        job = {"options": asdict(options), "limits": asdict(limits), "reference": listed}
        return self._ask(job, data, limits)

    def close(self) -> None:
        """End all workers; those still at work end once they are done."""
        for _ in range(self._count):
            worker = self._free.get()
            if worker is not None:
                worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, job: Mapping[str, Any], data: bytes, limits: Limits) -> Opened:
        if len(data) > limits.file_bytes:
            read(data, DEFAULTS, limits)  # says so
        with self._worker() as worker:
            answer = worker.ask(json.dumps(job).encode(), data, self.seconds)
        if answer[:LINE] == _OPENED:
            return unpack(memoryview(answer)[LINE:])
        raise _error(json.loads(bytes(answer[LINE:])))

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that are waiting for a file."""
        return [worker.pid for worker in list(self._free.queue) if worker is not None]

    @contextlib.contextmanager
    def _worker(self) -> Iterator["_Worker"]:
        """A worker of one's own for a while; one that dies is replaced at the next file."""
        try:
            worker = self._free.get(timeout=self.seconds)
        except queue.Empty:
            raise OverloadError("Other files are being read: try again in a moment.") from None
        kept: _Worker | None = None
        try:
            worker = worker or _Worker(self.memory)
            yield worker
            if worker.files < self.files:
                kept = worker
        except _DiedError as error:
            raise InputError(
                f"The file can't be read: {error}. It is damaged, or made in a way that no program"
                " writes. Save the recurrent layers anew, alone."
            ) from None
        finally:
            if kept is None and worker is not None:
                worker.end()
            self._free.put(kept)


class _Worker:
    """One process, and the socket to it."""

    def __init__(self, memory: int) -> None:
        self.files = 0
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), str(memory)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(self, job: bytes, data: bytes, seconds: float) -> bytearray:
        """Its answer to a job. Raises: _DiedError, also where it takes too long."""
        try:
            if not self.files:
                _exactly(self._socket, len(_READY), time.monotonic() + START_SECONDS)
            self.files += 1
            deadline = time.monotonic() + seconds
            self._socket.settimeout(seconds)
            for piece in (job, data):
                self._socket.sendall(len(piece).to_bytes(8, "little"))
                self._socket.sendall(piece)
            return _received(self._socket, deadline)
        except TimeoutError:
            raise _DiedError(f"reading it takes more than {seconds:g} seconds") from None
        except (OSError, EOFError):
            raise _DiedError("the program that reads it ended over it") from None

    def end(self) -> None:
        """End the process and wait for it."""
        self._socket.close()
        self._process.kill()
        self._process.wait()


def _environment() -> dict[str, str]:
    """What a worker needs to run, and nothing of what its parent knows.

    HDF5 loads no filters from elsewhere; libraries start no threads, which take memory.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "HDF5_PLUGIN_PRELOAD": "::",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }


def _received(connection: socket.socket, deadline: float | None = None) -> bytearray:
    """A length and so many bytes. Raises: EOFError at the end, TimeoutError."""
    length = int.from_bytes(_exactly(connection, 8, deadline), "little")
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, count: int, deadline: float | None) -> bytearray:
    whole = bytearray(count)
    view, done = memoryview(whole), 0
    while done < count:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 1e-3))
        got = connection.recv_into(view[done:])
        if not got:
            raise EOFError
        done += got
    return whole


def _error(told: Mapping[str, Any]) -> ExplorerError:
    """The error that a worker met."""
    if told["kind"] == "ChoiceError":
        return ChoiceError(told["detail"], told["choices"])
    return _KINDS.get(told["kind"], InputError)(told["detail"])


def main(arguments: Sequence[str]) -> None:
    """A worker's life: files from the socket, one after the other, until it is closed."""
    descriptor, memory = (int(argument) for argument in arguments)
    connection = socket.socket(fileno=descriptor)
    _warm_up()
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.sendall(_READY)
    while True:
        try:
            job, data = _received(connection), bytes(_received(connection))
        except EOFError:
            return
        pieces = _answer(json.loads(job), data)
        del data
        connection.sendall(sum(len(piece) for piece in pieces).to_bytes(8, "little"))
        for piece in pieces:
            connection.sendall(piece)


def _warm_up() -> None:
    """Import what a file may ask for, before the first one does."""
    for name in ("h5py", "onnx"):
        with contextlib.suppress(ImportError):
            __import__(name)


def _answer(job: Mapping[str, Any], data: bytes) -> list[bytes | memoryview]:
    try:
        return [_OPENED, *pack(_work(job, data))]
    except ExplorerError as error:
        told: dict[str, Any] = {"kind": type(error).__name__, "detail": error.detail}
        if isinstance(error, ChoiceError):
            told["choices"] = error.choices
    except MemoryError:
        told = {
            "kind": "LimitError",
            "detail": "Reading this file takes more memory than is given.",
        }
    except RecursionError:
        told = {"kind": "InputError", "detail": "This file lies too deep in itself to be read."}
    except Exception as error:  # a reader's own mistake: the next file is read all the same
        told = {"kind": "InputError", "detail": f"{UNFORESEEN}: {type(error).__name__}."}
    return [_FAILED, json.dumps(told).encode()]


def _work(job: Mapping[str, Any], data: bytes) -> Opened:
    options, limits = Options(**job["options"]), Limits(**job["limits"])
    if "reference" in job:
        return settle(data, Reference(**job["reference"]), options, limits)
    return read(data, options, limits)


if __name__ == "__main__":
    main(sys.argv[1:])
