"""A document as one HTML page that needs nothing else and prints well: no script, no font, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents import charts
from passerelle.documents.templates import get_template

if TYPE_CHECKING:
    from passerelle.documents.blocks import PrintableDocument


def write(document: PrintableDocument) -> bytes:
    """Return the page. Everything is escaped; the same document always gives the same bytes."""
    numbers = document.number_headings()
    # Jinja has no `isinstance`: the template chooses by the name of the class.
    parts = [(type(block).__name__, block, numbers.get(place)) for place, block in enumerate(document.blocks)]
    entries = [entry for entry in numbers.values() if entry.heading.level == 1]
    page = get_template("documents/document.html.jinja")
    return (page.render(document=document, parts=parts, entries=entries, charts=charts) + "\n").encode()
