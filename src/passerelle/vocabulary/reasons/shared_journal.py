"""What is wrong where several organisations share one journal."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.database.bypass",
        N_("This account of PostgreSQL sees the rows of all organisations: it is a superuser, or has BYPASSRLS."),
        N_(
            "Have an ordinary account made that owns the database of the journal (CREATE ROLE passerelle LOGIN "
            "NOSUPERUSER NOBYPASSRLS), and name it in the address: only then the server keeps organisations apart."
        ),
        Concerns.OPERATOR,
    ),
)
