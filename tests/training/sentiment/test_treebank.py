"""Reading the treebank, and saying what is wrong with a file that isn't one."""

import gzip
from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.sentiment.treebank import Phrase, checksum, parse_tree, read_split

GOOD = "(3 (2 It) (4 (2 's) (4 good)))"


def write(folder: Path, split: str, content: bytes, *, compressed: bool) -> Path:
    path = folder / "sst" / (f"trees_{split}.txt" + (".gz" if compressed else ""))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(content) if compressed else content)
    return path


def test_parse_tree_gives_words_and_every_labelled_phrase() -> None:
    sentence = parse_tree(GOOD)
    assert sentence.words == ("It", "'s", "good")
    assert set(sentence.phrases) == {
        Phrase(0, 1, 2),
        Phrase(1, 2, 2),
        Phrase(2, 3, 4),
        Phrase(1, 3, 4),
        Phrase(0, 3, 3),
    }
    assert sentence.label == 3


def test_parse_tree_no_break_space_stays_in_its_word() -> None:
    assert parse_tree("(2 (2 2\u00a01\\/2) (2 hours))").words == ("2\u00a01\\/2", "hours")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "good",
        "(3 good",
        "(3 good))",
        "(5 good)",
        "(3 )",
        "((3 good))",
        "(3 good) (2 x)",
        "(3 (2 a)b)(",
    ],
)
def test_parse_tree_not_a_tree_says_so(line: str) -> None:
    with pytest.raises(DataError, match=r"not a labelled tree|closes a node"):
        parse_tree(line)


@pytest.mark.parametrize("compressed", [True, False])
def test_read_split_compressed_or_plain_gives_the_same(tmp_path: Path, compressed: bool) -> None:
    write(tmp_path, "dev", f"{GOOD}\n\n(1 bad)\r\n".encode(), compressed=compressed)
    assert [sentence.label for sentence in read_split(tmp_path, "dev")] == [3, 1]


def test_read_split_missing_file_names_it_and_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"trees_dev\.txt\.gz .*is missing; `python -m app data"):
        read_split(tmp_path, "dev")


def test_read_split_bad_line_names_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, "dev", f"{GOOD}\n(3 good\n".encode(), compressed=False)
    with pytest.raises(DataError, match=r"trees_dev\.txt, line 2: not a labelled tree"):
        read_split(tmp_path, "dev")


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_read_split_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "dev", content, compressed=False)
    with pytest.raises(DataError, match="holds no tree"):
        read_split(tmp_path, "dev")


@pytest.mark.parametrize("damaged", [slice(0, -12), slice(12, None), slice(0, 5)])
def test_read_split_damaged_compression_names_the_file(tmp_path: Path, damaged: slice) -> None:
    path = write(tmp_path, "dev", GOOD.encode() * 50, compressed=True)
    path.write_bytes(path.read_bytes()[damaged])
    with pytest.raises(DataError, match=r"trees_dev\.txt\.gz is damaged"):
        read_split(tmp_path, "dev")


def test_read_split_other_encoding_names_the_file(tmp_path: Path) -> None:
    write(tmp_path, "dev", "(3 café)".encode("latin-1"), compressed=False)
    with pytest.raises(DataError, match="is not UTF-8"):
        read_split(tmp_path, "dev")


def test_checksum_compressed_and_plain_agree(tmp_path: Path) -> None:
    plain = write(tmp_path, "dev", GOOD.encode(), compressed=False)
    packed = write(tmp_path, "dev", GOOD.encode(), compressed=True)
    assert checksum(plain) == checksum(packed)


def test_read_split_changed_byte_names_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "dev", GOOD.encode(), compressed=True)
    content = bytearray(path.read_bytes())
    content[12] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"trees_dev\.txt\.gz is damaged"):
        read_split(tmp_path, "dev")
