"""Lint the scripts as they are served: `python -m tools.javascript`.

The sections of the page's script share one scope and are served joined, so they are linted joined
too: a name that no section has, or that none uses, is a fault. oxlint has the rules, in
.oxlintrc.json. What is at fault is printed a line each, `file:line: what`; the exit code is then 1.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.web.assets import FOLDER, JOINED

ROOT = Path(__file__).resolve().parents[1]
OXLINT = Path(sys.executable).parent / "oxlint"


@dataclass(frozen=True)
class Script:
    """A script that a page asks for: every line of it, with the file and the line it comes from."""

    name: str
    lines: tuple[tuple[Path, int, str], ...]

    @property
    def text(self) -> str:
        """The script as it is served."""
        return "".join(line for _, _, line in self.lines)


def scripts() -> list[Script]:
    """Every script of the site: those that are served joined, and those that stand alone."""
    joined = {
        name: [FOLDER / part for part in parts]
        for name, (kind, parts, _) in JOINED.items()
        if kind == "text/javascript"
    }
    inside = {path for paths in joined.values() for path in paths}
    alone = [path for path in sorted((FOLDER / "js").glob("*.js")) if path not in inside]
    together = [script(paths, name, JOINED[name][2]) for name, paths in joined.items()]
    return together + [script([path], path.name) for path in alone]


def script(paths: Sequence[Path], name: str, around: tuple[str, str] = ("", "")) -> Script:
    """Files joined to one script, within what stands around them."""
    before, after = around
    lines = [(paths[0], 1, line) for line in before.splitlines(keepends=True)]
    for path in paths:
        text = path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines += [(path, number, line) for number, line in enumerate(text, 1)]
    lines += [(paths[-1], 1, line) for line in after.splitlines(keepends=True)]
    return Script(name, tuple(lines))


def lint(one: Script) -> list[str]:
    """A script's faults, a line each, named by the files that it is made of."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / one.name
        path.write_text(one.text, encoding="utf-8")
        command = [str(OXLINT), "--config", str(ROOT / ".oxlintrc.json"), "--format", "json"]
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    faults = []
    for found in json.loads(done.stdout)["diagnostics"]:
        line = found["labels"][0]["span"]["line"] if found["labels"] else 1
        file, number, _ = one.lines[line - 1]
        faults.append(f"{file}:{number}: {found['message']} ({found['code']})")
    return faults


def main() -> int:
    """Print the faults of all scripts; 1 if there are any."""
    faults = [fault for one in scripts() for fault in lint(one)]
    for fault in faults:
        print(fault)
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main())
