"""Pages as trees, read with the standard library, and the controls that a person finds on them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.web.asking import api

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HTMX = {**HTML, "HX-Request": "true"}
BAR = re.compile(r"V([\d.]+)h[\d.]+V100h")
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
    """Whether a printed number is the value rounded to its last digit; whole ones are exact, and
    ≈0 stands for what rounds to nothing and isn't."""
    if printed == "≈0":
        return 0 < abs(value) <= 0.005
    read = Decimal(printed.replace("\N{MINUS SIGN}", "-"))
    exponent = read.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(10) ** exponent / 2 if "." in printed else Decimal(0)
    # tanh of a float32 has a rounding of its own.
    return abs(read - Decimal(value)) <= half + abs(Decimal(value)) * Decimal("1e-6")


def share_agrees(printed: str, share: float) -> bool:
    """Whether a printed `62 %` is the share; `<1 %` and `>99 %` are not quite nothing or all."""
    number = printed.removesuffix("%").strip()
    if number == "<1":
        return 0 < share <= 0.005
    if number == ">99":
        return 0.995 <= share < 1
    return abs(int(number) - share * 100) <= 0.5 + 1e-6


def page(client: httpx.Client, address: str, status: int = 200) -> Node:
    """The whole page at an address, which has to have that status."""
    response = client.get(address, headers=HTML)
    assert response.status_code == status, (address, response.text[:500])
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return read_html(response.text)


def twin(client: httpx.Client, model_id: str, query: str) -> dict[str, Any]:
    """The JSON twin of a page: the trace of its query, or of the model's first example."""
    asked = query or client.get(api(model_id)).json()["examples"][0]
    response = client.get(f"{api(model_id, '/trace')}?{asked}")
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def rows(found: Node) -> dict[str, Node]:
    """The desk's rows by their keys, from top to bottom: the boxes that hold the bars."""
    desk = found.one(id="desk")
    return {n.get("data-row"): n for n in desk.walk() if "data-row" in n.attributes}


def bar_sizes(row: Node) -> tuple[list[int], list[int] | None]:
    """A row's bars in per cent of its scale, a unit each; and the part that passes its gate."""
    drawn = {
        name: [100 - round(float(top)) for top in BAR.findall(path.get("d"))]
        for name in ("draft", "bar")
        for path in row.all("path", class_=name)
    }
    return (drawn["draft"], drawn["bar"]) if "draft" in drawn else (drawn["bar"], None)


def values(found: Node) -> dict[str, str]:
    """The chosen unit's number in each of the desk's rows."""
    printed = {}
    for key, row in rows(found).items():
        beside = found.all(class_=f"row-{key}")
        place = beside[0].one("p", class_="value") if beside else row
        (number,) = [b for b in place.all("b") if beside or "value" in b.get("class").split()]
        printed[key] = number.text
    return printed


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
