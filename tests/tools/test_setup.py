"""The set-up script where something is missing: it ends with 1 and says how to mend it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.server import ROOT

SCRIPT = ROOT / "tools" / "setup.sh"
NOWHERE = {
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_CONFIG_FILE": os.devnull,
}


def set_up(folder: Path, *requirements: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), str(folder), *map(str, requirements)],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def programs(folder: Path, *names: str) -> str:
    """A PATH with the named programs of the system and no others."""
    folder.mkdir()
    for name in names:
        found = next(
            path for place in ("/usr/bin", "/bin") if (path := Path(place) / name).exists()
        )
        (folder / name).symlink_to(found)
    return str(folder)


def an_old_python(folder: Path, version: tuple[int, int]) -> None:
    """A python3 that says it is of some version, and has no venv."""
    script = f"""#!/bin/sh
case "$2" in
    *version_info*) exit {int(version < (3, 11))} ;;
    *) exit 1 ;;
esac
"""
    (folder / "python3").write_text(script)
    (folder / "python3").chmod(0o755)


@pytest.mark.parametrize("version", [None, (3, 10)])
def test_setup_without_a_recent_python_says_which_is_needed(
    version: tuple[int, int] | None, tmp_path: Path
) -> None:
    path = programs(tmp_path / "bin", "sh")
    if version:
        an_old_python(tmp_path / "bin", version)
    code, said = set_up(tmp_path / "made", PATH=path)
    assert code == 1
    assert "needs Python 3.11 or newer" in said
    assert "apt-get install python3" in said


def test_setup_with_a_python_that_has_no_venv_says_what_to_install(tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", "sh")
    an_old_python(tmp_path / "bin", (3, 11))
    code, said = set_up(tmp_path / "made", PATH=path)
    assert code == 1
    assert "apt-get install python3-venv" in said


def test_setup_without_a_network_says_how_to_mend_it_and_starts_anew(tmp_path: Path) -> None:
    wanted, folder = tmp_path / "wanted.txt", tmp_path / "made"
    wanted.write_text(f"no-such-package==1 --hash=sha256:{'0' * 64}\n")
    code, said = set_up(folder, wanted, **NOWHERE)
    assert code == 1
    assert "wanted.txt could not be installed" in said
    assert "HTTPS_PROXY" in said
    assert (folder / "installing").exists(), "the next call starts the environment anew"
    wanted.write_text("# nothing\n")
    assert set_up(folder, wanted, **NOWHERE)[0] == 0
    assert not (folder / "installing").exists()


def test_setup_with_a_file_that_is_not_there_names_it(tmp_path: Path) -> None:
    code, said = set_up(tmp_path / "made", tmp_path / "gone.txt", **NOWHERE)
    assert code == 1
    assert "gone.txt" in said
