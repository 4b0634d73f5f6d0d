"""People of a decision in CDA: the person with all their numbers, protection measures, parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import OutOfScope, Table, Where
from passerelle import convert as to

from .words import NATIONAL, SYSTEM, Numbers, choose_number, describe_table, make_code, refer_to_person

if TYPE_CHECKING:
    from collections.abc import Iterator

PERSON = "/ClinicalDocument/recordTarget/patientRole"
GUARDIAN, RELATIVE = f"{PERSON}/patient/guardian", "/ClinicalDocument/informant"
BODY = "../../component/structuredBody"
_NTH = ("", "#2", "#3", "#4")
_SEVERAL, _TWICE = _NTH[:3], _NTH[:2]

_DEATH = [f"{BODY}/component{nth}/section/entry/observation" for nth in _TWICE]
# HL7 RoleCode (TRE_R216): who is of the family; other codes are kept as they stand.
_KIN = {
    **dict.fromkeys(("PRN", "MTH", "FTH", "NMTH", "NFTH", "ADOPTF", "ADOPTM", "STPMTH", "STPFTH"), "parent"),
    **dict.fromkeys(("GRPRN", "GRMTH", "GRFTH", "MGRMTH", "MGRFTH", "PGRMTH", "PGRFTH"), "grandparent"),
    **dict.fromkeys(("SIB", "BRO", "SIS", "HBRO", "HSIS"), "sibling"),
    **dict.fromkeys(("SPS", "HUSB", "WIFE", "DOMPART", "SIGOTHR"), "partner"),
    **dict.fromkeys(("EXT", "AUNT", "UNCLE", "COUSN", "FAMMEMB"), "other_family"),
    "NBOR": "neighbour",
}
_MEASURES = {
    "Tutelle": "guardianship",
    "Curatelle": "curatorship",
    "Curatelle simple": "curatorship",
    "Curatelle renforcée": "reinforced_curatorship",
    "Sauvegarde de justice": "safeguard",
    "Habilitation familiale": "family_authorisation",
    "Mandat de protection future": "future_mandate",
    "Mesure d'accompagnement judiciaire": "maj",
    "MASP": "masp",
}
"""By their label: the codes are those of a list that is not public (1.2.250.1.213.3.3.208)."""


def list_number_columns(path: str) -> tuple[str, ...]:
    """Return the columns of the numbers of a person."""
    return tuple(f"{path}{nth}/{end}" for nth in _NTH for end in ("@root", "@extension"))


def refer_from(path: str) -> to.PerRecord:
    """Refer to the person by the numbers at a path."""

    def list_numbers(row: to.Row) -> Numbers:
        return list(_iter_numbers(row, path))

    return refer_to_person(list_number_columns(path), list_numbers)


def _iter_numbers(row: to.Row, path: str) -> Iterator[tuple[str, str]]:
    for nth in _NTH:
        root, number = row[f"{path}{nth}/@root"], row[f"{path}{nth}/@extension"]
        if root and number:
            yield root, number


def _read_number(nth: str) -> to.PerRecord:
    """Read a number of a person by its root; one of an unknown root names the person somewhere, and is no INS."""
    root, number = f"id{nth}/@root", f"id{nth}/@extension"

    def parse(row: to.Row) -> Any:
        system, use = NATIONAL.get(row[root] or "", (SYSTEM, ""))
        return to.Identifier(number, system=system, use=use).parse(row)

    return to.PerRecord((root, number), parse=parse)


_INSURED = "numSecuriteSocialeOuvrantDroit"


def _read_insured() -> to.PerRecord:
    """Read the number of whoever opens the right to health insurance: an attribute in the guide, a text before it."""
    number, text = f"{_INSURED}/@extension", _INSURED

    def parse(row: to.Row) -> Any:
        return to.Identifier(number, system="nir", use="holder").parse({number: row[number] or row[text]})

    return to.PerRecord((number, text), parse=parse)


def _read_name(part: str, qualifier: str) -> to.PerRecord:
    paths = [f"patient/name/{part}{nth}" for nth in _SEVERAL]
    columns = [column for path in paths for column in (path, f"{path}/@qualifier")]

    def parse(row: to.Row) -> Any:
        return next((row[path] for path in paths if row[path] and (row[f"{path}/@qualifier"] or "") == qualifier), None)

    return to.PerRecord(columns, parse=parse)


def _read_day_of_death() -> to.PerRecord:
    """Read the day of death from the observation that says of itself that it is about that, in whichever section."""
    columns = [f"{path}/{end}" for path in _DEATH for end in ("code/originalText", "effectiveTime/@value")]

    def parse(row: to.Row) -> Any:
        path = next((path for path in _DEATH if row[f"{path}/code/originalText"] == "StatutDeces"), None)
        day = f"{path}/effectiveTime/@value"
        return to.PartialDate(day, formats=("%Y%m%d",)).parse({day: row[day]}) if path else None

    return to.PerRecord(columns, parse=parse)


def _read_telecom(path: str) -> to.PerRecord:
    """Read a telecom by the scheme of its address; without one it is taken for a telephone."""
    column = f"{path}/@value"

    def parse(row: to.Row) -> Any:
        scheme, mark, rest = (row[column] or "").partition(":")
        kind = {"tel": "phone", "mailto": "email", "fax": "fax"}.get(scheme.casefold()) if mark else None
        if kind is None:
            return to.Telecom(column).parse(row)
        return to.Telecom(column, kind=kind).parse({column: rest})

    return to.PerRecord(column, parse=parse)


def _read_address(path: str) -> to.AddressOf:
    """Read an address; the name of the body that takes somebody's letters is a line of it."""
    return to.AddressOf(
        lines=(f"{path}/additionalLocator", f"{path}/streetAddressLine"),
        postcode=f"{path}/postalCode",
        city=f"{path}/city",
    )


