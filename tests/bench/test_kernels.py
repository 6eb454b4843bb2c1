"""Which kernel the benchmarks ran on: it is named, and so is an environment that forced it."""

import os
import subprocess
import sys

from bench import kernels
from tests.server import ROOT

PRINTED = "import os; from bench import kernels; print(*kernels.lines(os.environ), sep='\\n')"


def printed(**environment: str) -> str:
    bare = {name: value for name, value in os.environ.items() if name not in kernels.OVERRIDES}
    return subprocess.run(
        [sys.executable, "-c", PRINTED],
        cwd=ROOT, env={**bare, **environment}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_kernel_is_named_and_nothing_forced() -> None:
    text = printed()
    assert "kernel " in text
    assert text.endswith("Chosen by the libraries themselves\n")


def test_kernel_forced_by_the_environment_is_named_as_forced() -> None:
    text = printed(OPENBLAS_CORETYPE="Prescott")
    assert text.endswith("Forced by the environment: OPENBLAS_CORETYPE=Prescott\n")
    if text.startswith("openblas"):
        assert text.splitlines()[0] != printed().splitlines()[0], "another kernel is loaded"
