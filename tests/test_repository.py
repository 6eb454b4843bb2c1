"""The rules of the house, held over the repository itself.

Imports run downwards only; the engine needs NumPy alone; every pin carries its hashes; no file
names a package registry, none is large, no link in the documents leads nowhere, and every module
has its tests.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LARGEST_FILE = 6_000_000

# Each room and the rooms it may import. Two rooms without an arrow between them, like views and
# training, stay apart.
ENGINE = {"engine", "errors"}
RUNS = {"runs", "weights"} | ENGINE
ZOO = {"zoo"} | RUNS
LIBRARY = {"analysis", "training"} | ZOO
SITE = {"app.views", "app.settings"}
MAY_IMPORT = {
    "gate_explorer": {
        "errors": {"errors"},
        "engine": ENGINE,
        "weights": {"weights"} | ENGINE,
        "runs": RUNS,
        "zoo": ZOO,
        "analysis": {"analysis"} | ZOO,
        "training": {"analysis", "training"} | ZOO,
        "__init__": LIBRARY,
    },
    "app": {
        "settings": {"app.settings", "errors"},
        "storage": {"app.storage"} | ZOO,
        "views": {"analysis"} | ZOO | SITE,
        "web": {"analysis", "app.storage", "app.web"} | ZOO | SITE,
        "cli": {"app.cli", "app.web"} | LIBRARY | SITE,
        "__main__": {"app.cli"},
        "__init__": set(),
    },
}
FILES = {"h5py", "onnx"}  # the extra `files`: asked for where a file needs them
WEB_PACKAGES = {"fastapi", "starlette", "uvicorn", "jinja2"}
# Put together here, so that this file doesn't hold what it looks for.
REGISTRIES = [f"{name}.org" for name in ("pypi", "pythonhosted", "npmjs", "deb.debian")]


def imported_modules(path: Path, root: Path) -> Iterator[str]:
    """Every module that a file imports, by its full name, wherever in the file it does so."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def wrong_imports(root: Path) -> list[str]:
    """One line for each import under the library and the site that its room is not allowed."""
    return [
        f"{path.relative_to(root)} imports {module}"
        for package in MAY_IMPORT
        for path in sorted((root / package).rglob("*.py"))
        for module in imported_modules(path, root)
        if not is_allowed(package, room_of(path.relative_to(root)), module)
    ]


def room_of(path: Path) -> str:
    """The room of a file: the folder or module right below the package."""
    return path.with_suffix("").parts[1]


def is_allowed(package: str, room: str, module: str) -> bool:
    """Whether a room may import a module; a room without a floor may import nothing of ours."""
    top, _, rest = module.partition(".")
    allowed: set[str] = MAY_IMPORT[package].get(room, set())
    if top == "gate_explorer":
        return rest in ("", "__version__") or rest.partition(".")[0] in allowed
    if top == "app":
        return f"app.{rest.partition('.')[0]}" in allowed
    if room == "engine":
        return top == "numpy" or top in sys.stdlib_module_names
    if package == "gate_explorer":
        beside = FILES if room == "weights" else set()
        return top in {"numpy", "safetensors", "tqdm"} | beside or top in sys.stdlib_module_names
    return room in {"web", "cli"} or top not in WEB_PACKAGES


def tracked_files() -> list[Path]:
    """The files of the repository, those not committed yet included, without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def link_targets(text: str) -> list[str]:
    """Where the links and pictures of a Markdown text lead, code left out."""
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = r"\]\(\s*<?([^\s)>]+)"
    reference = r"^\[[^\]]+\]:\s*<?([^\s>]+)"
    attribute = r"(?:src|href|srcset)=\"([^\"\s]+)"
    found = re.findall(f"{inline}|{reference}|{attribute}", prose, flags=re.MULTILINE)
    return ["".join(groups) for groups in found]


def dead_links(document: Path, root: Path) -> list[str]:
    """The relative links of a Markdown file that lead to no file."""
    dead = []
    for target in link_targets(document.read_text(encoding="utf-8")):
        path = re.split(r"[?#]", target)[0]
        base = root if path.startswith("/") else document.parent
        is_outside = re.match(r"[a-z][a-z0-9+.-]*:|//", target, flags=re.IGNORECASE)
        if path and not is_outside and not (base / path.lstrip("/")).exists():
            dead.append(target)
    return dead


def pins(name: str) -> dict[str, str]:
    """The pins of a compiled file: package and version -> the whole entry with its hashes."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    return {re.split(r"[ ;\\]", entry, maxsplit=1)[0]: entry for entry in entries}


