"""schemathesis draws requests from our own OpenAPI document and holds the answers to it.

With all its checks but two: that what fits the schema is accepted, and what doesn't is refused.
Which input a model reads, and that two inputs exclude each other, can't be said in a schema for all
models at once. Some 1,200 requests.
"""

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.server import RunningServer

LEFT_OUT: list[Any] = [positive_data_acceptance, negative_data_rejection]
EXAMPLES = 25


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_api_keeps_to_its_document(open_server: RunningServer, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_url(f"{open_server.url}/openapi.json")
    asked = 0
    for result in document.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        # Without query or body, nothing can be given wrongly.
        if mode.is_positive or len(operation.body) or len(operation.query):
            _hold_to_the_document(operation, mode)
            asked += 1
    assert asked >= 4
    assert "Traceback" not in open_server.output()


def _hold_to_the_document(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(excluded_checks=LEFT_OUT)

    ask()
