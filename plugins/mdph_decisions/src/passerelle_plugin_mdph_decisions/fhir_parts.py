"""Numbers, extensions and converters that the FHIR resources share."""

from __future__ import annotations

from typing import Any

from passerelle import convert as to

from .words import SYSTEM, name_by_root

_AT = "resource."
_STRUCTURES = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
EXTENSION = f"{_STRUCTURES}tddui-decision"
DECISION = f"{_AT}extension.{EXTENSION}.extension"
RIGHT = f"{DECISION}.droitPrestation.extension"
DETAIL = f"{RIGHT}.detailPrestation.extension"
BESOIN = "https://identifiant-medicosocial-besoin.esante.gouv.fr"

NUMBERS = (
    # of persons, the best first: the MDPH's, the INS, the establishment's
    *("PIN", "INS-NIR", "INS-NIA", "INS-NIR-TEST", "INS-NIR-DEMO", "PI", "NH"),
    # of requests and decisions
    *("DEMANDE_ORIENTATION", "IDDECISION", "IDDECISIONMAJ", "NUMENREG", "IDNATDECISION", "NUMALLOC"),
)
"""Types of numbers (codes of `identifier.type`)."""
WRAPPING = {
    f"{_AT}id": "numéro technique, redonné par celui qui reçoit",
    "fullUrl": "adresse de la ressource dans le document",
    "search.mode": "pourquoi un serveur la donne",
    "request.method": "ce qu'un serveur doit en faire",
    "request.url": "ce qu'un serveur doit en faire",
}
"""What a resource has around it."""
_MOTIVES = ("motivation", "motivation#2", "motivation#3")
_LOCAL = ("motivationLocale", "motivationLocale#2")
DECISION_PARTS = (
    *("typeDecision", "dateEffetCloture", "dateDecision", "motivation", "motivationLocale", "commentaire"),
    "droitPrestation",
)
RIGHT_PARTS = (
    *("categorieDroitPrestation", "typeDroitPrestation", "natureDroitPrestation", "dateOuverture", "dateEcheance"),
    *("existencePAG", "motifFinPAG", "creton", "taux", "typeCompensation", "commentaire", "detailPrestation"),
)
DETAIL_PARTS = (
    *("temporaliteAccueil", "precisionOrientation", "accueilSequentiel", "formation", "montantAttribue", "frequence"),
    *("qualificationOrientation", "structureAccueil", "priseCharge"),
)
CODED = (
    *(f"{DECISION}.{part}" for part in ("typeDecision", *_MOTIVES)),
    *(f"{RIGHT}.{part}" for part in (*RIGHT_PARTS[:3], "motifFinPAG", "typeCompensation")),
    *(f"{DETAIL}.{part}" for part in ("temporaliteAccueil", "precisionOrientation", "qualificationOrientation")),
)
"""Extensions whose value is a code."""


def read_day(path: str, end: str = ".valueDate") -> to.PerRecord:
    """Read a day; a FHIR dateTime may have a time after it, which is dropped."""
    column = f"{path}{end}"
    plain = to.Date(column, formats=("%Y-%m-%d",))
    return to.PerRecord(column, parse=lambda row: plain.parse({column: (row[column] or "").partition("T")[0] or None}))


def read_flag(path: str) -> to.Converter:
    """Read a boolean."""
    return to.YesNo(f"{path}.valueBoolean", yes=("true",), no=("false",))


def read_amount(path: str) -> to.Converter:
    """Read an amount of money."""
    return to.Amount(f"{path}.valueMoney.value", decimal=".")


def read_coding(path: str, *, member: str = ".valueCodeableConcept") -> to.PerRecord:
    """Read a code with its list and label, as they stand, or what is said in words alone."""
    one = f"{path}{member}"
    code, system, label, text = (
        f"{one}.coding.0.code",
        f"{one}.coding.0.system",
        f"{one}.coding.0.display",
        f"{one}.text",
    )

    def parse(row: to.Row) -> Any:
        if not (row[code] or row[label] or row[text]):
            return None
        said = row[code]
        original = row[text] or row[label]
        where = row[system] if said else None
        return {"code": said, "system": where, "label": row[label] if said else None, "original": original}

    return to.PerRecord((code, system, label, text), parse=parse)


def read_grounds() -> to.PerRecord:
    """Read the grounds, each one's label or else its code, and what the MDPH wrote where no code says it."""
    coded = [f"{DECISION}.{part}.valueCodeableConcept.coding.0" for part in _MOTIVES]
    local = [f"{DECISION}.{part}.valueString" for part in _LOCAL]
    columns = [f"{path}.{end}" for path in coded for end in ("display", "code")] + local

    def parse(row: to.Row) -> Any:
        said = [row[f"{path}.display"] or row[f"{path}.code"] for path in coded] + [row[text] for text in local]
        return to.Text("all", max_length=20000).parse({"all": " ; ".join(filter(None, said)) or None})

    return to.PerRecord(columns, parse=parse)


def read_number(kind: str) -> to.Text:
    """Read a number without its system."""
    return to.Text(f"{_AT}identifier.{kind}.value", max_length=64)


def name_resource(kind: str, entity: str) -> to.PerRecord:
    """Name a decision or request by its number and whose number it is: both are needed."""
    system, number = f"{_AT}identifier.{kind}.system", f"{_AT}identifier.{kind}.value"

    def parse(row: to.Row) -> Any:
        return name_by_root((row[system] or "").removeprefix("urn:oid:"), row[number] or "", entity)

    return to.PerRecord((system, number), parse=parse)


def name_from(text: str | None, entity: str) -> Any:
    """Return the reference of what a record goes by in the document: a number of somebody's, else its address."""
    system, tie, number = (text or "").partition("|")
    if tie:
        return name_by_root(system.removeprefix("urn:oid:"), number, entity)
    return to.Ref("name", system=SYSTEM, entity=entity).parse({"name": text})


def refer_to_person(path: str = "subject") -> to.PerRecord:
    """Refer to the person: named by the record itself, else by the request that it is about."""
    borrowed, direct = f"{_AT}person.reference", f"{_AT}{path}.reference"
    system, value = f"{_AT}{path}.identifier.system", f"{_AT}{path}.identifier.value"
    kinds = (f"{_AT}{path}.@type", f"{_AT}{path}.type")

    def parse(row: to.Row) -> Any:
        if row[borrowed]:
            return name_from(row[borrowed], "person")
        kind = (row[kinds[0]] or row[kinds[1]] or "").rpartition("/")[2]
        if kind not in ("", "Patient"):
            return None
        if row[value]:
            return name_from(f"{row[system]}|{row[value]}" if row[system] else row[value], "person")
        return name_from(row[direct], "person") if row[direct] else None

    return to.PerRecord((borrowed, direct, system, value, *kinds), parse=parse)
