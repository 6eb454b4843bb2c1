"""What several tests of the API ask for, and how they hold an error to the contract."""

from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from app.views.documents import schema
from gate_explorer.zoo import registry

# The three that always exist, and all there are.
MODEL_IDS = ("toy-rules", "toy-lstm", "sentiment")
EVERY_MODEL = tuple(registry.MODELS)
VECTORS: list[list[float]] = [
    [3, 1, 0],
    [5, 0, 1],
    [2, 1, 0],
    [3, 0, 1],
    [0.1, 1, 1],
    [0, -1, 1],
    [-7.25, 1, 1],
]
TEXT = "I didn't love France, but zxqv was a wonderful film"


def first_example(model_id: str) -> dict[str, Any]:
    """The input of a model's first example, as a body."""
    query = registry.get(model_id).card.examples[0].query
    if "text" in query:
        return {"text": query["text"]}
    return {"vectors": [[float(x) for x in row.split(",")] for row in query["x"].split(";")]}


INPUTS: dict[str, dict[str, Any]] = {
    **{model_id: first_example(model_id) for model_id in EVERY_MODEL},
    "toy-rules": {"vectors": VECTORS},
    "toy-lstm": {"vectors": VECTORS},
    "sentiment": {"text": TEXT},
}


def given(model_id: str) -> str:
    """A model's input as a query."""
    asked = INPUTS[model_id]
    if "text" in asked:
        return f"text={quote(asked['text'])}"
    return "x=" + ";".join(",".join(str(value) for value in row) for row in asked["vectors"])


def api(model_id: str, what: str = "") -> str:
    """An address under a model."""
    return f"/api/v1/models/{model_id}{what}"


def trace(client: httpx.Client, model_id: str, **body: Any) -> dict[str, Any]:
    """A trace by POST, which has to succeed."""
    response = client.post(api(model_id, "/trace"), json=body or INPUTS[model_id])
    return answer(response, schema.Trace)


def answer(response: httpx.Response, model: type[BaseModel]) -> dict[str, Any]:
    """The JSON of a successful answer, which has to be exactly what the schema says."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    document: dict[str, Any] = response.json()
    model.model_validate(document, strict=True)
    return document


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The JSON of an error, which has to be RFC 9457's."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    schema.Problem.model_validate(document, strict=True)
    assert document["status"] == status
    assert document["detail"]
    assert len(response.content) < 20_000
    return document
