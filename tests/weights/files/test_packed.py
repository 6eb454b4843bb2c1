"""What was read, packed and unpacked, is the same."""

from dataclasses import replace

import numpy as np
import pytest

from gate_explorer.weights.files import read
from gate_explorer.weights.files.packed import pack, unpack

from ..samples import (
    h_of,
    samples,
)

SAMPLES = samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_opened_file_packs_and_unpacks_to_the_same(name: str) -> None:
    opened = read(SAMPLES[name])

    again = unpack(b"".join(pack(opened)))

    assert again.interpretation == opened.interpretation
    assert again.vocabulary == opened.vocabulary
    x = np.random.default_rng(135).normal(size=(4, 1, opened.stack.input_size))
    assert h_of(again, x).tobytes() == h_of(opened, x).tobytes()
    for ours, theirs in ((again.embedding, opened.embedding), (again.head, opened.head)):
        assert (ours is None) == (theirs is None)
    if again.head is not None and opened.head is not None:
        assert again.head.weight.tolist() == opened.head.weight.tolist()
        told = [replace(h, weight=h.weight[:0], bias=None) for h in (again.head, opened.head)]
        assert told[0].name == told[1].name
