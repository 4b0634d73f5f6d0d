"""Stays, events, assessments, needs, goals, actions and documents of a TDDUI Bundle."""

from __future__ import annotations

import json
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from passerelle import Where
from passerelle import convert as to

from .decisions import is_request
from .words import (
    ADMISSION,
    COMMENT,
    ENTRY_LABEL,
    EXIT_LABEL,
    KEYS,
    LABEL,
    MOTIVE,
    PLANNED_END,
    PLANNED_START,
    REPORT,
    SERAFIN,
    day,
    day_as_instant,
    extension,
    find_kind,
    own_ref,
    read_coding,
    refer_by_type,
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
_PLANNED_WORK = {
    "draft": "planned",
    "active": "active",
    "on-hold": "suspended",
    "completed": "done",
    "revoked": "cancelled",
}
_GOALS = {
    "planned": "planned",
    "active": "active",
    "on-hold": "suspended",
    "completed": "done",
    "cancelled": "cancelled",
    "proposed": "planned",
    "accepted": "planned",
    "rejected": "abandoned",
}
_TASKS = {
    "draft": "planned",
    "in-progress": "active",
    "on-hold": "suspended",
    "completed": "done",
    "cancelled": "cancelled",
    "requested": "planned",
    "accepted": "planned",
    "ready": "planned",
}
# Codes of TypeEvaluation_CISIS, by the word that the address of each questionnaire holds.
_GRIDS = {
    "aggir-pa": ("MED-1293", "AGGIR PA SSIAD"),
    "aggir-ph": ("MED-1292", "AGGIR PH SSIAD"),
    "situation": ("MED-1290", "Situation SSIAD"),
    "serafin": ("MED-1291", "SERAFIN"),
}
_RESULT = "resultat-eval"
ITEMS = 60
"""Number of answers of a grid that are written."""


def _is_stay(at: str, *, negated: bool) -> Where:
    # Stays and events of the diary are both Encounters: only the system of their identifier tells them apart.
    return Where(f"{at}identifier.{KEYS['stay']}.system", (KEYS["stay"],), negated)


def stay(at: str) -> Table:
    """Describe stays: encounters with the identifier of a stay."""
    fields: dict[str, Any] = {
        "ref": own_ref("stay"),
        "person_ref": reference(f"{at}subject", "person"),
        "organisation_ref": reference(f"{at}serviceProvider", "organisation"),
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
        "person_ref": reference(f"{at}subject", "person"),
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
        "person_ref": reference(f"{at}subject", "person"),
        "type": to.PerRecord(f"{at}questionnaire", parse=_parse_grid, render=_render_grid(f"{at}questionnaire")),
        "assessed_on": day(f"{at}authored"),
        "status": to.Word(f"{at}status", table={"in-progress": "planned", "completed": "done", "amended": "done"}),
        "self_assessment": to.PerRecord(
            (*_list_kinds(f"{at}author"), *_list_kinds(f"{at}source")), parse=partial(_parse_self, at=at)
        ),
        "professional_ref": to.PerRecord(
            (*_list_ends(f"{at}author"), *_list_ends(f"{at}source")),
            parse=partial(_parse_assessor, at=at),
            render=partial(_render_assessor, at=at),
            faithful=True,
        ),
        "result": to.PerRecord((item, f"{at}questionnaire"), parse=_parse_result, render=_render_result(item)),
        "items": to.PerRecord((item, f"{at}questionnaire"), parse=_parse_items, render=_render_items(item)),
    }
    return table("assessment/1", at, "QuestionnaireResponse", fields)


def _list_kinds(path: str) -> tuple[str, ...]:
    return (f"{path}.@type", f"{path}.type")


def _list_ends(path: str) -> tuple[str, ...]:
    return (f"{path}.identifier.value", f"{path}.reference", *_list_kinds(path))


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


def _refer_to_plan(at: str) -> to.FirstOf:
    ends = ("basedOn.0.identifier.value", "basedOn.0.reference")
    return to.FirstOf(*(to.Text(f"{at}{end}", max_length=64) for end in ends))


def need(at: str) -> Table:
    """Describe needs of a support plan."""
    fields: dict[str, Any] = {
        "ref": own_ref("need"),
        "person_ref": reference(f"{at}subject", "person"),
        "support_plan": _refer_to_plan(at),
        "type": read_coding(f"{at}code.coding.0", listed="serafin-ph", uri=SERAFIN),
        "description": to.Text(f"{at}code.text", max_length=20000),
        "analysis": to.Text(f"{at}reasonCode.0.text", max_length=20000),
        "identified_on": day(f"{at}authoredOn"),
        "status": word_or_unknown(f"{at}status", _PLANNED_WORK),
        "comment": to.Text(f"{at}note.0.text", max_length=20000),
    }
    return table("need/1", at, "ServiceRequest", fields, where=(is_request(at, negated=True),))


def goal(at: str) -> Table:
    """Describe goals of a support plan: objectives and expectations."""
    fields: dict[str, Any] = {
        "ref": own_ref("goal"),
        "person_ref": reference(f"{at}subject", "person"),
        "need_ref": reference(f"{at}addresses.0", "need"),
        "title": to.Text(f"{at}note.titreObjectif.text"),
        "description": to.Text(f"{at}description.text", max_length=20000),
        "domain": read_coding(f"{at}category.0.coding.0", text=f"{at}category.0.text"),
        "status": to.Word(f"{at}lifecycleStatus", table=_GOALS),
        "start_on": day(f"{at}startDate"),
        "end_on": day(f"{at}target.0.dueDate"),
        "professional_ref": refer_by_type(f"{at}expressedBy", "Practitioner", "professional"),
        "expected_result": to.Text(f"{at}target.0.detailString", max_length=20000),
        "strategy": to.Text(f"{at}note.strategieMiseEnOeuvreObjectif.text", max_length=20000),
        "person_opinion": to.Text(f"{at}note.avisUsagerObjectif.text", max_length=20000),
        "comment": to.Text(f"{at}note.commentaireAttente.text", max_length=20000),
    }
    return table("goal/1", at, "Goal", fields)


def action(at: str) -> Table:
    """Describe actions, means and services of a support plan; tasks that belong to an event are journeys."""
    fields: dict[str, Any] = {
        "ref": own_ref("action"),
        "person_ref": reference(f"{at}for", "person"),
        "goal_ref": to.FirstOf(
            *(
                to.Ref(f"{at}input.objectif.valueReference.{end}", system="tddui", entity="goal")
                for end in ("identifier.value", "reference")
            )
        ),
        "support_plan": _refer_to_plan(at),
        "type": read_coding(f"{at}code.coding.0", listed="serafin-ph", uri=SERAFIN),
        "title": to.Text(f"{at}input.titre.valueString"),
        "description": to.Text(f"{at}description", max_length=20000),
        "status": to.Word(f"{at}status", table=_TASKS),
        "start_on": day(f"{at}executionPeriod.start"),
        "end_on": day(f"{at}executionPeriod.end"),
        "organisation_name": to.Text(f"{at}owner.display"),
    }
    return table("action/1", at, "Task", fields)


def document(at: str) -> Table:
    """Describe documents, without their content."""
    attachment = f"{at}content.0.attachment"
    fields: dict[str, Any] = {
        "ref": own_ref("document"),
        "person_ref": reference(f"{at}subject", "person"),
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