def test_imports_of_every_room_run_downwards() -> None:
    assert wrong_imports(ROOT) == []


def test_rooms_of_library_and_site_all_have_a_floor() -> None:
    for package, rooms in MAY_IMPORT.items():
        modules = {room_of(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*.py")}
        assert modules <= rooms.keys()


@pytest.mark.parametrize(
    ("file", "line", "named"),
    [
        ("gate_explorer/engine/lstm.py", "from gate_explorer.zoo import base", "zoo.base"),
        ("gate_explorer/engine/lstm.py", "from app.settings import Settings", "app.settings"),
        ("gate_explorer/engine/lstm.py", "from ..weights import torch", "weights.torch"),
        ("gate_explorer/engine/lstm.py", "def late():\n    import pydantic", "pydantic"),
        ("gate_explorer/weights/torch.py", "import gate_explorer.zoo", "gate_explorer.zoo"),
        ("gate_explorer/weights/torch.py", "import torch", "torch"),
        ("gate_explorer/runs/run.py", "def late():\n    import h5py", "h5py"),
        ("gate_explorer/runs/run.py", "from gate_explorer.zoo import registry", "zoo.registry"),
        ("gate_explorer/zoo/base.py", "from gate_explorer import analysis", "analysis"),
        ("gate_explorer/analysis/roles.py", "from app.views import address", "app.views"),
        ("gate_explorer/analysis/roles.py", "from gate_explorer.training import adam", "adam"),
        ("app/views/state.py", "from fastapi import Request", "fastapi.Request"),
        ("app/views/state.py", "from ..web import api", "app.web.api"),
        ("app/web/api.py", "from gate_explorer.training import files", "training.files"),
        ("app/attic/old.py", "from gate_explorer.engine import lstm", "engine.lstm"),
    ],
)
def test_import_that_runs_up_is_found(file: str, line: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(f"import math\nimport numpy\n{line}\n")
    found = wrong_imports(tmp_path)
    assert len(found) == 1
    assert named in found[0]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("gate_explorer/engine/lstm.py", "from .activations import sigmoid"),
        ("gate_explorer/weights/torch.py", "from gate_explorer.engine.lstm import LSTMTrace"),
        ("gate_explorer/training/sentiment/loop.py", "from gate_explorer.weights import torch"),
        ("gate_explorer/training/units.py", "from gate_explorer.analysis import damage"),
        ("app/views/equation/explorer.py", "from ...settings import Settings"),
        ("app/web/pages.py", "from fastapi import Request\nfrom ..views import equation"),
        ("app/cli.py", "import uvicorn\nfrom gate_explorer.training.sentiment import train"),
    ],
)
def test_import_that_runs_down_is_allowed(file: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{line}\n")
    assert wrong_imports(tmp_path) == []


def test_tracked_files_name_no_package_registry() -> None:
    names = [name.encode() for name in REGISTRIES]
    found = [
        f"{path.relative_to(ROOT)} names {name.decode()}"
        for path in tracked_files()
        for name in names
        if name in path.read_bytes()
    ]
    assert found == []


def test_tracked_files_are_small() -> None:
    large = [path for path in tracked_files() if path.stat().st_size > LARGEST_FILE]
    assert large == []


def test_links_of_every_document_lead_somewhere() -> None:
    documents = [path for path in tracked_files() if path.suffix == ".md"]
    dead = {str(path.relative_to(ROOT)): dead_links(path, ROOT) for path in documents}
    assert {name: links for name, links in dead.items() if links} == {}


def test_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text(
        "[self](README.md#top) [away](https://example.org) [gone](docs/gone.md) `[code](no.md)`\n"
        '<img src="docs/gone.png" alt="">\n[below]: gone.txt\n```\n[code](no.md)\n```\n'
    )
    assert dead_links(document, tmp_path) == ["docs/gone.md", "docs/gone.png", "gone.txt"]


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "bench-web.txt"])
def test_pins_all_carry_hashes(name: str) -> None:
    assert [pin for pin, entry in pins(name).items() if "--hash=sha256:" not in entry] == []


def test_pins_of_the_runtime_are_those_of_the_tests() -> None:
    assert pins("runtime.txt").keys() <= pins("dev.txt").keys()


