"""The wheel, built and installed: what is in it, that it serves, and what it needs.

Nothing is fetched. It is installed into environments that see, besides it, either all that the
tests' own environment has installed, or no more than the library asks for; neither sees the
checkout.
"""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest

from gate_explorer import __version__
from tests.server import HOST, ROOT, running_server
from tests.web.reading import read_html

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WEB = {"fastapi", "starlette", "uvicorn", "jinja2", "pydantic", "orjson", "PIL", "h5py", "onnx"}
IN_TEN_LINES = """
import numpy as np, gate_explorer as ge
cell = ge.LSTMParameters(np.ones((8, 3)), np.ones((8, 2)), np.zeros(8))
print(ge.forward(cell, np.ones((4, 1, 3))).f.shape)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def environment_with(folder: Path, packages: Path, wheel: Path) -> Path:
    """A new environment in which the wheel is installed and `packages` can be imported."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (site / "present.pth").write_text(f"{packages}\n")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The programs of an environment that has the library and the site."""
    folder = tmp_path_factory.mktemp("whole") / "environment"
    return environment_with(folder, Path(sysconfig.get_path("purelib")), wheel)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The programs of an environment that has what the bare package asks for, and no more."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "packages").mkdir()
    for requirement in PROJECT["dependencies"]:
        installed = distribution(re.split(r"[^\w-]", requirement)[0])
        tops = {path.parts[0] for path in installed.files or () if path.parts[0] != ".."}
        for top in tops:
            (folder / "packages" / top).symlink_to(Path(str(installed.locate_file(top))))
    return environment_with(folder / "environment", folder / "packages", wheel)


def ran(folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """A command in an empty folder, out of the checkout's reach."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    parts = [str(part) for part in command]
    return subprocess.run(
        parts, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_wheel_puts_one_package_and_nothing_else_into_site_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"gate_explorer", f"gate_explorer-{__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_wheel_has_every_file_of_library_and_site(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "gate_explorer", "app", "static", "templates"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    inside = {name if name.startswith("gate_ex") else f"gate_explorer/{name}" for name in files}
    assert inside <= names


def test_wheel_names_its_dependencies_and_extras(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(f"gate_explorer-{__version__}.dist-info/METADATA").decode()
    required = re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)
    assert {re.split(r"[^\w-]", one)[0] for one in required if "extra ==" not in one} == {
        "numpy",
        "safetensors",
        "tqdm",
    }
    assert set(re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE)) == {
        "files",
        "telemetry",
        "web",
    }


def test_installed_wheel_serves_from_an_empty_folder(whole: Path, tmp_path: Path) -> None:
    command = (str(whole / "gate-explorer"), "serve", "--host", HOST, "--port", "{port}")
    with (
        running_server({"PYTHONPATH": ""}, command, folder=tmp_path) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ok"}
        page = client.get("/models/sentiment?text=I+love+France")
        trace = client.get("/api/v1/models/toy-rules/trace?x=3,1,0;5,0,1").json()
        styles = [link.get("href") for link in read_html(page.text).all("link", rel="stylesheet")]
        assert styles
        assert all(client.get(style).status_code == 200 for style in styles)
        picture = client.get("/api/v1/models/counter/trace.png?text=aab")
    assert page.status_code == 200
    assert trace["steps"][1]["output"]["value"] == 3
    assert picture.content.startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == []


def test_installed_library_imports_nothing_of_the_web(whole: Path, tmp_path: Path) -> None:
    code = "import sys, gate_explorer; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    done = ran(tmp_path, whole / "python", "-c", code)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & WEB


def test_bare_package_runs_a_cell(bare: Path, tmp_path: Path) -> None:
    done = ran(tmp_path, bare / "python", "-c", IN_TEN_LINES)
    assert (done.stdout, done.stderr) == ("(4, 1, 2)\n", "")


def test_bare_package_opens_a_model_of_the_zoo(bare: Path, tmp_path: Path) -> None:
    code = (
        "import gate_explorer as ge;"
        "print(ge.models.get('counter').run(ge.Text('aab'), None, ge.Options()).outputs[-1])"
    )
    done = ran(tmp_path, bare / "python", "-c", code)
    assert "ClassesOutput" in done.stdout, done.stderr


def test_bare_package_asked_to_serve_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    done = ran(tmp_path, bare / "gate-explorer", "serve")
    assert done.returncode == 1
    assert "pip install 'gate-explorer[web]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_bare_package_lists_what_can_be_trained(bare: Path, tmp_path: Path) -> None:
    done = ran(tmp_path, bare / "gate-explorer", "train", "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: gate-explorer train")
    assert "counter" in done.stdout
