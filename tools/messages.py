"""Gather the sentences people read, bring the French catalogue up to date, compile it.

English is what the sentences are written in, so it needs no catalogue. `python tools/messages.py` updates and compiles;
with `--check` nothing is written, and the exit code says whether something is missing, fuzzy or unused.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from catalogue import UndatedCatalog, compile_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[1] / "src" / "passerelle"
CATALOGUE = SOURCE / "locale" / "fr" / "LC_MESSAGES" / "messages.po"
# named as the functions of `vocabulary.language` are: a function that is missing here loses its French
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "translate_plural": (1, 2)}
METHODS = [("**.py", "python"), ("**.jinja", "jinja2")]
FOLDERS = (SOURCE, Path(click.__file__).parent)
"""Ours, and click's: its words are shown with ours."""


def iter_messages() -> Iterator[str | tuple[str, str]]:
    """Yield every sentence of the sources; a pair where the number decides."""
    for folder in FOLDERS:
        for _file, _line, message, _comments, _context in extract_from_dir(
            folder, method_map=METHODS, keywords=KEYWORDS, options_map={"**.jinja": {"encoding": "utf-8"}}
        ):
            yield message if isinstance(message, str) else (message[0], message[1])


def read_catalogue() -> Catalog:
    """Read the catalogue as it is."""
    if not CATALOGUE.exists():
        return _make_empty()
    with CATALOGUE.open("rb") as stream:
        return read_po(stream, locale="fr")


def update_catalogue() -> Catalog:
    """Return the catalogue of the sentences in the sources, with every translation that still applies."""
    before = read_catalogue()
    after = _make_empty()
    for message in sorted(set(iter_messages()), key=str):
        first = message if isinstance(message, str) else message[0]
        was = before.get(first)
        string = (
            was.string
            if was is not None and isinstance(was.string, type(_make_blank(message)))
            else _make_blank(message)
        )
        after.add(message, string)
    return after


def _make_blank(message: str | tuple[str, str]) -> str | tuple[str, str]:
    return "" if isinstance(message, str) else ("", "")


def _make_empty() -> Catalog:
    return Catalog(locale="fr", project="passerelle", charset="utf-8", fuzzy=False)


def as_po(catalog: Catalog) -> bytes:
    """Write a catalogue the same way every time: sorted, without places and without dates."""
    stream = io.BytesIO()
    write_po(stream, catalog, sort_output=True, no_location=True, omit_header=True, width=120)
    header = "".join(f'"{name}: {value}\\n"\n' for name, value in UndatedCatalog(locale="fr").mime_headers)
    return f'msgid ""\nmsgstr ""\n{header}\n'.encode() + stream.getvalue()


def list_untranslated(catalog: Catalog) -> list[str]:
    """List what has no French yet."""
    return [str(message.id) for message in catalog if message.id and not _is_whole(message.string)]


def _is_whole(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def find_faults() -> list[str]:
    """List the faults of the catalogue as it stands."""
    catalog = update_catalogue()
    found = [f"no French: {message}" for message in list_untranslated(catalog)]
    if CATALOGUE.read_bytes() != as_po(catalog):
        found.append("messages.po is not what the sources say")
    return found


def main() -> int:
    """Update and compile, or check."""
    if "--check" in sys.argv[1:]:
        found = find_faults()
        sys.stdout.writelines(f"{line}\n" for line in found)
        return 1 if found else 0
    catalog = update_catalogue()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(as_po(catalog))
    compile_catalogue(CATALOGUE)
    sys.stdout.write(f"{len(catalog)} sentences, {len(list_untranslated(catalog))} without French\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
