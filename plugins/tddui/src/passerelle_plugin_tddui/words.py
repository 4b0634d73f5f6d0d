"""Identifier systems, extensions and lists of TDDUI, and converters for the parts that resources share."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from passerelle import Table, Where
from passerelle import convert as to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOTHING: Mapping[str, str] = MappingProxyType({})
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2})?")
SYSTEM = "tddui"

# URLs of the implementation guide (ans.fhir.fr.tddui); they do not change with its version.
STRUCTURES = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
CISIS = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
SERAFIN = "https://smt.esante.gouv.fr/terminologie-SERAFINPH"
# Root OIDs of the national health identity: INS-NIR, INS-NIA (ANS, référentiel INS).
INS = "urn:oid:1.2.250.1.213.1.4.8"
NIA = "urn:oid:1.2.250.1.213.1.4.9"
# INS-NIR of test and of demonstration: what training systems and example documents carry.
INS_TEST, INS_DEMO = "urn:oid:1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.213.1.4.11"
# The same number as insured person, which may be somebody else's: never an INS (FR Core 2.2, NSS-NIR and NSS-NIA).
NSS, NSS_NIA = "urn:oid:1.2.250.1.213.1.4.13", "urn:oid:1.2.250.1.213.1.4.14"
# Not in the guide: example resources use it for the patient number of the software.
IPP = "http://identifiant-ipp.com"


def _make_system(what: str) -> str:
    return f"https://identifiant-medicosocial-{what}.esante.gouv.fr"


KEYS = {
    "person": _make_system("localusager"),
    "stay": _make_system("sejour"),
    "appointment": _make_system("evenement"),
    "assessment": _make_system("evaluation"),
    "plan": _make_system("projetpersonnalise"),
    "need": _make_system("besoin"),
    "goal": _make_system("objectif"),
    "action": _make_system("action"),
    "means": _make_system("moyenressource"),
    "service": _make_system("prestation"),
    "journey": _make_system("transportprofessionnel"),
    "ride": _make_system("transportusager"),
    "review": _make_system("bilan"),
    "organisation": "urn:oid:1.2.250.1.71.4.2.2",
    "professional": "urn:oid:1.2.250.1.71.4.2.1",
}
"""Identifier system of each kind of record, the same in all software that implements TDDUI."""

LEFT_OUT = ("journey", "ride", "review")
"""Keys of resources that are left out."""
FILE_NUMBER = "NUMDOSS"
"""Type of the number of a stay's administrative file, which has the system of the stay's own number (2.3)."""


def _list_old_systems() -> Iterator[tuple[str, str]]:
    """Yield how earlier states of the guide, and servers that add nothing to a root, write the systems."""
    for key in KEYS.values():
        if key.startswith("https:"):
            # 2.0 was drawn up under the name of the CNSA
            older = key.replace(".esante.gouv.fr", ".cnsa.fr")
            yield from ((older, key), *((one.replace("https:", "http:"), key) for one in (key, older)))
    for root in (INS, NIA, INS_TEST, INS_DEMO, NSS, NSS_NIA, KEYS["organisation"], KEYS["professional"]):
        bare = root.removeprefix("urn:oid:")
        yield from ((bare, root), (f"URN:OID:{bare}", root), (f"oid:{bare}", root))


ALIASES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "identifier": {
        # the same in all states, whatever the system
        "type.coding.0.code": {FILE_NUMBER: FILE_NUMBER, "SEJ": KEYS["stay"]},
        "system": dict(_list_old_systems()),
    }
}
"""Other words by which identifiers have one of the names of `list_item_names`."""

BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
INSEE = f"{_CORE}fr-core-address-insee-code"
RELIABILITY = f"{_CORE}fr-core-identity-reliability"
BIRTH_NAMES = f"{_CORE}fr-core-patient-birth-list-given-name"
BIRTH_ORDER = f"{STRUCTURES}tddui-birth-order"
ADMISSION = f"{STRUCTURES}tddui-admission-date"
ENTRY_LABEL = f"{STRUCTURES}tddui-entry-mode-label"
EXIT_LABEL = f"{STRUCTURES}tddui-exit-mode-label"
PLANNED_START = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate"
PLANNED_END = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate"
COMMENT = f"{STRUCTURES}tddui-comment"
REPORT = f"{STRUCTURES}tddui-event-report"
LABEL = f"{STRUCTURES}tddui-event-label"
MOTIVE = f"{STRUCTURES}tddui-event-reason"
VALIDATED = f"{STRUCTURES}tddui-patient-validation"
RESOURCES_USED = f"{STRUCTURES}tddui-ressources-used"
EXERCISE = f"{STRUCTURES}tddui-exercise-mode"
DECISION_URL = f"{STRUCTURES}tddui-decision"
DECISION = f"extension.{DECISION_URL}.extension"
RIGHT = f"{DECISION}.droitPrestation.extension"
DETAIL = f"{RIGHT}.detailPrestation.extension"
DISCRIMINATOR = f"{STRUCTURES}tddui-discriminator"
EXTENSIONS = (
    *(BIRTH_PLACE, RELIABILITY, ADMISSION, ENTRY_LABEL, EXIT_LABEL, PLANNED_START, PLANNED_END, COMMENT, REPORT, LABEL),
    *(MOTIVE, VALIDATED, RESOURCES_USED, EXERCISE, DECISION_URL),
)
NOTES = (
    *("titreObjectif", "avisUsagerObjectif", "strategieMiseEnOeuvreObjectif"),
    *("origineAttente", "commentaireAttente"),
)
USES = ("home", "temp", "billing")


_NAMED: Mapping[str, tuple[str, ...]] = {
    "identifier": ("system", *KEYS.values(), FILE_NUMBER, INS, NIA, INS_TEST, INS_DEMO, NSS, NSS_NIA, IPP),
    "extension": ("url", *EXTENSIONS),
    "_birthDate.extension": ("url", BIRTH_ORDER),
    f"extension.{BIRTH_PLACE}.valueAddress.extension": ("url", INSEE),
    f"extension.{RELIABILITY}.extension": ("url", "identityStatus"),
    "name": ("use", "official", "usual"),
    "name.official.extension": ("url", BIRTH_NAMES),
    "telecom": ("system", "phone", "email", "fax", "url"),
    "address": ("use", *USES),
    "note": ("extension.0.valueCodeableConcept.coding.0.code", *NOTES),
    "input": ("type.coding.0.code", "titre", "objectif"),
}
NESTED: Mapping[str, tuple[str, ...]] = {
    DECISION: (
        *("url", "typeDecision", "dateEffetCloture", "dateDecision", "motivation", "motivationLocale", "commentaire"),
        "droitPrestation",
    ),
    RIGHT: (
        *("url", "categorieDroitPrestation", "typeDroitPrestation", "natureDroitPrestation", "dateOuverture"),
        *("dateEcheance", "existencePAG", "creton", "taux", "commentaire", "detailPrestation"),
    ),
    DETAIL: (
        *("url", "temporaliteAccueil", "precisionOrientation", "qualificationOrientation", "structureAccueil"),
        *("accueilSequentiel", "formation", "montantAttribue", "frequence", "priseCharge"),
    ),
}
"""Path of nested extensions → the member that names them, and their names."""
CARRIED = (
    *("meta.*", "extension.*", "identifier.*", "masterIdentifier.*", "active", "name.*", "telecom.*", "address.*"),
    *("_birthDate.*", "maritalStatus.*", "contact", "class.*", "type.*", "subject.*", "participant.*", "location.*"),
    *("period.*", "partOf.*", "hospitalization.*", "serviceProvider.*", "qualification.*", "author.*"),
    *("encounter.*", "code.*", "category.*", "description.*", "note.*", "target.*", "addresses.*", "expressedBy.*"),
    *("basedOn.*", "reasonCode.*", "input.*", "for.*", "owner.*", "executionPeriod.*", "content.*", "intent"),
    *("organization.*", "practitioner.*", "title", "managingOrganization.*", "source.*", "relationship.*"),
    "patient.*",
    *("occurrencePeriod.*", "person.reference", "focus.*"),
    *("scope.*", "policyRule.*", "provision.*", "gender"),
)
"""Elements of resources without a contract field. One that is not listed is carried as well, and reported."""


def list_item_names(at: str) -> dict[str, tuple[str, ...]]:
    """Return, by path, the member that names the items of a list, and the known names."""
    return {f"{at}{path}": words for path, words in {**_NAMED, **NESTED}.items()}


def extension(at: str, url: str, value: str) -> str:
    """Return the column of an extension's value."""
    return f"{at}extension.{url}.{value}"


