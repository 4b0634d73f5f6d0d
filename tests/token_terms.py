"""Terms of invented tokens, and acts of the audit trail about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passerelle.stores.tokens import TokenTerms
from passerelle.stores.trail import AuditEntry

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECRET = "pk_Zzyx-jeton-d-essai"


def make_terms(**about) -> TokenTerms:
    asked = {
        "client": "agenda du service",
        "contracts": ("visit/1", "person/1"),
        "purposes": ("planning",),
        "recipient": "partner",
        "ends_at": NOW + timedelta(days=90),
        "who": "marie",
        "why": "agenda de Zzyx",
    }
    return TokenTerms(**(asked | about))


def act(action: str, at: datetime = NOW) -> AuditEntry:
    return AuditEntry(0, at, action, "1", "parce que", "marie")
