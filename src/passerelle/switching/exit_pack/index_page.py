"""The page that people open first: what the pack holds, where it is, and how to check it. French, without script."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from passerelle.documents.charts import draw_bars
from passerelle.documents.templates import get_template
from passerelle.switching.exit_pack import pack_summary as summary
from passerelle.switching.exit_pack import summary_papers
from passerelle.switching.exit_pack.contract_writing import get_folder
from passerelle.vocabulary.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.switching.exit_pack.archive import ArchiveEntry
    from passerelle.switching.exit_pack.manifest import PackManifest


def render_page(manifest: PackManifest, entries: Sequence[ArchiveEntry]) -> str:
    """Render the page. Everything is escaped: names come from suppliers."""
    paths = {entry.path for entry in entries}
    state, chart = summary.find_state(manifest), summary.draw_records(manifest)
    titles = {one.connector: one.title for one in manifest.connectors}
    mappings = [(titles.get(stem, stem), f"correspondances/{stem}.csv") for stem in sorted(titles)]
    return get_template("switching/exit_pack/index.html.jinja").render(
        manifest=manifest,
        state=state,
        states=summary.STATES,
        state_says=summary.write_state(state),
        facts=summary.list_facts(manifest),
        picture="" if chart.is_empty else draw_bars(chart),
        signers=summary.SIGNERS,
        document=summary_papers.DOCUMENT,
        workbook=summary_papers.WORKBOOK,
        count=partial(format_count, language="fr"),
        depth=summary.write_depth,
        moment=summary.write_moment,
        size=summary.write_size,
        aside=list(summary.iter_aside(manifest)),
        titles={"": "", **titles},
        folder_of=get_folder,
        says=summary.explain_in_french,
        beside=[(path, words) for path, words in _BESIDE if path in paths],
        mappings=[(title, path) for title, path in mappings if path in paths],
    )


_BESIDE = (
    ("mis-de-cote/quarantaine.jsonl", "Lignes mises de côté, telles qu'elles ont été reçues, avec le motif"),
    ("consentements/reponses.jsonl", "Ce que les personnes ont répondu, finalité par finalité"),
    ("journal/bilans.json", "Bilans par flux et passages"),
    ("journal/operations.jsonl", "Qui a ouvert, écarté ou décidé quoi, et pourquoi"),
    ("reglages/passerelle.toml", "Réglages (sans aucun secret : ils n'en contiennent que la référence)"),
    ("reglages/greffons.json", "Greffons installés et leurs versions"),
)
