"""Lint the style sheets: `python -m tools.css [FILES]`, all of static/css by default.

What is at fault is printed a line each, `file:line: what`, and makes the exit code 1:

- what doesn't parse (a browser drops it without a word);
- a rule without declarations, and a declaration that its rule repeats word for word;
- a custom property that is used and nowhere set, or set and nowhere used;
- a colour outside tokens.css, the one home of colours (a shadow, black let through, is none).
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tinycss2

FOLDER = Path(__file__).resolve().parents[1] / "static" / "css"
TOKENS = "tokens.css"
SHADOW = re.compile(r"rgb\(0 0 0 / 0?\.\d+\)")
COLOURS = {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"}
# These hold rules, not declarations.
GROUPS = {"media", "supports", "container", "layer", "keyframes", "starting-style"}


@dataclass(frozen=True, order=True)
class Fault:
    """Something wrong in a style sheet."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Declaration:
    """A property set to a value, as written, and the tokens of the value."""

    name: str
    value: str
    tokens: tuple[Any, ...]
    line: int


def lint(paths: Sequence[Path]) -> list[Fault]:
    """The faults of style sheets that are used together, in the order of their lines."""
    faults: list[Fault] = []
    declared: dict[str, Fault] = {}
    used: dict[str, Fault] = {}
    for path in paths:
        rules = tinycss2.parse_stylesheet(
            path.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True
        )
        for declaration in _declarations(rules, path, faults):
            at = Fault(path, declaration.line, declaration.name)
            if declaration.name.startswith("--"):
                declared.setdefault(declaration.name, at)
            for name in _variables(declaration.tokens):
                used.setdefault(name, Fault(path, declaration.line, name))
            if path.name != TOKENS and (colour := _colour(declaration.tokens)):
                what = f"the colour {colour} stands outside {TOKENS}"
                faults.append(Fault(path, declaration.line, what))
    faults += [
        replace(at, what=f"{at.what} is {done} nowhere")
        for names, others, done in ((used, declared, "set"), (declared, used, "used"))
        for name, at in names.items()
        if name not in others
    ]
    return sorted(faults)


def _declarations(nodes: Sequence[Any], path: Path, faults: list[Fault]) -> Iterator[Declaration]:
    """Every declaration of a list of rules; what is wrong with the rules goes to `faults`."""
    for node in nodes:
        if node.type == "error":
            faults.append(Fault(path, node.source_line, f"can't be parsed: {node.message}"))
        elif node.type == "at-rule" and node.lower_at_keyword in GROUPS:
            inside = tinycss2.parse_rule_list(
                node.content or (), skip_comments=True, skip_whitespace=True
            )
            yield from _declarations(inside, path, faults)
        elif node.type in {"qualified-rule", "at-rule"} and node.content is not None:
            yield from _of_rule(node, path, faults)


def _of_rule(rule: Any, path: Path, faults: list[Fault]) -> Iterator[Declaration]:
    """A rule's declarations, and those of the rules nested in it."""
    parts = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    if not parts:
        faults.append(Fault(path, rule.source_line, "an empty rule"))
    seen = set()
    for part in parts:
        if part.type != "declaration":
            yield from _declarations([part], path, faults)
            continue
        value = tinycss2.serialize(part.value).strip()
        if (part.name, value) in seen:
            faults.append(Fault(path, part.source_line, f"{part.name} is set twice to the same"))
        seen.add((part.name, value))
        yield Declaration(part.name, value, tuple(part.value), part.source_line)


def _walk(tokens: Sequence[Any]) -> Iterator[Any]:
    """Every token, those within functions and brackets too."""
    for token in tokens:
        yield token
        yield from _walk(getattr(token, "arguments", None) or getattr(token, "content", None) or ())


def _variables(tokens: Sequence[Any]) -> Iterator[str]:
    for token in _walk(tokens):
        if token.type == "function" and token.lower_name == "var":
            yield from (one.value for one in token.arguments[:1] if one.type == "ident")


def _colour(tokens: Sequence[Any]) -> str | None:
    """The first colour written out, if there is one."""
    for token in _walk(tokens):
        if SHADOW.fullmatch(token.serialize()):
            continue
        if token.type == "hash" or (token.type == "function" and token.lower_name in COLOURS):
            return str(token.serialize())
    return None


def main(arguments: Sequence[str]) -> int:
    """Print the faults of the files named, or of all; 1 if there are any."""
    faults = lint([Path(one) for one in arguments] or sorted(FOLDER.glob("*.css")))
    for fault in faults:
        print(fault)
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
