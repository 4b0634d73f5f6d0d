"""The dossier as a page to read, print and sign: French, without script, one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.documents.charts import ChartSeries, GroupedBars, draw_bars
from passerelle.documents.templates import get_template
from passerelle.switching.difference_kinds import KIND_LABELS
from passerelle.vocabulary import language
from passerelle.vocabulary.formatting import format_day

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
STATES = {
    "faithful": "Fidèle",
    "undecided": "Fidèle, avec des pertes que personne n'a encore acceptées",
    "open": "Des écarts que personne n'attendait restent ouverts",
}
"""The three states of a move, as its first page says them."""
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
        made_at=_write_moment(content["made_at"]),
        state=find_state(content),
        states=STATES,
        flows=_draw_flows(content),
        losses=[loss for loss in content["comparison"].get("expected", []) if loss["found"]],
        open_findings=content["comparison"].get("findings", []),
    )


def find_state(content: Mapping[str, Any]) -> str:
    """Return the state of a move: `faithful`, `undecided` (losses that nobody accepted) or `open` (differences)."""
    comparison = content["comparison"]
    if comparison.get("findings"):
        return "open"
    losses = [loss for loss in comparison.get("expected", []) if loss["found"]]
    columns = [one for one in comparison.get("left_behind", []) if one["kind"] != "out_of_scope"]
    return "faithful" if all(one["accepted_by"] for one in (*losses, *columns)) else "undecided"


def _write_moment(text: str) -> str:
    """Write the moment of the dossier in French, with its offset: `21 novembre 2026 à 06:00 (+00:00)`."""
    day, _between, clock = text.partition("T")
    return f"{format_day(day, 'fr')} à {clock[:5]} ({clock[8:] or 'UTC'})"


def _draw_flows(content: Mapping[str, Any]) -> str:
    """Draw the records of each contract on both sides."""
    every = content["contracts"]
    series = (
        ChartSeries("ancien logiciel", tuple(float(one["origin"]["count"]) for one in every)),
        ChartSeries("nouveau logiciel", tuple(float(one["target"]["count"]) for one in every)),
    )
    titles = tuple(_get_title(one["contract"]) for one in every)
    chart = GroupedBars("Enregistrements, de l'ancien logiciel au nouveau", titles, series)
    return "" if chart.is_empty else draw_bars(chart)


def _get_title(contract: str) -> str:
    # A dossier may be older or newer than this catalogue: what it lacks is shown by its id.
    model = catalogue().get(contract)
    return model.about.fr_title if model else contract


def _get_field_title(contract: str, name: str) -> str:
    other, dot, inside = name.rpartition(".")
    if dot and "/" in other:  # a field of another contract, which led to this finding
        return f"{_get_title(other)}, {_get_field_title(other, inside)}"
    model = catalogue().get(contract)
    meta = model.describe_fields().get(name) if model else None
    return meta.fr_title if meta else name
