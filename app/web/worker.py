"""A process that does heavy work for the server: one job after the other, over its pipes.

A job comes in on standard input as a pickled function with what it is called with, and its outcome
goes out on what was standard output; both are framed by their length. SIGUSR1 says that whoever
asked has left: the job stops where it stands. When the server ends, the pipe does, and so does
this process.
"""

import importlib
import os
import pickle
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any

LENGTH = struct.Struct("<Q")
# Below the server itself, so that pages and health go first where cores are few.
NICENESS = 2
# Loaded before the first job comes, rather than while someone waits for it.
PRELOADED = f"{__package__}.exports"


class Abandoned(BaseException):
    """Nobody waits for this job any more."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: its value, or the error that it raised; neither if it was abandoned."""

    value: Any = None
    error: Exception | None = None
    abandoned: bool = False

    def get(self) -> Any:
        """The value. Raises: the error."""
        if self.error is not None:
            raise self.error
        return self.value


class Bell:
    """SIGUSR1, which stops the job that runs, and nothing but a job."""

    def __init__(self) -> None:
        self.rings_a_job = False
        signal.signal(signal.SIGUSR1, self._ring)

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        if self.rings_a_job:
            self.rings_a_job = False
            raise Abandoned

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
        """Call the function, and stop if the bell rings."""
        try:
            self.rings_a_job = True
            value = function(*arguments)
            self.rings_a_job = False
        except Abandoned:
            return Outcome(abandoned=True)
        except Exception as error:
            return Outcome(error=error)
        finally:
            self.rings_a_job = False
        return Outcome(value)


def framed(content: bytes) -> bytes:
    """The content with its length before it."""
    return LENGTH.pack(len(content)) + content


def main() -> None:
    """Work until the pipe ends."""
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)  # the server decides when it is done with us
    os.nice(NICENESS)
    bell = Bell()
    importlib.import_module(PRELOADED)
    _write(outgoing, Outcome())  # ready
    while (job := _read(incoming)) is not None:
        _write(outgoing, bell.run(*pickle.loads(job)))


def _read(incoming: IO[bytes]) -> bytes | None:
    head = incoming.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    return incoming.read(length)


def _write(outgoing: IO[bytes], outcome: Outcome) -> None:
    try:
        content = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        failed = RuntimeError(f"The outcome can't be sent: {type(error).__name__}")
        content = pickle.dumps(Outcome(error=failed))
    outgoing.write(framed(content))
    outgoing.flush()
