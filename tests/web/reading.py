"""Pages as trees, read with the standard library, and the controls that a person finds on them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import urlencode

VOID = {"br", "hr", "img", "input", "link", "meta", "path"}


@dataclass
class Node:
    """An element: its tag, attributes (None becomes ""), and what it holds in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Node | str"] = field(default_factory=list)

    def all(self, tag: str = "", **wanted: str) -> list["Node"]:
        """The elements below with this tag and these attributes (`class_` names one class)."""
        return [node for node in self.walk() if node.fits(tag, wanted)]

    def one(self, tag: str = "", **wanted: str) -> "Node":
        """The only such element."""
        found = self.all(tag, **wanted)
        assert len(found) == 1, (tag, wanted, len(found))
        return found[0]

    def has(self, tag: str = "", **wanted: str) -> bool:
        """Whether there is any such element."""
        return bool(self.all(tag, **wanted))

    def walk(self) -> Iterator["Node"]:
        """Every element below, in the order of the document."""
        for node in self.inside:
            if isinstance(node, Node):
                yield node
                yield from node.walk()

    def fits(self, tag: str, wanted: dict[str, str]) -> bool:
        """Whether the element has this tag and these attributes."""
        classes = self.get("class").split()
        return (not tag or self.tag == tag) and all(
            value in classes if name == "class_" else self.attributes.get(name) == value
            for name, value in wanted.items()
        )

    def get(self, name: str) -> str:
        """An attribute, or ""."""
        return self.attributes.get(name, "")

    @property
    def text(self) -> str:
        """All text below, with single spaces."""
        parts = (part if isinstance(part, str) else part.text for part in self.inside)
        return " ".join("".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        assert len(node.attributes) == len(attrs), f"<{tag}> has an attribute twice"
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_html(text: str) -> Node:
    """The tree of a page or fragment; every element has to be closed, in order."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert [node.tag for node in reader.open] == [""], "an element is left open"
    return reader.open[0]


def agrees(printed: str, value: float) -> bool:
    """Whether a printed number is the value rounded to its last digit; whole ones are exact."""
    read = Decimal(printed.replace("\N{MINUS SIGN}", "-"))
    exponent = read.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(10) ** exponent / 2 if "." in printed else Decimal(0)
    # tanh of a float32 has a rounding of its own.
    return abs(read - Decimal(value)) <= half + abs(Decimal(value)) * Decimal("1e-6")


def share_agrees(printed: str, share: float) -> bool:
    """Whether a printed `62 %` is the share; `<1 %` and `>99 %` are not quite nothing or all."""
    if printed == "<1 %":
        return 0 < share <= 0.005
    if printed == ">99 %":
        return 0.995 <= share < 1
    return abs(int(printed.removesuffix(" %")) - share * 100) <= 0.5 + 1e-6


def links(page: Node) -> list[str]:
    """Where the links lead, those into the page itself left out."""
    return [a.get("href") for a in page.all("a") if not a.get("href").startswith("#")]


def submissions(page: Node) -> list[str]:
    """The addresses that the page's forms ask for: one for each of their buttons, or for Enter."""
    found = []
    for form in page.all("form"):
        inside = {id(node) for node in form.walk()}
        mine = [
            node
            for node in page.walk()
            if (
                node.get("form") == form.get("id")
                if "form" in node.attributes
                else id(node) in inside
            )
        ]
        fields = [(n.get("name"), n.get("value")) for n in mine if n.tag == "input"]
        buttons = [n for n in mine if n.tag == "button" and n.get("type") in {"", "submit"}]
        for button in buttons or [Node("button")]:
            pressed = [(button.get("name"), button.get("value"))] if button.get("name") else []
            assert form.get("method") == "get"
            found.append(f"{form.get('action')}?{urlencode(fields + pressed)}")
    return found
