"""The files of a deployment, read by what knows their formats: schemas and rules of others."""

import subprocess
from pathlib import Path

import pytest

from tests.server import ROOT

PROGRAMS = ROOT / ".venv-deploy" / "bin"
COMPOSE = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")
KUBERNETES = ("kubernetes-validate", "--strict")
DOCKERFILE = ("hadolint",)
READ = {"compose.yaml": COMPOSE, "deploy/kubernetes.yaml": KUBERNETES, "Dockerfile": DOCKERFILE}
# A word that is in each, and what makes nonsense of it.
SPOILT = {
    "compose.yaml": ("read_only:", "reed_only:"),
    "deploy/kubernetes.yaml": ("livenessProbe:", "lifenessProbe:"),
    "Dockerfile": ("EXPOSE 8000", "EXPOSE 80000"),
}


def read(name: str, file: Path) -> subprocess.CompletedProcess[str]:
    program, *options = READ[name]
    command = [str(PROGRAMS / program), *options, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", READ)
def test_file_is_what_its_format_allows(name: str) -> None:
    done = read(name, ROOT / name)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", READ)
def test_file_with_a_word_that_its_format_does_not_know_is_refused(
    name: str, tmp_path: Path
) -> None:
    word, other = SPOILT[name]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert word in text
    spoilt = tmp_path / Path(name).name
    spoilt.write_text(text.replace(word, other), encoding="utf-8")
    assert read(name, spoilt).returncode != 0
