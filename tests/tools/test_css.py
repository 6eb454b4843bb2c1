"""The rules for style sheets: what is at fault is found where it stands, and ours have none."""

from pathlib import Path

import pytest

from tools import css


def faults(folder: Path, text: str, name: str = "page.css") -> list[str]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return [f"{fault.line}: {fault.what}" for fault in css.lint([path])]


def test_our_style_sheets_have_no_fault() -> None:
    assert [str(fault) for fault in css.lint(sorted(css.FOLDER.glob("*.css")))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a {\n  color: inherit\n  margin: 0;\n}\nb { }", "5: an empty rule"),
        ("a {\n  margin 0;\n}", "2: can't be parsed: "),
        ("}", "1: can't be parsed: "),
        ("a {\n  margin: 0;\n  margin: 0;\n}", "3: margin is set twice to the same"),
        ("a {\n  color: var(--gone);\n}", "2: --gone is set nowhere"),
        ("@media print {\n  a {\n    width: calc(1px + var(--gone));\n  }\n}", "3: --gone"),
        (":root {\n  --left: 0;\n}", "2: --left is used nowhere"),
        ("a {\n  color: #fff;\n}", "2: the colour #fff stands outside tokens.css"),
        ("a {\n  border: 1px solid rgb(1 2 3);\n}", "2: the colour rgb(1 2 3) stands outside"),
        ("a {\n  &:hover {\n    margin: 0;\n    margin: 0;\n  }\n}", "4: margin is set twice"),
    ],
)
def test_fault_is_found_where_it_stands(text: str, found: str, tmp_path: Path) -> None:
    assert any(one.startswith(found) for one in faults(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "a {\n  height: 100vh;\n  height: 100dvh;\n}",
        ":root {\n  --gap: 1px;\n}\n@media print {\n  a {\n    margin: var(--gap);\n  }\n}",
        "a {\n  box-shadow: 0 1px 2px rgb(0 0 0 / 0.25);\n}",
        "@keyframes move {\n  from {\n    opacity: 0;\n  }\n}",
        '@font-face {\n  font-family: "A";\n}',
        "/* nothing */",
    ],
)
def test_what_is_right_is_let_through(text: str, tmp_path: Path) -> None:
    assert faults(tmp_path, text) == []


def test_colours_are_at_home_in_tokens(tmp_path: Path) -> None:
    text = ":root {\n  --ink: #123456;\n  color: var(--ink);\n}"
    assert faults(tmp_path, text, "tokens.css") == []


def test_command_prints_the_faults_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.css"
    path.write_text("a { }")
    assert css.main([str(path)]) == 1
    assert capsys.readouterr().out == f"{path}:1: an empty rule\n"
    assert css.main([]) == 0
