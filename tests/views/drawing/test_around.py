"""Steps around one, in columns that line up."""

import pytest

from app.views.drawing.around import around


@pytest.mark.parametrize("t", [1, 3, 5])
def test_around_puts_the_step_meant_into_the_same_column(t: int) -> None:
    labels, levels = list("abcde"), ["t0 u1"] * 5
    found = around(labels, levels, t, before=3, after=2)
    assert len(found) == 6
    assert [token.now for token in found].index(True) == 3
    assert "".join(token.text for token in found) == "abcde"[max(0, t - 4) : t + 2]
    assert all(bool(token.text) == bool(token.level) for token in found)
