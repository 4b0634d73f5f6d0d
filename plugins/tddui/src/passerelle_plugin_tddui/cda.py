"""The 1.x line of TDDUI: one CDA document a person, with the stays, events and assessments of the case file."""

from __future__ import annotations

import re
from typing import Any

from passerelle import Connector, OutOfScope, Table, Where, Xml
from passerelle import convert as to

from .words import SYSTEM

_ENTRY = "/ClinicalDocument/component/structuredBody/component/section/entry"
_UP = "../../../../../../recordTarget/patientRole/id"
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
"""`REALISE` is no longer in the list, and still written."""
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([+-][0-9]{2})([0-9]{2})")
_STAYS = "ORG-211"
_GRIDS = ("MED-1290", "MED-1291", "MED-1292", "MED-1293")


def _moment(column: str) -> to.PerRecord:
    """Read a moment of HL7 v3, `20230414103000+0200`."""
    plain = to.Instant(column)

    def parse(row: to.Row) -> Any:
        return plain.parse({column: _MOMENT.sub(r"\1-\2-\3T\4:\5:\6\7:\8", row[column] or "") or None})

    return to.PerRecord(column, parse=parse)


def _name(kind: str, qualifier: str) -> to.PerRecord:
    """Read the name that has this qualifier, wherever it stands."""
    paths = [f"patient/name/{kind}{nth}" for nth in _SEVERAL]
    columns = [column for path in paths for column in (path, f"{path}/@qualifier")]

    def parse(row: to.Row) -> Any:
        return next((row[path] for path in paths if row[path] and (row[f"{path}/@qualifier"] or "") == qualifier), None)

    return to.PerRecord(columns, parse=parse)


def _structure(column: str) -> to.PerRecord:
    """Refer to an organisation: its FINESS is written with the prefix 1, and sometimes without."""
    plain = to.Ref(column, system=SYSTEM, entity="organisation")

    def parse(row: to.Row) -> Any:
        text = row[column]
        return plain.parse({column: f"1{text}" if text and len(text) == len("990000017") else text})

    return to.PerRecord(column, parse=parse)


def _status() -> to.PerRecord:
    """Find the status among the observations of an event."""
    paths = [f"entryRelationship{nth}/observation" for nth in _RELATIONS]
    columns = [f"{path}/{end}" for path in paths for end in ("code/@code", "value/@code")]

    def parse(row: to.Row) -> Any:
        said = next((row[f"{path}/value/@code"] for path in paths if row[f"{path}/code/@code"] == _STATUS), None)
        return to.Word("status", table=_STATUSES).parse({"status": said}) if said else None

    return to.PerRecord(columns, parse=parse)


def _of_list(path: str, listed: str) -> to.Code:
    return to.Code(f"{path}/@code", system=listed)


def _person_ref() -> to.Ref:
    return to.Ref(f"{_UP}/@extension", system=SYSTEM, entity="person")


def _own(path: str, entity: str) -> to.Ref:
    return to.Ref(f"{path}/@extension", system=SYSTEM, entity=entity)


def _table(
    contract: str, member: str, fields: dict[str, Any], *, carried: tuple[str, ...], codes: tuple[str, ...] = ()
) -> Table:
    converters = [one for entry in fields.values() for one in (entry if isinstance(entry, list) else [entry])]
    return Table(
        contract=contract,
        member=member,
        fields=fields,
        where=(Where("code/@code", codes),) if codes else (),
        optional=tuple(dict.fromkeys(column for one in converters for column in one.columns)),
        carried=carried,
    )


_STREET = ("addr/houseNumber", "addr/streetName")
_ADDRESS = to.AddressOf(lines=_STREET[:1], postcode="addr/postalCode", city="addr/city")


def _address(row: to.Row) -> Any:
    """Read an address: number and street are one line of it."""
    line = " ".join(filter(None, (row[column] for column in _STREET)))
    return _ADDRESS.parse({**row, _STREET[0]: line or None})


def _turn(code: str, *, planned: bool) -> to.PerRecord:
    """Read when a stay begins or ends: what is planned is told by the mood of the observation alone."""
    paths = [f"component{nth}/observation" for nth in ("#2", "#3")]
    columns = [f"{path}/{end}" for path in paths for end in ("effectiveTime/@value", "code/@code", "@moodCode")]

    def parse(row: to.Row) -> Any:
        found = (path for path in paths if row[f"{path}/code/@code"] == code)
        path = next((one for one in found if (row[f"{one}/@moodCode"] == "INT") is planned), None)
        column = f"{path}/effectiveTime/@value"
        return to.Date(column, formats=("%Y%m%d",)).parse(row) if path else None

    return to.PerRecord(columns, parse=parse)


