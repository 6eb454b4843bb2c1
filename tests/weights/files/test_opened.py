"""The options that can be told, and those that cannot."""

import pytest

from gate_explorer.errors import (
    ChoiceError,
)
from gate_explorer.weights.files import Options


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"layout": "jax"}, "no layout 'jax'"),
        ({"gate_order": "ifg"}, "each once, such as ifgo"),
        ({"concatenation": "hh"}, "should be hx for"),
    ],
)
def test_option_that_doesnt_exist_is_answered_with_those_that_do(
    wrong: dict[str, str], words: str
) -> None:
    with pytest.raises(ChoiceError, match=words) as caught:
        Options(**wrong)
    assert caught.value.choices.keys() == wrong.keys()
