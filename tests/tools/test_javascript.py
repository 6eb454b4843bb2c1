"""The scripts' lint: ours have no fault, and a fault is named by the section it stands in."""

from pathlib import Path

import pytest

from app.web import assets
from tools import javascript


@pytest.mark.parametrize("one", javascript.scripts(), ids=lambda one: one.name)
def test_our_scripts_have_no_fault(one: javascript.Script) -> None:
    assert javascript.lint(one) == []


def test_every_file_is_in_exactly_one_script() -> None:
    files = sorted((assets.FOLDER / "js").glob("*.js"))
    found = [path for one in javascript.scripts() for path in {line[0] for line in one.lines}]
    assert sorted(found) == files


def joined(folder: Path, **sections: str) -> javascript.Script:
    for name, text in sections.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    paths = [folder / f"{name}.js" for name in sections]
    return javascript.script(paths, "page.js", ("(() => {\n", "})();\n"))


def test_names_of_one_section_are_known_in_another(tmp_path: Path) -> None:
    found = javascript.lint(
        joined(tmp_path, first="const limit = 3;\n", second="document.title = `${limit}`;\n")
    )
    assert found == []


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("\ndocument.title = gone;\n", 2, "'gone' is not defined"),
        ("function spare() {}\n", 1, "'spare' is declared but never used"),
        ("if (document.title == 3) document.title = 4;\n", 1, "==="),
        ("console.log(1);\n", 1, "console"),
    ],
)
def test_fault_is_named_by_file_and_line(text: str, line: int, named: str, tmp_path: Path) -> None:
    (found,) = javascript.lint(joined(tmp_path, first="document.title = 1;\n", second=text))
    assert found.startswith(f"{tmp_path / 'second.js'}:{line}: ")
    assert named in found
