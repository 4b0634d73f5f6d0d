"""The pages of `docs/` that are made from the code: `python -m passerelle.faces.pages docs` writes them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary import language
from passerelle.vocabulary.doubts import DOUBTS, Treatment, can_be_strict
from passerelle.vocabulary.reasons import REASONS, Concerns
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.vocabulary.reasons import Reason

REASONS_PAGE = "raisons.md"

_STAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "collect": ("Arrivée", "Arrival"),
        "decode": ("Lecture du fichier", "Reading the file"),
        "translate": ("Traduction vers le contrat", "Translation to the contract"),
        "validate": ("Contrôle du contrat", "The contract's checks"),
        "gate": ("Finalité et consentement", "Purpose and consent"),
        "compare": ("Comparaison avec ce qui est livré", "Comparison with what was delivered"),
        "deliver": ("Livraison", "Delivery"),
        "whole": ("Ce qui disparaît", "What vanishes"),
        "silence": ("Le silence", "Silence"),
        "certificate": ("Les certificats", "Certificates"),
        "pages": ("La lecture par pages", "Reading by pages"),
        "processing": ("Le traitement", "The processing"),
        "incident": ("Incidents", "Incidents"),
        "api": ("L'API pour les programmes", "The API for programs"),
        "subscription": ("Abonnements", "Subscriptions"),
        "tender": ("Cahier des charges", "Tender"),
        "settings": ("Réglages", "Settings"),
        "usage": ("Commandes", "Commands"),
    },
)
"""What the first word of a code stands for, in the order of the path."""

_CONCERNS: Mapping[Concerns, str] = MappingProxyType(
    {
        Concerns.SUPPLIER: "éditeur",
        Concerns.ORGANISATION: "structure",
        Concerns.OPERATOR: "exploitant",
        Concerns.DEVELOPER: "développeur",
    },
)

_HEAD = """# Tous les motifs

*In English: every reason code with its sentence, its advice and who can act, in French and in English. This page is
made by `make pages`; a test compares it with the code.*

Page produite par `make pages` à partir du code ; ne pas la modifier à la main, un test la compare au code.

Un motif dit pourquoi un enregistrement est mis de côté, pourquoi un colis est garé, pourquoi un flux attend ou est
suspendu, ou pourquoi une commande est refusée. **Un code ne change jamais de sens** : on peut compter dessus dans un
tableau de bord. `[…]` tient la place d'un mot propre à chaque cas : un nom de colonne, une borne, la *forme* d'une
valeur (`99/99/9999`), jamais la valeur. « Qui » est celui qui peut y faire quelque chose : l'éditeur du logiciel, la
structure qui saisit, l'exploitant de Passerelle, le développeur du connecteur ou de Passerelle.
"""
_DOUBTS_HEAD = """
## Ce qui est douteux, ce que Passerelle en fait, ce qui le change · Doubts

Un doute est un avertissement : il ne perd jamais un enregistrement, et chaque cause tient en une ligne avec son nombre.
Un flux peut en décider autrement, dans [ses réglages](reglages.md#les-doutes) : `"strict"` met l'enregistrement de
côté, `{ silent = "raison" }` ne compte plus l'avertissement.

*A doubt is a warning: it never loses a record. A flow may make it strict (the record is set aside) or silent, with a
reason.*

| ce qui est douteux | ce que Passerelle en fait | what is done | ce qui le change |
|---|---|---|---|
"""
_TREATMENTS: Mapping[Treatment, tuple[str, str]] = MappingProxyType(
    {
        Treatment.KEPT: ("livré tel qu'il a été lu", "delivered as it was read"),
        Treatment.UNKNOWN: ("lu comme « inconnu », le reste est livré", "read as unknown, the rest is delivered"),
        Treatment.RESOLVED: ("une règle du connecteur a tranché", "a rule of the connector decided"),
        Treatment.PARCEL: ("tout est livré, dit une fois par colis", "all is delivered, told once a parcel"),
    },
)
_DETAIL = re.compile(r"\{[a-z_]+\}")
"""Where a sentence takes a word of its case."""


def write_reasons_page() -> str:
    """Return the page of all reasons, in both languages. The reader's language is left as it was."""
    parts = [_HEAD, *_iter_doubts()]
    for stage, (french, english) in _STAGES.items():
        parts.append(f"\n## {french} · {english}\n\n| code | en français | in English | qui |\n|---|---|---|---|\n")
        for code, reason in sorted(REASONS.items()):
            if code.partition(".")[0] == stage:
                cells = (f"`{code}`", *(_translate_reason(reason, name) for name in language.LANGUAGES))
                parts.append(f"| {' | '.join(cells)} | {_CONCERNS[reason.concerns]} |\n")
    return "".join(parts)


def _iter_doubts() -> Iterator[str]:
    """Yield the table of doubts: what is done with each, and what a flow may say of it."""
    yield _DOUBTS_HEAD
    for code, treatment in sorted(DOUBTS.items()):
        choices = ("`strict`, `silent`" if can_be_strict(code) else "`silent`",)
        sentence = _translate(REASONS[code].sentence, "fr")
        yield f"| {' | '.join((f'`{code}`<br>{_fit_cell(sentence)}', *_TREATMENTS[treatment], *choices))} |\n"


def _translate_reason(reason: Reason, name: str) -> str:
    return _fit_cell("<br>→ ".join(_translate(text, name) for text in (reason.sentence, reason.advice)))


def _translate(text: str, name: str) -> str:
    """Return a message in a language, on one line."""
    # the page holds both languages, whatever this process speaks
    before = language.get_current()
    language.set_language(name)
    try:
        return " ".join(language._(text).split())
    finally:
        language.set_language(before)


def _fit_cell(text: str) -> str:
    # a bar would end the cell of the table
    return _DETAIL.sub("[…]", text).replace("|", "\\|")


def iter_pages() -> Iterator[tuple[str, str]]:
    """Yield each page that is made: its name in `docs/`, and its text."""
    yield REASONS_PAGE, write_reasons_page()


def main() -> None:
    """Write every page into the folder that is named."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, text in iter_pages():
        write_whole(folder / name, text, ANYBODY)


if __name__ == "__main__":
    main()
