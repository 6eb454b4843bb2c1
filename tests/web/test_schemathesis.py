"""schemathesis draws requests from our own OpenAPI document and holds the answers to it.

Its checks that what fits the schema is accepted, and what doesn't is refused, are left out: which
input a model reads, and that two inputs exclude each other, can't be said in a schema for all
models at once.
"""

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.server import RunningServer

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_api_keeps_to_its_document(server: RunningServer, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    asked = 0
    for result in document.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        # Without query or body, nothing can be given wrongly.
        if mode.is_positive or len(operation.body) or len(operation.query):
            _hold_to_the_document(operation, mode)
            asked += 1
    assert asked >= 4
    assert "Traceback" not in server.output()


def _hold_to_the_document(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    @hypothesis.settings(
        max_examples=100,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()
