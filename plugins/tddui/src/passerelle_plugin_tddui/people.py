"""Patients, organisations and practitioners of a TDDUI Bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import convert as to

from .words import (
    BIRTH_NAMES,
    BIRTH_ORDER,
    BIRTH_PLACE,
    INS,
    INSEE,
    IPP,
    NIA,
    RELIABILITY,
    USES,
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


def patient(at: str) -> Table:
    """Describe persons."""
    official, place = f"{at}name.official", extension(at, BIRTH_PLACE, "valueAddress")
    fields: dict[str, Any] = {
        "ref": own_ref("person"),
        "identifiers": [
            to.Identifier(f"{at}identifier.{INS}.value", system="ins"),
            # A NIA waits for the NIR that will replace it; the INS is one or the other.
            to.Identifier(f"{at}identifier.{NIA}.value", system="ins", use="nia"),
            to.Identifier(f"{at}identifier.{IPP}.value", system="ipp"),
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
