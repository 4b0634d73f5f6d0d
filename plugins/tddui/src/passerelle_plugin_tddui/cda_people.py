"""People of a CDA export: the person with all their numbers, guardians and relatives."""

from __future__ import annotations

from typing import Any

from passerelle import OutOfScope, Table, Where
from passerelle import convert as to

from .words import SYSTEM

_SEVERAL = ("", "#2", "#3")
_IDS = tuple(f"#{nth}" if nth > 1 else "" for nth in range(1, 5))
# Roots of national numbers (header of the CDA guide of TDDUI): every other root is some software's own.
_NATIONAL = {
    "1.2.250.1.213.1.4.8": ("ins", ""),
    "1.2.250.1.213.1.4.9": ("ins", "nia"),
    "1.2.250.1.213.1.4.10": ("ins", "test"),
    "1.2.250.1.213.1.4.11": ("ins", "demo"),
    "1.2.250.1.213.1.4.13": ("nir", ""),
    "1.2.250.1.213.1.4.14": ("nir", "nia"),
}
"""Root → system and use: INS (NIR, NIA, test, demonstration), and the number as insured person (NSS): no INS."""


_BEST_FIRST = tuple(_NATIONAL)[:4]
"""Roots of the INS; behind them come the software's own numbers, then the NSS, which may be somebody else's."""


def list_numbers(path: str) -> list[str]:
    """Return the paths of a person's numbers, from the first one's."""
    return [f"{path}{nth}" for nth in _IDS]


def name_person(path: str) -> to.FirstOf:
    """Name a person by the best of their numbers, wherever it stands: another order names nobody else."""
    paths = list_numbers(path)
    columns = [f"{one}/{end}" for one in paths for end in ("@extension", "@root")]

    def parse(row: to.Row) -> Any:
        given = [one for one in paths if row[f"{one}/@extension"]]
        best = min(given, key=lambda one: _rank(row[f"{one}/@root"] or ""), default=paths[0])
        return to.Ref(f"{best}/@extension", system=SYSTEM, entity="person").parse(row)

    # The plain reference finds no more than that, and tells whoever looks at the description what is made here.
    return to.FirstOf(
        to.PerRecord(columns, parse=parse), to.Ref(f"{paths[0]}/@extension", system=SYSTEM, entity="person")
    )


def _rank(root: str) -> tuple[int, str]:
    if root in _BEST_FIRST:
        return _BEST_FIRST.index(root), ""
    # Among the numbers of several programs, their roots decide.
    return (len(_NATIONAL), root) if root in _NATIONAL else (len(_BEST_FIRST), root)


def _read_number(nth: str) -> to.PerRecord:
    """Read a number of a person by its root; one without root, or of an unknown one, is the software's own."""
    root, number = f"id{nth}/@root", f"id{nth}/@extension"

    def parse(row: to.Row) -> Any:
        system, use = _NATIONAL.get(row[root] or "", ("ipp", ""))
        return to.Identifier(number, system=system, use=use).parse(row)

    return to.PerRecord((root, number), parse=parse)


def _read_telecom(nth: str, path: str = "telecom") -> to.PerRecord:
    """Read a telecom by the scheme of its address (`tel:`, `mailto:`); without one it is taken for a telephone."""
    column = f"{path}{nth}/@value"

    def parse(row: to.Row) -> Any:
        scheme, mark, rest = (row[column] or "").partition(":")
        kind = {"tel": "phone", "mailto": "email", "fax": "fax", "http": "url", "https": "url"}.get(scheme.casefold())
        if not mark or kind is None:
            return to.Telecom(column).parse(row)
        text = row[column] if kind == "url" else rest
        return to.Telecom(column, kind=kind).parse({column: text})

    return to.PerRecord(column, parse=parse)


def describe_table(
    contract: str, member: str, fields: dict[str, Any], *, carried: tuple[str, ...], codes: tuple[str, ...] = ()
) -> Table:
    """Return the table of one member: CDA leaves empty elements out, so all columns are optional."""
    converters = [part for entry in fields.values() for part in (entry if isinstance(entry, list) else [entry])]
    return Table(
        contract=contract,
        member=member,
        fields=fields,
        where=(Where("code/@code", codes),) if codes else (),
        optional=tuple(dict.fromkeys(column for converter in converters for column in converter.columns)),
        carried=carried,
    )


def _read_name(kind: str, qualifier: str) -> to.PerRecord:
    """Read the name with this qualifier, whatever its place in the list."""
    paths = [f"patient/name/{kind}{nth}" for nth in _SEVERAL]
    columns = [column for path in paths for column in (path, f"{path}/@qualifier")]

    def parse(row: to.Row) -> Any:
        return next((row[path] for path in paths if row[path] and (row[f"{path}/@qualifier"] or "") == qualifier), None)

    return to.PerRecord(columns, parse=parse)


_STREET_PARTS = ("houseNumber", "streetName")
_LINES = ("streetAddressLine", "streetAddressLine#2", "streetAddressLine#3", "additionalLocator", "postBox")


