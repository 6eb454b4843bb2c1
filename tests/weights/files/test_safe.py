"""The .safetensors container: what is not whole is named."""

import json
from typing import Any

import pytest

from gate_explorer.errors import (
    InputError,
)
from gate_explorer.weights.files import read


def _safetensors(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("header", "body", "words"),
    [
        ({"a": F32}, bytes(4), "should lie at 0 to 8, but the file has 4 bytes.*cut short"),
        ({"a": F32}, bytes(12), "end at 8, but the file has 12"),
        ({"a": F32, "b": F32}, bytes(8), "overlap, or leave gaps"),
        ({"a": F32 | {"shape": [3]}}, bytes(8), r"has the shape \(3,\) of F32, but 8 bytes"),
        ({"a": F32 | {"shape": [2**62, 4]}}, bytes(8), "which can't be"),
        ({"a": F32 | {"shape": [1.5]}}, bytes(8), "whole numbers"),
        ({"a": {"dtype": "F32"}}, b"", "should have dtype, shape and data_offsets"),
        (b'{"a": 1, "a": 2}', b"", "'a' stands twice"),
        (b"[]", b"", "isn't known|no kind|isn't JSON|should be a JSON object"),
        (b'{"a": NaN}', b"", "NaN isn't a number"),
    ],
)
def test_safetensors_that_arent_whole_are_named(header: Any, body: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(_safetensors(header, body))
