"""/docs: the OpenAPI document as a page of our own, which needs nothing from elsewhere.

Every example is a link or, with JavaScript, a button that sends it and shows the answer; and code
that does the same in other places.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup, escape

from ..views.address.root import rooted
from .errors import MEDIA_TYPE, TYPES
from .hosts import site
from .openapi import FORM_TYPE, PROBLEM_WORDS, success
from .pages import templates
from .snippets import LANGUAGES, snippets

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

METHODS = ("get", "post", "delete")
BODILESS: dict[str, Any] = {"content": {}}
MODELLED = ("application/json", FORM_TYPE)
CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> Markup:
    """A text of the document as safe HTML: what stands between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def paragraphs(text: str) -> list[Markup]:
    """A text's paragraphs, each as `prose`."""
    return [prose(part) for part in re.split(r"\n\s*\n", text.strip())]


templates.env.filters.update(prose=prose, paragraphs=paragraphs)


@router.get("/docs")
def docs(request: Request) -> Response:
    """The API's documentation."""
    document = request.app.openapi()
    context = {
        "document": document,
        "groups": _groups(document, site(request) + rooted("")),
        "languages": LANGUAGES,
        "schemas": [_schema(*pair) for pair in document["components"]["schemas"].items()],
        "problems": [(TYPES[status], status, words) for status, words in PROBLEM_WORDS.items()],
    }
    return templates.TemplateResponse(request, "pages/docs.html", context)


def _groups(document: dict[str, Any], host: str) -> dict[str, list[dict[str, Any]]]:
    """The operations by what they are about, in the document's order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for operation in _operations(document, host):
        groups.setdefault(operation["tags"][0], []).append(operation)
    return groups


def _operations(document: dict[str, Any], host: str) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                status, answer = success(operation)
                yield {
                    **operation,
                    "method": method.upper(),
                    "path": path,
                    "parameters": [_parameter(p) for p in operation.get("parameters", [])],
                    "body": _ref_names(operation.get("requestBody", {})),
                    "body_type": next(iter(operation.get("requestBody", BODILESS)["content"]), ""),
                    "success": status,
                    "answer": _ref_names(answer),
                    "examples": [
                        _example(each, next(iter(answer.get("content", ())), ""), host)
                        for each in operation["x-requests"]
                    ],
                }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {**parameter, "type": _type(parameter["schema"])}


def _example(request: dict[str, Any], answer: str, host: str) -> dict[str, Any]:
    """A request with its body as JSON, and as code; answer: the media type where it succeeds."""
    body = request.get("body")
    return {
        **request,
        "path": rooted(request["path"]),
        "json": None if body is None else json.dumps(body),
        "form": json.dumps(request["form"]) if "form" in request else None,
        "headers": json.dumps(request["headers"]) if "headers" in request else None,
        "snippets": snippets(request, answer if request["status"] < 400 else MEDIA_TYPE, host),
    }


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A model as rows: field, type, whether it must be there, what it means."""
    required = schema.get("required", [])
    return {
        "name": name,
        "description": schema.get("description", ""),
        "fields": [
            {
                "name": field,
                "type": _type(each),
                "required": field in required,
                "description": each.get("description", ""),
            }
            for field, each in schema.get("properties", {}).items()
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words: `array of number, 0 to 1`."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(each) for each in schema.get("enum", [schema.get("const")]))
    if "items" in schema:
        return f"array of {_type(schema['items'])}"
    return str(schema.get("type", "any")) + _range(schema)


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and high is None:
        return ""
    if high is None:
        return f", at least {low:g}"
    return f", {low:g} to {high:g}"


def _ref_names(part: dict[str, Any]) -> list[str]:
    """The models of which a body or an answer is one."""
    content = part.get("content", {})
    schema: dict[str, Any] = next(
        (content[kind]["schema"] for kind in MODELLED if kind in content), {}
    )
    return [_type(each) for each in schema.get("anyOf", [schema]) if "$ref" in each]
