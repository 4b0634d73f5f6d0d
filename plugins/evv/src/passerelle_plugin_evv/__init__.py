"""Electronic visit verification (EVV, United States): visits with their calls, corrections and reasons, in JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from passerelle import Access, Connector, FlowError, Json, Send, Supplier, Table, Where, hookimpl, writing
from passerelle import convert as to
from passerelle.extension.paging import Listing, walk_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle import Client, Page, Reply

_SYSTEM = "evv"
_VISITS = "visits"
_METHODS = {"Mobile": "mobile", "Telephony": "phone", "GPS": "gps", "Manual": "manual"}
_PLACES = {"1": "home", "2": "community"}
_MOMENTS = (*("planned_start", "planned_end", "stamped_start", "stamped_end", "retained_start", "retained_end"),)
_TASKS = 4
"""Number of tasks of a visit that are read; further ones are carried."""


class Settings(BaseModel):
    """Options of `[flow.NAME.source.settings]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_size: int = Field(default=200, ge=1, le=1000)


def collect(client: Client, settings: Settings | None, cursor: str) -> Iterator[Page]:
    """Read visits in the order of their sequence numbers, after the one that `cursor` holds.

    Raises FlowError when the API does not accept the request.
    """
    limit = str((settings or Settings()).page_size)

    def ask(after: str) -> Reply:
        reply = client.get(_VISITS, {"after": after, "limit": limit})
        if reply.status != 200:
            raise FlowError("incident.source.misaddressed", status=str(reply.status))
        return reply

    def find_highest(visits: list[Mapping[str, Any]]) -> str:
        # The highest number of the page, not that of its last visit: pages are in no order.
        return str(max(int(visit["SequenceID"]) for visit in visits))

    # Sequence numbers grow, and a later one replaces its visit: whoever reads on from the last misses nothing.
    # A visit that is corrected comes again with another number.
    listing = Listing(rows="", id=("VisitOtherID", "SequenceID"))
    return walk_places(ask, listing, "visits", first=cursor or "0", find_next=find_highest, is_cursor=True)


def _write_in_universal_time(record: Mapping[str, Any], _related: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return moments in universal time, as aggregators expect them."""
    return {
        name: datetime.fromisoformat(record[name]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name in _MOMENTS
        if record.get(name)
    }


_INDICATOR = "VisitCancelledIndicator"


def _parse_unsaid_status(row: to.Row, *, arrival: str, departure: str) -> Any:
    """Return the status of a visit whose optional indicator is left out: what its calls say."""
    if row[_INDICATOR] is not None:
        return None
    if row[departure] or row["AdjOutDateTime"]:
        return "done"
    return "in_progress" if row[arrival] or row["AdjInDateTime"] else None


def _read_status(arrival: str, departure: str) -> to.FirstOf:
    """Read the indicator; programmes that never send it tell of visits that took place, as the specification has it."""
    return to.FirstOf(
        to.Word(_INDICATOR, table={"true": "cancelled", "false": "done"}),
        to.PerRecord(
            (_INDICATOR, arrival, departure, "AdjInDateTime", "AdjOutDateTime"),
            parse=partial(_parse_unsaid_status, arrival=arrival, departure=departure),
        ),
    )


def _map_fields(begin: int, end: int) -> dict[str, to.Converter | list[to.Converter]]:
    """Return the fields of a visit whose call `begin` is the arrival and call `end` the departure."""
    return {
        "ref": to.Ref("VisitOtherID", system=_SYSTEM, entity="visit"),
        "person_ref": to.Ref("ClientIdentifier", system=_SYSTEM, entity="person"),
        "professional_ref": to.Ref("EmployeeIdentifier", system=_SYSTEM, entity="professional"),
        "organisation_ref": to.Ref("ProviderIdentification.ProviderID", system=_SYSTEM, entity="organisation"),
        "payer_ref": to.Ref("PayerID", system=_SYSTEM, entity="organisation"),
        "service": to.Code("ProcedureCode", system="evv-procedures"),
        "status": _read_status(f"Calls.{begin}.CallDateTime", f"Calls.{end}.CallDateTime"),
        "planned_start": to.Instant("ScheduleStartTime"),
        "planned_end": to.Instant("ScheduleEndTime"),
        "stamped_start": to.Instant(f"Calls.{begin}.CallDateTime"),
        "stamped_start_method": to.Code(f"Calls.{begin}.CallType", table=_METHODS, system="stamp-methods"),
        "stamped_end": to.Instant(f"Calls.{end}.CallDateTime"),
        "stamped_end_method": to.Code(f"Calls.{end}.CallType", table=_METHODS, system="stamp-methods"),
        "stamped_place": to.Code(f"Calls.{begin}.VisitLocationType", table=_PLACES, system="stamp-places"),
        # Calls are evidence and never altered: corrections come beside them, each with the code of its reason.
        "stamped_start_reason": to.Code("VisitChanges.0.ReasonCode", system="evv-reasons"),
        # Adjusted times stand beside the calls: both are told, and which of them was stamped.
        "retained_start": to.Instant("AdjInDateTime"),
        "retained_end": to.Instant("AdjOutDateTime"),
        "adjustment_reason": to.Text("VisitChanges.0.ChangeReasonMemo"),
        "billed_quantity": to.Number("HoursToBill", decimal="."),
        "billed_unit": to.Constant("hour"),
        "billed": to.YesNo("BillVisit", yes=("true",), no=("false",)),
        "person_confirmed": to.YesNo("ClientVerifiedTimes", yes=("true",), no=("false",)),
        "tasks": [to.Code(f"Tasks.{nth}.TaskID", system="evv-tasks") for nth in range(_TASKS)],
        "comment": to.Text("Memo", max_length=20000),
    }


_FIRST_CALL = "Calls.0.CallAssignment"
_CARRIED = (
    *("Calls.*", "Tasks.*", "VisitChanges.*", "VisitExceptionAcknowledgement.*", "ProviderIdentification.*"),
    *("ClientID", "ClientIDQualifier", "ClientSignatureAvailable", "ClientVerifiedService", "ClientVerifiedTasks"),
    *("EmployeeQualifier", "HoursToPay", "Modifier1", "Modifier2", "Modifier3", "Modifier4", "PayerProgram"),
    *("RecordStatus", "VisitTimeZone"),
)
_REQUIRED = ("VisitOtherID", "ClientIdentifier")
"""What every programme sends, since nothing tells a visit without it. All other members depend on the programme: states
leave out schedules, corrections, confirmations, and one visit has calls where another has none."""


def _describe_visits(*where: Where, begin: int, end: int) -> Table:
    fields = _map_fields(begin, end)
    converters = [one for entry in fields.values() for one in (entry if isinstance(entry, list) else [entry])]
    read = dict.fromkeys(column for one in converters for column in one.columns)
    return Table(
        contract="visit/1",
        where=where,
        fields=fields,
        carried=_CARRIED,
        waived={"SequenceID": "compte les versions de la visite : chacune remplace la précédente"},
        optional=(*(column for column in read if column not in _REQUIRED), _FIRST_CALL),
    )


_CALL = {
    "CallExternalID": writing.Given("uuid", of="ref"),
    "CallDateTime": writing.Cell(),
    "CallType": writing.Cell(),
    "VisitLocationType": writing.Cell(),
}
_WRITTEN = writing.Writing(
    contract="visit/1",
    complete=_write_in_universal_time,
    shape=writing.JsonShape(
        root=writing.Rows(
            {
                "ProviderIdentification": {"ProviderID": writing.Cell()},
                "VisitOtherID": writing.Cell(),
                "SequenceID": writing.Given("version"),
                "EmployeeIdentifier": writing.Cell(),
                "ClientIdentifier": writing.Cell(needed=True),
                "VisitCancelledIndicator": writing.Cell(kind="boolean"),
                "PayerID": writing.Cell(),
                "ProcedureCode": writing.Cell(),
                # Moments travel in universal time: the zone says what the clock on the wall showed.
                "VisitTimeZone": "Europe/Paris",
                "ScheduleStartTime": writing.Cell(),
                "ScheduleEndTime": writing.Cell(),
                "AdjInDateTime": writing.Cell(),
                "AdjOutDateTime": writing.Cell(),
                "BillVisit": writing.Cell(kind="boolean"),
                "HoursToBill": writing.Cell(kind="number"),
                "Memo": writing.Cell(),
                "ClientVerifiedTimes": writing.Cell(kind="boolean"),
                "Calls": [{"CallAssignment": "Time In", **_CALL}, {"CallAssignment": "Time Out", **_CALL}],
                "VisitChanges": [{"ReasonCode": writing.Cell(), "ChangeReasonMemo": writing.Cell()}],
                "Tasks": writing.Many({"TaskID": writing.Cell()}, at_most=_TASKS),
            }
        )
    ),
)

VISITS = Connector(
    id="evv-visits",
    title="EVV : visites (API JSON)",
    dialect=Json(spread=("Calls", "Tasks", "VisitChanges", "VisitExceptionAcknowledgement")),
    access=Access(scheme="basic", per_second=5.0, in_flight=2),
    collect=collect,
    settings=Settings,
    tables=(
        # Calls come in no order: the assignment of the first says which of the two is the arrival.
        _describe_visits(Where(_FIRST_CALL, ("Time Out",), negated=True), begin=0, end=1),
        _describe_visits(Where(_FIRST_CALL, ("Time Out",)), begin=1, end=0),
    ),
    send=Send(
        path=_VISITS,
        lot=50,
        # A lot is answered with 200 and a verdict a record: the status of HTTP settles nothing.
        says=writing.ResponseRules(
            results="data", refused={"status": ("REJECTED", "FAILED")}, code=("reasonCode", "code")
        ),
    ),
    writes=(_WRITTEN,),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [Supplier(id=_SYSTEM, title="Electronic visit verification (EVV)", connectors=(VISITS,))]
