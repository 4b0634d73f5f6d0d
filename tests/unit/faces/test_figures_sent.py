"""The figures of each run reach a collector of OpenTelemetry, here a real HTTP server that decodes what it gets."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from exposition import read_exposition
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from passerelle.edges.channels import open_telemetry


class _Collector(BaseHTTPRequestHandler):
    """Takes metrics as the OTLP specification says, and nothing else."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        fits = self.path == "/v1/metrics" and self.headers["content-type"] == "application/x-protobuf"
        self.server.seen.append((dict(self.headers), ExportMetricsServiceRequest.FromString(body)))
        answer = ExportMetricsServiceResponse().SerializeToString()
        self.send_response(self.server.status if fits else 415)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments):
        """Say nothing."""


class _Hidden:
    """Finds nothing of OpenTelemetry, as where it is not installed."""

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name=name)


@pytest.fixture
def collector():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    server.seen, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def told(oddities, collector, monkeypatch):
    """A folder in which a file of oddities waits, and whose settings name the collector."""
    monkeypatch.setenv("PASSERELLE_COLLECTEUR", "un-secret-tire-au-sort")
    path = oddities / "passerelle.toml"
    endpoint = f"http://127.0.0.1:{collector.server_port}/v1/metrics"
    table = f'\n[metrics]\nendpoint = "{endpoint}"\nheaders = {{ x-cle = "env:PASSERELLE_COLLECTEUR" }}\n'
    path.write_text(path.read_text("utf-8") + table, "utf-8")
    return oddities


def list_samples(request):
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    found = {}
    for metric in scope.metrics:
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points:
            labels = tuple(sorted((one.key, one.value.string_value) for one in point.attributes))
            found[metric.name, labels] = (kind == "sum", point.as_double)
    return found, {one.key: one.value.string_value for one in resource.resource.attributes}


def test_a_run_sends_the_figures_that_prometheus_reads(program, told, collector):
    assert program("run").code == 1
    ((headers, request),) = collector.seen
    sent, about = list_samples(request)
    families = read_exposition(program("status", "--format", "prometheus").out)
    del families["passerelle_build_info"]
    read = {(name, labels): figure for name, one in families.items() for labels, figure in one.samples.items()}
    assert {key: round(figure, 3) for key, (_kind, figure) in sent.items()} == read
    assert {name for (name, _labels), (is_sum, _figure) in sent.items() if is_sum} == {
        name for name, one in families.items() if one.kind == "counter"
    }
    assert (about["service.name"], about["service.instance.id"]) == ("passerelle", told.name)
    assert headers["x-cle"] == "un-secret-tire-au-sort"
    labels = {label for _name, pairs in sent for label, _text in pairs}
    assert labels <= {"flow", "fate", "state", "side"}


@pytest.mark.parametrize("status", [401, 503])
def test_a_collector_that_refuses_costs_the_run_nothing_and_is_told(program, told, collector, status):
    collector.status = status
    ran = program("run", "--format", "json")
    assert ran.code == 1
    (unsent,) = ran.json["unsent"]
    assert unsent["reason"] == "incident.collector.failed"
    assert "un-secret" not in ran.out + ran.err
    assert collector.seen


def test_a_secret_that_is_not_there_sends_nothing_and_doctor_says_so(program, told, collector, monkeypatch):
    monkeypatch.delenv("PASSERELLE_COLLECTEUR")
    ran = program("run", "--format", "json")
    assert (ran.code, collector.seen) == (1, [])
    assert ran.json["unsent"][0]["reason"] == "settings.secret.absent"
    assert "PASSERELLE_COLLECTEUR" in program("doctor").out


def test_a_library_that_is_missing_is_told_by_run_and_before_it_by_the_doctor(program, told, collector, monkeypatch):
    for name in [each for each in sys.modules if each.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Hidden(), *sys.meta_path])
    monkeypatch.setattr(open_telemetry, "find_spec", lambda _name: None)
    ran = program("run", "--format", "json")
    assert (ran.code, collector.seen) == (1, [])
    assert ran.json["unsent"][0]["reason"] == "settings.metrics.no_library"
    assert "passerelle-social[metrics]" in ran.json["unsent"][0]["advice"]
    assert "passerelle-social[metrics]" in program("doctor").out


def test_without_an_address_nothing_is_loaded_that_could_send(program, oddities):
    assert program("run", "--format", "json").json["unsent"] == []


def test_an_address_in_clear_elsewhere_is_refused(program, oddities):
    path = oddities / "passerelle.toml"
    path.write_text(path.read_text("utf-8") + '\n[metrics]\nendpoint = "http://collecteur.exemple.fr/v1/metrics"\n')
    assert program("run").code == 64
