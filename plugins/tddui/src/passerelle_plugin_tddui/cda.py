"""TDDUI 1.x: one CDA document per person, with the stays, events and assessments of the case file."""

from __future__ import annotations

import re
from typing import Any

from passerelle import Connector, OutOfScope, Table, Where, Xml
from passerelle import convert as to

from .cda_people import (
    GUARDIAN,
    NO_RELATIVE,
    PERSON_OF,
    RELATIVE,
    describe_people,
    describe_table,
    list_numbers,
    name_person,
)
from .words import SYSTEM

_ENTRY = "/ClinicalDocument/component/structuredBody/component/section/entry"
_UP = "../../../../../../recordTarget/patientRole/id"
_NUMBERS = tuple(f"{one}/*" for one in list_numbers(_UP))
_SEVERAL = ("", "#2", "#3")
_RELATIONS = ("", *(f"#{nth}" for nth in range(2, 9)))
_STATUS = "106199-3"
_STATUSES = {
    "PLANIFIE": "planned",
    "VALIDE": "planned",
    "TERMINE": "attended",
    "REALISE": "attended",
    "ANNULE": "cancelled",
}
"""`REALISE` was removed from the standard's list, but is still in use."""
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([+-][0-9]{2})([0-9]{2})")
_STAYS = "ORG-211"
# SSIAD situation, SERAFIN, AGGIR PH, AGGIR PA (TypeEvaluation_CISIS).
_GRIDS = ("MED-1290", "MED-1291", "MED-1292", "MED-1293")


def _read_moment(column: str) -> to.PerRecord:
    """Read a moment in the HL7 v3 format TS, `20230414103000+0200`."""
    plain = to.Instant(column)

    def parse(row: to.Row) -> Any:
        return plain.parse({column: _MOMENT.sub(r"\1-\2-\3T\4:\5:\6\7:\8", row[column] or "") or None})

    return to.PerRecord(column, parse=parse)


def _refer_to_structure(column: str) -> to.PerRecord:
    """Refer to an organisation by its FINESS number, which some documents write without the prefix 1 (IdNat_Struct)."""
    plain = to.Ref(column, system=SYSTEM, entity="organisation")

    def parse(row: to.Row) -> Any:
        text = row[column]
        return plain.parse({column: f"1{text}" if text and len(text) == len("990000017") else text})

    return to.PerRecord(column, parse=parse)


def _read_status() -> to.PerRecord:
    """Read the status from the observations of an event, found by its LOINC code."""
    paths = [f"entryRelationship{nth}/observation" for nth in _RELATIONS]
    columns = [f"{path}/{end}" for path in paths for end in ("code/@code", "value/@code")]

    def parse(row: to.Row) -> Any:
        status = next((row[f"{path}/value/@code"] for path in paths if row[f"{path}/code/@code"] == _STATUS), None)
        return to.Word("status", table=_STATUSES).parse({"status": status}) if status else None

    return to.PerRecord(columns, parse=parse)


def _read_code(path: str, listed: str) -> to.Code:
    return to.Code(f"{path}/@code", system=listed)


def _refer_to_person() -> to.FirstOf:
    return name_person(_UP)


def _make_own_ref(path: str, entity: str) -> to.Ref:
    return to.Ref(f"{path}/@extension", system=SYSTEM, entity=entity)


def _read_turn(code: str, *, planned: bool) -> to.PerRecord:
    """Read when a stay begins or ends; only the mood code INT (HL7 ActMood) marks a planned date."""
    paths = [f"component{nth}/observation" for nth in ("#2", "#3")]
    columns = [f"{path}/{end}" for path in paths for end in ("effectiveTime/@value", "code/@code", "@moodCode")]

    def parse(row: to.Row) -> Any:
        coded = (path for path in paths if row[f"{path}/code/@code"] == code)
        path = next((path for path in coded if (row[f"{path}/@moodCode"] == "INT") is planned), None)
        column = f"{path}/effectiveTime/@value"
        return to.Date(column, formats=("%Y%m%d",)).parse(row) if path else None

    return to.PerRecord(columns, parse=parse)


_ANY_GRID = "MED-1270"
"""An assessment grid that none of the four codes names."""
_STAY = "component/encounter"
_GRID = "component/observation"


def _describe_assessments(member: str, at: str, codes: tuple[str, ...], more: tuple[str, ...]) -> Table:
    return describe_table(
        "assessment/1",
        member,
        {
            "ref": to.FirstOf(_make_own_ref(f"{at}id", "assessment"), _refer_by_root(f"{at}id")),
            "person_ref": _refer_to_person(),
            "type": _read_code("code", "assessment-types"),
            "assessed_on": to.Date(f"{at}effectiveTime/@value", formats=("%Y%m%d",)),
            "result": _read_code(f"{at}value", "gir"),
            "professional_ref": _make_own_ref(f"{at}performer/assignedEntity/id", "professional"),
        },
        codes=codes,
        carried=(*("@classCode", "@moodCode", "templateId/*", "id/*", "effectiveTime/*", *more), *_NUMBERS),
    )


