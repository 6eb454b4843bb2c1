"""The OpenAPI document and the page made of it: every field described, every example runs."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.views.documents import schema
from tests.web.asking import problem

Document = dict[str, Any]
OPERATIONS = {
    ("get", "/api/v1/models"),
    ("post", "/api/v1/models"),
    ("delete", "/api/v1/models/{model_id}"),
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
def document(open_client: httpx.Client) -> Document:
    found: Document = open_client.get("/openapi.json").json()
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
    for name, model in document["components"]["schemas"].items():
        assert model.get("description"), name
        for field, each in model["properties"].items():
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
    open_client: httpx.Client, document: Document
) -> None:
    for _, path, operation in operations(document):
        assert operation["x-requests"], path
        for example in operation["x-requests"]:
            response = open_client.request(example["method"], example["path"], **sent(example))
            assert response.status_code == example["status"], (example, response.text)
            assert str(response.status_code) in operation["responses"]
            if example["status"] >= 400:
                problem(response, example["status"])


def test_document_body_examples_run_on_the_models_they_name(
    client: httpx.Client, document: Document
) -> None:
    for method, path, operation in operations(document):
        if method == "post" and path != "/api/v1/models":
            examples = operation["requestBody"]["content"]["application/json"]["examples"]
            for example in examples.values():
                model_id = "sentiment" if "sentiment" in example["summary"] else "toy-rules"
                address = path.format(model_id=model_id)
                assert client.post(address, json=example["value"]).status_code == 200


def sent(example: Document) -> Document:
    """What an example sends, as httpx has it."""
    if "form" in example:
        (name, text), *_ = example["form"].values()
        choices = {k: v for k, v in example["form"].items() if k != "file"}
        return {"files": {"file": (name, text.encode())}, "data": choices}
    return {"json": example["body"]} if "body" in example else {"headers": example.get("headers")}


def test_document_tells_how_a_file_is_brought_and_taken_back(
    open_client: httpx.Client, document: Document
) -> None:
    """Every field of the form is one that the server takes, and the token is asked for."""
    operation = document["paths"]["/api/v1/models"]["post"]
    (kind,) = operation["requestBody"]["content"]
    assert kind == "multipart/form-data"
    assert {"201", "404", "413", "415", "422"} <= set(operation["responses"])
    form = document["components"]["schemas"]["WeightsForm"]
    assert form["required"] == ["file"]
    example = sent(operation["x-requests"][0])
    for name in set(form["properties"]) - {"file"}:
        example["data"] = {name: "???"}
        refused = problem(open_client.post("/api/v1/models", **example), 422)
        assert "There is no such field" not in refused["detail"]
    example["data"] = {}
    brought = open_client.post("/api/v1/models", **example)
    assert brought.status_code == 201
    found = schema.BroughtModel.model_validate(brought.json(), strict=True)
    assert brought.headers["location"] == found.links.self

    taking = document["paths"]["/api/v1/models/{model_id}"]["delete"]
    assert {"204", "404"} <= set(taking["responses"])
    (scheme,) = taking["security"][0]
    assert document["components"]["securitySchemes"][scheme]["scheme"] == "bearer"
    headers = {"Authorization": f"Bearer {found.token}"}
    assert open_client.delete(found.links.self, headers=headers).status_code == 204
    assert open_client.delete(found.links.self, headers=headers).status_code == 404


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
    for method, path, operation in operations(document):
        success = next(each for status, each in operation["responses"].items() if status < "300")
        if method == "delete":
            assert "content" not in success
            continue
        (media_type,) = success["content"]
        assert (media_type == "application/json") == ("." not in path.rsplit("/", 1)[1]), path
