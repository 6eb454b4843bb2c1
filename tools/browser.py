"""Find the Chromium and the Firefox that the browser tests drive, or install them.

`python -m tools.browser` makes sure that there are both, and that Playwright's driver starts, and
prints where they are. Looked for, in this order: what is installed on the machine; for Chromium the
build that Playwright keeps for itself. Where there is neither: the system's packages (apt, as root
or through sudo without a password), then, for Chromium, Playwright's download. A browser counts
only if it starts and says its version, since on some systems the command is a stub.

Playwright drives a stock Firefox over WebDriver BiDi, and so needs no build of its own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# How tests and benchmarks start Chromium.
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DRIVER = [sys.executable, "-m", "playwright"]
OWN_CHROMIUM = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


@dataclass(frozen=True)
class Kind:
    """A kind of browser: what it is called, and where it comes from.

    `own` prints where Playwright keeps its own build, and `download` fetches that one; both empty
    where the stock browser is driven.
    """

    title: str
    version: str
    commands: tuple[str, ...]
    mac_applications: tuple[str, ...]
    packages: tuple[str, ...]
    elsewhere: str
    own: tuple[str, ...] = ()
    download: tuple[str, ...] = ()

    @property
    def how_to_install(self) -> str:
        """What to tell a person on whose machine it can't be installed."""
        return (
            f"The browser tests need {self.title} and what Playwright's driver needs to start; "
            "something of it is missing here, and installing it failed. Install it (Debian: "
            f"apt-get install {' '.join(self.packages)}; {self.elsewhere}) and try again."
        )


# libatomic1 is what Playwright's driver lacks on a minimal system.
CHROMIUM = Kind(
    title="Chromium or Chrome",
    version="Chrom",
    commands=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    mac_applications=(
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    packages=("chromium", "fonts-dejavu-core", "libatomic1"),
    elsewhere="macOS: Google Chrome; elsewhere: .venv/bin/python -m playwright install"
    " --with-deps chromium",
    own=(sys.executable, "-c", OWN_CHROMIUM),
    download=(*DRIVER, "install", "chromium"),
)
FIREFOX = Kind(
    title="Firefox",
    version="Firefox",
    commands=("firefox-esr", "firefox"),
    mac_applications=("/Applications/Firefox.app/Contents/MacOS/firefox",),
    packages=("firefox-esr", "fonts-dejavu-core", "libatomic1"),
    elsewhere="elsewhere: Firefox from its makers",
)
KINDS = (CHROMIUM, FIREFOX)


def find(kind: Kind = CHROMIUM) -> Path | None:
    """The browser to use, or None if this machine has none that starts and can be driven."""
    if not _prints([*DRIVER, "--version"], "Version"):
        return None
    paths = _candidates(kind)
    return next((path for path in paths if _prints([path, "--version"], kind.version)), None)


def install(kind: Kind) -> Path:
    """Install a browser by the first way that leads to one that starts.

    Raises: RuntimeError saying what to install by hand.
    """
    downloads = [list(kind.download)] if kind.download else []
    for commands in (_apt_commands(kind.packages), downloads):
        if commands and all(_runs(command) for command in commands) and (path := find(kind)):
            return path
    raise RuntimeError(kind.how_to_install)


def _candidates(kind: Kind) -> Iterator[Path]:
    yield from (Path(found) for name in kind.commands if (found := shutil.which(name)))
    yield from (Path(path) for path in kind.mac_applications)
    if kind.own:
        # In a process of its own: a test session may have Playwright running already.
        yield Path(subprocess.run(kind.own, capture_output=True, text=True).stdout.strip())


def _prints(command: Sequence[str | Path], word: str) -> bool:
    """Whether a command ends well within a minute, the word among what it prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and word in done.stdout


def _apt_commands(packages: Sequence[str]) -> list[list[str]]:
    """What installs Debian's packages here; empty without apt or the right to use it."""
    if not shutil.which("apt-get"):
        return []
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or not _runs(["sudo", "-n", "true"]):
            return []
        prefix = ["sudo", "-n"]
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    return [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]]


def _runs(command: list[str]) -> bool:
    """Run a command; its output goes to stderr, so that stdout stays the answer."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0


def main() -> int:
    try:
        for kind in KINDS:
            print(find(kind) or install(kind))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
