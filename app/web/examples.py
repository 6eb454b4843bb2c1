"""Examples for the documentation, each a request that runs and the status it gives.

They stand in the OpenAPI document as `x-requests` and on /docs as links and buttons; a test sends
every one of them.
"""

import json
from typing import Any
from urllib.parse import quote

from ..views.documents.trace import API

Extra = dict[str, Any]

TOY_STATE: Extra = {"t": 2, "layers": [{"h": [3.0], "c": [3.0]}]}
TRACE_BODIES: Extra = {
    "vectors": {
        "summary": "Vectors, for the toys",
        "value": {"vectors": [[3, 1, 0], [5, 0, 1], [2, 1, 0], [3, 0, 1]]},
    },
    "carried": {
        "summary": "Vectors, from a state of toy-rules",
        "value": {"vectors": [[2, 1, 0], [3, 0, 1]], "state": TOY_STATE},
    },
    "text": {"summary": "A text, for sentiment", "value": {"text": "I love France"}},
    "several": {
        "summary": "Several texts at once, for sentiment",
        "value": {"inputs": [{"text": "I love France"}, {"text": "not good"}]},
    },
}
GRADIENTS_BODIES: Extra = {
    "unit": {
        "summary": "A unit's last hidden state, for sentiment",
        "value": {"text": "I love France", "of": "unit 7"},
    },
    "number": {
        "summary": "The number that toy-lstm shows",
        "value": {"vectors": [[3, 1, 0], [5, 0, 0], [2, 1, 1]]},
    },
}
INTERVENTIONS_BODIES: Extra = {
    "each": {
        "summary": "Each unit by itself, for the toys",
        "value": {"vectors": [[3, 1, 0], [5, 0, 0], [2, 1, 1]], "units": "each"},
    },
    "text": {
        "summary": "How likely a class is, for sentiment",
        "value": {"text": "The movie was not good.", "of": "negative"},
    },
}
STEP_BODIES: Extra = {
    "vector": {"summary": "A vector, for the toys", "value": {"vector": [3, 1, 0]}},
    "carried": {
        "summary": "A vector, from a state of toy-rules",
        "value": {"vector": [2, 1, 1], "state": TOY_STATE},
    },
    "token": {"summary": "A token, for sentiment", "value": {"token": "love"}},
}


# A well-known exercise's weights, on [h, x].
_SMALL_LSTM: Extra = {
    **{f"W{gate}": [[0.5, 0.5]] for gate in "fio"},
    "Wc": [[0.3, 0.3]],
    **{f"b{gate}": [0.1] for gate in "fico"},
}


def _requests(*requests: Extra) -> Extra:
    return {"x-requests": list(requests)}


def _get(summary: str, path: str, status: int = 200) -> Extra:
    return {"summary": summary, "method": "GET", "path": path, "status": status}


def _post(summary: str, path: str, body: Extra, status: int = 200) -> Extra:
    return {"summary": summary, "method": "POST", "path": path, "body": body, "status": status}


def _trace(model_id: str, query: str) -> str:
    return f"{API}/models/{model_id}/trace?{quote(query, safe='=,;&+')}"


def _gradients(model_id: str, query: str) -> str:
    return f"{API}/models/{model_id}/gradients?{quote(query, safe='=,;&+')}"


def _interventions(model_id: str, query: str) -> str:
    return f"{API}/models/{model_id}/interventions?{quote(query, safe='=,;&+*')}"


def _model(model_id: str, what: str = "") -> str:
    return f"{API}/models/{model_id}{what}"


def _bring(summary: str, text: str, status: int = 201, **choices: str) -> Extra:
    return {
        "summary": summary,
        "method": "POST",
        "path": f"{API}/models",
        "form": {"file": ["lstm.json", text], **choices},
        "status": status,
    }


