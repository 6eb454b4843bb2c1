"""Find the Chromium that the browser tests drive, or install one.

`python -m tools.browser` makes sure that there is one, and that Playwright's driver starts, and
prints where the browser is. Looked for, in this order: a Chromium or Chrome installed on the
machine; the build that Playwright keeps for itself. Where there is neither: the system's packages
(apt, as root or through sudo without a password), then Playwright's download. A browser counts
only if it starts and says its version, since on some systems the command is a stub.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# How tests and benchmarks start it.
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# libatomic1 is what Playwright's driver lacks on a minimal system.
PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")
DRIVER = [sys.executable, "-m", "playwright"]
OWN_BROWSER = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
HOW_TO_INSTALL = (
    "The browser tests need Chromium or Chrome and what Playwright's driver needs to start; "
    "something of it is missing here, and installing it failed. Install it (Debian: apt-get "
    f"install {' '.join(PACKAGES)}; macOS: Google Chrome; elsewhere: .venv/bin/python -m "
    "playwright install --with-deps chromium) and try again."
)


def find() -> Path | None:
    """The browser to use, or None if this machine has none that starts and can be driven."""
    if not _prints([*DRIVER, "--version"], "Version"):
        return None
    return next((path for path in _candidates() if _prints([path, "--version"], "Chrom")), None)


def install() -> Path:
    """Install a browser by the first way that leads to one that starts.

    Raises: RuntimeError saying what to install by hand.
    """
    for commands in (_apt_commands(), [[*DRIVER, "install", "chromium"]]):
        if commands and all(_runs(command) for command in commands) and (path := find()):
            return path
    raise RuntimeError(HOW_TO_INSTALL)


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    yield from (Path(path) for path in MAC_APPLICATIONS)
    # In a process of its own: a test session may have Playwright running already.
    done = subprocess.run([sys.executable, "-c", OWN_BROWSER], capture_output=True, text=True)
    yield Path(done.stdout.strip())


def _prints(command: Sequence[str | Path], word: str) -> bool:
    """Whether a command ends well within a minute, the word among what it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and word in done.stdout


def _apt_commands() -> list[list[str]]:
    """What installs Debian's Chromium here; empty without apt or the right to use it."""
    if not shutil.which("apt-get"):
        return []
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or not _runs(["sudo", "-n", "true"]):
            return []
        prefix = ["sudo", "-n"]
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    return [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *PACKAGES]]


def _runs(command: list[str]) -> bool:
    """Run a command; its output goes to stderr, so that stdout stays the answer."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0


def main() -> int:
    try:
        print(find() or install())
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
