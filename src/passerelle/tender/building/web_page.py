"""A document as one HTML page that needs nothing else and prints well: no script, no font, no network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

if TYPE_CHECKING:
    from passerelle.tender.building.blocks import Document


def write(document: Document) -> bytes:
    """Write it. Everything is escaped; the same document always gives the same bytes."""
    numbers = document.numbered()
    parts = [(type(block).__name__, block, numbers.get(place)) for place, block in enumerate(document.blocks)]
    entries = [entry for entry in numbers.values() if entry.heading.level == 1]
    return (_template().render(document=document, parts=parts, entries=entries) + "\n").encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("passerelle.tender.building", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("document.html.jinja")
