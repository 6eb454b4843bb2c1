"""What all tests share: the order they run in, and how Hypothesis draws its examples."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

BROWSER_TESTS = Path(__file__).parent / "browser"

# The same commit gives the same examples, so that a red run can be repeated anywhere;
# HYPOTHESIS_PROFILE=explore draws new ones. No deadline: no test asserts a time.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser's tests last: they are slow, and Playwright's event loop, once started,
    stays in this thread, where a test that wants to run a loop of its own would fail."""
    items.sort(key=lambda item: item.path.is_relative_to(BROWSER_TESTS))
