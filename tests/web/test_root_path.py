"""The site under a path that a proxy takes off: every address that any answer gives lies below it.

The tests ask as such a proxy does: an address below the path goes to the server without it, and any
other isn't this site's.
"""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from gate_explorer.zoo import registry
from tests.server import ROOT, RunningServer, running_server
from tests.web.reading import HTML, HTMX

SITE = "/schools/gates"
DRAWERS = ("unit", "hold", "attribution", "run", "gradients", "training", "about", "none")
# Attributes whose values are addresses, or hold them.
ATTRIBUTE = re.compile(r"""([\w:-]+)=(?:"(/[^"]*)"|'(/[^']*)')""")
WORDS = {"placeholder", "title", "aria-label", "data-sign", "value"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("uploads")
    settings = {"GATE_EXPLORER_ROOT_PATH": f"{SITE}/", "GATE_EXPLORER_UPLOADS": str(folder)}
    with running_server(settings) as running:
        yield running
        assert "Traceback" not in running.output()


class Proxied:
    """The server as it is seen through the proxy; every answer's addresses are checked."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.seen: set[str] = set()

    def get(self, address: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """The answer at an address below the path."""
        below = address.removeprefix(str(self.client.base_url).rstrip("/"))
        below = f"{below}/" if below == SITE else below
        assert below.startswith(f"{SITE}/"), f"{address} lies outside of the site"
        answer = self.client.get(below.removeprefix(SITE), headers=headers or HTML)
        outside = [each for each in self.addresses(answer) if not f"{each}/".startswith(f"{SITE}/")]
        assert outside == [], address
        return answer

    def addresses(self, answer: httpx.Response) -> list[str]:
        """Every address on this host that an answer gives, in its headers or its body."""
        found = [answer.headers.get(name, "") for name in ("Location", "HX-Push-Url")]
        kind = answer.headers.get("Content-Type", "")
        if "html" in kind:
            found += attributes(answer.text)
        elif "json" in kind and "ndjson" not in kind:
            found += strings(answer.json())
        if kind.startswith(("text/html", "application/json", "application/problem+json")):
            host = re.escape(str(self.client.base_url).rstrip("/"))
            text = html.unescape(html.unescape(answer.text))
            found += re.findall(rf"{host}(/[^\s\"'<>)]*|)", text)
        return [each for each in found if each]


def attributes(text: str) -> list[str]:
    """The attributes of a page that begin with a slash, but for what is shown as words."""
    pairs = ((name, html.unescape(one or other)) for name, one, other in ATTRIBUTE.findall(text))
    return [value for name, value in pairs if name not in WORDS]


def strings(document: Any) -> Iterator[str]:
    """The strings of a document that are addresses; OpenAPI's paths are below its servers."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key not in {"paths", "x-requests", "token", "tokens"}:
                yield from strings(value)
    elif isinstance(document, list):
        for value in document:
            yield from strings(value)
    elif isinstance(document, str) and re.match(r"/\w", document):
        yield document


@pytest.fixture(scope="module")
def proxied(server: RunningServer) -> Iterator[Proxied]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield Proxied(client)


def shape(address: str) -> str:
    """What kind of link an address is: its path, whichever the model, and its query's fields."""
    parts = urlsplit(address)
    path = re.sub(r"/models/[^/]+", "/models/*", parts.path)
    names = sorted({each.partition("=")[0] for each in parts.query.split("&")})
    return f"{path}?{','.join(names)}"


def starts(model_id: str) -> Iterator[str]:
    """The pages of a model: each drawer, embedded, shared, compared."""
    query = registry.get(model_id).card.examples[0].query
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    page = f"{SITE}/models/{model_id}?{pairs}&t=2"
    yield from (f"{page}&drawer={drawer}&tables=shown" for drawer in DRAWERS)
    yield f"{page}&sort=importance&names=symbols"
    yield page.replace("/models/", "/embed/models/")
    yield page.replace("/models/", "/share/models/")
    lane = quote(f"{model_id}?{pairs}", safe="")
    yield f"{SITE}/compare?a={lane}&b={lane}&t=2"
    yield f"{SITE}/api/v1/models/{model_id}"
    yield f"{SITE}/api/v1/models/{model_id}/units"
    yield f"{SITE}/api/v1/models/{model_id}/units/1"
    yield f"{SITE}/models/{model_id}/units/1"
    yield f"{SITE}/models/{model_id}?x=,&text=&t=0"  # what can't be read


@pytest.mark.parametrize("model_id", [model.card.id for model in registry.all_models()])
def test_no_link_of_a_models_pages_leads_outside_of_the_path(
    proxied: Proxied, model_id: str
) -> None:
    linked: dict[str, str] = {}
    for address in starts(model_id):
        for headers in (HTML, HTMX) if "drawer=unit" in address else (HTML,):
            answer = proxied.get(address, headers)
            linked |= {shape(each): each for each in proxied.addresses(answer)}
    for address in linked.values():
        if shape(address) not in proxied.seen:
            proxied.seen.add(shape(address))
            # What a form leads to, or takes POST, may ask for more than its bare address.
            assert proxied.get(address).status_code in {200, 303, 405, 422}, address


@pytest.mark.parametrize(
    "path",
    ["/", "/glossary", "/docs", "/openapi.json", "/open", "/none", "/api/v1/models", "/api/none"],
)
def test_no_link_of_the_other_pages_leads_outside_of_the_path(proxied: Proxied, path: str) -> None:
    proxied.get(f"{SITE}{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/?x=3,1,0&t=1",
        "/?text=I+love+it",
        "/models/toy-rules?x1=3&x2=1&x3=0",
        "/models/sentiment?text=a+b&text=&t=1",
        "/models/characters/continue?text=ROMEO&count=3",
        "/share/models/toy-rules?x=3,1,0&width=",
        "/compare?a=toy-rules&b=toy-lstm&b.x=3,1,0",
    ],
)
def test_what_forms_send_leads_on_below_the_path(proxied: Proxied, path: str) -> None:
    answer = proxied.get(f"{SITE}{path}")
    if answer.is_redirect:
        assert proxied.get(answer.headers["Location"]).status_code == 200


