"""Figures sent to a collector of OpenTelemetry: OTLP over HTTP, as binary protobuf.

The messages are those of OpenTelemetry's own package; what is not used is its SDK, which counts while a program works.
Here the journal has counted already, and the house's client sends: its rules for addresses, its deadlines.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import PasserelleError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.vocabulary.ports import Clock

_SECONDS = 20.0
_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class FigureSeries:
    """One named figure: what it is, and its samples by their labels."""

    name: str
    is_counter: bool
    says: str
    samples: tuple[tuple[Mapping[str, str], float], ...]


def has_library() -> bool:
    """Whether what writes the messages is installed."""
    return find_spec("opentelemetry") is not None


def post_figures(
    series: Sequence[FigureSeries],
    about: Mapping[str, str],
    endpoint: str,
    headers: Mapping[str, str],
    clock: Clock,
    *,
    allow_private: bool,
) -> None:
    """Send figures of this moment; `about` says whose they are. Raises TransientError `incident.collector.failed`."""
    body = write_request(series, about, round(clock.now().timestamp() * 1_000_000) * 1_000)
    policy = Policy(allowed_private=allow_private, deadline=_SECONDS, max_bytes=_ANSWER, attempts=1)
    try:
        parts = urlsplit(endpoint)
        client = HttpClient(f"{parts.scheme}://{parts.netloc}", policy=policy, clock=clock)
        try:
            reply = client.post(parts.path, body, {**headers, "content-type": "application/x-protobuf"})
        finally:
            client.close()
    except (PasserelleError, ValueError) as error:
        cause = error.code if isinstance(error, PasserelleError) else "URL"
        raise TransientError("incident.collector.failed", cause=cause) from None
    if reply.status >= 300:
        raise TransientError("incident.collector.failed", cause=str(reply.status))


def write_request(series: Sequence[FigureSeries], about: Mapping[str, str], nanoseconds: int) -> bytes:
    """Return the bytes of an export request. Raises TransientError where the package of its messages is missing."""
    try:
        from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as service  # noqa: PLC0415  an extra
        from opentelemetry.proto.metrics.v1 import metrics_pb2 as messages  # noqa: PLC0415  see above
    except ImportError:
        raise TransientError("settings.metrics.no_library") from None

    request = service.ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    _add_attributes(resource.resource.attributes, about)
    scope = resource.scope_metrics.add()
    scope.scope.name = "passerelle"
    for one in series:
        metric = scope.metrics.add(name=one.name, description=one.says)
        if one.is_counter:
            metric.sum.is_monotonic = True
            metric.sum.aggregation_temporality = messages.AGGREGATION_TEMPORALITY_CUMULATIVE
        points = metric.sum.data_points if one.is_counter else metric.gauge.data_points
        for labels, figure in one.samples:
            point = points.add(time_unix_nano=nanoseconds, as_double=figure)
            _add_attributes(point.attributes, labels)
    return bytes(request.SerializeToString())


def _add_attributes(attributes: Any, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        attributes.add(key=name).value.string_value = text
