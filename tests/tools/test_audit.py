"""What comes of an audit: known faults, none, or that not everything was looked up."""

import pytest

from tools.audit import told

WELL: dict[str, object] = {"name": "a", "version": "1", "vulns": []}
FAULTY: dict[str, object] = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "X-1", "fix_versions": ["2.1"]}],
}
SKIPPED: dict[str, object] = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        ([WELL], 0, "Nothing is known against any of 1 packages."),
        ([WELL, FAULTY], 1, "b 2: X-1, mended in 2.1"),
        ([WELL, SKIPPED], 2, "Not checked, 1 of 2: c"),
        ([FAULTY, SKIPPED], 1, "Not checked, 1 of 2: c"),
    ],
)
def test_what_was_found_is_said_and_is_the_exit_code(
    found: list[dict[str, object]], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(found) == code
    assert words in capsys.readouterr().out
