"""The dossier as a page to read, print and sign: French, without script, one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.documents.templates import get_template
from passerelle.switching.difference_kinds import KIND_LABELS
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
LEFT_WORDS = {
    "waived": "laissée de côté par le connecteur, par choix",
    "carried": "aucun champ pour elle, et aucune place à côté dans le nouveau logiciel",
    "unknown": "inconnue du connecteur, et aucune place pour elle dans le nouveau logiciel",
    "out_of_scope": "lignes laissées de côté, par choix",
}


def render_page(content: Mapping[str, Any], fingerprint: str) -> str:
    """Render the page from the document alone. Everything is escaped."""
    # French whatever the reader's language: the dossier is a French document.
    before = language.get_current()
    language.set_language("fr")
    try:
        words = {kind.value: language._(text) for kind, text in KIND_LABELS.items()}
    finally:
        language.set_language(before)
    return get_template("switching/prove/dossier.html.jinja").render(
        dossier=content,
        fingerprint=fingerprint,
        title_of=_get_title,
        field_of=_get_field_title,
        words=words,
        fates=FATES,
        left_words=LEFT_WORDS,
        losses=[loss for loss in content["comparison"].get("expected", []) if loss["found"]],
        open_findings=content["comparison"].get("findings", []),
    )


def _get_title(contract: str) -> str:
    # A dossier may be older or newer than this catalogue: what it lacks is shown by its id.
    model = catalogue().get(contract)
    return model.about.fr_title if model else contract


def _get_field_title(contract: str, name: str) -> str:
    model = catalogue().get(contract)
    meta = model.describe_fields().get(name) if model else None
    return meta.fr_title if meta else name
