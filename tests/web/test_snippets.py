"""A request as code: what is quoted, what is kept as a file, what an error's code prints."""

import pytest

from app.web.snippets import snippets

ORIGIN = "http://127.0.0.1:8000"


def code(path: str, media_type: str, status: int = 200, **body: object) -> dict[str, str]:
    request = {"path": path, "status": status, **({"body": body} if body else {})}
    return {each.key: each.code for each in snippets(request, media_type, ORIGIN)}


def test_snippets_quote_what_a_shell_would_read() -> None:
    found = code("/trace?x=1;2&of=it's", "application/json", text="it's $HOME")
    assert "'http://127.0.0.1:8000/trace?x=1;2&of=it'\"'\"'s'" in found["curl"]
    assert '"text": "it\'"\'"\'s $HOME"' in found["curl"]


@pytest.mark.parametrize(
    ("media_type", "python", "javascript"),
    [
        ("application/json", "print(json.load(response))", "response.json()"),
        ("application/x-ndjson", "print(json.loads(line))", "response.text()"),
        ("text/csv", "print(response.read().decode())", "response.text()"),
        ("image/svg+xml", "print(response.read().decode())", "response.text()"),
        ("image/png", 'Path("trace.png").write_bytes(response.read())', "response.arrayBuffer()"),
    ],
)
def test_snippets_take_an_answer_as_what_it_is(
    media_type: str, python: str, javascript: str
) -> None:
    found = code("/models/a/trace.png?x=1", media_type)
    assert python in found["python"]
    assert javascript in found["javascript"]
    assert ("--output trace.png" in found["curl"]) == (media_type == "image/png")


def test_snippets_of_an_error_print_its_status() -> None:
    found = code("/models/none", "application/problem+json", 404)
    assert "except HTTPError as error:" in found["python"]
    assert "response.status" in found["javascript"]


def test_snippets_of_a_form_send_its_file_by_name() -> None:
    request = {
        "method": "POST",
        "path": "/api/v1/models",
        "form": {"file": ["lstm.json", '{"W": [1]}'], "layout": "keras"},
        "status": 201,
    }
    found = {each.key: each.code for each in snippets(request, "application/json", ORIGIN)}
    assert """--form 'file={"W": [1]};filename=lstm.json'""" in found["curl"]
    assert "--form layout=keras" in found["curl"]
    assert 'form.append("file", new Blob(["{\\"W\\": [1]}"]), "lstm.json");' in found["javascript"]
    assert 'name="file"; filename="lstm.json"' in found["python"]
    assert "boundary=next" in found["python"]


def test_snippets_of_what_is_taken_back_send_its_token() -> None:
    headers = {"Authorization": "Bearer a"}
    request = {"method": "DELETE", "path": "/models/own-0", "headers": headers, "status": 404}
    found = {each.key: each.code for each in snippets(request, "", ORIGIN)}
    assert "--request DELETE" in found["curl"]
    assert "--header 'Authorization: Bearer a'" in found["curl"]
    assert 'method: "DELETE"' in found["javascript"]
    assert 'method="DELETE"' in found["python"]