def _refer_by_root(path: str) -> to.Ref:
    """Read the reference of what has no extension: in HL7 v3 the root alone (an OID or UUID) then is the whole name."""
    return to.Ref(f"{path}/@root", system=SYSTEM, entity="assessment")


_HEADER = "en-tête du document : ce qui l'identifie et le décrit lui-même"
_NARRATIVE = "texte de la section, écrit d'après ses entrées ; un document joint est compté à part"
_UNREAD = {
    **{
        f"/ClinicalDocument/{name}": _HEADER
        for name in (
            *("realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode"),
            *("languageCode", "setId", "versionNumber", "relatedDocument"),
        )
    },
    **dict.fromkeys(
        ("/ClinicalDocument/author", "/ClinicalDocument/custodian", "/ClinicalDocument/legalAuthenticator"),
        "qui a établi, signé et conservé le document, et non le suivi de la personne",
    ),
    "/ClinicalDocument/documentationOf": "acte que le document constate : l'export lui-même",
    **{f"{_ENTRY.rpartition('/')[0]}/{name}": _NARRATIVE for name in ("templateId", "id", "code", "title", "text")},
}

EXPORTS = Connector(
    id="tddui-cda",
    title="TDDUI : export CDA du dossier usager (1.x)",
    dialect=Xml(
        rows={
            "/ClinicalDocument/recordTarget/patientRole": "person",
            f"{_ENTRY}/organizer": "organizers",
            f"{_ENTRY}/encounter": "events",
            f"{_ENTRY}/observation": "observations",
            GUARDIAN: "guardians",
            RELATIVE: "relatives",
        },
        above={
            **{f"{_ENTRY}/{name}": (f"{_UP}#*",) for name in ("organizer", "encounter", "observation")},
            GUARDIAN: (f"{PERSON_OF['guardians']}#*",),
            RELATIVE: (f"{PERSON_OF['relatives']}#*",),
        },
        # CDA carries every medical document there is: this code alone says that it is a case file.
        kind={"/ClinicalDocument/code/@code": "EXPORT_DUI"},
        namespaces=("urn:hl7-org:v3",),
    ),
    unread=_UNREAD,
    out_of_scope=(
        OutOfScope(
            fr="document joint : son type n'est dit que dans le texte de la section",
            en="an attached document: only the text of the section tells its type",
            member="organizers",
            where=(Where("code/@code", (_STAYS, *_GRIDS), negated=True),),
        ),
        OutOfScope(
            fr="observation qui n'est pas une évaluation",
            en="an observation that is no assessment",
            member="observations",
            where=(Where("code/@code", (*_GRIDS, _ANY_GRID), negated=True),),
            optional=("code/@code",),
        ),
        NO_RELATIVE,
    ),
    tables=(
        *describe_people(),
        describe_table(
            "appointment/1",
            "events",
            {
                "ref": _make_own_ref("id", "appointment"),
                "person_ref": _refer_to_person(),
                "organisation_ref": _refer_to_structure(
                    "performer/assignedEntity/representedOrganization/id/@extension"
                ),
                "professional_ref": _make_own_ref("performer/assignedEntity/id", "professional"),
                "starts_at": _read_moment("effectiveTime/low/@value"),
                "ends_at": _read_moment("effectiveTime/high/@value"),
                "category": _read_code("code/qualifier/value", "ssiad-event-types"),
                "status": _read_status(),
            },
            carried=(
                *(
                    "@classCode",
                    "@moodCode",
                    "templateId/*",
                    "id/*",
                    "code/*",
                    "text/*",
                    "effectiveTime/*",
                    "performer/*",
                ),
                *("participant/*", "entryRelationship/*", *_NUMBERS),
            ),
        ),
        describe_table(
            "stay/1",
            "organizers",
            {
                "ref": _make_own_ref(f"{_STAY}/id", "stay"),
                "person_ref": _refer_to_person(),
                "organisation_ref": _refer_to_structure(
                    f"{_STAY}/participant/participantRole/scopingEntity/id/@extension"
                ),
                "admitted_on": to.Date(f"{_STAY}/effectiveTime/@value", formats=("%Y%m%d",)),
                "planned_entry_on": _read_turn("ORG-070", planned=True),
                "entry_on": _read_turn("ORG-070", planned=False),
                "planned_exit_on": _read_turn("ORG-074", planned=True),
                "exit_on": _read_turn("ORG-074", planned=False),
            },
            codes=(_STAYS,),
            carried=(
                "@classCode",
                "@moodCode",
                "templateId/*",
                "id/*",
                "code/*",
                "statusCode/*",
                "effectiveTime/*",
                "component/*",
                *_NUMBERS,
            ),
        ),
        _describe_assessments("organizers", f"{_GRID}/", _GRIDS, ("statusCode/*", "component/*")),
        # some software writes the observation into the entry itself
        _describe_assessments("observations", "", (*_GRIDS, _ANY_GRID), ("code/*", "value/*", "performer/*")),
    ),
)
