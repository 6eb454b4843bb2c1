"""The rules of the house, held over the repository itself.

Imports run downwards only; the engine needs NumPy alone; every pin carries its hashes; no file
names a package registry, none is large, and no link in the documents leads nowhere.
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

# Each room of app/ and the rooms it may import. Two rooms without an arrow between them, like
# views and training, stay apart.
ENGINE = {"engine", "errors"}
ZOO = {"zoo", "weights", "settings"} | ENGINE
VIEWS = {"views", "analysis"} | ZOO
MAY_IMPORT = {
    "errors": {"errors"},
    "settings": {"settings", "errors"},
    "engine": ENGINE,
    "weights": {"weights", "settings"} | ENGINE,
    "zoo": ZOO,
    "analysis": {"analysis"} | ZOO,
    "training": {"training"} | ZOO,
    "views": VIEWS,
    "web": {"web"} | VIEWS,
    "cli": {"cli", "web", "training"} | VIEWS,
    "__main__": {"cli"},
    "__init__": set(),
}
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
    """One line for each import under root/app that its room is not allowed."""
    return [
        f"{path.relative_to(root)} imports {module}"
        for path in sorted((root / "app").rglob("*.py"))
        for module in imported_modules(path, root)
        if not is_allowed(path.relative_to(root / "app").with_suffix("").parts[0], module)
    ]


def is_allowed(room: str, module: str) -> bool:
    """Whether a room may import a module; a room without a floor may import nothing of app."""
    package, _, rest = module.partition(".")
    if package == "app":
        return rest.partition(".")[0] in MAY_IMPORT.get(room, set())
    if room == "engine":
        return package == "numpy" or package in sys.stdlib_module_names
    return room in {"web", "cli"} or package not in WEB_PACKAGES


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


def test_rooms_of_the_app_all_have_a_floor() -> None:
    modules = {path.relative_to(ROOT / "app").parts[0] for path in (ROOT / "app").rglob("*.py")}
    assert {name.removesuffix(".py") for name in modules} <= MAY_IMPORT.keys()


@pytest.mark.parametrize(
    ("file", "line", "named"),
    [
        ("engine/lstm.py", "from app.zoo.base import Card", "app.zoo.base.Card"),
        ("engine/lstm.py", "from app.settings import Settings", "app.settings.Settings"),
        ("engine/lstm.py", "from ..weights import torch", "app.weights.torch"),
        ("engine/lstm.py", "def late():\n    import pydantic", "pydantic"),
        ("weights/torch.py", "import app.zoo", "app.zoo"),
        ("zoo/base.py", "from app import analysis", "app.analysis"),
        ("analysis/roles.py", "from app.views.state import ExplorerState", "app.views.state"),
        ("views/state.py", "from fastapi import Request", "fastapi.Request"),
        ("training/adam.py", "from app.analysis import roles", "app.analysis.roles"),
        ("web/api.py", "from app.training import sentiment", "app.training.sentiment"),
        ("attic/old.py", "from app.engine import lstm", "app.engine.lstm"),
    ],
)
def test_import_that_runs_up_is_found(file: str, line: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "app" / file
    path.parent.mkdir(parents=True)
    path.write_text(f"import math\nimport numpy\nfrom app.errors import InputError\n{line}\n")
    found = [wrong for wrong in wrong_imports(tmp_path) if "app.errors" not in wrong]
    assert len(found) == 1
    assert named in found[0]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("engine/lstm.py", "from .activations import sigmoid"),
        ("weights/torch.py", "from app.engine.lstm import LSTMParameters"),
        ("training/sentiment.py", "from app.weights import torch"),
        ("views/explorer.py", "from app.settings import Settings"),
        ("web/pages.py", "from fastapi import Request\nfrom app.views import explorer"),
        ("cli.py", "import uvicorn\nfrom app.training import sentiment"),
    ],
)
def test_import_that_runs_down_is_allowed(file: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "app" / file
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
