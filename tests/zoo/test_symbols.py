"""Symbols: how a text is cut into them, and what a cell receives for each."""

import numpy as np

from gate_explorer.zoo.symbols import Symbols, one_hot


def test_one_hot_of_nothing_is_zeros() -> None:
    assert one_hot(np.array([1, -1, 0]), 2).tolist() == [[0, 1], [0, 0], [1, 0]]


def test_symbols_keep_what_is_typed() -> None:
    tokens = Symbols(("a", "\n", " "), "characters").tokens("A\r\n b\t")
    assert [(token.text, token.key, token.known) for token in tokens] == [
        ("A", "a", True),
        ("\n", "\n", True),
        (" ", " ", True),
        ("b", "b", False),
    ]
