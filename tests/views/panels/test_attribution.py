"""Which words mattered: a row a word, where there is a verdict on words."""

import pytest

from app.views.panels.attribution import attribution, has
from gate_explorer.analysis.attribution import effects
from gate_explorer.zoo.registry import get
from gate_explorer.zoo.sentence import Sentiment
from tests.views.panels.page import page_of

SENTENCES = get("sentiment")


def test_attribution_has_a_row_a_word_with_what_leaving_it_out_takes() -> None:
    page = page_of(SENTENCES, text="I love it", t=2)
    assert isinstance(SENTENCES, Sentiment)
    expected = effects(SENTENCES.at(None), page.run)
    found = attribution(page)
    assert [word.word for word in found] == ["I", "love", "it"]
    assert [word.now for word in found] == [False, True, False]
    for word, effect in zip(found, expected, strict=True):
        points = float(word.left_out.removesuffix(" points").replace("−", "-"))
        assert points == pytest.approx(effect.left_out * 100, abs=0.051)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [({"text": "I love it"}, True), ({"text": "love"}, False),
     ({"text": "I love it", "clamp": "forget_gate:0@1"}, False)],
)  # fmt: skip
def test_attribution_is_there_where_words_can_be_weighed(
    fields: dict[str, object], shown: bool
) -> None:
    assert has(page_of(SENTENCES, **fields)) == shown


def test_attribution_is_no_drawer_of_other_models() -> None:
    assert not has(page_of(get("counter")))
    assert attribution(page_of(get("counter"))) == ()
