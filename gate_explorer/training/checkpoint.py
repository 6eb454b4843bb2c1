"""What a run of training keeps on disk, so that it stops anywhere and goes on bit for bit.

One file holds every array of the state by name, and under `facts` everything else as JSON.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gate_explorer.errors import DataError

Facts = dict[str, Any]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Checkpointing:
    """The folder of the checkpoints, whether runs go on from them, and whether progress is shown.

    Without `resume` a run starts anew and writes over what is there.
    """

    folder: Path
    resume: bool = False
    quiet: bool = False


def write_checkpoint(path: Path, run: Mapping[str, Any], facts: Facts, arrays: Arrays) -> None:
    """Write a checkpoint; the file is whole or not there, whenever the machine stops.

    run: what was asked for (task, recipe, seed, data), by which a checkpoint is told from another
    run's; facts: everything else of the state that isn't an array.
    """
    text = np.array(json.dumps({"run": run, **facts}))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        np.savez(file, facts=text, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read_checkpoint(path: Path, run: Mapping[str, Any]) -> tuple[Facts, Arrays]:
    """The facts and the arrays of a checkpoint of that run.

    Raises: DataError for a file that is not a whole checkpoint, or one of another run.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts: Facts = json.loads(str(arrays.pop("facts")))
        of = facts.pop("run")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not a whole checkpoint: {error}") from error
    if of != json.loads(json.dumps(run)):
        raise DataError(
            f"{path} belongs to another run (other task, data, seed or recipe); start without"
            " resuming, or name another folder for checkpoints"
        )
    return facts, arrays
