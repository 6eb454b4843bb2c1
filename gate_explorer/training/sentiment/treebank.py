"""The Stanford Sentiment Treebank: official splits, binary trees with a label on every node.

One tree a line in Penn Treebank brackets, `(3 (2 It) (4 (2 's) (4 good)))`; labels are
0 very negative, 1 negative, 2 neutral, 3 positive, 4 very positive.
Source: Socher et al. 2013, "Recursive deep models for semantic compositionality over a
sentiment treebank", EMNLP.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from gate_explorer.errors import DataError
from gate_explorer.training.files import read_bytes

SPLITS = ("train", "dev", "test")
NEUTRAL = 2

SHA256 = {
    "train": "e2f3f41b0b1e6d4dddc0effe3bfc2d27ed8928079aa9a03d652311614fc5feb7",
    "dev": "0e9336aed6e4730e19f58d00a77b3f0297efdb755f7b5e598c98a05e3f97ea40",
    "test": "6e54806dee95cf80cd918e7dfb3f6770f6df24bf826f289a4d1f709e1c8f6761",
}

# Words are split from brackets by the space alone: some words hold a no-break space.
_PART = re.compile(r"\((\d) |\)|([^() ]+)")
_GAP = re.compile(r" *")


@dataclass(frozen=True)
class Phrase:
    """A labelled span of a sentence: words[start:stop], label 0 to 4."""

    start: int
    stop: int
    label: int


@dataclass(frozen=True)
class Sentence:
    """The words of one tree and every labelled phrase in it; the last is the whole sentence."""

    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]

    @property
    def label(self) -> int:
        """The label of the whole sentence, 0 to 4."""
        return self.phrases[-1].label


def parse_tree(line: str) -> Sentence:
    """Read one bracketed tree.

    Raises: DataError saying at which character the tree stops making sense.
    """
    words: list[str] = []
    phrases: list[Phrase] = []
    opened: list[tuple[int, int]] = []
    at, end = 0, len(line)
    while at < end:
        part = _PART.match(line, at)
        if part is None or (phrases and not opened) or not (opened or part[1]):
            raise DataError(f"not a labelled tree from character {at + 1} on: {line[at:][:40]!r}")
        if part[1]:
            opened.append((len(words), int(part[1])))
        elif part[2]:
            words.append(part[2])
        else:
            phrases.append(_closed(*opened.pop(), len(words), at))
        at = _GAP.match(line, part.end()).end()  # type: ignore[union-attr]
    if opened or not phrases:
        raise DataError("not a labelled tree: it ends inside an open bracket or is empty")
    return Sentence(tuple(words), tuple(phrases))


def _closed(start: int, label: int, stop: int, at: int) -> Phrase:
    if stop == start or label > 4:
        raise DataError(
            f"character {at + 1} closes a node without words or of label {label} (0 to 4)"
        )
    return Phrase(start, stop, label)


def tree_file(folder: Path, split: str) -> Path:
    """The file of a split in a data folder, compressed or plain.

    Raises: DataError naming the missing file and how to get it.
    """
    compressed = folder / "sst" / f"trees_{split}.txt.gz"
    plain = compressed.with_suffix("")
    for path in (compressed, plain):
        if path.is_file():
            return path
    raise DataError(
        f"{compressed} (or {plain.name}) is missing; `python -m app data {folder}` fetches it"
    )


def read_split(folder: Path, split: str) -> tuple[Sentence, ...]:
    """Every sentence of a split ("train", "dev" or "test") in the order of the file.

    Raises: DataError naming a missing file, or file and line of what is not a tree.
    """
    path = tree_file(folder, split)
    try:
        lines = read_bytes(path).decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8: {error}") from error
    sentences = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            sentences.append(parse_tree(line.strip("\r ")))
        except DataError as error:
            raise DataError(f"{path}, line {number}: {error}") from error
    if not sentences:
        raise DataError(f"{path} holds no tree")
    return tuple(sentences)


def checksum(path: Path) -> str:
    """The sha256 of a file's unpacked content, in hexadecimal."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """The checksum of every split in a data folder, by its name."""
    return {split: checksum(tree_file(folder, split)) for split in SPLITS}
