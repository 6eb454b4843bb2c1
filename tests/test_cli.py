"""The command line, run as people run it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from gate_explorer.runs.inputs import Options, Text
from gate_explorer.zoo.sentence import Sentiment
from tests.server import HOST, ROOT, free_port, running_server
from tests.training.tiny import lay_out


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Exit code, output and error output of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_help_names_the_commands() -> None:
    code, output, _ = run("--help")
    assert code == 0
    assert all(command in output for command in ("serve", "train", "data"))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("train", "nothing"),
        ("serve", "--port", "many"),
        ("serve", "--port", "65536"),
        ("train", "sentiment", "--seed", "one"),
    ],
)
def test_arguments_that_cannot_be_used_end_with_2(arguments: tuple[str, ...]) -> None:
    code, _, errors = run(*arguments)
    assert code == 2
    assert "usage:" in errors
    assert "Traceback" not in errors


def test_port_from_the_environment_that_is_no_number_ends_with_2() -> None:
    code, _, errors = run("serve", environment={"PORT": "many"})
    assert code == 2
    assert "--port" in errors


def test_train_without_data_says_what_is_missing(tmp_path: Path) -> None:
    code, _, errors = run(
        "train", "sentiment", "--data", str(tmp_path), "--out", str(tmp_path / "out")
    )
    assert code == 1
    assert errors.startswith("error: ")
    assert "Traceback" not in errors


def test_train_writes_a_model_that_can_be_opened(tmp_path: Path) -> None:
    """A tiny treebank, the real recipe."""
    data = lay_out(tmp_path / "data")
    out = tmp_path / "out"
    arguments = ("train", "sentiment", "--data", str(data), "--out", str(out), "--seed", "3")
    code, output, errors = run(*arguments, "--checkpoints", str(tmp_path / "runs"))
    assert code == 0, errors
    assert "seed 3" in output
    model = Sentiment(out / "sentiment")
    assert len(model.run(Text("a good film"), None, Options())) == 3


def test_train_gives_the_same_bits_however_many_threads_are_allowed(tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data")
    written = []
    for threads in ("1", "2"):
        out, runs = tmp_path / f"out-{threads}", tmp_path / f"runs-{threads}"
        places = ("--data", str(data), "--out", str(out), "--checkpoints", str(runs))
        allowed = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        code, _, errors = run("train", "sentiment", *places, "--seed", "3", environment=allowed)
        assert code == 0, errors
        written.append((out / "sentiment" / "weights.safetensors").read_bytes())
    assert written[0] == written[1]


def test_serve_takes_host_and_port_from_the_environment() -> None:
    port = free_port()
    command = (sys.executable, "-m", "app", "serve")
    with running_server({"HOST": HOST, "PORT": str(port)}, (*command, "--port", "{port}")) as named:
        assert named.port != port
    environment = {**os.environ, "HOST": HOST, "PORT": str(port)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b"Uvicorn running" in line:
                break
        try:
            assert httpx.get(f"http://{HOST}:{port}/healthz").status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(20) == 0
        assert b"Traceback" not in rest


def test_serving_starts_without_the_modules_of_training() -> None:
    code = "import sys, app.web.server; print([m for m in sys.modules if '.training' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
