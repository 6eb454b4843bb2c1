"""Texts of our own: as many as are said, all different, all sentences."""

import pytest

from gate_explorer.training.sentiment import own_texts
from gate_explorer.training.sentiment.own_texts import EVERYDAY, REVIEWS, Topic


def test_own_texts_are_two_thousand_different_ones_half_of_them_reviews() -> None:
    texts = own_texts.all_texts()
    assert len(set(texts)) == len(texts) == 2000
    assert not any("film" in text for text in texts[:1000])
    assert sum("film" in text or "movie" in text for text in texts[1000:]) > 100
    assert all(text[0].isupper() and text.endswith(".") for text in texts)
    assert not any(mark in text for text in texts for mark in "{}+")


@pytest.mark.parametrize("topic", [*EVERYDAY, *REVIEWS], ids=lambda topic: topic.things[0])
def test_every_topic_has_things_and_says_of_them_what_is_good_bad_and_neither(
    topic: Topic,
) -> None:
    assert len(topic.things) >= 6
    assert min(len(topic.well), len(topic.ill)) >= 5
    assert len(topic.plainly) >= 3
    many = {thing.startswith("+") for thing in topic.things}
    assert len(many) == 1, "one or many throughout, so that every predicate agrees"
