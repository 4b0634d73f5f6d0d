"""The beneficiaries file: each row is a person, their case, and one entitlement for each right that is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Table, Where
from passerelle import convert as to

from . import words
from .staff import CUTS, EMAIL, SYSTEM, refer_to_organisation, refer_to_professional

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = "Identifiant dans le SI*"
# Headings as in the import template of the application, with its `*` for required columns.
_HOLDER = "Numéro allocataire CAF/MSA"
_RSA = "Droits RSA"
_FLAGS = {"Droits ARE": "unemployment", "Droits ASS": "ass", "Prime d'activité": "activity_bonus"}
"""Columns that say yes or no, and the right that each is about, in our list of income sources."""

_PERSON_REF = to.Ref(_ID, system=SYSTEM, entity="person")

_PERSON: dict[str, to.Converter | list[to.Converter]] = {
    "ref": _PERSON_REF,
    "identifiers": [
        to.Identifier("NIR", system="nir"),
        # The template has one column for CAF and MSA, and none that says which fund it is.
        to.Identifier(_HOLDER, system="caf"),
        to.Identifier("Identifiant Pôle emploi", system="france_travail"),
    ],
    "usual_name": to.Text("Nom*"),
    "first_names": to.Text("Prénom*"),
    "birth_date": to.PartialDate("Date de naissance*", formats=words.DAYS),
    "birth_place": to.Text("Lieu de naissance"),
    "occupation_status": to.Code("Situation", table=words.SITUATIONS, system="occupation-status"),
    "education_level": to.Code("Niveau de formation", system=f"{SYSTEM}/education-levels"),
    "mobility": to.Code("Zone de mobilité"),
    "disabled_worker": to.YesNo("RQTH", yes=words.YES, no=words.NO),
    "telecoms": [to.Telecom("Téléphone", separators=CUTS), to.Telecom("Email", kind=EMAIL, separators=CUTS)],
    "addresses": [to.AddressOf(lines=("Adresse", "Adresse (complément)"), postcode="Code postal", city="Ville")],
}

_CASE: dict[str, to.Converter] = {
    "ref": to.Ref(_ID, system=SYSTEM, entity="case"),
    "person_ref": _PERSON_REF,
    "organisation_ref": refer_to_organisation("Structure"),
    "professional_ref": refer_to_professional("Accompagnateurs"),
}


def _describe_entitlement(entity: str) -> dict[str, to.Converter]:
    return {
        "ref": to.Ref(_ID, system=SYSTEM, entity=f"entitlement_{entity}"),
        "person_ref": _PERSON_REF,
        "holder_number": to.Text(_HOLDER, max_length=64),
    }


def _read_flag(column: str) -> to.PerRecord:
    """Read a yes as open and a no as explicitly none, which differs from an empty cell."""
    flag = to.YesNo(column, yes=words.YES, no=words.NO)

    def parse(row: to.Row) -> Any:
        answer = flag.parse(row)
        if isinstance(answer, bool):
            return "open" if answer else to.NONE
        return answer

    def render(value: Any) -> dict[str, str]:
        # «Non» is never written: of a right without status nobody knows that it is refused.
        return flag.render(True if value == "open" else None)

    return to.PerRecord(column, parse=parse, render=render)


_RIGHTS: dict[str, dict[str, to.Converter]] = {
    _RSA: {
        **_describe_entitlement("rsa"),
        # All words of this column are about the RSA; in which state it is, they say at once (`status`).
        "type": to.Code(_RSA, table=dict.fromkeys(words.RSA, "rsa"), system="income-sources"),
        "status": to.Word(_RSA, table=words.RSA),
    },
    **{
        column: {
            **_describe_entitlement(code),
            "type": to.Constant({"code": code, "system": "income-sources", "label": None, "original": None}),
            "status": _read_flag(column),
        }
        for column, code in _FLAGS.items()
    },
}

# Job label and ROME code share this cell (fixtures of the application): no field takes both.
_CARRIED = ("Emploi recherché (code ROME)",)


def _list_columns(fields: Mapping[str, to.Converter | list[to.Converter]]) -> dict[str, None]:
    """List the columns that these fields read, in order."""
    columns: dict[str, None] = {}
    for entry in fields.values():
        for converter in entry if isinstance(entry, list) else [entry]:
            columns |= dict.fromkeys(converter.columns)
    return columns


_ALL = {**_list_columns(_PERSON), **_list_columns(_CASE), **dict.fromkeys((_RSA, *_FLAGS, *_CARRIED))}


def _waive_others(fields: Mapping[str, to.Converter | list[to.Converter]]) -> dict[str, str]:
    """Waive the columns that these fields do not read: another table of the same row reads or carries them."""
    why = "chaque ligne donne une personne, un dossier et ses droits : cette colonne est dans un autre"
    return dict.fromkeys((column for column in _ALL if column not in _list_columns(fields)), why)


_WITH_PERSON = {column: why for column, why in _waive_others(_PERSON).items() if column not in _CARRIED}

_OPTIONAL = tuple(column for column in _ALL if not column.endswith("*"))
"""The application asks for the columns with a star only: its own end-to-end tests import files with these and few
others. What a file has no column for is not said."""

BENEFICIARIES = (
    Table(contract="person/1", fields=_PERSON, waived=_WITH_PERSON, carried=_CARRIED, optional=_OPTIONAL),
    Table(contract="case/1", fields=_CASE, waived=_waive_others(_CASE), optional=_OPTIONAL),
    *(
        Table(
            contract="entitlement/1",
            # An empty cell says nothing about the right: no entitlement, rather than one that is refused.
            where=(Where.holds(column),),
            fields=fields,
            waived=_waive_others(fields),
            optional=_OPTIONAL,
        )
        for column, fields in _RIGHTS.items()
    ),
)
