"""Stays, events, assessments, needs, goals, actions and documents of a TDDUI Bundle."""

from __future__ import annotations

import json
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from passerelle import Where
from passerelle import convert as to

from .words import (
    ADMISSION,
    COMMENT,
    ENTRY_LABEL,
    EXIT_LABEL,
    FILE_NUMBER,
    KEYS,
    LABEL,
    MOTIVE,
    PLANNED_END,
    PLANNED_START,
    REPORT,
    day,
    day_as_instant,
    extension,
    find_kind,
    list_ends,
    list_kinds,
    own_ref,
    read_coding,
    refer_by_type,
    refer_to_person,
    reference,
    table,
    word_or_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle import Table

_STAYS = {
    "planned": "planned",
    "in-progress": "active",
    "onleave": "suspended",
    "finished": "done",
    "cancelled": "cancelled",
    "arrived": "active",
    "triaged": "planned",
}
# The profile's own map: Planifié → planned, Validé → triaged, Réalisé and Terminé → finished, Annulé → cancelled.
_EVENTS = {
    "planned": "planned",
    "finished": "attended",
    "cancelled": "cancelled",
    "unknown": "unknown",
    "triaged": "planned",
    "arrived": "planned",
    "in-progress": "planned",
}
_GRIDS = {
    "aggir-pa": ("MED-1293", "AGGIR PA SSIAD"),
    "aggir-ph": ("MED-1292", "AGGIR PH SSIAD"),
    "situation": ("MED-1290", "Situation SSIAD"),
    "serafin": ("MED-1291", "SERAFIN"),
}
_RESULT = "resultat-eval"
_ONLY_STAYS = (
    *((ADMISSION, "valueDateTime"), (PLANNED_START, "valueDateTime"), (PLANNED_END, "valueDateTime")),
    *((ENTRY_LABEL, "valueString"), (EXIT_LABEL, "valueString")),
)
ITEMS = 60
"""Number of answers of a grid that are written."""


def _is_stay(at: str, *, negated: bool) -> Where:
    # Stays and events of the diary are both Encounters: their identifier tells them apart, and what only a stay has.
    columns = (
        f"{at}identifier.{KEYS['stay']}.value",
        f"{at}identifier.{FILE_NUMBER}.value",
        *(extension(at, url, end) for url, end in _ONLY_STAYS),
    )
    return Where.empty(*columns) if negated else Where.holds(*columns)


def stay(at: str) -> Table:
    """Describe stays: encounters with the identifier of a stay."""
    fields: dict[str, Any] = {
        "ref": own_ref("stay"),
        "person_ref": refer_to_person(f"{at}subject"),
        "organisation_ref": reference(f"{at}serviceProvider", "organisation"),
        "file_number": to.Text(f"{at}identifier.{FILE_NUMBER}.value"),
        "status": word_or_unknown(f"{at}status", _STAYS),
        "admitted_on": day(extension(at, ADMISSION, "valueDateTime")),
        "planned_entry_on": day(extension(at, PLANNED_START, "valueDateTime")),
        "entry_on": day(f"{at}period.start"),
        "entry_mode": read_coding(
            f"{at}hospitalization.admitSource.coding.0",
            text=extension(at, ENTRY_LABEL, "valueString"),
            listed="entry-modes",
        ),
        "planned_exit_on": day(extension(at, PLANNED_END, "valueDateTime")),
        "exit_on": day(f"{at}period.end"),
        "exit_mode": read_coding(
            f"{at}hospitalization.dischargeDisposition.coding.0",
            text=extension(at, EXIT_LABEL, "valueString"),
            listed="exit-modes",
        ),
        "comment": to.Text(extension(at, COMMENT, "valueString"), max_length=20000),
    }
    return table("stay/1", at, "Encounter", fields, where=(_is_stay(at, negated=False),))


def event(at: str) -> Table:
    """Describe events of the diary: the other encounters."""
    fields: dict[str, Any] = {
        "ref": own_ref("appointment"),
        "person_ref": refer_to_person(f"{at}subject"),
        "organisation_ref": reference(f"{at}serviceProvider", "organisation"),
        "professional_ref": refer_by_type(f"{at}participant.0.individual", "Practitioner", "professional"),
        "starts_at": to.Instant(f"{at}period.start"),
        "ends_at": to.Instant(f"{at}period.end"),
        "status": to.Word(f"{at}status", table=_EVENTS),
        "motive": to.Code(extension(at, MOTIVE, "valueString")),
        "category": read_coding(f"{at}type.0.coding.0", text=f"{at}type.0.text", listed="ssiad-event-types"),
        "title": to.Text(extension(at, LABEL, "valueString")),
        "place": to.Text(f"{at}location.0.location.display"),
        "report": to.Text(extension(at, REPORT, "valueString"), max_length=20000),
        "comment": to.Text(extension(at, COMMENT, "valueString"), max_length=20000),
    }
    return table("appointment/1", at, "Encounter", fields, where=(_is_stay(at, negated=True),))


def assessment(at: str) -> Table:
    """Describe filled grids."""
    item = f"{at}item"
    fields: dict[str, Any] = {
        "ref": own_ref("assessment"),
        "person_ref": refer_to_person(f"{at}subject"),
        "type": to.PerRecord(f"{at}questionnaire", parse=_parse_grid, render=_render_grid(f"{at}questionnaire")),
        "assessed_on": day(f"{at}authored"),
        "status": to.Word(f"{at}status", table={"in-progress": "planned", "completed": "done", "amended": "done"}),
        "self_assessment": to.PerRecord(
            (*list_kinds(f"{at}author"), *list_kinds(f"{at}source")), parse=partial(_parse_self, at=at)
        ),
        "professional_ref": to.PerRecord(
            (*list_ends(f"{at}author"), *list_ends(f"{at}source")),
            parse=partial(_parse_assessor, at=at),
            render=partial(_render_assessor, at=at),
            faithful=True,
        ),
        "result": to.PerRecord((item, f"{at}questionnaire"), parse=_parse_result, render=_render_result(item)),
        "items": to.PerRecord((item, f"{at}questionnaire"), parse=_parse_items, render=_render_items(item)),
    }
    return table("assessment/1", at, "QuestionnaireResponse", fields)


def _is_said(path: str, row: to.Row) -> bool:
    return bool(row[f"{path}.identifier.value"] or row[f"{path}.reference"])


def _parse_self(row: to.Row, *, at: str) -> Any:
    """Whether the person filled the grid in: as its author, or as the one who answered when no author is named."""
    author, source = (find_kind(f"{at}{name}", row) for name in ("author", "source"))
    return True if "Patient" in (author, "" if author else source) else None


def _parse_assessor(row: to.Row, *, at: str) -> Any:
    """Return who assessed: the author, else `source`, which says who answered; neither need be a professional."""
    author, source = f"{at}author", f"{at}source"
    path = author if _is_said(author, row) else source
    kind = find_kind(path, row)
    if kind in ("", "Practitioner"):
        return reference(path, "professional").parse(row)
    if kind == "Patient":
        return None  # told by `self_assessment`
    return to.Doubtful(None, "translate.reference.other_type", f"{path}.reference", {"expected": "Practitioner"})


def _render_assessor(value: Any, *, at: str) -> dict[str, str]:
    return reference(f"{at}author", "professional").render(value)


def _parse_grid(row: to.Row) -> Any:
    """Return the grid's address as its code: the standard gives it no other."""
    (address,) = row.values()
    if not address:
        return None
    found = next((grid for word, grid in _GRIDS.items() if word in address), None)
    if found is None:
        return {"original": address if "/" in address else unquote(address)}
    return {"code": found[0], "system": "assessment-types", "label": found[1], "original": address}


def _render_grid(column: str) -> Any:
    def render(value: Any) -> dict[str, str]:
        one = value or {}
        address = one.get("original") or ""
        if "/" not in address:
            word = next((word for word, grid in _GRIDS.items() if grid[0] == one.get("code")), "")
            address = f"https://interop.esante.gouv.fr/ig/fhir/tddui/Questionnaire/tddui-questionnaire-{word}-ssiad"
            # a canonical address has no space: a name of a grid is written as one, and read back as it was
            address = address if word else quote(one.get("original") or one.get("code") or "", safe="%:#?&=")
        return {column: address}

    return render


def _parse_list(row: to.Row) -> Any:
    text = next(iter(row.values()))
    found = json.loads(text) if text else []
    return found if isinstance(found, list) else [found]


def _flatten(items: Any) -> Iterator[Any]:
    """Yield the answers of a grid depth-first."""
    for item in items or ():
        yield item
        below = chain(item.get("item") or (), *((one.get("item") or ()) for one in item.get("answer") or ()))
        yield from _flatten(list(below))


def _read_answer(item: Any) -> Any:
    given = (item.get("answer") or [{}])[0]
    return next((value for name, value in given.items() if name.startswith("value")), None)


def _parse_result(row: to.Row) -> Any:
    said = next((_read_answer(item) for item in _flatten(_parse_list(row)) if item.get("linkId") == _RESULT), None)
    if said is None:
        return None
    if not isinstance(said, dict):
        return {"original": str(said)}
    # GIR-1 to GIR-6 are MED-339 to MED-344 (JDV_GIR_CISIS).
    system = "gir" if said.get("code", "").startswith("MED-3") else said.get("system")
    return {"code": said.get("code"), "system": system, "label": said.get("display"), "original": said.get("display")}


def _render_result(item: str) -> Any:
    place = f"{item}.0.answer.0.valueCoding"

    def render(value: Any) -> dict[str, str]:
        one = value or {}
        return {
            f"{place}.code": one.get("code") or "",
            f"{place}.display": one.get("label") or one.get("original") or "",
        }

    return render


def _parse_items(row: to.Row) -> Any:
    found = [item for item in _flatten(_parse_list(row)) if item.get("linkId") != _RESULT]
    return [_parse_item(item) for item in found] or None


def _parse_item(item: Any) -> dict[str, Any]:
    said = _read_answer(item)
    text = said.get("code") or said.get("display") if isinstance(said, dict) else said
    words = {True: "true", False: "false", None: None}.get(text, str(text)) if not isinstance(text, str) else text
    return {"code": item.get("linkId"), "system": None, "label": item.get("text"), "result": words, "comment": None}


def _render_items(item: str) -> Any:
    def render(value: Any) -> dict[str, str]:
        cells: dict[str, str] = {}
        for nth, one in enumerate(value or (), start=1):
            cells[f"{item}.{nth}.linkId"] = one["code"]
            cells[f"{item}.{nth}.text"] = one.get("label") or ""
            cells[f"{item}.{nth}.answer.0.valueString"] = one.get("result") or ""
        return cells

    return render


def document(at: str) -> Table:
    """Describe documents, without their content."""
    attachment = f"{at}content.0.attachment"
    fields: dict[str, Any] = {
        "ref": own_ref("document"),
        "person_ref": refer_to_person(f"{at}subject"),
        "title": to.Text(f"{attachment}.title"),
        "type": read_coding(f"{at}type.coding.0", text=f"{at}type.text"),
        "media_type": to.Text(f"{attachment}.contentType", max_length=64),
        "size": to.Number(f"{attachment}.size", integer=True),
        "written_on": day_as_instant(f"{at}date"),
        # an organisation as author has no reference of its own in the contract: its name is told where it is written
        "author": to.Text(f"{at}author.0.display"),
        "professional_ref": refer_by_type(f"{at}author.0", "Practitioner", "professional"),
        "comment": to.Text(f"{at}description", max_length=20000),
    }
    waived = {f"{attachment}.data": "le contenu : les contrats décrivent les documents sans les contenir"}
    return table("document/1", at, "DocumentReference", fields, waived=waived)
