"""Requests to the commission of an MDPH (CDAPH) and its decisions, of a TDDUI Bundle (2.3 and 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Where
from passerelle import convert as to

from .words import DECISION, DETAIL, RIGHT, SYSTEM, day, read_coding, reference, table

if TYPE_CHECKING:
    from passerelle import Table

REQUEST = "DEMANDE_ORIENTATION"
_CODED = (
    *(f"{DECISION}.{part}" for part in ("typeDecision", "motivation")),
    *(f"{RIGHT}.{part}" for part in ("categorieDroitPrestation", "typeDroitPrestation", "natureDroitPrestation")),
    *(f"{DETAIL}.{part}" for part in ("temporaliteAccueil", "precisionOrientation", "qualificationOrientation")),
)
_PLACES = range(3)
SPREAD = (
    *(f"{path}.valueCodeableConcept.coding" for path in _CODED),
    *(f"identifier.{place}.type.coding" for place in _PLACES),
)
# TRE_R327-TypeDecision, which also has the natures of rights (JDV_J400).
_STATUSES = {"1": "open", "2": "refused", "3": "requested", "5": "closed"}
_NATURES = {"1": "1", "6": "2", "7": "3"}
_REQUESTS = {"draft": "incomplete", "active": "in_review", "on-hold": "adjourned", "revoked": "withdrawn"}


def is_request(at: str, *, negated: bool) -> Where:
    """Whether a ServiceRequest is a request to the MDPH, by the type of its number; else it is a need."""
    first, *others = (f"{at}identifier.{place}.type.coding.0.code" for place in _PLACES)
    return Where(first, (REQUEST,), negated=negated, also=tuple(others))


def _list_number_columns(at: str) -> list[str]:
    ends = ("type.coding.0.code", "system", "value")
    return [f"{at}identifier.{place}.{end}" for place in _PLACES for end in ends]


def _find_number(row: to.Row, at: str, kind: str) -> dict[str, str | None]:
    """Return the number of this type, and the root of whoever gave it, whatever its place."""
    paths = (f"{at}identifier.{place}" for place in _PLACES)
    path = next((path for path in paths if row[f"{path}.type.coding.0.code"] == kind), None)
    if path is None:
        return {"system": None, "value": None}
    return {"system": (row[f"{path}.system"] or "").removeprefix("urn:oid:"), "value": row[f"{path}.value"]}


def _name(at: str, kind: str, entity: str) -> to.PerRecord:
    """Name what an MDPH numbers by the number of this type, and whose it is: numbers repeat between MDPH."""
    plain = to.Ref(("system", "value"), system=SYSTEM, entity=entity, whole=True)
    return to.PerRecord(_list_number_columns(at), parse=lambda row: plain.parse(_find_number(row, at, kind)))


def _refer_to_person(at: str) -> to.FirstOf:
    """Refer to the person of the request that a decision is about, or to whom the decision names itself."""
    borrowed, kind = f"{at}person.reference", f"{at}subject.@type"
    direct = reference(f"{at}subject", "person")

    def parse(row: to.Row) -> Any:
        return None if row[kind] not in (None, "", "Patient") else direct.parse(row)

    own = to.PerRecord((*direct.columns, kind), parse=parse)
    return to.FirstOf(to.Ref(borrowed, system=SYSTEM, entity="person"), own)


def _read_code(at: str, path: str) -> to.PerRecord:
    return read_coding(f"{at}{path}.valueCodeableConcept.coding.0")


def _read_grounds(at: str) -> to.PerRecord:
    """Read the grounds: the label of the first, or its code, and what the MDPH wrote where no code says it."""
    coded, local = f"{at}{DECISION}.motivation.valueCodeableConcept.coding.0", f"{at}{DECISION}.motivationLocale"
    columns = (f"{coded}.display", f"{coded}.code", f"{local}.valueString")

    def parse(row: to.Row) -> Any:
        label, code, text = (row[column] for column in columns)
        said = " ; ".join(filter(None, (label or code, text)))
        return to.Text("all", max_length=20000).parse({"all": said or None})

    return to.PerRecord(columns, parse=parse)


def _read_word(column: str, words: dict[str, str]) -> to.PerRecord:
    return to.PerRecord(column, parse=lambda row: words.get(row[column] or ""))


def request(at: str) -> Table:
    """Describe requests to the MDPH. Nothing says what is asked? Then it is, by its profile, an orientation."""
    status, answered = f"{at}status", f"{at}occurrencePeriod.end"

    def parse(row: to.Row) -> Any:
        said = _REQUESTS.get(row[status] or "")
        # what was answered is no longer examined, and its decision says how it ended
        return None if said == "in_review" and row[answered] else said

    fields: dict[str, Any] = {
        "ref": _name(at, REQUEST, "aid_request"),
        "person_ref": reference(f"{at}subject", "person"),
        "type": to.FirstOf(
            read_coding(f"{at}category.0.coding.0", text=f"{at}category.0.text"),
            to.Constant({"original": "Demande d'orientation"}),
        ),
        "reason": read_coding(f"{at}code.coding.0", text=f"{at}code.text"),
        "status": to.PerRecord((status, answered), parse=parse),
        "opened_on": day(f"{at}occurrencePeriod.start"),
        "decided_on": day(answered),
    }
    return table("aid_request/1", at, "ServiceRequest", fields, where=(is_request(at, negated=False),))


def decision(at: str) -> Table:
    """Describe decisions: which right, since when, until when, and why."""
    kind = f"{at}{DECISION}.typeDecision.valueCodeableConcept.coding.0.code"
    fields: dict[str, Any] = {
        "ref": _name(at, "IDDECISION", "entitlement"),
        "person_ref": _refer_to_person(at),
        "type": _read_code(at, f"{RIGHT}.typeDroitPrestation"),
        "category": _read_code(at, f"{RIGHT}.categorieDroitPrestation"),
        "nature": to.Code(
            f"{at}{RIGHT}.natureDroitPrestation.valueCodeableConcept.coding.0.code",
            table=_NATURES,
            system="entitlement-natures",
        ),
        "status": _read_word(kind, _STATUSES),
        "start_on": day(f"{at}{RIGHT}.dateOuverture.valueDate"),
        "end_on": day(f"{at}{RIGHT}.dateEcheance.valueDate"),
        "closed_on": day(f"{at}{DECISION}.dateEffetCloture.valueDate"),
        "rate": to.Number(f"{at}{RIGHT}.taux.valueQuantity.value", decimal="."),
        "amount": to.Amount(f"{at}{DETAIL}.montantAttribue.valueMoney.value", decimal="."),
        "decision_number": to.PerRecord(
            _list_number_columns(at), parse=lambda row: _find_number(row, at, "IDDECISION")["value"]
        ),
        "decision_type": to.Code(kind, system="decision-types"),
        "decided_on": day(f"{at}{DECISION}.dateDecision.valueDate"),
        "motivation": _read_grounds(at),
        "global_support_plan": to.YesNo(f"{at}{RIGHT}.existencePAG.valueBoolean", yes=("true",), no=("false",)),
        "orientation": _read_code(at, f"{DETAIL}.precisionOrientation"),
        "reception_time": _read_code(at, f"{DETAIL}.temporaliteAccueil"),
    }
    return table("entitlement/1", at, "Basic", fields, where=(Where.equals(f"{at}code.coding.0.code", "DECISION"),))
