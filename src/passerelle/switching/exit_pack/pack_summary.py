"""What a pack says to people: its state in words, its records, what was set aside and how grave that is. In French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.switching.exit_pack.reason_summaries import SUMMARIES
from passerelle.vocabulary import language
from passerelle.vocabulary.formatting import format_count, format_day, format_number
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.switching.exit_pack.manifest import ContractHolding, PackManifest

STATES = {
    "complete": "Complet : tout ce qui a été reçu est là, sous forme de contrat",
    "aside": "Complet, sauf des lignes reçues qui ne sont pas sous forme de contrat",
    "partial": "Partiel : des fichiers reçus manquent ou ne se lisent pas",
}
"""The three states of a pack, as its first page says them."""
_SAYS = {
    "complete": "Chaque ligne reçue est un enregistrement de ce dossier, ou l'état plus ancien d'un enregistrement.",
    "aside": "Ces lignes sont comptées plus bas, par motif et avec leur gravité. Avant de fermer l'ancien logiciel, "
    "décidez lesquelles reprendre à la main.",
    "partial": "Ce qui manque est nommé sous « Ce qui a été reçu ». Demandez un nouvel export de ces fichiers avant de "
    "fermer l'ancien logiciel.",
}
TYPES = {
    "UNITAIRE": "ce qui parle d'une personne",
    "CIBLE": "ce qui touche une période",
    "MASSIF": "tout ce que la structure détient",
}
SIGNERS = ("Remis par (nom, qualité, date)", "Reçu par (nom, qualité, date)")
_BY_CHOICE = ("translate.row.out_of_scope",)
_LOST = ("decode.",)
_UNITS = ("octets", "ko", "Mo", "Go", "To")
_STEP = 1000
_UNSAID = "…"
_VALUE = re.compile(r"(\A)?«\s*…\s*»")


@dataclass(frozen=True, slots=True)
class AsideReason:
    """Rows that did not become records for one reason."""

    title: str
    """Of the connector."""
    count: int
    says: str
    severity: str


def find_state(manifest: PackManifest) -> str:
    """Return the state of a pack: `complete`, `aside` (rows without a record) or `partial` (files are missing)."""
    if manifest.status == "PARTIAL":
        return "partial"
    return "aside" if any(one.aside for one in manifest.connectors) else "complete"


def write_state(state: str) -> str:
    """Return what a state means for whoever reads it."""
    return _SAYS[state]


def iter_aside(manifest: PackManifest) -> Iterator[AsideReason]:
    """Yield why rows did not become records, the gravest first."""
    found = [
        AsideReason(one.title, count, explain_in_french(code), _weigh(code))
        for one in manifest.connectors
        for code, count in one.aside.items()
    ]
    yield from sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), -one.count, one.says))


_SEVERITIES = ("grave : la ligne n'a pas pu être lue", "à reprendre : une valeur est refusée", "sans suite : par choix")


def _weigh(code: str) -> str:
    """Return in words how grave a reason is."""
    if code in _BY_CHOICE:
        return _SEVERITIES[2]
    return _SEVERITIES[0] if code.startswith(_LOST) else _SEVERITIES[1]


def list_facts(manifest: PackManifest) -> list[tuple[str, str]]:
    """Return what the pack says of itself: label, words."""
    facts = [("Contenu", TYPES[manifest.type])]
    start, end = (format_day(day, "fr") for day in (manifest.period.start, manifest.period.end))
    if start or end:
        facts.append(("Période", " ".join(filter(None, (start and f"du {start}", end and f"au {end}")))))
    facts.append(("Extrait le", write_moment(manifest.extracted_at)))
    publisher = manifest.publisher
    if publisher.name:
        siret = f"SIRET {publisher.siret}" if publisher.siret else ""
        facts.append(("Remis par", ", ".join(filter(None, (publisher.name, siret, publisher.contact)))))
    records = sum(one.records for one in manifest.contracts)
    facts += [
        ("Enregistrements", format_count(records, "fr")),
        ("Personnes", format_count(manifest.persons, "fr")),
        ("Produit par", f"{manifest.software['name']} {manifest.software['version']}"),
    ]
    return facts


def write_depth(holding: ContractHolding) -> str:
    """Return the days that the records of a contract speak of, in words."""
    if not holding.first:
        return "sans date"
    if holding.first == holding.last:
        return f"le {format_day(holding.first, 'fr')}"
    return f"du {format_day(holding.first, 'fr')} au {format_day(holding.last, 'fr')}"


def write_moment(text: str) -> str:
    """Return a moment in French, with its offset where it has one: `21 novembre 2026 à 05:00 (UTC)`."""
    moment = datetime.fromisoformat(text)
    offset = "UTC" if not moment.utcoffset() else f"UTC{text[19:]}"
    return f"{format_day(text[:10], 'fr')} à {text[11:16]} ({offset})"


def write_size(size: int) -> str:
    """Return a size as people say it: `1,2 Mo`."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{format_number(value, 1 if unit and value < _STEP / 10 else 0, 'fr')} {_UNITS[unit]}"


def draw_records(manifest: PackManifest) -> GroupedBars:
    """Return the records of each contract as bars."""
    titles = tuple(one.title for one in manifest.contracts)
    counts = tuple(float(one.records) for one in manifest.contracts)
    says = ", ".join(f"{one.title} {format_count(one.records, 'fr')}" for one in manifest.contracts)
    title = "Enregistrements, par contrat"
    return GroupedBars(title, titles, (ChartSeries("enregistrements", counts),), f"{title} : {says}.")


def name_reference(contract: str, field: str) -> str:
    """Return the French title of a field; what this catalogue lacks is shown by its name."""
    model = catalogue().get(contract)
    meta = model.describe_fields().get(field) if model else None
    return meta.fr_title if meta else field


def explain_in_french(code: str) -> str:
    """Explain a reason in French, whatever the reader's language: the pack is a French document."""
    if summary := SUMMARIES.get(code):
        return summary
    before = language.get_current()
    language.set_language("fr")
    try:
        return _leave_out_unsaid(explain(code, {})[0])
    finally:
        language.set_language(before)


def _leave_out_unsaid(sentence: str) -> str:
    """Leave out of a sentence about one row what is another in each: of many rows together it says nothing."""
    text = re.sub(r"\s*\(…\)", "", sentence.removesuffix("."))
    for mark in ";:,":
        first, *others = text.split(mark)
        text = mark.join((first, *(part for part in others if _UNSAID not in part)))
    return _VALUE.sub(lambda found: "une valeur" if found[1] is None else "Une valeur", text).rstrip() + "."
