"""Patients, organisations and practitioners of a TDDUI Bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import convert as to

from .words import (
    BIRTH_NAMES,
    BIRTH_ORDER,
    BIRTH_PLACE,
    INS,
    INS_DEMO,
    INS_TEST,
    INSEE,
    IPP,
    NIA,
    NSS,
    NSS_NIA,
    RELIABILITY,
    USES,
    day,
    extension,
    own_ref,
    partial_day,
    read_coding,
    reference,
    table,
)

if TYPE_CHECKING:
    from passerelle import Table

SEXES = {"male": "M", "female": "F", "unknown": "U"}


def addresses(at: str) -> list[to.Converter]:
    """Read one address for each use, and one without use."""
    return [*(_address(f"{at}address.{use}", use) for use in USES), _address(f"{at}address.0", "")]


def _address(path: str, use: str) -> to.AddressOf:
    return to.AddressOf(
        lines=(f"{path}.line.0", f"{path}.line.1"),
        postcode=f"{path}.postalCode",
        city=f"{path}.city",
        country=f"{path}.country",
        use=use,
    )


def telecoms(at: str) -> list[to.Converter]:
    """Read telecoms: two telephones, two e-mail addresses, a fax, a web site."""
    phones = [to.Telecom(f"{at}telecom.{name}.value") for name in ("phone", "phone#2")]
    mails = [to.Telecom(f"{at}telecom.{name}.value", kind="email") for name in ("email", "email#2")]
    rest = [to.Telecom(f"{at}telecom.{name}.value", kind=name) for name in ("fax", "url")]
    return [*phones, *mails, *rest]


def _read_first_names(path: str) -> to.FirstOf:
    whole = f"{path}.extension.{BIRTH_NAMES}.valueString"
    return to.FirstOf(to.Text(whole), to.Joined(tuple(f"{path}.given.{nth}" for nth in range(3))))


def _number(at: str, system: str) -> to.PerRecord:
    """Read a national number by its type: FR Core 2.1 gave the one of the insured person the system of the INS."""
    value, kind = f"{at}identifier.{system}.value", f"{at}identifier.{system}.type.coding.0.code"
    ins, insured = to.Identifier(value, system="ins"), to.Identifier(value, system="nir")

    def parse(row: to.Row) -> Any:
        return (insured if row[kind] == "NH" else ins).parse(row)

    return to.PerRecord((value, kind), parse=parse, render=ins.render, faithful=True)


_NUMBER_TYPES = {
    "INS-NIR": ("ins", ""),
    "INS-NIA": ("ins", "nia"),
    "INS-NIR-TEST": ("ins", "test"),
    "INS-NIR-DEMO": ("ins", "demo"),
    "NH": ("nir", ""),
}
"""Types of national numbers (FR Core, `fr-core-cs-v2-0203`) → system and use."""


def _number_by_type(path: str) -> to.PerRecord:
    """Read a national number that names no system, by its type."""
    value, system, kind = f"{path}.value", f"{path}.system", f"{path}.type.coding.0.code"

    def parse(row: to.Row) -> Any:
        found = _NUMBER_TYPES.get(row[kind] or "") if not row[system] else None
        return to.Identifier(value, system=found[0], use=found[1]).parse(row) if found else None

    return to.PerRecord((value, system, kind), parse=parse)


def patient(at: str) -> Table:
    """Describe persons."""
    official, place = f"{at}name.official", extension(at, BIRTH_PLACE, "valueAddress")
    fields: dict[str, Any] = {
        "ref": own_ref("person"),
        "identifiers": [
            _number(at, INS),
            # The INS stands twice in files of FR Core 2.1, where the number as insured person has its system.
            _number(at, f"{INS}#2"),
            # A NIA waits for the NIR that will replace it; the INS is one or the other.
            to.Identifier(f"{at}identifier.{NIA}.value", system="ins", use="nia"),
            to.Identifier(f"{at}identifier.{INS_TEST}.value", system="ins", use="test"),
            to.Identifier(f"{at}identifier.{INS_DEMO}.value", system="ins", use="demo"),
            to.Identifier(f"{at}identifier.{NSS}.value", system="nir"),
            to.Identifier(f"{at}identifier.{NSS_NIA}.value", system="nir", use="nia"),
            to.Identifier(f"{at}identifier.{IPP}.value", system="ipp"),
            *(_number_by_type(f"{at}identifier.{place}") for place in range(3)),
        ],
        "birth_name": to.Text(f"{official}.family"),
        "usual_name": to.FirstOf(to.Text(f"{at}name.usual.family"), to.Text(f"{at}name.0.family")),
        "first_names": _read_first_names(official),
        "used_first_name": to.FirstOf(to.Text(f"{at}name.usual.given.0"), to.Text(f"{at}name.0.given.0")),
        "title": to.Code(f"{official}.prefix.0", table={"M": "M", "MME": "MME"}, system="titles"),
        "sex": to.Code(f"{at}gender", table=SEXES, system="sexes"),
        "birth_date": partial_day(f"{at}birthDate"),
        "birth_place": to.Text(f"{place}.city"),
        "birth_commune": to.Text(f"{place}.extension.{INSEE}.valueCoding.code", max_length=64),
        "birth_country": to.Text(f"{place}.country", max_length=64),
        "birth_rank": to.Text(f"{at}_birthDate.extension.{BIRTH_ORDER}.valuePositiveInt", max_length=64),
        "death_date": partial_day(f"{at}deceasedDateTime"),
        "identity_status": to.Code(
            extension(at, RELIABILITY, "extension.identityStatus.valueCoding.code"),
            table={code: code for code in ("PROV", "RECUP", "VALI", "QUAL")},
            system="identity-status",
        ),
        "telecoms": telecoms(at),
        "addresses": addresses(at),
        "organisation_ref": reference(f"{at}managingOrganization", "organisation"),
    }
    return table("person/1", at, "Patient", fields)


def organisation(at: str) -> Table:
    """Describe organisations."""
    fields: dict[str, Any] = {
        "ref": own_ref("organisation"),
        "name": to.Text(f"{at}name"),
        "kind": read_coding(f"{at}type.0.coding.0", text=f"{at}type.0.text"),
        "parent_ref": reference(f"{at}partOf", "organisation"),
        "telecoms": telecoms(at),
        "addresses": addresses(at),
    }
    return table("organisation/1", at, "Organization", fields)


def practitioner(at: str) -> Table:
    """Describe professionals."""
    fields: dict[str, Any] = {
        "ref": own_ref("professional"),
        "last_name": to.FirstOf(to.Text(f"{at}name.0.family"), to.Text(f"{at}name.official.family")),
        "first_name": to.FirstOf(to.Text(f"{at}name.0.given.0"), to.Text(f"{at}name.official.given.0")),
        "title": to.Code(f"{at}name.0.prefix.0", table={"M": "M", "MME": "MME"}, system="titles"),
        "profession": read_coding(f"{at}qualification.0.code.coding.0", text=f"{at}qualification.0.code.text"),
        "telecoms": telecoms(at),
    }
    return table("professional/1", at, "Practitioner", fields)


def relative(at: str) -> Table:
    """Describe relatives and other contacts of a person."""
    fields: dict[str, Any] = {
        "ref": own_ref("related_contact"),
        "person_ref": reference(f"{at}patient", "person"),
        "kind": to.Constant("person"),
        "last_name": to.FirstOf(*(to.Text(f"{at}name.{use}.family") for use in ("0", "usual", "official"))),
        "first_name": to.FirstOf(*(to.Text(f"{at}name.{use}.given.0") for use in ("0", "usual", "official"))),
        "title": to.Code(f"{at}name.0.prefix.0", table={"M": "M", "MME": "MME"}, system="titles"),
        "relation": read_coding(f"{at}relationship.0.coding.0", text=f"{at}relationship.0.text"),
        "start_on": day(f"{at}period.start"),
        "end_on": day(f"{at}period.end"),
        "telecoms": telecoms(at),
        "addresses": addresses(at),
    }
    return table("related_contact/1", at, "RelatedPerson", fields)


_DECISIONS = {("active", "permit"): "accepted", ("active", "deny"): "refused", ("inactive", "permit"): "withdrawn"}


def consent(at: str) -> Table:
    """Describe what persons agreed to: of a draft, or one entered by mistake, nobody knows a decision."""
    status, kind = f"{at}status", f"{at}provision.type"

    def parse(row: to.Row) -> Any:
        if row[status] == "rejected":
            return "refused"
        # R4: a provision without type, and no provision at all, permit what the consent is about
        return _DECISIONS.get((row[status] or "", row[kind] or "permit"))

    def render(value: Any) -> dict[str, str]:
        return next(({status: one, kind: way} for (one, way), said in _DECISIONS.items() if said == value), {})

    fields: dict[str, Any] = {
        "ref": own_ref("consent"),
        "person_ref": reference(f"{at}patient", "person"),
        "decision": to.PerRecord((status, kind), parse=parse, render=render, faithful=True),
        "scope": read_coding(f"{at}category.0.coding.0", text=f"{at}category.0.text"),
        "decided_on": day(f"{at}dateTime"),
        "valid_from": day(f"{at}provision.period.start"),
        "valid_until": day(f"{at}provision.period.end"),
        "document_ref": reference(f"{at}sourceReference", "document"),
    }
    return table("consent/1", at, "Consent", fields)
