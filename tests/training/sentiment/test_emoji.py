"""The commonest emoji, what they say, and the words their rows start from."""

from gate_explorer.training.sentiment.emoji import EMOJI_NEIGHBOURS, EMOJI_VALUES
from gate_explorer.zoo.tokenizer import tokenize


def test_emoji_each_is_one_token_that_keeps_its_key() -> None:
    assert len(EMOJI_VALUES) >= 100
    assert EMOJI_VALUES.keys() == EMOJI_NEIGHBOURS.keys()
    assert all([piece.key for piece in tokenize(emoji)] == [emoji] for emoji in EMOJI_VALUES)
    assert (EMOJI_VALUES["😍"], EMOJI_VALUES["😡"]) == (2, -2)
