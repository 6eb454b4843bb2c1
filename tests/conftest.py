"""What all tests share: their order, which take long, and how Hypothesis draws its examples."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

BROWSER_TESTS = Path(__file__).parent / "browser"
# More than a few seconds of a processor each: `make test-fast` leaves them out.
SLOW = (
    "analysis/test_corpus.py",
    "data",
    "tools/test_setup.py",
    "weights/test_worker.py",
    "web/test_connections.py",
    "web/test_exports.py::test_exports_of_the_longest_run_are_bounded",
    "web/test_processes.py",
    "web/test_root_path.py",
    "web/test_schemathesis.py",
    "zoo/test_learned_claims.py::test_train_reber_again_gives_the_figure_on_the_card",
    "zoo/test_units.py",
)

# The same commit gives the same examples, so that a red run can be repeated anywhere;
# HYPOTHESIS_PROFILE=explore draws new ones. No deadline: no test asserts a time.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long, and run the browser's tests last.

    They are slow, and Playwright's event loop, once started, stays in this thread, where a test
    that wants to run a loop of its own would fail. With several processes each has its own, and
    takes its files in this order.
    """
    for item in items:
        if _is_slow(item):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.is_relative_to(BROWSER_TESTS))


def _is_slow(item: pytest.Item) -> bool:
    path = item.path.relative_to(Path(__file__).parent).as_posix()
    name = f"{path}::{item.name.partition('[')[0]}"
    return any(name == one or path == one or path.startswith(f"{one}/") for one in SLOW)
