"""The trial of an installation: the Dockerfile runs it, so that a lacking image isn't built."""

import os
import subprocess
import sys

import pytest

from gate_explorer.zoo.samples import SAMPLES
from tests.server import ROOT

pytestmark = pytest.mark.slow


def tried(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.smoke"],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_installation_that_is_whole_opens_and_draws_a_file_of_every_kind() -> None:
    done = tried()
    assert done.returncode == 0, done.stderr
    assert f"{len(SAMPLES)} files opened and drawn" in done.stdout


def test_installation_that_takes_no_files_ends_with_1_and_says_what_was_asked() -> None:
    done = tried(GATE_EXPLORER_MAX_UPLOAD="100")
    assert done.returncode == 1
    assert done.stderr.startswith("POST /api/v1/models: 413, not 201: ")


def test_server_that_does_not_start_ends_with_1_and_its_own_words() -> None:
    done = tried(GATE_EXPLORER_RATE="many")
    assert done.returncode == 1
    assert "GATE_EXPLORER_RATE" in done.stderr
