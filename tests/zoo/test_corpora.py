"""The file of what a model's units are looked at over."""

from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.zoo.corpora import CORPUS, Corpus, load, write


def test_corpus_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    corpus = Corpus("two texts", ("a\nb", "c"))
    write(tmp_path, corpus)
    assert load(tmp_path) == corpus
    assert load(tmp_path / "none") is None


@pytest.mark.parametrize("text", ["", "no mark\na\n", "# source\n", "# source\na\n\nb\n"])
def test_corpus_file_of_another_form_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / CORPUS).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"corpus\.txt"):
        load(tmp_path)
