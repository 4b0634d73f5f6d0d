"""Parts that the three messages share: parties, addresses, products, with their converters and elements."""

from __future__ import annotations

from typing import Any

from passerelle import convert as to
from passerelle import writing as w

from .own import SYSTEM

# Namespaces of the Cross Industry messages of UN/CEFACT, on which ESPPADOM builds.
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:8"
PIE = "urn:un:unece:uncefact:data:standard:PersonInformationEntity:1"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:8"

# Of ESPPADOM_TYPE_AIDE, ESPPADOM_CADRE and UN/ECE recommendation 20 only these codes are known to occur.
AIDS = {code: code for code in ("APA", "PCH", "AM")}
MODES = {"PRE": "PRE"}
UNITS = {"HUR": "hour"}


def describe_number(name: str, *content: w.Cell | str, **more: Any) -> w.Element:
    """Describe an element with an identifier; emitters in production write `token` as its scheme and agency."""
    return w.Element(name, *content, schemeAgencyName="token", schemeID="token", **more)


def describe_code(name: str, listed_in: str, *content: w.Cell | str, **more: Any) -> w.Element:
    """Describe an element with a code of a list of EDESS."""
    return w.Element(name, *content, listID=listed_in, listAgencyName="EDESS", **more)


ADDRESS = to.AddressOf(
    lines=("PostalCITradeAddress/LineOne",),
    postcode="PostalCITradeAddress/PostcodeCode",
    city="PostalCITradeAddress/CityName",
    country="PostalCITradeAddress/CountryID",
)
WRITTEN_ADDRESS = w.Element(
    "pie:PostalCITradeAddress",
    w.Element("pie:LineOne"),
    w.Element("pie:PostcodeCode"),
    w.Element("pie:CityName"),
    # What the production emitter writes for everybody; a country that is known goes before it.
    w.Element("pie:CountryID", "FR"),
)
_BORN = "BirthDate"


def _parse_birth_day(row: to.Row) -> Any:
    """Read the day and drop the time, which is midnight in some other zone."""
    day = (row[_BORN] or "").partition("T")[0]
    return to.PartialDate(_BORN, formats=("%Y-%m-%d",)).parse({_BORN: day or None})


def _render_birth_day(value: Any) -> dict[str, str]:
    return {_BORN: f"{value}T00:00:00" if value and len(value) == len("2024-12-31") else ""}


def day(column: str) -> to.Date:
    """Read a day that is written as its midnight."""
    return to.Date(column, formats=("%Y-%m-%dT00:00:00", "%Y-%m-%d"))


PERSON: dict[str, Any] = {
    # numbers of persons and of parties are opaque: the payer gives them (EDESS: all numbers come from its ORDER)
    "ref": to.Ref("ID", system=SYSTEM, entity="person", opaque=True),
    "usual_name": to.Text("LastName"),
    "first_names": to.Text("FirstName"),
    "birth_date": to.PerRecord(_BORN, parse=_parse_birth_day, render=_render_birth_day),
    "addresses": [ADDRESS],
}
PERSON_OPTIONAL = ("FirstName", _BORN, *ADDRESS.columns)

PROVIDER: dict[str, Any] = {
    "ref": to.Ref("ID", system=SYSTEM, entity="organisation", opaque=True),
    "identifiers": [to.Identifier("SIRET", system="siret")],
    "name": to.Text("Name"),
    "addresses": [ADDRESS],
}
PAYER: dict[str, Any] = {
    "ref": to.Ref("ID", system=SYSTEM, entity="organisation", opaque=True),
    "name": to.Text("Name"),
}


def person(name: str) -> w.Element:
    """Describe the person who receives the help."""
    return w.Element(
        name,
        describe_number("pie:ID", needed=True),
        w.Element("pie:Name"),
        w.Element("pie:FirstName"),
        w.Element("pie:LastName"),
        w.Element("pie:BirthDate"),
        WRITTEN_ADDRESS,
    )


def provider(name: str, *contact: w.Element) -> w.Element:
    """Describe the service that provides the help."""
    return w.Element(
        name,
        describe_number("pie:ID", needed=True),
        w.Element("pie:Name"),
        w.Element("pie:SIRET"),
        *contact,
        WRITTEN_ADDRESS,
    )


def payer(name: str) -> w.Element:
    """Describe the payer."""
    return w.Element(name, describe_number("pie:ID", needed=True), w.Element("pie:Name"))


PRODUCT = w.Element(
    "ram:SpecifiedCITradeProduct",
    describe_code("qdt:ID", "ESPPADOM_TYPE_AIDE", always=True),
    w.Element("qdt:Name"),
)
"""The kind of aid, and its name."""