BRING = _requests(
    _bring("An LSTM of one unit, a matrix a gate", json.dumps(_SMALL_LSTM)),
    _bring("The same, read on [x, h]", json.dumps(_SMALL_LSTM), layout="numpy-xh"),
    _bring("What is no file of weights", "hello", 422),
    _post("What is no form", f"{API}/models", {}, 415),
)
TAKE_BACK = _requests(
    {
        "summary": "A model that isn't there, or not under this token",
        "method": "DELETE",
        "path": f"{API}/models/own-0",
        "headers": {"Authorization": "Bearer the-token"},
        "status": 404,
    }
)
MODELS = _requests(_get("All models", f"{API}/models"))
MODEL = _requests(
    _get("The three rules", _model("toy-rules")),
    _get("The trained sentence model", _model("sentiment")),
    _get("No such model", _model("none"), 404),
)
WEIGHTS = _requests(
    _get("The sentence model's weights", _model("sentiment", "/weights.safetensors")),
    _get("The toy's, with soft gates", _model("toy-lstm", "/weights.safetensors?sharpness=4")),
    _get("The rules have none", _model("toy-rules", "/weights.safetensors"), 404),
)
GET_TRACE = _requests(
    _get("Four vectors", _trace("toy-rules", "x=3,1,0;5,0,1;2,1,0;3,0,1")),
    _get("The same in an LSTM, its gates soft", _trace("toy-lstm", "x=3,1,0;5,0,1&sharpness=4")),
    _get("A text", _trace("sentiment", "text=I love France")),
    _get("A vector that the rules can't read", _trace("toy-rules", "x=3,7,0"), 422),
)
POST_TRACE = _requests(
    _post("Vectors", _model("toy-rules", "/trace"), TRACE_BODIES["vectors"]["value"]),
    _post("From a state", _model("toy-rules", "/trace"), TRACE_BODIES["carried"]["value"]),
    _post("A text", _model("sentiment", "/trace"), TRACE_BODIES["text"]["value"]),
    _post("Several at once", _model("sentiment", "/trace"), TRACE_BODIES["several"]["value"]),
    _post("No input", _model("sentiment", "/trace"), {}, 422),
)
POST_STEP = _requests(
    _post("A vector", _model("toy-rules", "/step"), STEP_BODIES["vector"]["value"]),
    _post("From a state", _model("toy-rules", "/step"), STEP_BODIES["carried"]["value"]),
    _post("A token", _model("sentiment", "/step"), STEP_BODIES["token"]["value"]),
    _post("Two tokens", _model("sentiment", "/step"), {"token": "love France"}, 422),
)
GET_GRADIENTS = _requests(
    _get("How far back a verdict reaches", _gradients("sentiment", "text=I love France")),
    _get("An LSTM beside its twin without gates", _gradients("counter", "text=aaabbb&of=closed")),
    _get("No such class", _gradients("counter", "text=aaabbb&of=shut"), 422),
)
POST_GRADIENTS = _requests(
    _post("A unit", _model("sentiment", "/gradients"), GRADIENTS_BODIES["unit"]["value"]),
    _post("A number", _model("toy-lstm", "/gradients"), GRADIENTS_BODIES["number"]["value"]),
)
DISTANCES = _requests(
    _get("The adding problem", _model("adding", "/gradients/distances")),
    _get("A model it wasn't made with", _model("counter", "/gradients/distances"), 404),
)
GET_INTERVENTIONS = _requests(
    _get("All units together", _interventions("sentiment", "text=The movie was not good.")),
    _get("Each unit by itself", _interventions("counter", "text=aaabbb&of=closed&units=each")),
    _get("A cell without gates", _interventions("counter-rnn", "text=aaabbb"), 422),
)
POST_INTERVENTIONS = _requests(
    _post("Each unit", _model("toy-lstm", "/interventions"), INTERVENTIONS_BODIES["each"]["value"]),
    _post("A class", _model("sentiment", "/interventions"), INTERVENTIONS_BODIES["text"]["value"]),
)
UNITS = _requests(
    _get("The characters' units", _model("characters", "/units")),
    _get("No such model", _model("none", "/units"), 404),
)
UNIT = _requests(
    _get("The one that measures the line", _model("characters", "/units/100")),
    _get("A unit that isn't there", _model("counter", "/units/9"), 404),
)
ALIKE = _requests(
    _get("While a string is open", _model("counter", "/alike?text=aaabbb&first=2&last=3")),
    _get("A stretch that isn't there", _model("counter", "/alike?text=ab&first=2&last=9"), 422),
)
HEALTH = _requests(_get("Is the server up?", "/healthz"))
READY = _requests(_get("Can the server do its work?", "/readyz"))
