"""Compile the French catalogue: called by every build of the package (editable ones too) and by `make messages`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A build has nothing of passerelle installed yet.
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from passerelle.vocabulary.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Sequence

CATALOGUE = Path("src/passerelle/locale/fr/LC_MESSAGES/messages.po")


class UndatedCatalog(Catalog):
    """A catalogue whose header is the same whenever and with whatever it is written."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What gettext needs to read the catalogue, and nothing else."""
        return [
            ("Language", "fr"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", str(self.plural_forms)),
        ]


def compile_catalogue(catalogue: Path) -> Path:
    """Write the `.mo` file beside a `.po` file; return its path."""
    with catalogue.open("rb") as stream:
        source = read_po(stream, locale="fr")
    undated = UndatedCatalog(locale="fr", charset="utf-8", fuzzy=False)
    for message in source:
        if message.id:
            undated.add(message.id, _typeset_each(message.string))
    content = io.BytesIO()
    write_mo(content, undated)
    compiled = catalogue.with_suffix(".mo")
    compiled.write_bytes(content.getvalue())
    return compiled


def _typeset_each(strings: str | Sequence[str]) -> str | tuple[str, ...]:
    """Return what is shown, one text or its plural forms, with the spaces that French asks for around its marks."""
    return typeset(strings) if isinstance(strings, str) else tuple(map(typeset, strings))


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's class is generic over its configuration
    """Compiles the catalogue before hatchling gathers the files of a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Compile; the result is ignored by git, so the wheel has to be told to take it (`artifacts`)."""
        compile_catalogue(Path(self.root) / CATALOGUE)


if __name__ == "__main__":
    compile_catalogue(Path(__file__).parents[1] / CATALOGUE)