def own_ref(entity: str) -> to.Ref:
    """Read the reference of a resource: its identifier in TDDUI's system, else its address."""
    return to.Ref("@name", system=SYSTEM, entity=entity)


def reference(path: str, entity: str) -> to.FirstOf:
    """Read a reference to another resource: by identifier, else by its address in the document."""
    return to.FirstOf(
        *(to.Ref(f"{path}.{end}", system=SYSTEM, entity=entity) for end in ("identifier.value", "reference"))
    )


def refer_by_type(path: str, kind: str, entity: str) -> to.PerRecord:
    """Read a reference that may lead to records of several types, and only one of which the field takes.

    What leads to another type is told: the field has no place for it, and a number of another kind of record is wrong.
    """
    plain = reference(path, entity)
    kinds = (f"{path}.@type", f"{path}.type")

    def parse(row: to.Row) -> Any:
        said = find_kind(path, row)
        if said in ("", kind):
            return plain.parse(row)
        return to.Doubtful(None, "translate.reference.other_type", f"{path}.reference", {"expected": kind})

    return to.PerRecord((*plain.columns, *kinds), parse=parse, render=plain.render, faithful=True)


def list_kinds(path: str) -> tuple[str, ...]:
    """Return the columns that tell the type of what a reference leads to."""
    return (f"{path}.@type", f"{path}.type")


