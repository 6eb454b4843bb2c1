"""What several tests of the API ask for, and how they hold an error to the contract."""

from typing import Any

import httpx
from pydantic import BaseModel

from app.views.documents import schema

MODEL_IDS = ("toy-rules", "toy-lstm", "sentiment")
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
INPUTS: dict[str, dict[str, Any]] = {
    "toy-rules": {"vectors": VECTORS},
    "toy-lstm": {"vectors": VECTORS},
    "sentiment": {"text": TEXT},
}


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
