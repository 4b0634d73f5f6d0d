"""Why somebody should see to a certificate before it ends."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "certificate.source.ends",
        N_("The certificate of the server that the source is read from is valid until {day}."),
        N_("Ask those who run it to renew it before: after that day nothing is read from there any more."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "certificate.destination.ends",
        N_("The certificate of the server that the destination is on is valid until {day}."),
        N_("Ask those who run it to renew it before: after that day nothing goes there any more."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "certificate.client.ends",
        N_("Our own certificate for the database («sslcert», {side}) is valid until {day}."),
        N_("Ask those who run the database for a new one before that day, and put it in the same place."),
        Concerns.OPERATOR,
    ),
    Reason(
        "certificate.mail.ends",
        N_("The certificate of the mail server is valid until {day}."),
        N_("Ask those who run it to renew it before: after that day nobody is told anything by mail."),
        Concerns.OPERATOR,
    ),
)
