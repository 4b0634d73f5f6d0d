"""The dossier as a page to read, print and sign: French, without script, one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.documents.templates import get_template
from passerelle.switching.kinds import WORDS
from passerelle.vocabulary import language

if TYPE_CHECKING:
    from collections.abc import Mapping

FATES = {
    "received": "reçus",
    "delivered": "livrés",
    "unchanged": "inchangés",
    "duplicate": "doublons",
    "unreadable": "illisibles",
    "rejected": "rejetés",
    "withheld": "retenus",
    "refused": "refusés",
    "unknown": "incertains",
}


def page(content: Mapping[str, Any], fingerprint: str) -> str:
    """Write the page from the document alone. Everything is escaped."""
    before = language.get_current()
    language.set_language("fr")
    try:
        words = {kind.value: language._(text) for kind, text in WORDS.items()}
    finally:
        language.set_language(before)
    return get_template("switching/prove/dossier.html.jinja").render(
        dossier=content,
        fingerprint=fingerprint,
        title_of=_title_of,
        field_of=_field_of,
        words=words,
        fates=FATES,
        losses=[loss for loss in content["comparison"].get("expected", []) if loss["found"]],
        open_findings=content["comparison"].get("findings", []),
    )


def _title_of(contract: str) -> str:
    known = catalogue().get(contract)
    return known.about.fr_title if known else contract


def _field_of(contract: str, name: str) -> str:
    known = catalogue().get(contract)
    fact = known.describe_fields().get(name) if known else None
    return fact.fr_title if fact else name
