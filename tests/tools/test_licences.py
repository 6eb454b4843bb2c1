"""The licences of what the server runs with: each pin listed, and of a kind that allows it."""

import re

from tools.licences import DOCUMENT, ELSEWHERE, licence, pins

ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT-CMU", "MPL-2.0",
    "PSF-2.0", "Zlib",
}  # fmt: skip
LISTED = dict(
    re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
)
LISTED.pop("package")


def test_every_pin_is_listed_with_the_licence_that_it_says() -> None:
    assert LISTED.keys() == pins().keys()
    installed = {name: found for name in pins() if (found := licence(name))}
    assert len(installed) > 25
    assert installed.keys() | ELSEWHERE.keys() >= pins().keys()
    assert {name: LISTED[name] for name in installed} == installed


def test_every_licence_allows_what_is_done() -> None:
    parts = {
        name: set(re.split(r"[\s()]+(?:AND|OR)?[\s()]*", found)) - {"", "AND", "OR"}
        for name, found in LISTED.items()
    }
    assert {name: each for name, each in parts.items() if not each <= ALLOWED} == {}


def test_package_that_is_not_installed_has_no_licence_here() -> None:
    assert licence("no-such-package-at-all") is None
