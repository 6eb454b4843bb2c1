"""Disks for a test: one that is full, and one that may only be read.

Where mounting is allowed they are the real thing: the server starts in a mount namespace of its
own, in which a folder is a small tmpfs, or mounted to be read alone. Nobody else sees that, and it
ends with the server. Elsewhere a limit on the size of each file stands in for the full disk, and
rights for the one that may only be read; `WHY_NO_MOUNTS` is the reason, which the head of a run of
tests says.
"""

import os
import resource
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.server import SERVE, RunningServer

IS_ROOT = os.geteuid() == 0
# Others than root may mount where they may have a namespace of users of their own.
UNSHARE = ("unshare", "--mount", *(() if IS_ROOT else ("--map-root-user",)))
NSENTER = ("nsenter", "--mount", *(() if IS_ROOT else ("--user", "--preserve-credentials")))
# Root may write anywhere; without this right it is like others.
MEEK: Sequence[str] = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search", *SERVE) if IS_ROOT else SERVE
)
AMPLE, BALLAST = 8 * 2**20, "ballast"


def _why_no_mounts() -> str:
    """Why nothing can be mounted here; empty where it can."""
    command = (*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return "" if tried.returncode == 0 else tried.stderr.strip()


WHY_NO_MOUNTS = _why_no_mounts()


class SmallDisk:
    """A folder with room for so many bytes: a tmpfs, or a limit on the size of each file."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.command: Sequence[str] = _mounting(
            folder,
            f'mount -t tmpfs -o size={AMPLE} tmpfs "$0"'
            f' && head -c {AMPLE - size} /dev/zero >"$0/{BALLAST}"',
        )
        if WHY_NO_MOUNTS:
            self.command = ("sh", "-c", f"ulimit -S -f {size // 512} && exec {' '.join(SERVE)}")

    def seen_by(self, server: RunningServer) -> Path:
        """The folder as the server has it."""
        return self.folder if WHY_NO_MOUNTS else Path(f"/proc/{server.pid}/root{self.folder}")

    def fill(self, server: RunningServer) -> None:
        """Leave no room: not a byte on a tmpfs, else none beyond what the largest file has."""
        folder = self.seen_by(server)
        if WHY_NO_MOUNTS:
            # The table and its journal lie in the folder itself, networks below it.
            _limit(server, max(each.stat().st_size for each in folder.iterdir() if each.is_file()))
            return
        with (folder / BALLAST).open("ab", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(512))

    def make_room(self, server: RunningServer) -> None:
        """Let there be plenty."""
        if WHY_NO_MOUNTS:
            _limit(server, resource.RLIM_INFINITY)
        else:
            (self.seen_by(server) / BALLAST).unlink()


class ReadOnlyDisk:
    """A folder with all that it holds that may not be written: a mount, or its rights."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.command: Sequence[str] = _mounting(
            folder, 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
        )
        if WHY_NO_MOUNTS:
            self.command = MEEK
            _allow(folder, 0o500, 0o400)

    def make_writable(self, server: RunningServer) -> None:
        """Let it be written."""
        if WHY_NO_MOUNTS:
            self.restore()
        else:
            inside = (*NSENTER, "--target", str(server.pid))
            remount = ("mount", "-o", "remount,bind,rw", str(self.folder))
            subprocess.run([*inside, *remount], check=True)

    def restore(self) -> None:
        """Give the folder its rights again."""
        _allow(self.folder, 0o700, 0o600)


def _mounting(folder: Path, mount: str) -> Sequence[str]:
    """The command of a server that sees something mounted at a folder."""
    return (*UNSHARE, "sh", "-c", f'{mount} && exec "$@"', str(folder), *SERVE)


def _limit(server: RunningServer, size: int) -> None:
    _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, most))


def _allow(folder: Path, folders: int, files: int) -> None:
    """Set the rights of a folder and all in it."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(folders if path.is_dir() else files)
