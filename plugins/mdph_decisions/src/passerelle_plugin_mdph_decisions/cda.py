"""The decision document of SI-SdO (ViaTrajectoire): one CDA document a decision, with the person and their contacts."""

from __future__ import annotations

from typing import Any

from passerelle import Connector, Xml
from passerelle import convert as to

from .cda_people import (
    ABOVE,
    GUARDIAN,
    NO_RELATIVE,
    PERSON,
    RELATIVE,
    describe_contacts,
    describe_person,
    refer_from,
)
from .words import NATURES, STATUSES, describe_table, make_code, word_of

_TEMPLATE = "1.2.250.1.213.1.1.1.4.8"
_SECTION = "/ClinicalDocument/component/structuredBody/component/section"
_DECISION = f"{_SECTION}/decision"
_UP = "../../../../.."
_NUMBERS, _MDPH = f"{_UP}/recordTarget/patientRole/id", f"{_UP}/recordTarget/patientRole/idMDPHResponsable"
_NATIONAL = f"{_UP}/setId"
_TYPE = "typeDeDecision/@code"
_NUMBER = "identifiantDecision"
_RIGHT = "droitPrestation"
_DETAIL = f"{_RIGHT}/detailTypeDroitPrestation"
_NTH = ("", "#2", "#3")


def _read_day(path: str) -> to.Date:
    return to.Date(f"{path}/@value", formats=("%Y%m%d",))


def _read_code(path: str) -> to.PerRecord:
    """Read a code with its list and label, as they stand."""
    code, system, label = (f"{path}/@{end}" for end in ("code", "codeSystem", "displayName"))
    return to.PerRecord((code, system, label), parse=lambda row: make_code(row[code], row[system], row[label]))


def _read_body() -> to.PerRecord:
    """Read which MDPH decided: the one in charge of the person, where the decision has a number of that one."""
    decided, charged, name = f"{_NUMBER}/@root", f"{_MDPH}/@root", f"{_MDPH}/@extension"

    def parse(row: to.Row) -> Any:
        return f"CDAPH de la MDPH {row[name]}" if row[name] and row[decided] == row[charged] else None

    return to.PerRecord((decided, charged, name), parse=parse)


def _read_grounds() -> to.PerRecord:
    """Read the grounds, each one's label or else its code, and what the MDPH wrote where no code says it."""
    coded = [(f"motivation{nth}/@displayName", f"motivation{nth}/@code") for nth in _NTH]
    local = [f"motivationLocale{nth}" for nth in _NTH[:2]]
    columns = [column for pair in coded for column in pair] + local

    def parse(row: to.Row) -> Any:
        said = [row[label] or row[code] for label, code in coded] + [row[text] for text in local]
        return to.Text("all", max_length=20000).parse({"all": " ; ".join(filter(None, said)) or None})

    return to.PerRecord(columns, parse=parse)


def _read_orientation() -> to.PerRecord:
    coded, local = _read_code(f"{_DETAIL}/precisionOrientation"), f"{_DETAIL}/precisionOrientationLocale"

    def parse(row: to.Row) -> Any:
        return coded.parse(row) or ({"original": row[local]} if row[local] else None)

    return to.PerRecord((*coded.columns, local), parse=parse)


_CARRIED = (
    *(f"{name}/*" for name in (_NUMBER, "typeDeDecision", "motivation", "precisionReponseRevisionTiers", "idNat")),
    *("identifiantDesDecisionsReviseesRenouveleesCloturee/*", "precisionLocale", f"{_RIGHT}/*"),
    *("dateDeDecision/*", "dateEffetDeLaDecisionDeCloture/*", "motivationLocale", f"{_NATIONAL}/*"),
    *(f"{_NUMBERS}/*", f"{_MDPH}/*"),
)
_RIGHTS: dict[str, Any] = {
    "ref": to.Ref((f"{_NUMBER}/@root", f"{_NUMBER}/@extension"), entity="entitlement", whole=True),
    "person_ref": refer_from(_NUMBERS),
    "type": _read_code(f"{_RIGHT}/typeDroitOuPrestation"),
    "nature": to.Code(f"{_RIGHT}/natureDroit/@code", table=NATURES, system="entitlement-natures"),
    "status": word_of(_TYPE, STATUSES),
    "start_on": _read_day(f"{_RIGHT}/dateOuvertureDuDroit"),
    "end_on": _read_day(f"{_RIGHT}/dateEcheanceDuDroit"),
    "closed_on": _read_day("dateEffetDeLaDecisionDeCloture"),
    "decision_number": to.Text(f"{_NUMBER}/@extension", max_length=64),
    "decision_type": to.Code(_TYPE, system="decision-types"),
    "decided_on": _read_day("dateDeDecision"),
    "deciding_body": _read_body(),
    "motivation": _read_grounds(),
    "global_support_plan": to.YesNo(f"{_RIGHT}/existencePAG/@value", yes=("true", "1"), no=("false", "0")),
    "orientation": _read_orientation(),
    "reception_time": _read_code(f"{_DETAIL}/temporaliteAccueil"),
}
_HEADER = "en-tête du document : ce qui l'identifie et le décrit lui-même"
_UNREAD = {
    **{
        f"/ClinicalDocument/{name}": _HEADER
        for name in (
            *("realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode"),
            *("languageCode", "versionNumber", "relatedDocument"),
        )
    },
    **dict.fromkeys(
        ("/ClinicalDocument/author", "/ClinicalDocument/custodian", "/ClinicalDocument/legalAuthenticator"),
        "qui a émis et conserve le document : ViaTrajectoire, et non le suivi de la personne",
    ),
}

DECISIONS = Connector(
    id="mdph-cda",
    title="MDPH : décision d'orientation en CDA (ViaTrajectoire, SI-SdO)",
    dialect=Xml(
        rows={PERSON: "person", GUARDIAN: "guardians", RELATIVE: "relatives", _DECISION: "decisions"},
        above={**ABOVE, _DECISION: (f"{_NUMBERS}#*", _MDPH, _NATIONAL)},
        # Its code is that of every admission request: the model alone says that it is a decision, and no evaluation.
        kind={"/ClinicalDocument/templateId/@root": _TEMPLATE},
        namespaces=("urn:hl7-org:v3",),
        # As SI-SdO gives its documents: in a DocumentReference or a Binary, in a Bundle or alone.
        attached=("entry.resource.content.attachment", "entry.resource", "content.attachment", ""),
    ),
    unread=_UNREAD,
    out_of_scope=(NO_RELATIVE,),
    tables=(
        describe_person(),
        *describe_contacts(),
        describe_table("entitlement/1", _RIGHTS, member="decisions", carried=_CARRIED),
    ),
)
