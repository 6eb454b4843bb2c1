"""Traces for a collector of OpenTelemetry, where a setting names one.

The spans are FastAPI's own: a request with its route, status and time, and the parts of its work.
Whatever a visitor could have typed is left out of them, the address with it.
"""

from collections.abc import Sequence
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import TracerProvider

from ..settings import SettingsError, settings
from .limits import HEALTH

NOTHING: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
SERVICE = "gate-explorer"
# What a span may say of a request: all of it from sets of our own.
SAID = {"url.scheme", "http.request.method", "network.protocol.version", "http.route"}


def configuration() -> TelemetryConfig:
    """What FastAPI is to trace. Raises: SettingsError where the extra isn't installed."""
    collector = settings().traces
    if collector is None:
        return NOTHING
    return {
        **NOTHING,
        "tracing": True,
        "tracer_provider": _provider(collector),
        "exclude": lambda scope: scope.get("path") in HEALTH,
    }


def _provider(collector: str) -> TracerProvider:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk import resources, trace
        from opentelemetry.sdk.trace import export, sampling
    except ModuleNotFoundError:
        raise SettingsError(
            "GATE_EXPLORER_TRACES needs OpenTelemetry's SDK, which isn't installed; it comes with"
            " the extra telemetry: pip install 'gate-explorer[telemetry]'."
        ) from None

    class Quiet(sampling.Sampler):
        """Takes every span, without what a visitor could have typed."""

        def should_sample(
            self,
            parent_context: Any,
            trace_id: int,
            name: str,
            kind: Any = None,
            attributes: Any = None,
            links: Sequence[Any] | None = None,
            trace_state: Any = None,
        ) -> sampling.SamplingResult:
            kept = {key: value for key, value in (attributes or {}).items() if key in SAID}
            return sampling.SamplingResult(sampling.Decision.RECORD_AND_SAMPLE, kept)

        def get_description(self) -> str:
            return "every span, without what a visitor typed"

    resource = resources.Resource.create({resources.SERVICE_NAME: SERVICE})
    provider = trace.TracerProvider(sampler=Quiet(), resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{collector.rstrip('/')}/v1/traces")
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    return provider
