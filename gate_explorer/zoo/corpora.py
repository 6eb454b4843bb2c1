"""What a model's units are looked at over: texts or sequences that were not learned.

`corpus.txt`, in a model's folder, has one input a line, as an address writes it (the end of a line
within a text as \\n), after a first line that says what they are and where they come from. It is
written by `gate_explorer.training.corpora`. A cell without gates is looked at over its
counterpart's.
"""

from dataclasses import dataclass
from pathlib import Path

from gate_explorer.errors import DataError

CORPUS = "corpus.txt"
MARK, LINE_END = "# ", "\\n"


@dataclass(frozen=True)
class Corpus:
    """The inputs, as an address writes them, and what they are."""

    source: str
    inputs: tuple[str, ...]


def load(folder: Path) -> Corpus | None:
    """A folder's corpus; None where it has none. Raises: DataError for a file of another form."""
    path = folder / CORPUS
    if not path.is_file():
        return None
    first, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    if not first.startswith(MARK) or not lines or not all(lines):
        raise DataError(f"{path}: expected a line “{MARK}source” and an input on each line after")
    return Corpus(first.removeprefix(MARK), tuple(line.replace(LINE_END, "\n") for line in lines))


def write(folder: Path, corpus: Corpus) -> None:
    """Write a corpus into a model's folder."""
    lines = [f"{MARK}{corpus.source}", *(one.replace("\n", LINE_END) for one in corpus.inputs)]
    (folder / CORPUS).write_text("\n".join(lines) + "\n", encoding="utf-8")
