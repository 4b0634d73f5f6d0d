"""The figures of flows on their way to a collector of OpenTelemetry: those that a Prometheus monitor reads."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from passerelle.edges.channels.open_telemetry import FigureSeries, post_figures
from passerelle.engine.health.workspace_status import read_status
from passerelle.engine.incidents.incident_sending import name_place_of
from passerelle.engine.log import log
from passerelle.engine.settings.secrets import resolve
from passerelle.faces.report.monitor_series import list_figures
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace


def send_figures(workspace: Workspace) -> tuple[PasserelleError, ...]:
    """Send the figures of every flow; return why they were not taken, if they were not: the next run sends newer ones.

    Nothing is sent without an address in the settings.
    """
    settings = workspace.settings
    if (endpoint := settings.metrics.endpoint) is None:
        return ()
    about = {
        "service.name": "passerelle",
        "service.version": version("passerelle-social"),
        "service.instance.id": name_place_of(settings),
    }
    try:
        headers = {name: resolve(reference).reveal() for name, reference in settings.metrics.headers.items()}
        status = read_status(workspace, list(settings.flows))
        series = [
            FigureSeries(one.name, one.kind == "counter", one.says, tuple(samples))
            for one, samples in list_figures(status)
        ]
        post_figures(series, about, endpoint, headers, workspace.clock, allow_private=settings.metrics.allow_private)
    except PasserelleError as error:
        log("figures_unsent", code=error.code)
        return (error,)
    log("figures_sent", count=len(series))
    return ()
