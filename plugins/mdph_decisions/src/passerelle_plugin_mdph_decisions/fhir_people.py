"""Persons and their contacts, as FHIR resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Where
from passerelle import convert as to

from .fhir_parts import WRAPPING, name_from, read_day, refer_to_person
from .words import MDPH, NATIONAL, SYSTEM, describe_table

if TYPE_CHECKING:
    from passerelle import Table

_AT = "resource."
_TYPES = ("PIN", "INS-NIR", "INS-NIA", "INS-NIR-TEST", "INS-NIR-DEMO", "PI", "NH", "0", "1")
_CARRIED = tuple(
    f"{_AT}{name}"
    for name in ("meta.*", "identifier.*", "name.*", "telecom.*", "address.*", "patient.*", "relationship.*", "gender")
)
_ROLES = {
    "GUARD": "legal_representative",
    "ECON": "emergency",
    "CAREGIVER": "carer",
    "PRS_CONF": "trusted",
}
"""HL7 RoleClass (TRE_R260)."""
_KIN = {
    **dict.fromkeys(("PRN", "MTH", "FTH", "NMTH", "NFTH"), "parent"),
    **dict.fromkeys(("SIB", "BRO", "SIS"), "sibling"),
    **dict.fromkeys(("SPS", "HUSB", "WIFE", "DOMPART"), "partner"),
    **dict.fromkeys(("GRPRN", "GRMTH", "GRFTH"), "grandparent"),
}


def _read_number(kind: str) -> to.PerRecord:
    """Read a number by its system; in FR Core 2.1 the INS and the number as insured person differ by type alone."""
    system, value = f"{_AT}identifier.{kind}.system", f"{_AT}identifier.{kind}.value"

    def parse(row: to.Row) -> Any:
        root = (row[system] or "").removeprefix("urn:oid:")
        name, use = NATIONAL.get(root, (SYSTEM if root.startswith(MDPH) else "ipp", ""))
        name = "nir" if kind == "NH" else name
        return to.Identifier(value, system=name, use=use).parse(row)

    return to.PerRecord((system, value), parse=parse)


def _list_telecoms() -> list[to.Converter]:
    phones = [to.Telecom(f"{_AT}telecom.{name}.value") for name in ("phone", "phone#2")]
    return [*phones, *(to.Telecom(f"{_AT}telecom.{name}.value", kind=name) for name in ("email", "fax"))]


def _read_address() -> to.AddressOf:
    path = f"{_AT}address.0"
    return to.AddressOf(
        lines=(f"{path}.line.0", f"{path}.line.1"),
        postcode=f"{path}.postalCode",
        city=f"{path}.city",
    )


def describe_person() -> Table:
    """Return the table of persons."""
    official = f"{_AT}name.official"
    fields: dict[str, Any] = {
        "ref": to.PerRecord("@name", parse=lambda row: name_from(row["@name"], "person")),
        "identifiers": [_read_number(kind) for kind in _TYPES],
        "birth_name": to.Text(f"{official}.family"),
        "usual_name": to.FirstOf(to.Text(f"{_AT}name.usual.family"), to.Text(f"{_AT}name.0.family")),
        "first_names": to.Joined(tuple(f"{official}.given.{nth}" for nth in range(3))),
        "used_first_name": to.FirstOf(to.Text(f"{_AT}name.usual.given.0"), to.Text(f"{_AT}name.0.given.0")),
        "sex": to.Code(f"{_AT}gender", table={"male": "M", "female": "F", "unknown": "U"}, system="sexes"),
        "birth_date": to.PartialDate(f"{_AT}birthDate", formats=("%Y-%m-%d",)),
        "death_date": read_day(f"{_AT}deceasedDateTime", ""),
        "telecoms": _list_telecoms(),
        "addresses": [_read_address()],
    }
    where = (Where.equals(f"{_AT}resourceType", "Patient"),)
    return describe_table("person/1", fields, where=where, carried=_CARRIED, waived=WRAPPING)


def _read_tie(words: dict[str, str], system: str, listed: str) -> to.PerRecord:
    """Read the role or the kinship: each has a list of its own, and either may come first."""
    paths = [f"{_AT}relationship.{place}.coding.0" for place in range(3)]
    columns = [f"{path}.{end}" for path in paths for end in ("code", "system", "display")]

    def parse(row: to.Row) -> Any:
        path = next((path for path in paths if listed in (row[f"{path}.system"] or "") and row[f"{path}.code"]), None)
        if path is None:
            return None
        code, label = row[f"{path}.code"], row[f"{path}.display"]
        if known := words.get(code or ""):
            return {"code": known, "system": system, "label": None, "original": label or code}
        return {"code": code, "system": row[f"{path}.system"], "label": label, "original": label}

    return to.PerRecord(columns, parse=parse)


def describe_relative() -> Table:
    """Return the table of contacts, who have a number of their software at best."""
    own = f"{_AT}identifier.0.value"
    fields: dict[str, Any] = {
        "ref": to.PerRecord((own, "@name"), parse=lambda row: name_from(row[own] or row["@name"], "related_contact")),
        "person_ref": refer_to_person("patient"),
        "kind": to.Constant("person"),
        "last_name": to.FirstOf(*(to.Text(f"{_AT}name.{use}.family") for use in ("usual", "official", "0"))),
        "first_name": to.FirstOf(*(to.Text(f"{_AT}name.{use}.given.0") for use in ("usual", "official", "0"))),
        "relation": _read_tie(_KIN, "relations", "R216"),
        "role": _read_tie(_ROLES, "contact-roles", "R260"),
        "start_on": read_day(f"{_AT}period.start", ""),
        "end_on": read_day(f"{_AT}period.end", ""),
        "telecoms": _list_telecoms(),
        "addresses": [_read_address()],
    }
    where = (Where.equals(f"{_AT}resourceType", "RelatedPerson"),)
    return describe_table("related_contact/1", fields, where=where, carried=_CARRIED, waived=WRAPPING)
