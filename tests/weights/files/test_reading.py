"""Files are read without the packages that they do not need, and say which they do."""

import subprocess
import sys
from pathlib import Path

import pytest

from gate_explorer.errors import (
    InputError,
)
from gate_explorer.weights.files import read

from ..samples import (
    samples,
)

SAMPLES = samples()


@pytest.mark.parametrize(("package", "name"), [("h5py", "words.h5"), ("onnx", "chain.onnx")])
def test_package_that_is_missing_is_named_with_what_to_install(
    package: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(InputError, match=rf"need {package}.*pip install 'gate-explorer\[files\]'"):
        read(SAMPLES[name])


def test_files_without_them_open_without_h5py_and_onnx() -> None:
    code = (
        "import sys; sys.modules |= dict.fromkeys(('h5py', 'onnx'))\n"
        "from gate_explorer.weights.files import read\n"
        "print(read(sys.stdin.buffer.read()).interpretation.network)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=SAMPLES["torch.safetensors"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"module.encoder\n"
