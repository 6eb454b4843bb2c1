"""The founding text's table beside what the network measured."""

from app.views.panels.founding import INTUITIONS, founding, has
from gate_explorer.analysis.roles import roles
from gate_explorer.analysis.words import number
from gate_explorer.zoo.registry import get
from tests.views.panels.page import opened, page_of


def test_founding_table_has_vector_intuition_and_both_readings() -> None:
    page = page_of(get("sentiment"), text="I love France", t=2)
    found = founding(page)
    assert [word.word for word in found.words] == ["I", "love", "France"]
    assert [word.vector for word in found.words] == ["(3, 1, 0)", "(5, 1, 0)", "(2, 1, 1)"]
    assert tuple(word.intuition for word in found.words) == INTUITIONS
    assert [word.toy for word in found.words] == [("1", "0", "0"), ("1", "0", "0"), ("1", "0", "1")]
    for word, role in zip(found.words, roles(page.run.layers[-1]), strict=True):
        assert word.real == (number(role.store), number(role.reset), number(role.output))
    assert [word.now for word in found.words] == [False, True, False]


def test_founding_words_and_vectors_lead_to_each_other() -> None:
    there = opened(
        get("toy-rules"), founding(page_of(get("sentiment"), text="I love France")).other
    )
    assert there.card.id == "toy-rules"
    assert has(there)
    back = founding(there)
    assert back.other.startswith("/models/sentiment?text=I+love+France")
    assert (
        back.words[0].real
        == founding(page_of(get("sentiment"), text="I love France")).words[0].real
    )


def test_founding_table_is_for_that_sentence_alone() -> None:
    assert not has(page_of(get("sentiment"), text="I love Spain"))
    assert not has(page_of(get("toy-rules")))
