"""Ctrl-C that waits for a safe moment."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Whether somebody pressed Ctrl-C since the block began."""

    asked = False


@contextmanager
def deferred_interrupts() -> Iterator[Interrupts]:
    """Note Ctrl-C instead of stopping at once, so that no update is left half made.

    Outside the main thread, where signals can't be caught, the block runs as it is.
    """
    interrupts = Interrupts()

    def note(_number: int, _frame: FrameType | None) -> None:
        interrupts.asked = True

    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