def test_step_of_a_page_is_answered_with_what_changes_alone(proxied: Proxied) -> None:
    address = f"{SITE}/models/toy-rules?x=3,1,0;5,0,1&t="
    whole = proxied.get(f"{address}1").text
    found = re.search(r'data-shape="(\w+)"', whole)
    assert found
    step = proxied.get(f"{address}2", {**HTMX, "Explorer-Shape": found[1]})
    assert "data-kept" in step.text
    assert "HX-Push-Url" not in step.headers


def test_snapshot_and_oembed_name_the_address_below_the_path(
    proxied: Proxied, server: RunningServer
) -> None:
    page = f"{server.url}{SITE}/models/toy-rules?x=3,1,0;5,0,1&t=2"
    snapshot = proxied.get(f"{SITE}/api/v1/models/toy-rules/trace.html?x=3,1,0;5,0,1&t=2")
    assert page.replace("&", "&amp;") in snapshot.text
    asked = f"{SITE}/oembed?url={quote(page, safe='')}"
    document = proxied.get(asked).json()
    assert document["provider_url"] == f"{server.url}{SITE}/"
    frame = re.search(r'src="([^"]+)"', document["html"])
    assert frame
    for address in (html.unescape(frame[1]), document["thumbnail_url"]):
        assert proxied.get(address).status_code == 200
    without = quote("/models/toy-rules?x=3,1,0;5,0,1&t=2", safe="")
    assert proxied.get(f"{SITE}/oembed?url={without}").json() == document
    elsewhere = quote(f"{server.url}/models/toy-rules?x=3,1,0&t=1", safe="")
    assert proxied.get(f"{SITE}/oembed?url={elsewhere}").status_code == 404


def test_openapi_names_the_path_as_its_server(proxied: Proxied) -> None:
    document = proxied.get(f"{SITE}/openapi.json").json()
    assert document["servers"] == [{"url": SITE}]
    for path in document["paths"]:
        assert path.startswith("/")
    assert SITE not in json.dumps(list(document["paths"]))


def test_uploaded_models_address_lies_below_the_path(proxied: Proxied) -> None:
    given: dict[str, list[Any]] = {
        "weight_ih": [[1.0]] * 4,
        "weight_hh": [[1.0]] * 4,
        "bias_ih": [0.0] * 4,
    }
    given["bias_hh"] = given["bias_ih"]
    files = {"file": ("lstm.json", json.dumps(given).encode())}
    answer = proxied.client.post("/api/v1/models", files=files)
    assert answer.status_code == 201, answer.text
    assert proxied.addresses(answer)
    assert all(each.startswith(f"{SITE}/") for each in proxied.addresses(answer))
    for address in (answer.headers["Location"], answer.json()["links"]["page"]):
        assert proxied.get(address).status_code == 200


def test_scripts_build_no_address_from_the_hosts_root() -> None:
    literal = re.compile(r"""["'`]/[a-z]""")
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted(Path(ROOT, "static/js").glob("*.js"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if literal.search(line)
    ]
    assert found == []


def test_style_sheets_name_no_address_from_the_hosts_root() -> None:
    for path in Path(ROOT, "static/css").glob("*.css"):
        assert not re.search(r"url\(['\"]?/", path.read_text(encoding="utf-8")), path.name
