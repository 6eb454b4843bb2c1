"""Gates' names in a text wear their rows' colours; the rest is escaped."""

from app.views.marking import marked, role_of, tight


def test_names_are_marked_and_all_else_is_escaped() -> None:
    text = marked("“<b>” the Eraser & the Filters")
    assert text == '“&lt;b&gt;” the <b class="f-forget">Eraser</b> &amp; the Filters'


def test_names_in_the_fields_words_are_marked_too() -> None:
    assert marked("the forget gate") == 'the <b class="f-forget">forget gate</b>'
    assert role_of("Writer") == role_of("candidate") == "candidate"


def test_shares_are_written_tight() -> None:
    assert tight("62 %") == "62<small>%</small>"
    assert tight("<1 %") == "&lt;1<small>%</small>"