def describe_person() -> Table:
    """Return the table of the person whom a document is about."""
    fields: dict[str, Any] = {
        "ref": refer_from("id"),
        "identifiers": [*(_read_number(nth) for nth in _NTH), _read_insured()],
        "birth_name": _read_name("family", "BR"),
        "usual_name": _read_name("family", "CL"),
        "first_names": _read_name("given", ""),
        "used_first_name": _read_name("given", "CL"),
        "title": to.Code("patient/name/prefix", table={"M": "M", "MME": "MME"}, system="titles"),
        "sex": to.Code("patient/administrativeGenderCode/@code", table={"M": "M", "F": "F", "U": "U"}, system="sexes"),
        "birth_date": to.PartialDate("patient/birthTime/@value", formats=("%Y%m%d",)),
        "birth_commune": to.Text("patient/birthplace/place/addr/county", max_length=64),
        "birth_place": to.Text("patient/birthplace/place/addr/city"),
        "death_date": _read_day_of_death(),
        "telecoms": [_read_telecom(f"telecom{nth}") for nth in _SEVERAL],
        "addresses": [_read_address(f"addr{nth}") for nth in _TWICE],
    }
    carried: tuple[str, ...] = (
        "id/*",
        "addr/*",
        "telecom/*",
        "patient/*",
        "nomOrganismeAM",
        "dateTransfertDossier/*",
        f"{_INSURED}/*",
    )
    carried += ("idMDPHResponsable/*", "idMDPHAccueil/*", f"{BODY}/*")
    return describe_table("person/1", fields, member="person", carried=carried)


def _read_measure() -> to.PerRecord:
    code, label, system = (f"code/@{end}" for end in ("code", "displayName", "codeSystem"))
    known = to.Code(label, table=_MEASURES, system="protection-measures")

    def parse(row: to.Row) -> Any:
        return known.parse(row) if row[label] in _MEASURES else make_code(row[code], row[system], row[label])

    return to.PerRecord((code, label, system), parse=parse)


def _read_relation(top: str) -> to.PerRecord:
    code, label, system = (f"{top}code/@{end}" for end in ("code", "displayName", "codeSystem"))

    def parse(row: to.Row) -> Any:
        if kin := _KIN.get(row[code] or ""):
            return {"code": kin, "system": "relations", "label": None, "original": row[label] or row[code]}
        return make_code(row[code], row[system], row[label])

    return to.PerRecord((code, label, system), parse=parse)


