"""/docs: a page of its own for the API, whose every example runs as it is written."""

import html
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

LANGUAGES = ("curl", "javascript", "python")
COMMANDS = {"curl": ["sh", "-c"], "python": [sys.executable, "-W", "error", "-c"]}
EXAMPLE = re.compile(r'<div class="example" .*?</div>', re.DOTALL)
STATUS = re.compile(r"\(gives (\d+)\)")


@dataclass(frozen=True)
class Example:
    """An example of the page: the status it promises, and its code by language."""

    status: int
    code: dict[str, str]


@pytest.fixture(scope="module")
def page(open_client: httpx.Client) -> str:
    response = open_client.get("/docs")
    assert response.status_code == 200
    return response.text


@pytest.fixture(scope="module")
def document(open_client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = open_client.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def examples(page: str) -> list[Example]:
    code = re.compile(r'<pre class="code (\w+)" tabindex="0"><code>(.*?)</code></pre>', re.DOTALL)
    found = []
    for text in EXAMPLE.findall(page):
        status = STATUS.search(text)
        assert status
        pairs = {language: html.unescape(lines) for language, lines in code.findall(text)}
        found.append(Example(int(status[1]), pairs))
    return found


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for path in document["paths"].values() for each in path.values()]


def visible(page: str) -> str:
    """The page's words, without its head and its tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page.partition("<body>")[2]))


def test_docs_shows_every_operation(page: str, document: dict[str, Any]) -> None:
    assert "style=" not in page
    assert "<script>" not in page
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"<b>{method.upper()}</b> {path}" in page
            assert operation["summary"] in visible(page)


def test_docs_needs_nothing_from_elsewhere(page: str, client: httpx.Client) -> None:
    names = re.findall(r'<(?:link|script) [^>]*?(?:href|src)="([^"]+)"', page)
    assert len(names) == 5
    for name in names:
        assert name.startswith("/")
        assert client.get(name).status_code == 200


def test_docs_contents_lead_to_every_operation(page: str, document: dict[str, Any]) -> None:
    contents = page[page.index('aria-label="Contents"') : page.index("</nav>")]
    targets = re.findall(r'href="#([^"]+)"', contents)
    assert {each["operationId"] for each in operations(document)} < set(targets)
    assert len(targets) == len(set(targets))


def test_docs_links_within_the_page_all_lead_somewhere(page: str) -> None:
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_docs_writes_code_as_code(page: str, document: dict[str, Any]) -> None:
    assert "`" in json.dumps(document)
    assert "`" not in page
    assert "<code>gate:value@steps/units</code>" in page
    assert "&lt;code&gt;" not in page


def test_docs_leaves_out_what_only_a_page_looks_at(page: str) -> None:
    assert "On the page:" not in page
    for name in ("drawer", "tour", "pins", "tables"):
        assert f'<th scope="row"><code>{name}</code>' not in page


def test_docs_has_every_example_in_every_language(
    examples: list[Example], document: dict[str, Any]
) -> None:
    assert len(examples) == sum(len(each["x-requests"]) for each in operations(document))
    for example in examples:
        assert tuple(example.code) == LANGUAGES


def test_docs_language_can_be_chosen_without_a_script(page: str) -> None:
    for language in LANGUAGES:
        assert f'<input type="radio" name="language" id="in-{language}"' in page
    assert page.count(" checked") == 1


def run(language: str, code: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMANDS[language], code], cwd=folder, capture_output=True, timeout=120, check=False
    )


@pytest.mark.parametrize("language", COMMANDS)
def test_docs_examples_run_as_written(
    examples: list[Example], language: str, tmp_path: Path
) -> None:
    for example in examples:
        code = example.code[language]
        kept = set(tmp_path.iterdir())
        done = run(language, code, tmp_path)
        assert done.returncode == 0, (code, done.stderr)
        files = [path for path in tmp_path.iterdir() if path not in kept]
        if language == "python":
            assert done.stderr == b"", code
        answer = b"".join(path.read_bytes() for path in files) or done.stdout
        assert answer or "write_bytes" in code or "--output" in code, code
        if example.status >= 400:
            assert str(example.status).encode() in answer
            assert b"detail" in answer
        else:
            assert b"/docs#" not in answer, code
