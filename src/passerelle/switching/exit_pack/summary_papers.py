"""The summary of a pack as one page to sign (DOCX), and its figures for a spreadsheet (XLSX). In French."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

from passerelle.documents import charts, word_document
from passerelle.documents.blocks import Paragraph, PrintableDocument, TableBlock, TableCell
from passerelle.documents.packing import repack
from passerelle.documents.workbooks import begin_workbook, compute_height
from passerelle.switching.exit_pack import pack_summary as summary
from passerelle.vocabulary.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsxwriter.workbook import Workbook

    from passerelle.documents.blocks import Block
    from passerelle.switching.exit_pack.manifest import PackManifest

DOCUMENT, WORKBOOK = "resume.docx", "resume.xlsx"
_TITLE = "Dossier de sortie"
_PAPER_A4 = 9
_ROOM = 4
"""Empty lines to sign on."""


def write_document(manifest: PackManifest) -> bytes:
    """Return the page to sign. The same manifest always gives the same bytes."""
    state = summary.find_state(manifest)
    document = PrintableDocument(
        language="fr",
        kind="Résumé à signer",
        title=_TITLE,
        buyer=manifest.publisher.name,
        reference=summary.write_moment(manifest.extracted_at),
        facts=(("État", summary.STATES[state]), *summary.list_facts(manifest)),
        blocks=tuple(_iter_blocks(manifest, state)),
        digest=hashlib.sha256(manifest.model_dump_json().encode()).hexdigest(),
        words={
            "contents": "Sommaire",
            "page": "Page",
            "digest": "Empreinte",
            "annex": "Annexe",
            "digest_says": "Empreinte de ce que dit ce résumé. Le dossier entier a la sienne, dans manifest.json.",
        },
    )
    return word_document.write(document, manifest.extracted_at[:10])


def _iter_blocks(manifest: PackManifest, state: str) -> Iterator[Block]:
    yield Paragraph(summary.write_state(state))
    others = "\u00a0; ".join(f"«\u00a0{words}\u00a0»" for words in summary.STATES.values())
    yield Paragraph(f"Les trois états possibles\u00a0: {others}.", is_note=True)
    yield TableBlock(
        caption="Enregistrements, par contrat",
        heads=("Contrat", "Enregistrements", "Personnes", "Période"),
        rows=tuple(
            (one.title, format_count(one.records, "fr"), format_count(one.persons, "fr"), summary.write_depth(one))
            for one in manifest.contracts
        ),
        widths=(0.3, 0.21, 0.15, 0.34),
    )
    if aside := list(summary.iter_aside(manifest)):
        yield TableBlock(
            caption="Lignes reçues qui ne sont pas sous forme de contrat",
            heads=("Gravité", "Lignes", "Motif", "Lu par"),
            rows=tuple((one.severity, format_count(one.count, "fr"), one.says, one.title) for one in aside),
            widths=(0.26, 0.1, 0.4, 0.24),
        )
    room = TableCell("", "\n".join("\u00a0" * _ROOM))
    yield TableBlock(caption="Signatures", heads=summary.SIGNERS, rows=((room, room),), widths=(0.5, 0.5))


def write_workbook(manifest: PackManifest) -> bytes:
    """Return the figures of the pack. The same manifest always gives the same bytes."""
    stream = io.BytesIO()
    book = begin_workbook(stream, _TITLE, manifest.publisher.name)
    state = summary.find_state(manifest)
    facts = [("État", summary.STATES[state]), ("", summary.write_state(state)), *summary.list_facts(manifest)]
    _add_sheet(book, "Résumé", ("", _TITLE), (26, 90), facts)
    _add_sheet(
        book,
        "Contrats",
        ("Contrat", "Enregistrements", "Personnes", "Période"),
        (34, 16, 14, 44),
        [(one.title, one.records, one.persons, summary.write_depth(one)) for one in manifest.contracts],
    )
    links = [
        (one.title, summary.name_reference(one.contract, link.field), link.filled, link.unresolved)
        for one in manifest.contracts
        for link in one.links
        if link.filled
    ]
    _add_sheet(book, "Références", ("Contrat", "Champ", "Renseignées", "Cible absente"), (34, 34, 14, 16), links)
    aside = [(one.severity, one.count, one.says, one.title) for one in summary.iter_aside(manifest)]
    _add_sheet(book, "Mis de côté", ("Gravité", "Lignes", "Motif", "Lu par"), (38, 10, 70, 40), aside)
    received = [
        (
            one.name or "–",
            summary.write_moment(one.received_at),
            one.size,
            summary.explain_in_french(one.trouble) if one.trouble else "lu",
            one.sha256,
        )
        for one in manifest.received
    ]
    heads = ("Fichier", "Reçu le", "Octets", "Remarque", "Empreinte (SHA-256)")
    _add_sheet(book, "Fichiers reçus", heads, (36, 34, 14, 50, 66), received)
    if not summary.draw_records(manifest).is_empty:
        charts.add_chart(book, "Graphique", summary.draw_records(manifest))
    book.close()
    return repack(stream.getvalue())


def _add_sheet(
    book: Workbook, name: str, heads: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[str | int]]
) -> None:
    """Add a worksheet that prints on A4 in landscape; the first column names the row, counts are numbers.

    What would be empty is left out.
    """
    if not rows:
        return
    sheet = book.add_worksheet(name)
    cell: dict[str, Any] = {"font_name": "Calibri", "font_size": 10, "text_wrap": True, "valign": "top", "border": 1}
    cell["border_color"] = "#8A94A0"
    head = book.add_format({**cell, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79"})
    first, plain = book.add_format({**cell, "bold": True}), book.add_format(cell)
    number = book.add_format({**cell, "num_format": "#,##0"})
    for place, (word, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, word, head)
    for line, row in enumerate(rows, start=1):
        sheet.set_row(line, compute_height([one if isinstance(one, str) else "" for one in row], widths))
        for place, one in enumerate(row):
            if isinstance(one, str):
                sheet.write_string(line, place, one, plain if place else first)
            else:
                sheet.write_number(line, place, one, number)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(_PAPER_A4)
    sheet.fit_to_pages(1, 0)