def _read_authority(column: str) -> to.PerRecord:
    """Whoever has parental authority acts for the child; who has none is no representative."""
    said = to.YesNo(column, yes=("true", "1"), no=("false", "0"))
    role = {"code": "legal_representative", "system": "contact-roles", "label": None, "original": "autorité parentale"}

    def parse(row: to.Row) -> Any:
        found = said.parse(row)
        return role if found is True else None if found is False else found

    return to.PerRecord(column, parse=parse)


def _name_contact(path: str, who: tuple[str, ...], code: str) -> to.PerRecord:
    """Name a contact, who has no number, by the person, what they are to them, and their name."""

    def parse(row: to.Row) -> Any:
        chosen = choose_number(list(_iter_numbers(row, path)))
        if chosen is None or not any(row[column] for column in who):
            return None
        parts = (*chosen, *(row[column] or "" for column in (code, *who)))
        return to.Ref("all", system=SYSTEM, entity="related_contact").parse({"all": "/".join(parts)})

    return to.PerRecord((*list_number_columns(path), code, *who), parse=parse)


def _describe_contact(top: str, holder: str, numbers: str) -> dict[str, Any]:
    name = f"{top}{holder}/name"
    return {
        "person_ref": refer_from(numbers),
        "last_name": to.Text(f"{name}/family"),
        "first_name": to.Text(f"{name}/given"),
        "title": to.Code(f"{name}/prefix", table={"M": "M", "MME": "MME"}, system="titles"),
        "telecoms": [_read_telecom(f"{top}telecom{nth}") for nth in _SEVERAL],
        "addresses": [_read_address(f"{top}addr")],
    }


_OF_GUARDIAN, _OF_RELATIVE = "../../id", "../recordTarget/patientRole/id"
ABOVE = {GUARDIAN: (f"{_OF_GUARDIAN}#*",), RELATIVE: (f"{_OF_RELATIVE}#*",), PERSON: (BODY,)}
"""What rows of people take from elsewhere in the document."""
_BODY_NAME = "guardianOrganization/name"


def describe_contacts() -> tuple[Table, ...]:
    """Return the tables of protection measures, which a person or a body carries out, and of parents."""
    role = {"code": "legal_representative", "system": "contact-roles", "label": None, "original": None}
    names = ("guardianPerson/name/family", "guardianPerson/name/given", _BODY_NAME)
    guardian: dict[str, Any] = {
        "ref": _name_contact(_OF_GUARDIAN, names, "code/@code"),
        **_describe_contact("", "guardianPerson", _OF_GUARDIAN),
        "kind": to.PerRecord(_BODY_NAME, parse=lambda row: "organisation" if row[_BODY_NAME] else "person"),
        "organisation_name": to.Text(_BODY_NAME),
        "role": to.Constant(role),
        "protection_measure": _read_measure(),
    }
    related = "relatedEntity/relatedPerson/name"
    parent: dict[str, Any] = {
        "ref": _name_contact(_OF_RELATIVE, (f"{related}/family", f"{related}/given"), "relatedEntity/code/@code"),
        **_describe_contact("relatedEntity/", "relatedPerson", _OF_RELATIVE),
        "kind": to.Constant("person"),
        "relation": _read_relation("relatedEntity/"),
        "role": _read_authority("relatedEntity/autoriteParentale/@value"),
    }
    own = ("code/*", "addr/*", "telecom/*", "guardianPerson/*", "guardianOrganization/*", f"{_OF_GUARDIAN}/*")
    return (
        describe_table("related_contact/1", guardian, member="guardians", carried=own),
        describe_table(
            "related_contact/1",
            parent,
            member="relatives",
            carried=("@typeCode", "relatedEntity/*", "assignedEntity/*", f"{_OF_RELATIVE}/*"),
        ),
    )


_RELATED = ("relatedEntity/relatedPerson/name/family", "relatedEntity/relatedPerson/name/given")
NO_RELATIVE = OutOfScope(
    fr="qui a renseigné le document à titre professionnel, et non un proche de la personne",
    en="who gave information as a professional, and no relative of the person",
    member="relatives",
    where=(Where.empty(*_RELATED),),
    optional=_RELATED,
)
