"""E-mail over SMTP, always inside TLS, the server's certificate verified. Plain text, and a page beside it if any."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from passerelle.edges.certificates import read_end
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.edges.channels.note import ShortText

_SECONDS = 20.0
"""How long one step of the exchange may take."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes messages, and how to speak to it."""

    host: str
    port: int
    implicit_tls: bool = False
    """TLS from the first byte; else STARTTLS, without which nothing is said."""
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = None
    """Whom to trust instead of what the machine trusts; it verifies as well."""


def send_mail(note: ShortText, server: MailServer, sender: str, to: Sequence[str]) -> None:
    """Send one message to all its readers. Raises TransientError `incident.channel.failed`, without the server's words.

    `to` are addresses without display names.
    """
    try:
        with _connect(server) as connection:
            if server.credentials is not None:
                connection.login(*server.credentials)
            refused = connection.send_message(make_mail(note, sender, to), sender, list(to))
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        # the answer of a server may repeat addresses and what was sent
        raise TransientError("incident.channel.failed", channel="mail", cause=type(error).__name__) from None
    if refused:
        raise TransientError("incident.channel.failed", channel="mail", cause="SMTPRecipientsRefused")


def find_certificate_end(server: MailServer) -> datetime:
    """Connect, say nothing, and return until when the certificate of a server is valid, which is verified.

    Raises TransientError `incident.channel.failed`.
    """
    try:
        with _connect(server) as connection:
            end = read_end(connection.sock)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise TransientError("incident.channel.failed", channel="mail", cause=type(error).__name__) from None
    if end is None:
        raise TransientError("incident.channel.failed", channel="mail", cause="TLS")
    return end


def _connect(server: MailServer) -> smtplib.SMTP:
    context = server.context or ssl.create_default_context()
    if server.implicit_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        # raises where the server offers none: nothing is ever sent in clear
        connection.starttls(context=context)
        connection.ehlo()
    except BaseException:
        connection.close()
        raise
    return connection


def make_mail(note: ShortText, sender: str, to: Sequence[str]) -> EmailMessage:
    """Make the message. Its id is that of the note: a server or a reader knows a repetition by it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Subject"] = " ".join(note.subject.split())
    mail["Date"] = format_datetime(note.moment)
    mail["Message-ID"] = f"<{note.id}@{sender.rpartition('@')[2]}>"
    # RFC 3834: no out-of-office answers
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(note.body)
    if note.page:
        # RFC 2046 §5.1.4: the richer form last
        mail.add_alternative(note.page, subtype="html")
    return mail
