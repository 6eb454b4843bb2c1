"""Weight files read in processes of their own: what a file does to its worker, it does to no one
else."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gate_explorer.engine import stack
from gate_explorer.errors import (
    ChoiceError,
    ExplorerError,
    InputError,
    LimitError,
    MediaTypeError,
    OverloadError,
)
from gate_explorer.weights.files import Limits, Options, Reference, read
from gate_explorer.weights.worker import Workers

from ..engine.builders import arrays_of
from .mutations import campaign
from .samples import cell, npz, samples

SAMPLES = samples()
GOOD = SAMPLES["torch.safetensors"]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as made:
        yield made


@pytest.mark.parametrize("name", SAMPLES)
def test_worker_reads_what_is_read_here(name: str, workers: Workers) -> None:
    expected = read(SAMPLES[name])

    found = workers.read(SAMPLES[name])

    assert found.interpretation == expected.interpretation
    pairs = zip(found.stack.layers, expected.stack.layers, strict=True)
    for ours, theirs in (pair for layers in pairs for pair in zip(*layers, strict=True)):
        assert ours.reverse == theirs.reverse
        assert arrays_of(ours.parameters).keys() == arrays_of(theirs.parameters).keys()
        for name, array in arrays_of(ours.parameters).items():
            assert array.tobytes() == arrays_of(theirs.parameters)[name].tobytes(), name


def test_worker_follows_options_and_limits_and_settles(workers: Workers) -> None:
    named = workers.read(SAMPLES["words.keras"], Options(network="upper"))
    assert named.interpretation.network == "upper"
    with pytest.raises(LimitError, match="more than 2 arrays"):
        workers.read(GOOD, limits=Limits(arrays=2))
    with pytest.raises(LimitError, match="read are 9"):
        workers.read(GOOD, limits=Limits(file_bytes=9))

    one, x = cell(141), np.random.default_rng(142).normal(size=(4, 1, 3)).astype(np.float32)
    data = npz({"W": one.weight_ih, "U": one.weight_hh, "b": one.bias})
    reference = Reference(x[:, 0], stack.forward(read(data).stack, x).h[:, 0])
    told = workers.settle(data, reference).interpretation
    assert told.assumed == ("ifgo: settled by the output that was given, which it gives exactly",)


def test_worker_says_what_is_wrong_as_it_is_said_here(workers: Workers) -> None:
    for data, options, kind in (
        (b"\x80\x04N.", Options(), MediaTypeError),
        (b"nothing", Options(), InputError),
        (GOOD, Options(network="no"), ChoiceError),
    ):
        with pytest.raises(kind) as here:
            read(data, options)
        with pytest.raises(kind) as there:
            workers.read(data, options)
        assert type(there.value) is type(here.value)
        assert str(there.value) == str(here.value)
        if isinstance(here.value, ChoiceError):
            assert isinstance(there.value, ChoiceError)
            assert there.value.choices == here.value.choices


def test_worker_that_dies_costs_its_own_file_alone() -> None:
    with Workers(1) as made:
        made.read(GOOD)
        (first,) = made.pids
        os.kill(first, signal.SIGKILL)

        with pytest.raises(InputError, match=r"ended over it\. It is damaged"):
            made.read(GOOD)

        assert made.read(GOOD).interpretation.network == "module.encoder"
        assert made.pids != [first]


def test_worker_that_takes_too_long_is_ended() -> None:
    with Workers(1, seconds=1.5) as made:
        made.read(GOOD)
        (first,) = made.pids
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()

        with pytest.raises(InputError, match=r"takes more than 1\.5 seconds"):
            made.read(GOOD)

        assert time.monotonic() - began < 30
        assert not Path(f"/proc/{first}").exists()
        assert made.read(GOOD).interpretation.layers == 2


def test_caller_who_finds_all_workers_busy_is_told_so() -> None:
    with Workers(1, seconds=1.5) as made:
        made.read(GOOD)
        os.kill(made.pids[0], signal.SIGSTOP)
        errors: list[ExplorerError] = []

        def ask() -> None:
            try:
                made.read(GOOD)
            except ExplorerError as error:
                errors.append(error)

        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()

        assert {type(error) for error in errors} <= {InputError, OverloadError}
        assert any(isinstance(error, InputError) for error in errors)
        assert made.read(GOOD).interpretation.layers == 2


def test_file_that_takes_more_memory_than_is_given_is_refused_and_its_worker_lives() -> None:
    hungry = b'{"a": [' + b"1.5," * 3_000_000 + b"1.5]}"
    with Workers(1, memory=100 * 2**20) as made:
        made.read(GOOD)
        pids = made.pids

        with pytest.raises(LimitError, match="takes more memory than is given"):
            made.read(hungry)

        assert made.read(GOOD).interpretation.layers == 2
        assert made.pids == pids


def test_worker_is_renewed_after_so_many_files() -> None:
    with Workers(1, files=2) as made:
        made.read(GOOD)
        first = made.pids
        made.read(GOOD)
        assert made.pids == []
        made.read(GOOD)
        assert made.pids != first


def test_workers_end_when_they_are_closed() -> None:
    with Workers(2) as made:
        made.read(GOOD)
        pids = made.pids
        assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_worker_knows_nothing_of_its_parents_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_EXPLORER_TOKEN_KEY", "not-to-be-seen")
    with Workers(1) as made:
        made.read(GOOD)
        assert b"not-to-be-seen" not in Path(f"/proc/{made.pids[0]}/environ").read_bytes()


def test_threads_share_workers_and_get_their_own_answers() -> None:
    files = [npz({f"W_{k}": cell(k).weight_ih, f"U_{k}": cell(k).weight_hh}) for k in range(12)]
    found: dict[int, str] = {}
    with Workers(2) as made:

        def ask(k: int) -> None:
            found[k] = made.read(files[k]).interpretation.network

        asking = [threading.Thread(target=ask, args=(k,)) for k in range(12)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
    assert found == {k: str(k) for k in range(12)}


def test_large_network_stays_within_a_workers_memory() -> None:
    """What fills the 32 MB of an upload passes, and comes back whole."""
    rng = np.random.default_rng(143)
    hidden, width = 1400, 20
    w = rng.normal(size=(4 * hidden, width)).astype(np.float32)
    u = rng.normal(size=(4 * hidden, hidden)).astype(np.float32)
    data = npz({"W": w, "U": u})
    assert 30 * 2**20 < len(data) < 32 * 2**20
    with Workers(1) as made:
        opened = made.read(data)
    assert opened.stack.layers[0][0].parameters.weight_hh.tobytes() == u.tobytes()


def test_damaged_files_by_the_thousand_end_in_words_and_no_worker() -> None:
    report = campaign(2000)

    assert report.wrong == []
    assert sum(report.ends.values()) == 2000
    assert report.ends["opened"] > 100
    assert report.ends["InputError"] > 1000
    assert report.peak < 256 * 2**20
