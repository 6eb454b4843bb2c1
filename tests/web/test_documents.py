"""The OpenAPI document and the page made of it: every field described, every example runs."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.web.asking import problem

Document = dict[str, Any]
OPERATIONS = {
    ("get", "/api/v1/models"),
    ("get", "/api/v1/models/{model_id}"),
    ("get", "/api/v1/models/{model_id}/weights.safetensors"),
    ("get", "/api/v1/models/{model_id}/trace"),
    ("post", "/api/v1/models/{model_id}/trace"),
    ("get", "/api/v1/models/{model_id}/gradients"),
    ("post", "/api/v1/models/{model_id}/gradients"),
    ("get", "/api/v1/models/{model_id}/gradients/distances"),
    ("get", "/api/v1/models/{model_id}/interventions"),
    ("post", "/api/v1/models/{model_id}/interventions"),
    ("get", "/api/v1/models/{model_id}/units"),
    ("get", "/api/v1/models/{model_id}/units/{unit}"),
    ("get", "/api/v1/models/{model_id}/alike"),
    ("post", "/api/v1/models/{model_id}/step"),
    *(
        ("get", f"/api/v1/models/{{model_id}}/trace.{ending}")
        for ending in ("csv", "npz", "ndjson", "svg", "png", "gif", "html")
    ),
    ("get", "/api/v1/models/{model_id}/continuation.ndjson"),
    ("get", "/oembed"),
    ("get", "/healthz"),
    ("get", "/readyz"),
}


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Document:
    found: Document = client.get("/openapi.json").json()
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_document_has_the_whole_contract(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    assert {(method, path) for method, path, _ in operations(document)} == OPERATIONS


def test_document_describes_every_field(document: Document) -> None:
    plain = {"id", "title", "description", "num_layers", "bidirectional", "models", "steps"}
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, each in schema["properties"].items():
            told = each.get("description") or "$ref" in str(each) or "const" in each
            assert told or field in plain | {"token", "probability"}, (name, field)
    for method, path, operation in operations(document):
        assert operation["description"], (method, path)
        for parameter in operation.get("parameters", []):
            assert parameter["description"]


def test_document_tells_the_ranges_of_gates_and_roles(document: Document) -> None:
    schemas = document["components"]["schemas"]
    gate = schemas["Layer"]["properties"]["forget_gate"]["anyOf"][0]["items"]
    role = schemas["Roles"]["properties"]["store"]
    assert (gate["minimum"], gate["maximum"]) == (role["minimum"], role["maximum"]) == (0, 1)


def test_document_declares_the_errors(document: Document) -> None:
    for method, path, operation in operations(document):
        statuses = set(operation["responses"])
        if path.startswith("/api/v1/models/"):
            assert {"400", "404", "405"} <= statuses
        if method == "post":
            assert {"400", "404", "405", "408", "413", "415", "422"} <= statuses
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"]


def test_document_examples_give_the_status_they_say(
    client: httpx.Client, document: Document
) -> None:
    for _, path, operation in operations(document):
        assert operation["x-requests"], path
        for example in operation["x-requests"]:
            body = {"json": example["body"]} if "body" in example else {}
            response = client.request(example["method"], example["path"], **body)
            assert response.status_code == example["status"], (example, response.text)
            assert str(response.status_code) in operation["responses"]
            if example["status"] >= 400:
                problem(response, example["status"])


def test_document_body_examples_run_on_the_models_they_name(
    client: httpx.Client, document: Document
) -> None:
    for method, path, operation in operations(document):
        if method == "post":
            examples = operation["requestBody"]["content"]["application/json"]["examples"]
            for example in examples.values():
                model_id = "sentiment" if "sentiment" in example["summary"] else "toy-rules"
                address = path.format(model_id=model_id)
                assert client.post(address, json=example["value"]).status_code == 200


def test_document_leaves_out_what_only_a_page_looks_at(document: Document) -> None:
    """A trace depends on what runs; a picture looks at a step, so there it is a parameter."""
    asked = {
        path.rsplit("/", 1)[1]: {each["name"] for each in operation["parameters"]} - {"model_id"}
        for method, path, operation in operations(document)
        if method == "get" and "trace" in path
    }
    run = {"x", "text", "checkpoint", "sharpness", "clamp"}
    run |= {"columns", "rows", "scaling", "season"}
    look = {"t", "unit", "layer", "names", "sort", "only", "theme"}
    assert asked.pop("trace") == run
    for ending in ("csv", "npz", "ndjson"):
        assert asked.pop(f"trace.{ending}") == run
    assert asked
    assert all(names == run | look for names in asked.values())


def test_document_names_one_media_type_for_each_answer(document: Document) -> None:
    for _, path, operation in operations(document):
        (media_type,) = operation["responses"]["200"]["content"]
        assert (media_type == "application/json") == ("." not in path.rsplit("/", 1)[1]), path
