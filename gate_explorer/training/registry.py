"""What can be trained: a file in `tasks` each, found by being there.

Such a file has a function `release` that trains with several seeds and writes the folder of the
best; where a cell with a readout learns the task, its `PROJECT` says how.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from gate_explorer.training import tasks
from gate_explorer.training.checkpoint import Checkpointing

if TYPE_CHECKING:
    from gate_explorer.training.cells.project import Project


class Releases(Protocol):
    """What a task's file does when its model is trained: see `cells.release`."""

    def __call__(
        self, data: Path, out: Path, checkpoints: Checkpointing, seeds: Sequence[int] = ()
    ) -> Sequence[object]:
        """Train, write folders to `out`, and report what came of it."""
        ...


def names() -> tuple[str, ...]:
    """The tasks there are, by their models' names; none of their files is run."""
    return tuple(module.name.replace("_", "-") for module in iter_modules(tasks.__path__))


def release_of(name: str) -> Releases:
    """The release of the task of that name."""
    release: Releases = _module(name).release
    return release


def projects() -> "dict[str, Project]":
    """What cells with a readout learn, by name."""
    found = {name: getattr(_module(name), "PROJECT", None) for name in names()}
    return {name: project for name, project in found.items() if project is not None}


def _module(name: str) -> ModuleType:
    return import_module(f"{tasks.__name__}.{name.replace('-', '_')}")