def _read_address(path: str) -> to.PerRecord:
    """Read an address: whole lines where they are given, else one made of number and street; then its additions."""
    parts = tuple(f"{path}/{name}" for name in _STREET_PARTS)
    lines = tuple(f"{path}/{name}" for name in _LINES)
    plain = to.AddressOf(
        lines=(*lines, *parts[:1]),
        postcode=f"{path}/postalCode",
        city=f"{path}/city",
        country=f"{path}/country",
    )

    def parse(row: to.Row) -> Any:
        street = " ".join(filter(None, (row[column] for column in parts)))
        said = [text for text in (street, *(row[column] for column in lines)) if text]
        # the contract has six lines, as AFNOR NF Z10-011: what is more stands in the last one, nothing is cut
        last = len(plain.lines) - 1
        said = [*said[:last], ", ".join(said[last:])] if len(said) > last else said
        places: dict[str, str | None] = dict.fromkeys(plain.lines)
        places |= dict(zip(plain.lines, said, strict=False))
        return plain.parse({**row, **places})

    return to.PerRecord(tuple(dict.fromkeys((*plain.columns, *parts, *lines))), parse=parse)


_PERSON: dict[str, Any] = {
    "ref": name_person("id"),
    "identifiers": [_read_number(nth) for nth in _IDS],
    "birth_name": _read_name("family", "BR"),
    "usual_name": _read_name("family", "CL"),
    "first_names": _read_name("given", ""),
    "used_first_name": _read_name("given", "CL"),
    "sex": to.Code("patient/administrativeGenderCode/@code", table={"M": "M", "F": "F", "UN": "U"}, system="sexes"),
    "birth_date": to.PartialDate("patient/birthTime/@value", formats=("%Y%m%d",)),
    "birth_commune": to.Text("patient/birthplace/place/addr/county", max_length=64),
    "birth_country": to.Text("patient/birthplace/place/addr/country", max_length=64),
    "birth_rank": to.Text("patient/multipleBirthOrderNumber/@value", max_length=64),
    "telecoms": [_read_telecom(nth) for nth in _IDS],
    "addresses": [_read_address("addr")],
}
GUARDIAN, RELATIVE = "/ClinicalDocument/recordTarget/patientRole/patient/guardian", "/ClinicalDocument/informant"
PERSON_OF = {
    "guardians": "../../id",
    "relatives": "../recordTarget/patientRole/id",
}
"""Member → the person's numbers, from one of its rows."""


def _carry(path: str) -> tuple[str, ...]:
    return tuple(f"{one}/*" for one in list_numbers(path))


_CONTACTS: dict[str, tuple[str, ...]] = {
    "guardians": ("@classCode", "id/*", "code/*", "telecom/*", "addr/*", "guardianPerson/*", *_carry("../../id")),
    "relatives": ("@typeCode", "relatedEntity/*", *_carry("../recordTarget/patientRole/id")),
}


def _describe_contact(member: str) -> dict[str, Any]:
    """Describe a guardian or a relative: neither has a number, so that person, role and name make the reference."""
    top = "" if member == "guardians" else "relatedEntity/"
    who = f"{top}guardianPerson" if member == "guardians" else f"{top}relatedPerson"
    family, given, code = f"{who}/name/family", f"{who}/name/given", f"{top}code/@code"
    person = name_person(PERSON_OF[member])

    def name(row: to.Row) -> Any:
        of = person.parse(row)
        if not isinstance(of, str):
            return of
        parts = (of.rpartition(":")[2], *(row[column] or "" for column in (code, family, given)))
        return to.Ref(family, system=SYSTEM, entity="related_contact", whole=True).parse({family: "/".join(parts)})

    ref = to.PerRecord((*person.columns, code, family, given), parse=name)
    fields: dict[str, Any] = {
        "ref": ref,
        "person_ref": person,
        "kind": to.Constant("person"),
        "last_name": to.Text(family),
        "first_name": to.Text(given),
        "telecoms": [_read_telecom(nth, f"{top}telecom") for nth in _IDS],
        "addresses": [_read_address(f"{top}addr")],
    }
    if member == "guardians":
        role = {"code": "legal_representative", "system": "contact-roles", "label": None, "original": None}
        return {**fields, "role": to.Constant(role), "protection_measure": _read_label(code, f"{top}code/@displayName")}
    return {**fields, "relation": _read_label(code, f"{top}code/@displayName")}


def _read_label(code: str, label: str) -> to.PerRecord:
    """Read a code of a list of the agency with its label, as they stand."""

    def parse(row: to.Row) -> Any:
        if not (row[code] or row[label]):
            return None
        system = row[code.replace("@code", "@codeSystem")] if row[code] else None
        return {"code": row[code], "system": system, "label": row[label], "original": row[label]}

    return to.PerRecord((code, label, code.replace("@code", "@codeSystem")), parse=parse)


_RELATED = (
    "relatedEntity/relatedPerson/name/family",
    "relatedEntity/relatedPerson/name/given",
    "relatedEntity/code/@code",
)

NO_RELATIVE = OutOfScope(
    fr="qui a renseigné le document à titre professionnel, et non un proche de la personne",
    en="who gave information as a professional, and no relative of the person",
    member="relatives",
    where=(Where.empty(*_RELATED),),
    optional=_RELATED,
)
"""An informant is a relative or a professional; only relatives are contacts of the person."""


def describe_people() -> tuple[Table, ...]:
    """Return the tables of the person, of guardians and of relatives."""
    return (
        describe_table(
            "person/1",
            "person",
            _PERSON,
            carried=("id/*", "patient/*", "@classCode", "addr/*", "telecom/*"),
        ),
        *(
            describe_table("related_contact/1", member, _describe_contact(member), carried=carried)
            for member, carried in _CONTACTS.items()
        ),
    )