_STAY = "component/encounter"
_GRID = "component/observation"

EXPORTS = Connector(
    id="tddui-cda",
    title="TDDUI : export CDA du dossier usager (1.x)",
    dialect=Xml(
        rows={
            "/ClinicalDocument/recordTarget/patientRole": "person",
            f"{_ENTRY}/organizer": "organizers",
            f"{_ENTRY}/encounter": "events",
        },
        above={f"{_ENTRY}/organizer": (_UP,), f"{_ENTRY}/encounter": (_UP,)},
    ),
    out_of_scope=(
        OutOfScope(
            fr="document joint : son type n'est dit que dans le texte de la section",
            en="an attached document: only the text of the section tells its type",
            member="organizers",
            where=(Where("code/@code", (_STAYS, *_GRIDS), negated=True),),
        ),
    ),
    tables=(
        _table(
            "person/1",
            "person",
            {
                "ref": _own("id", "person"),
                "identifiers": [to.Identifier("id/@extension", system="ins")],
                "birth_name": _name("family", "BR"),
                "usual_name": _name("family", "CL"),
                "first_names": _name("given", ""),
                "used_first_name": _name("given", "CL"),
                "sex": to.Code(
                    "patient/administrativeGenderCode/@code", table={"M": "M", "F": "F", "UN": "U"}, system="sexes"
                ),
                "birth_date": to.PartialDate("patient/birthTime/@value", formats=("%Y%m%d",)),
                "birth_commune": to.Text("patient/birthplace/place/addr/county", max_length=64),
                "birth_country": to.Text("patient/birthplace/place/addr/country", max_length=64),
                "birth_rank": to.Text("patient/multipleBirthOrderNumber/@value", max_length=64),
                "addresses": [to.PerRecord((_STREET[1], *_ADDRESS.columns), parse=_address)],
            },
            carried=("id/*", "patient/*", "@classCode"),
        ),
        _table(
            "appointment/1",
            "events",
            {
                "ref": _own("id", "appointment"),
                "person_ref": _person_ref(),
                "organisation_ref": _structure("performer/assignedEntity/representedOrganization/id/@extension"),
                "professional_ref": _own("performer/assignedEntity/id", "professional"),
                "starts_at": _moment("effectiveTime/low/@value"),
                "ends_at": _moment("effectiveTime/high/@value"),
                "category": _of_list("code/qualifier/value", "ssiad-event-types"),
                "status": _status(),
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
                *("participant/*", "entryRelationship/*", f"{_UP}/*"),
            ),
        ),
        _table(
            "stay/1",
            "organizers",
            {
                "ref": _own(f"{_STAY}/id", "stay"),
                "person_ref": _person_ref(),
                "organisation_ref": _structure(f"{_STAY}/participant/participantRole/scopingEntity/id/@extension"),
                "admitted_on": to.Date(f"{_STAY}/effectiveTime/@value", formats=("%Y%m%d",)),
                "planned_entry_on": _turn("ORG-070", planned=True),
                "entry_on": _turn("ORG-070", planned=False),
                "planned_exit_on": _turn("ORG-074", planned=True),
                "exit_on": _turn("ORG-074", planned=False),
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
                f"{_UP}/*",
            ),
        ),
        _table(
            "assessment/1",
            "organizers",
            {
                "ref": _own(f"{_GRID}/id", "assessment"),
                "person_ref": _person_ref(),
                "type": _of_list("code", "assessment-types"),
                "assessed_on": to.Date(f"{_GRID}/effectiveTime/@value", formats=("%Y%m%d",)),
                "result": _of_list(f"{_GRID}/value", "gir"),
                "professional_ref": _own(f"{_GRID}/performer/assignedEntity/id", "professional"),
            },
            codes=_GRIDS,
            carried=(
                "@classCode",
                "@moodCode",
                "templateId/*",
                "id/*",
                "statusCode/*",
                "effectiveTime/*",
                "component/*",
                f"{_UP}/*",
            ),
        ),
    ),
)
