"""Informs people of faults, once, and of their end, once: compares, writes the message, sends what was not sent yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.incidents.incident_finding import find_incidents
from passerelle.engine.incidents.incident_sending import make_note_id, name_place_of, send_text
from passerelle.engine.incidents.incident_words import write_message, write_trial
from passerelle.engine.incidents.stop_incidents import take_stops_over
from passerelle.engine.log import log
from passerelle.vocabulary.errors import PasserelleError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.incidents.incident_words import IncidentText
    from passerelle.engine.runs.running import RunReport
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.ports import Clock


def tell(workspace: Workspace, report: RunReport | None = None) -> tuple[PasserelleError, ...]:
    """Report what began and what is over since the last time. Return why channels failed; they are tried again.

    Nothing is done without a channel in the settings.
    """
    notify, journal = workspace.settings.notify, workspace.journal
    if not notify.channels:
        return ()
    take_stops_over(workspace)
    journal.compare_incidents(find_incidents(workspace, report), notify.channels, workspace.clock.now())
    hit_failpoint("alert.written")
    journal.drop_channels(notify.channels)
    failures = []
    for message in journal.list_unsent():
        text = write_message(message, place=name_place_of(workspace.settings))
        for channel in message.channels:
            try:
                send_text(notify, channel, make_note_id(message), text, message.made_at, workspace.clock)
            except PasserelleError as error:
                log("alert_unsent", code=error.code)
                failures.append(error)
                continue
            hit_failpoint("alert.sent")
            journal.mark_sent(message.number, channel)
            log("alert_sent", count=len(message.begun) + len(message.over))
    return tuple(failures)


def send_state(settings: Settings, text: IncidentText, moment: datetime, clock: Clock) -> None:
    """Mail the state of the flows, whatever it is, to whom the settings name.

    Raises UsageError `usage.mail.none` where they name nobody, TransientError `incident.channel.failed`.
    """
    if settings.notify.mail is None:
        raise UsageError("usage.mail.none")
    send_text(settings.notify, "mail", f"passerelle-state-{moment:%Y%m%d%H%M%S%f}", text, moment, clock)
    log("state_sent", count=len(settings.notify.mail.to))


def tell_trial(settings: Settings, clock: Clock) -> dict[str, PasserelleError | None]:
    """Send a trial message over every channel; return, by channel, why it failed, None where it did not."""
    results: dict[str, PasserelleError | None] = {}
    now, text = clock.now(), write_trial(name_place_of(settings))
    for channel in settings.notify.channels:
        try:
            send_text(settings.notify, channel, f"passerelle-trial-{now:%Y%m%d%H%M%S%f}", text, now, clock)
        except PasserelleError as error:
            results[channel] = error
        else:
            results[channel] = None
    return results
