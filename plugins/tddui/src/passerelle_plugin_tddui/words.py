"""Names that TDDUI gives things: identifier systems, extensions, lists; and how the usual parts are read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle import Table, Where
from passerelle import convert as to

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Mapping[str, str] = MappingProxyType({})
SYSTEM = "tddui"

_STRUCTURES = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
CISIS = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
SERAFIN = "https://smt.esante.gouv.fr/terminologie-SERAFINPH"
INS = "urn:oid:1.2.250.1.213.1.4.8"
NIA = "urn:oid:1.2.250.1.213.1.4.9"
IPP = "http://identifiant-ipp.com"


def _local(what: str) -> str:
    return f"https://identifiant-medicosocial-{what}.esante.gouv.fr"


KEYS = {
    "person": _local("localusager"),
    "stay": _local("sejour"),
    "appointment": _local("evenement"),
    "assessment": _local("evaluation"),
    "plan": _local("projetpersonnalise"),
    "need": _local("besoin"),
    "goal": _local("objectif"),
    "action": _local("action"),
    "means": _local("moyenressource"),
    "service": _local("prestation"),
    "organisation": "urn:oid:1.2.250.1.71.4.2.2",
    "professional": "urn:oid:1.2.250.1.71.4.2.1",
}
"""What identifies each kind of record, in any software that speaks TDDUI."""

BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
INSEE = f"{_CORE}fr-core-address-insee-code"
RELIABILITY = f"{_CORE}fr-core-identity-reliability"
BIRTH_NAMES = f"{_CORE}fr-core-patient-birth-list-given-name"
BIRTH_ORDER = f"{_STRUCTURES}tddui-birth-order"
ADMISSION = f"{_STRUCTURES}tddui-admission-date"
ENTRY_LABEL = f"{_STRUCTURES}tddui-entry-mode-label"
EXIT_LABEL = f"{_STRUCTURES}tddui-exit-mode-label"
PLANNED_START = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate"
PLANNED_END = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate"
COMMENT = f"{_STRUCTURES}tddui-comment"
REPORT = f"{_STRUCTURES}tddui-event-report"
LABEL = f"{_STRUCTURES}tddui-event-label"
MOTIVE = f"{_STRUCTURES}tddui-event-reason"
VALIDATED = f"{_STRUCTURES}tddui-patient-validation"
RESOURCES_USED = f"{_STRUCTURES}tddui-ressources-used"
EXERCISE = f"{_STRUCTURES}tddui-exercise-mode"
DISCRIMINATOR = f"{_STRUCTURES}tddui-discriminator"
EXTENSIONS = (
    *(BIRTH_PLACE, RELIABILITY, ADMISSION, ENTRY_LABEL, EXIT_LABEL, PLANNED_START, PLANNED_END, COMMENT, REPORT, LABEL),
    *(MOTIVE, VALIDATED, RESOURCES_USED, EXERCISE),
)
NOTES = (
    *("titreObjectif", "avisUsagerObjectif", "strategieMiseEnOeuvreObjectif"),
    *("origineAttente", "commentaireAttente"),
)
USES = ("home", "temp", "work", "old", "billing")


def extension(at: str, url: str, value: str) -> str:
    """Name the column of an extension's value."""
    return f"{at}extension.{url}.{value}"


def own_ref(entity: str) -> to.Ref:
    """Read what a resource goes by: its identifier of TDDUI's grammar, else its address."""
    return to.Ref("@name", system=SYSTEM, entity=entity)


def reference(path: str, entity: str) -> to.FirstOf:
    """Read whom a resource refers to: by identifier, else through the document."""
    return to.FirstOf(*(to.Ref(f"{path}.{end}", system=SYSTEM, entity=entity) for end in ("identifier.value", "reference")))


def day(column: str) -> to.PerRecord:
    """Read a day; FHIR lets a time follow it."""
    plain = to.Date(column, formats=("%Y-%m-%d",))

    def parse(row: to.Row) -> Any:
        return plain.parse({column: (row[column] or "").partition("T")[0] or None})

    return to.PerRecord(column, parse=parse, render=plain.render, faithful=True)


def coded(path: str, *, text: str = "", listed: str = "", uri: str = CISIS) -> to.PerRecord:
    """Read a coding with its text. Codes of the list `uri` are those of our nomenclature `listed`."""
    code, system, display = (f"{path}.{name}" for name in ("code", "system", "display"))
    columns = (code, system, display, *((text,) if text else ()))

    def parse(row: to.Row) -> Any:
        said, label, words = row[code], row[display], row[text] if text else None
        if not (said or label or words):
            return None
        where = listed if said and listed and row[system] in (uri, None) else row[system]
        original = words or (None if said else label)
        return {"code": said, "system": where if said else None, "label": label if said else None, "original": original}

    def render(value: Any) -> dict[str, str]:
        one = value or {}
        known = uri if listed and one.get("system") == listed else one.get("system")
        words = {text: one.get("original") or ""} if text else {}
        label = one.get("label") or ("" if text or one.get("code") else one.get("original"))
        return {code: one.get("code") or "", system: known or "", display: label or "", **words}

    return to.PerRecord(columns, parse=parse, render=render, faithful=True)


def table(
    contract: str,
    at: str,
    kind: str,
    fields: dict[str, Any],
    *,
    carried: tuple[str, ...],
    where: tuple[Where, ...] = (),
    waived: Mapping[str, str] = _NOTHING,
) -> Table:
    """Describe resources of one kind. FHIR leaves out what is empty: no column is sure to be there."""
    converters = [one for entry in fields.values() for one in (entry if isinstance(entry, list) else [entry])]
    read = {column for one in converters for column in one.columns}
    key = f"{at}identifier.{KEYS.get(contract.partition('/')[0], '')}.value"
    left = {
        **waived,
        f"{at}id": "technical number, given anew by whoever receives it",
        f"{at}text.status": "generated narrative, not data",
        f"{at}text.div": "generated narrative, not data",
        key: "the reference is made of it",
    }
    if at:
        left |= {
            "fullUrl": "address of the resource inside the document",
            "request.method": "what a server is asked to do with it",
            "request.url": "what a server is asked to do with it; often a profile's name, which none understands",
        }
    return Table(
        contract=contract,
        where=(Where(f"{at}resourceType", (kind,)), *where),
        fields=fields,
        optional=(*sorted(read), *(one.column for one in where)),
        waived={column: why for column, why in left.items() if column not in read},
        carried=tuple(f"{at}{name}" for name in ("meta.*", "implicitRules", "language", "extension.*", "identifier.*", *carried)),
    )
