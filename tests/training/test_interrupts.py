"""Ctrl-C that waits: it is noted, and what the signal did before comes back."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from gate_explorer.training.interrupts import deferred_interrupts


@pytest.fixture(autouse=True)
def _keyboard() -> Iterator[None]:
    """Python's own handler, also where the tests run in the background, which ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interrupt_is_noted_and_does_not_stop_the_block() -> None:
    with deferred_interrupts() as interrupts:
        assert not interrupts.asked
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.asked


def test_interrupt_after_the_block_stops_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(RuntimeError), deferred_interrupts():
        raise RuntimeError
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_outside_the_main_thread_the_block_runs_as_it_is() -> None:
    noted = []

    def run() -> None:
        with deferred_interrupts() as interrupts:
            noted.append(interrupts.asked)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert noted == [False]
