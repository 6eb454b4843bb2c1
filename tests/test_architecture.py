"""docs/architecture.md against the tree: what it names is there, and what is there it names."""

import re
from pathlib import Path

import pytest
import yaml

from app.views.panels.registry import PANELS, Panel
from gate_explorer.runs.cells import EQUATIONS
from gate_explorer.training import registry as tasks
from tests.conftest import SLOW
from tests.server import ROOT
from tests.test_repository import tracked_files

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOPS = ("app/", "gate_explorer/", "static/", "templates/", "tests/", "tools/", "docs/")
RECIPES = ("A model", "A weight format", "A panel", "An export", "A cell")
# Folders of code that need no row of their own: they belong to the room above.
WITHIN = {"gate_explorer/training/cells", "gate_explorer/training/sentiment",
          "gate_explorer/training/tasks"}  # fmt: skip


def named(text: str) -> list[str]:
    """The files and folders that a text names."""
    return [name for name in re.findall(r"`([^`\s]+)`", text) if name.startswith(TOPS)]


def found(name: str) -> bool:
    """Whether a name leads to something; what stands in angle brackets may be anything."""
    if "<" not in name:
        return (ROOT / name).exists()
    pattern = re.sub(r"<\w+>", "*", name)
    return any(ROOT.glob(pattern))


def recipe(title: str) -> str:
    """The text of a recipe."""
    return TEXT.partition(f"\n### {title}\n")[2].partition("\n### ")[0]


def rooms() -> set[str]:
    """The folders of library and site that hold code, down to the second below the top."""
    folders = {path.parent.relative_to(ROOT) for path in tracked_files() if path.suffix == ".py"}
    deep = {"gate_explorer": (2,), "app": (2, 3)}
    return {
        str(folder)
        for folder in folders
        if len(folder.parts) in deep.get(folder.parts[0] if folder.parts else "", ())
    }


@pytest.mark.parametrize("name", sorted(set(named(TEXT))))
def test_what_the_document_names_is_in_the_tree(name: str) -> None:
    assert found(name)


def test_every_room_has_its_row() -> None:
    rows = set(re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE))
    assert rows == rooms() - WITHIN


@pytest.mark.parametrize("title", RECIPES)
def test_recipe_names_code_to_touch_and_a_test(title: str) -> None:
    names = named(recipe(title))
    assert any(name.startswith(("app/", "gate_explorer/")) for name in names)
    assert title == "A cell" or any(name.startswith("tests/") for name in names)


def test_request_passes_every_floor() -> None:
    walked = TEXT.partition("## One request")[2].partition("\n## ")[0]
    for room in ("app/web", "app/views", "gate_explorer/zoo", "gate_explorer/runs",
                 "gate_explorer/engine", "templates", "static"):  # fmt: skip
        assert any(name.startswith(f"{room}/") for name in named(walked)), room


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_panel_has_what_its_recipe_says(panel: Panel) -> None:
    assert (ROOT / "templates" / "panels" / f"{panel.key}.html").is_file()
    assert panel.make.__module__.startswith("app.views.panels.")


@pytest.mark.parametrize("name", tasks.names())
def test_task_has_what_its_recipe_says(name: str) -> None:
    module = name.replace("-", "_")
    assert (ROOT / "gate_explorer" / "training" / "tasks" / f"{module}.py").is_file()
    assert f"| `{name}` |" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("cell", EQUATIONS)
def test_cell_has_what_its_recipe_says(cell: str) -> None:
    assert (ROOT / "gate_explorer" / "engine" / f"{cell}.py").is_file()


def test_contributing_names_commands_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    asked = set(re.findall(r"make ([a-z][a-z-]*)", CONTRIBUTING + TEXT))
    assert asked <= targets
    described = set(re.findall(r"^#   make ([a-z-]+)", makefile, re.MULTILINE))
    assert described == targets - {"environment", "dev-environment", "browser"}


def test_contributing_names_files_that_there_are() -> None:
    assert [name for name in named(CONTRIBUTING) if not found(name)] == []


@pytest.mark.parametrize(
    "path", [".pre-commit-config.yaml", *sorted(
        str(path.relative_to(ROOT)) for path in (ROOT / ".github").rglob("*.yml")
    )]
)  # fmt: skip
def test_forms_and_hooks_can_be_read(path: str) -> None:
    assert yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_hooks_run_the_linters_of_make_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe_of_lint = makefile.partition("\nlint:")[2].partition("\n\n")[0]
    for line in recipe_of_lint.splitlines()[1:]:
        command = line.partition("-m ")[2].split(" --check")[0].removesuffix(" .")
        assert any(command in entry for entry in entries), command
    assert all(Path(entry.split()[0]).name == "python" for entry in entries)


def test_slow_tests_are_named_as_they_are() -> None:
    for one in SLOW:
        path, _, name = one.partition("::")
        assert (ROOT / "tests" / path).exists(), path
        assert not name or f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")
