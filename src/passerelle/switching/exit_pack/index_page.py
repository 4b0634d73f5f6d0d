"""The page that people open first: what the pack holds, where it is, and how to check it. French, without script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents.templates import get_template
from passerelle.switching.exit_pack.contract_writing import get_folder
from passerelle.vocabulary import language
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.switching.exit_pack.archive import ArchiveEntry
    from passerelle.switching.exit_pack.manifest import PackManifest


def render_page(manifest: PackManifest, entries: Sequence[ArchiveEntry]) -> str:
    """Render the page. Everything is escaped: names come from suppliers."""
    paths = {entry.path for entry in entries}
    return get_template("switching/exit_pack/index.html.jinja").render(
        manifest=manifest,
        folder_of=get_folder,
        says=_explain_in_french,
        beside=[(path, words) for path, words in _BESIDE if path in paths],
        mappings=sorted(path for path in paths if path.startswith("correspondances/")),
    )


_BESIDE = (
    ("mis-de-cote/quarantaine.jsonl", "Lignes mises de côté, telles qu'elles ont été reçues, avec le motif"),
    ("consentements/reponses.jsonl", "Ce que les personnes ont répondu, finalité par finalité"),
    ("journal/bilans.json", "Bilans par flux et passages"),
    ("journal/operations.jsonl", "Qui a ouvert, écarté ou décidé quoi, et pourquoi"),
    ("reglages/passerelle.toml", "Réglages (sans aucun secret : ils n'en contiennent que la référence)"),
    ("reglages/greffons.json", "Greffons installés et leurs versions"),
)


def _explain_in_french(code: str) -> str:
    """Explain a reason in French, whatever the reader's language: the pack is a French document."""
    before = language.get_current()
    language.set_language("fr")
    try:
        return explain(code, {})[0]
    finally:
        language.set_language(before)
