"""Reports that a process had to stop before its journal could be opened, or with it: once, and its end later, once.

A file beside the state remembers what was told; as soon as the journal opens again, it takes that over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from passerelle.engine.incidents.incident_sending import make_note_id, name_place_of, send_text
from passerelle.engine.incidents.incident_words import write_message
from passerelle.engine.log import log
from passerelle.stores.incidents import Incident, IncidentMessage
from passerelle.vocabulary.errors import FatalError, PasserelleError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.reasons import REASONS
from passerelle.vocabulary.safe_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.ports import Clock

_UNNUMBERED = 0
"""The number of such a message: the journal, which numbers them, could not be opened."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """What stopped the process, and the channels that took the message."""

    alert: Incident
    told: tuple[str, ...] = ()


def tell_stop(settings: Settings, error: PasserelleError, clock: Clock) -> None:
    """Report that the process had to stop, once until it does not. Never raises: the error itself is on its way up."""
    notify, mark, now = settings.notify, _find_mark(settings), clock.now()
    if not notify.channels:
        return
    stops = _read_stops(mark)
    stop = stops.setdefault(error.code, _Stop(Incident("", error.code, now, error.words)))
    _write_stops(mark, stops)
    passes = isinstance(error, FatalError) and error.will_pass
    if now - stop.alert.since < (notify.after if passes else timedelta()):
        return
    message = IncidentMessage(_UNNUMBERED, stop.alert.since, (stop.alert,), (), ())
    for channel in notify.channels:
        if channel in stops[error.code].told:
            continue
        try:
            text = write_message(message, place=name_place_of(settings))
            send_text(notify, channel, make_note_id(message), text, now, clock)
        except PasserelleError as failure:
            log("alert_unsent", code=failure.code)
            continue
        hit_failpoint("alert.stop_sent")
        stops[error.code] = replace(stops[error.code], told=(*stops[error.code].told, channel))
        _write_stops(mark, stops)


def take_stops_over(workspace: Workspace) -> None:
    """Move what was told of stopped processes into the journal, which opens again: their end is told from there."""
    mark = _find_mark(workspace.settings)
    for stop in _read_stops(mark).values():
        # what nobody was told of is over without a word
        if stop.told:
            workspace.journal.note_told(stop.alert)
    hit_failpoint("alert.taken_over")
    mark.unlink(missing_ok=True)


def _find_mark(settings: Settings) -> Path:
    return settings.state.with_name(f"{settings.state.name}-alerte.json")


def _read_stops(mark: Path) -> dict[str, _Stop]:
    """Return what stopped processes, by code; what cannot be read is nothing that was told."""
    try:
        content: Sequence[Mapping[str, Any]] = json.loads(mark.read_text("utf-8"))
        return {
            one["code"]: _Stop(
                Incident("", one["code"], datetime.fromisoformat(one["since"]), dict(one["details"])),
                tuple(one["told"]),
            )
            for one in content
            if one["code"] in REASONS
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write_stops(mark: Path, stops: Mapping[str, _Stop]) -> None:
    content = [
        {
            "code": stop.alert.code,
            "since": stop.alert.since.isoformat(),
            "details": dict(stop.alert.details),
            "told": list(stop.told),
        }
        for stop in stops.values()
    ]
    try:
        write_whole(mark, json.dumps(content))
    except OSError as error:
        log("alert_unsent", error=error)