def list_ends(path: str) -> tuple[str, ...]:
    """Return the columns of a reference and of the type of what it leads to."""
    return (f"{path}.identifier.value", f"{path}.reference", *list_kinds(path))


def find_kind(path: str, row: to.Row) -> str:
    """Return the type of what a reference leads to: of the record in the Bundle, else as the reference says itself."""
    said = row[f"{path}.@type"] or row[f"{path}.type"] or ""
    # `type` is a URI: the name of a resource, or the address of its definition
    return said.rpartition("/")[2]


def refer_to_person(path: str) -> to.PerRecord:
    """Read a reference to a person: a group, a place or a device may be what a resource is about as well."""
    return refer_by_type(path, "Patient", "person")


def day(column: str) -> to.PerRecord:
    """Read a day; a FHIR dateTime may have a time after it, which is dropped."""
    plain = to.Date(column, formats=("%Y-%m-%d",))

    def parse(row: to.Row) -> Any:
        return plain.parse({column: (row[column] or "").partition("T")[0] or None})

    return to.PerRecord(column, parse=parse, render=plain.render, faithful=True)


def day_as_instant(column: str) -> to.PerRecord:
    """Read the day of a FHIR instant; written, it is the first moment of the day in France, as R4 asks for a time."""
    plain = day(column)

    def render(value: Any) -> dict[str, str]:
        if not value:
            return {column: ""}
        return {column: datetime.combine(date.fromisoformat(value), time(), ZoneInfo("Europe/Paris")).isoformat()}

    return to.PerRecord(column, parse=plain.parse, render=render, faithful=True)


