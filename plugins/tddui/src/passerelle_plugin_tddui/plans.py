"""Support plans of a TDDUI Bundle: needs, goals and actions, and what each is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import convert as to

from .decisions import is_request
from .words import (
    KEYS,
    SERAFIN,
    day,
    find_kind,
    list_ends,
    own_ref,
    read_coding,
    refer_by_type,
    refer_to_person,
    reference,
    table,
    word_or_unknown,
)

if TYPE_CHECKING:
    from passerelle import Table

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
_BASES = tuple(f"basedOn.{place}" for place in range(3))


def _refer_to_plan(at: str) -> to.PerRecord:
    """Read the number of the plan among what a record is based on, which may be an action or a goal as well."""
    plains = {f"{at}{base}": _read_end(f"{at}{base}") for base in _BASES}
    first = plains[f"{at}{_BASES[0]}"]

    def parse(row: to.Row) -> Any:
        of_plan = (path for path in plains if _find_base(path, row) in ("", "CarePlan"))
        return next((number for path in of_plan if (number := plains[path].parse(row))), None)

    columns = [column for path in plains for column in (*list_ends(path), f"{path}.identifier.system")]
    return to.PerRecord(columns, parse=parse, render=first.render, faithful=True)


def _read_end(path: str) -> to.FirstOf:
    return to.FirstOf(*(to.Text(f"{path}.{end}", max_length=64) for end in ("identifier.value", "reference")))


def _find_base(path: str, row: to.Row) -> str:
    """Return the type of what a record is based on: said, or by the system of its number."""
    system = row[f"{path}.identifier.system"]
    kinds = {KEYS["need"]: "ServiceRequest", KEYS["goal"]: "Goal", KEYS["action"]: "Task", KEYS["plan"]: "CarePlan"}
    return find_kind(path, row) or kinds.get(system or "", "")


def _refer_to_goal(at: str) -> to.PerRecord:
    """Read the goal that an action serves: its own input, or what it is based on."""
    said = f"{at}input.objectif.valueReference"
    plains = {path: reference(path, "goal") for path in (said, *(f"{at}{base}" for base in _BASES))}

    def parse(row: to.Row) -> Any:
        of_goal = (path for path in plains if path == said or _find_base(path, row) == "Goal")
        return next((goal for path in of_goal if (goal := plains[path].parse(row))), None)

    based = (f"{at}{base}" for base in _BASES)
    columns = [column for path in based for column in (*list_ends(path), f"{path}.identifier.system")]
    return to.PerRecord((*plains[said].columns, *columns), parse=parse, render=plains[said].render, faithful=True)


def need(at: str) -> Table:
    """Describe needs of a support plan."""
    fields: dict[str, Any] = {
        "ref": own_ref("need"),
        "person_ref": refer_to_person(f"{at}subject"),
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
        "person_ref": refer_to_person(f"{at}subject"),
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
        "person_ref": refer_to_person(f"{at}for"),
        "goal_ref": _refer_to_goal(at),
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
