"""Fetch the treebank, the word vectors and the plays from where they are published.

Lays out the folder that training reads: sst/trees_{train,dev,test}.txt.gz, embeddings/ and charlm/.
What is there already stays; a download that breaks off leaves nothing behind.
Sources: the treebank, Socher et al. 2013, and GloVe 6B, Pennington et al. 2014 (public domain,
PDDL 1.0), both on the site of the Stanford NLP group; the plays of Shakespeare as Karpathy's
char-rnn has them (public domain, the selection under the MIT licence).
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import numpy as np
from tqdm import tqdm

from gate_explorer.errors import DataError
from gate_explorer.training.files import read_bytes, write_gzip
from gate_explorer.training.sentiment.phrases import sentence_keys
from gate_explorer.training.sentiment.treebank import SHA256, SPLITS, checksum, read_split
from gate_explorer.training.sentiment.vectors import (
    VECTORS_FILE,
    WORDS_FILE,
    WordVectors,
    write_vectors,
)
from gate_explorer.training.tasks.characters import TEXT_FILE, checked
from gate_explorer.zoo.vocabulary import spellings

STANFORD = "https://nlp.stanford.edu"
TREES_PATH = "/sentiment/trainDevTestTrees_PTB.zip"
VECTORS_PATH = "/data/glove.6B.zip"
VECTORS_MEMBER = "glove.6B.100d.txt"
TEXT_SITE = "https://raw.githubusercontent.com"
TEXT_PATH = "/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
WIDTH = 100
MOST_FREQUENT = 30_000

_TIMEOUT = 60  # seconds without a byte
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True)
class Fetched:
    """What a folder holds after fetching; `differing` says which splits are not the known ones."""

    folder: Path
    words: int
    differing: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.folder}: the treebank's three splits and {self.words} word vectors"]
        if self.differing:
            lines.append("These splits DIFFER from those that the published figures stand on:")
            lines += [f"  {line}" for line in self.differing]
        else:
            lines.append("The splits have the expected sha256 sums.")
        return "\n".join(lines)


def fetch(folder: Path, *, base: str = STANFORD, quiet: bool = False) -> Fetched:
    """Download what the folder lacks, from `base`, and check the treebank's sums.

    Splits whose sum differs are kept and named in the result, for the reader to judge.
    Raises: DataError naming an address that can't be read, or what a download lacks.
    """
    if not all((folder / "sst" / f"trees_{split}.txt.gz").is_file() for split in SPLITS):
        with _downloaded(base + TREES_PATH, folder, quiet) as archive:
            _unpack_trees(archive, folder)
    if not all((folder / path).is_file() for path in (VECTORS_FILE, WORDS_FILE)):
        with _downloaded(base + VECTORS_PATH, folder, quiet) as archive:
            write_vectors(folder, _choose_vectors(archive, _treebank_words(folder), quiet))
    words = read_bytes(folder / WORDS_FILE).count(b"\n")
    return Fetched(folder, words, tuple(_differences(folder)))


def fetch_text(folder: Path, *, base: str = TEXT_SITE, quiet: bool = False) -> Path:
    """Download the text that `characters` learns, if the folder lacks it; where it lies.

    Raises: DataError naming an address that can't be read, or a text of another sum.
    """
    path = folder / TEXT_FILE
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / "input.txt.part"
        try:
            _download(base + TEXT_PATH, partial, quiet)
            write_gzip(path, checked(partial.read_bytes(), base + TEXT_PATH))
        finally:
            partial.unlink(missing_ok=True)
    return path


def _differences(folder: Path) -> Iterator[str]:
    for split in SPLITS:
        found = checksum(folder / "sst" / f"trees_{split}.txt.gz")
        if found != SHA256[split]:
            yield f"trees_{split}: expected sha256 {SHA256[split]}, got {found}"


@contextmanager
def _downloaded(address: str, folder: Path, quiet: bool) -> Iterator[zipfile.ZipFile]:
    """The archive at an address, as long as the block runs; then the download is deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / (address.rpartition("/")[2] + ".part")
    try:
        _download(address, partial, quiet)
        with zipfile.ZipFile(partial) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise DataError(f"{address} gave a damaged archive: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _download(address: str, path: Path, quiet: bool) -> None:
    try:
        with urlopen(address, timeout=_TIMEOUT) as response, path.open("wb") as file:
            expected = _copy(response, file, address, quiet)
    except HTTPError as error:
        error.close()
        raise DataError(f"{address} answered {error.code} {error.reason}") from error
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise DataError(f"{address} can't be read: {error}") from error
    if expected is not None and path.stat().st_size != expected:
        raise DataError(f"{address} broke off: {path.stat().st_size} of {expected} bytes came")


def _copy(response: HTTPResponse, file: IO[bytes], address: str, quiet: bool) -> int | None:
    """Copy a response into a file; the number of bytes it announced, if it did."""
    length = response.headers.get("Content-Length")
    expected = int(length) if length is not None else None
    name = address.rpartition("/")[2]
    with tqdm(total=expected, desc=name, unit="B", unit_scale=True, disable=quiet) as bar:
        while block := response.read(_BLOCK):
            file.write(block)
            bar.update(len(block))
    return expected


def _unpack_trees(archive: zipfile.ZipFile, folder: Path) -> None:
    content = {split: _member(archive, f"trees/{split}.txt") for split in SPLITS}
    for split in SPLITS:
        write_gzip(folder / "sst" / f"trees_{split}.txt.gz", content[split])


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError as error:
        raise DataError(f"the archive lacks {name}; it holds {archive.namelist()[:9]}") from error


def _treebank_words(folder: Path) -> set[str]:
    return {
        spelling
        for split in SPLITS
        for sentence in read_split(folder, split)
        for key in sentence_keys(sentence)
        for spelling in spellings(key)
    }


def _choose_vectors(archive: zipfile.ZipFile, wanted: set[str], quiet: bool) -> WordVectors:
    """The vectors of the most frequent words and of the wanted ones, in the file's order."""
    if VECTORS_MEMBER not in archive.namelist():
        raise DataError(f"the archive lacks {VECTORS_MEMBER}; it holds {archive.namelist()[:9]}")
    words: list[str] = []
    vectors: list[np.ndarray[tuple[int], np.dtype[np.float16]]] = []
    with archive.open(VECTORS_MEMBER) as file:
        for rank, line in enumerate(tqdm(file, desc=VECTORS_MEMBER, unit="word", disable=quiet)):
            word, _, numbers = line.decode("utf-8").partition(" ")
            if rank < MOST_FREQUENT or word in wanted:
                words.append(word)
                vectors.append(_vector(numbers, rank + 1))
    return WordVectors(tuple(words), np.array(vectors, np.float16).reshape(len(words), WIDTH))


def _vector(numbers: str, line: int) -> np.ndarray[tuple[int], np.dtype[np.float16]]:
    try:
        vector = np.array(numbers.split(), dtype=np.float16)
    except ValueError as error:
        raise DataError(f"{VECTORS_MEMBER}, line {line}: {error}") from error
    if len(vector) != WIDTH or not np.isfinite(vector).all():
        raise DataError(f"{VECTORS_MEMBER}, line {line}: expected {WIDTH} finite numbers")
    return vector
