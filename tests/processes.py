"""The processes of a server that runs: which they are, what they use."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task")
    return [int(each) for task in tasks.iterdir() for each in _read(task / "children").split()]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def cpu_seconds(pid: int) -> float:
    """What a process and all below it have used."""
    return sum(_ticks(each) for each in family(pid)) / TICKS


def memory(pid: int) -> float:
    """What a process and all below it hold now, in MB."""
    return sum(_status(each, "VmRSS") for each in family(pid)) / 1024


def peak(pid: int) -> float:
    """The most that a process and all below it have held since `forget_peak`, in MB."""
    return sum(_status(each, "VmHWM") for each in family(pid)) / 1024


def forget_peak(pid: int) -> None:
    """Start anew from what is held now."""
    for each in family(pid):
        Path(f"/proc/{each}/clear_refs").write_text("5", encoding="ascii")


def _ticks(pid: int) -> int:
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) if fields else 0


def _status(pid: int, name: str) -> int:
    lines = _read(Path(f"/proc/{pid}/status")).splitlines()
    found = next((line for line in lines if line.startswith(f"{name}:")), f"{name}: 0")
    return int(found.split()[1])


def _read(path: Path) -> str:
    """A file of /proc; nothing if its process has just ended."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
