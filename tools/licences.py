"""The licences of the packages that the server runs with: `python -m tools.licences`.

They come from what is installed, pin by pin; `--write` puts the table into docs/licences.md, which
a test holds to it.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINS, DOCUMENT = ROOT / "requirements" / "runtime.txt", ROOT / "docs" / "licences.md"
START, END = "<!-- python -m tools.licences -->", "<!-- end -->"
# Older metadata has classifiers or names, or only the text, for what SPDX calls so.
NAMED = {
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
}
MIT = "Permission is hereby granted, free of charge, to any person obtaining"
# Pins for other systems and Pythons, which may not be installed here.
ELSEWHERE = {"async-timeout": "Apache-2.0", "colorama": "BSD-3-Clause"}


def pins() -> dict[str, str]:
    """The packages that are pinned, and their versions; those of other systems and Pythons too."""
    text = PINS.read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def licence(package: str) -> str | None:
    """The SPDX expression of an installed package; None where it isn't installed here."""
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return None
    said: dict[str, Any] = found.metadata.json
    if expression := said.get("license_expression"):
        return str(expression)
    told: list[str] = [
        each.rpartition(" :: ")[2]
        for each in said.get("classifier", [])
        if each.startswith("License :: ") and not each.endswith("OSI Approved")
    ]
    told += str(said.get("license", "")).strip().splitlines()[:1]
    if told:
        return NAMED.get(told[0], told[0])
    texts = (each.read_text() for each in found.files or [] if "LICENSE" in each.name.upper())
    return "MIT" if any(MIT in " ".join(text.split()) for text in texts) else "unknown"


def rows() -> Iterator[tuple[str, str]]:
    """Each pin and its licence."""
    for package in pins():
        yield package, licence(package) or ELSEWHERE.get(package, "unknown")


def table() -> str:
    """The packages and their licences, as Markdown."""
    lines = [f"| {package} | {found} |" for package, found in rows()]
    return "\n".join(["| package | licence |", "|---|---|", *lines])


def write() -> None:
    """Put the table into the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{START}\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    print(table())
    if "--write" in sys.argv[1:]:
        write()
