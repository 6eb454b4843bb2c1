"""Find nginx and redis-server for the tests of a deployment, or fetch them.

`python -m tools.services` prints where they are. What the machine hasn't installed is taken out of
Debian's packages into .cache/services: nothing is installed and no service of the system is set up
or started.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SERVICES = {"nginx": "nginx", "redis-server": "redis-server"}  # command: Debian's package
KEPT = Path(__file__).parents[1] / ".cache" / "services"
# A server's command isn't on every user's PATH.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
UNPACKED = os.pathsep.join(str(KEPT / part) for part in ("usr/sbin", "usr/bin"))


def find(command: str) -> Path | None:
    """A service's command: the machine's own, or the one that was fetched."""
    found = shutil.which(command, path=PLACES) or shutil.which(command, path=UNPACKED)
    return Path(found) if found else None


def environment() -> dict[str, str]:
    """What a fetched command needs to find the libraries that came with it."""
    folders = sorted({str(path.parent) for path in KEPT.rglob("*.so*")})
    return {"LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else {}


def fetch(command: str) -> Path:
    """Unpack Debian's package of a command, with those that it needs and aren't installed.

    Raises: RuntimeError saying what to install by hand.
    """
    package = SERVICES[command]
    try:
        plan = _run("apt-get", "--simulate", "--no-install-recommends", "install", package)
        names = re.findall(r"^Inst (\S+)", plan, re.MULTILINE)
        with tempfile.TemporaryDirectory() as folder:
            _run("apt-get", "download", *names, folder=folder)
            for file in Path(folder).glob("*.deb"):
                _run("dpkg", "--extract", str(file), str(KEPT))
    except (OSError, subprocess.CalledProcessError):
        pass
    found = find(command)
    if found is None:
        raise RuntimeError(
            f"The tests of a deployment need {command}, and it can't be fetched here. Install it"
            f" (Debian: apt-get install {package}) and try again."
        )
    return found


def _run(*command: str, folder: str | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def main() -> int:
    try:
        for command in SERVICES:
            print(find(command) or fetch(command))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