def word_or_unknown(column: str, words: Mapping[str, str]) -> to.PerRecord:
    """Read a status; R4 requires one and has `unknown` for what nobody said."""
    plain = to.Word(column, table=words)

    def parse(row: to.Row) -> Any:
        return None if row[column] == "unknown" else plain.parse(row)

    return to.PerRecord(column, parse=parse, render=plain.render, faithful=True)


def partial_day(column: str) -> to.PerRecord:
    """Read a FHIR date, of which the day, or month and day, may be missing."""
    plain = to.PartialDate(column, formats=("%Y-%m-%d",))

    def parse(row: to.Row) -> Any:
        text = (row[column] or "").partition("T")[0] or None
        return text if text and _PARTIAL.fullmatch(text) else plain.parse({column: text})

    def render(value: Any) -> dict[str, str]:
        return {column: value or ""}

    return to.PerRecord(column, parse=parse, render=render, faithful=True)


def read_coding(path: str, *, text: str = "", listed: str = "", uri: str = CISIS) -> to.PerRecord:
    """Read a coding with its text. Codes of the system `uri` are those of our nomenclature `listed`."""
    code, system, display = (f"{path}.{name}" for name in ("code", "system", "display"))
    columns = (code, system, display, *((text,) if text else ()))

    def parse(row: to.Row) -> Any:
        said, label, words = row[code], row[display], row[text] if text else None
        if not (said or label or words):
            return None
        # A code that names no system is taken for one of the list that the guide binds here.
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
    where: tuple[Where, ...] = (),
    waived: Mapping[str, str] = _NOTHING,
) -> Table:
    """Return the table of one kind of resource. FHIR omits empty elements, so all columns are optional."""
    converters = [one for entry in fields.values() for one in (entry if isinstance(entry, list) else [entry])]
    read = {column for one in converters for column in one.columns}
    left = {**waived, **_list_numbers(contract, at), **_wrapping(at)}
    left |= dict.fromkeys(_iter_item_names(at, {*read, *left}), "déjà dit par le nom de la colonne")
    return Table(
        contract=contract,
        where=(Where(f"{at}resourceType", (kind,)), *where),
        fields=fields,
        optional=(*sorted(read), *(column for one in where for column in one.columns)),
        waived={column: why for column, why in left.items() if column not in read},
        carried=tuple(name for name in (f"{at}{name}" for name in CARRIED) if name not in read),
    )


def _list_numbers(contract: str, at: str) -> dict[str, str]:
    key = KEYS.get(contract.partition("/")[0])
    ends = (f"identifier.{key}.value",) if key else ("masterIdentifier.value",)
    ends = ("identifier.value",) if contract == "assessment/1" else ends
    # the guide has no system for these identifiers: they stand alone, and are named by their place
    ends = ("identifier.0.value",) if contract in ("related_contact/1", "consent/1") else ends
    return {f"{at}{end}": "la référence en est faite" for end in ends}


def _wrapping(at: str) -> dict[str, str]:
    left = {f"{at}id": "numéro technique, redonné par celui qui reçoit"}
    left[f"{at}subject.@type"] = "ce à quoi mène une référence : lu là où cela décide"
    left |= {f"{at}text.{part}": "texte engendré, et non une donnée" for part in ("status", "div")}
    if at:
        left["fullUrl"] = "adresse de la ressource dans le document"
        left["request.method"] = "ce qu'un serveur doit en faire"
        left["request.url"] = "ce qu'un serveur doit en faire ; souvent le nom d'un profil, qu'aucun ne comprend"
    return left


def _iter_item_names(at: str, columns: set[str]) -> Iterator[str]:
    """Yield the members that name the items of which a column is read."""
    for path, (member, *known) in list_item_names(at).items():
        items = (f"{path}.{name}{nth}" for name in known for nth in ("", "#2"))
        if "." not in member:
            yield from (f"{item}.{member}" for item in items if any(one.startswith(f"{item}.") for one in columns))