# Modules whose tests stand under the name of what is tested rather than of where it lies.
TESTED_BY = {
    "app/settings.py": "tests/test_readme.py",
    "app/storage/shared.py": "tests/deploy/test_shared_uploads.py",
    "app/views/address/framing.py": "tests/web/test_embed.py",
    "app/views/address/links.py": "tests/web/test_pages.py",
    "app/views/address/root.py": "tests/web/test_root_path.py",
    "app/views/documents/raster.py": "tests/views/documents/test_picture.py",
    "app/views/documents/schema.py": "tests/web/test_schemathesis.py",
    "app/views/documents/snapshot.py": "tests/web/test_exports.py",
    "app/views/documents/units.py": "tests/web/test_units.py",
    "app/views/pages/compare.py": "tests/web/test_compare.py",
    "app/views/pages/explorer.py": "tests/web/test_pages.py",
    "app/views/pages/sharing.py": "tests/web/test_share.py",
    "app/views/panels/glossary.py": "tests/web/test_glossary.py",
    "app/views/panels/tour.py": "tests/web/test_pages.py",
    "app/web/api.py": "tests/web/test_runs.py",
    "app/web/asked.py": "tests/web/test_runs.py",
    "app/web/body.py": "tests/web/test_hostile.py",
    "app/web/brought.py": "tests/web/test_uploads.py",
    "app/web/errors.py": "tests/web/test_problems.py",
    "app/web/examples.py": "tests/web/test_docs.py",
    "app/web/factory.py": "tests/web/test_headers.py",
    "app/web/limits.py": "tests/web/test_problems.py",
    "app/web/openapi.py": "tests/web/test_docs.py",
    "app/web/server.py": "tests/web/test_connections.py",
    "app/web/worker.py": "tests/web/test_work.py",
    "gate_explorer/engine/checks.py": "tests/engine/test_errors.py",
    "gate_explorer/engine/fast.py": "tests/engine/test_plain.py",
    "gate_explorer/engine/lstm.py": "tests/engine/test_traces.py",
    "gate_explorer/engine/rnn.py": "tests/engine/test_traces.py",
    "gate_explorer/runs/inputs.py": "tests/zoo/test_base.py",
    "gate_explorer/training/cells/task.py": "tests/training/cells/test_loop.py",
    "gate_explorer/training/sentiment/card.py": "tests/training/sentiment/test_release.py",
    "gate_explorer/training/sentiment/checkpoint.py": "tests/training/sentiment/test_train.py",
    "gate_explorer/training/sentiment/corpus.py": "tests/training/sentiment/test_train.py",
    "gate_explorer/training/sentiment/loop.py": "tests/training/sentiment/test_train.py",
    "gate_explorer/training/sentiment/recipe.py": "tests/training/sentiment/test_train.py",
    "gate_explorer/training/tasks/sentiment.py": "tests/test_cli.py",
    "gate_explorer/weights/onnx.py": "tests/weights/test_mappings.py",
    "gate_explorer/weights/teaching.py": "tests/weights/test_mappings.py",
    "gate_explorer/weights/torch.py": "tests/weights/test_mappings.py",
}


def where_tested(module: Path) -> Path:
    """Where a module's tests are: at its own place below tests, unless the table says otherwise.

    The modules of a folder may have one file of tests together, named as the folder is.
    """
    named = TESTED_BY.get(str(module))
    if named:
        return Path(named)
    place = Path("tests", *module.parts[1:]) if module.parts[0] in MAY_IMPORT else module
    together = place.parent.with_name(f"test_{place.parent.name}.py")
    own = place.with_name(f"test_{module.name}")
    return together if len(place.parts) > 3 and (ROOT / together).is_file() else own


def modules_with_tests() -> list[Path]:
    """The modules that have to have tests: those of library and site, packages' names aside."""
    paths = (path.relative_to(ROOT) for path in tracked_files() if path.suffix == ".py")
    return [
        path
        for path in sorted(paths)
        if path.parts[0] in MAY_IMPORT and not path.name.startswith("__")
    ]


def test_every_module_has_its_test_file() -> None:
    missing = [
        f"{module} -> {where_tested(module)}"
        for module in modules_with_tests()
        if not (ROOT / where_tested(module)).is_file()
    ]
    assert missing == []


def test_table_of_tests_names_modules_that_have_none_of_their_own() -> None:
    known = {str(path) for path in modules_with_tests()}
    assert TESTED_BY.keys() <= known
    own = [name for name in TESTED_BY if (ROOT / "tests" / Path(*Path(name).parts[1:]).with_name(
        f"test_{Path(name).name}")).exists()]  # fmt: skip
    assert own == []
