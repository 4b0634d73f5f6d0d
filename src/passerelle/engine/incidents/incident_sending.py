"""Sends one text over one channel of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.edges.channels.note import ShortText
from passerelle.engine.settings.secrets import resolve
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.incidents.incident_words import IncidentText
    from passerelle.engine.settings.notify_settings import NotifySettings
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.stores.incidents import IncidentMessage
    from passerelle.vocabulary.ports import Clock


def send_text(
    notify: NotifySettings, channel: str, number: str, text: IncidentText, moment: datetime, clock: Clock
) -> None:
    """Send a text over one channel. Raises TransientError when it fails, SettingsError for a secret that is missing."""
    note = ShortText(number, text.subject, text.body, moment, text.page)
    # imported by what sends: most runs tell nothing, and start faster
    if channel == "mail" and (mail := notify.mail):
        from passerelle.edges.channels.mail import MailServer, send_mail  # noqa: PLC0415  see above

        credentials = None
        if mail.username and mail.password:
            credentials = resolve(mail.username).reveal(), resolve(mail.password).reveal()
        send_mail(note, MailServer(mail.server, mail.port, mail.tls == "tls", credentials), mail.sender, mail.to)
    elif channel == "webhook" and (webhook := notify.webhook):
        from passerelle.edges.channels.webhook import post_text  # noqa: PLC0415  see above

        post_text(note, resolve(webhook.url).reveal(), webhook.form, clock, allow_private=webhook.allow_private)
    elif channel == "command" and notify.command:
        from passerelle.edges.channels.program import call_program  # noqa: PLC0415  see above

        call_program(note, notify.command.run)
    else:
        raise TransientError("incident.channel.failed", channel=channel, cause="–")


def make_note_id(message: IncidentMessage) -> str:
    """Return the id of a message: the same when it is sent again, and never that of another installation's."""
    return f"passerelle-{message.number}-{message.made_at:%Y%m%d%H%M%S%f}"


def name_place_of(settings: Settings) -> str:
    """Return what tells this installation from others: the name of the folder of its settings."""
    return settings.path.absolute().parent.name
