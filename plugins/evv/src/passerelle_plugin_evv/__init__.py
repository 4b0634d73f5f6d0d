"""Electronic visit verification (EVV, United States): visits with their calls, corrections and reasons, in JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from passerelle import Access, Connector, FlowError, Json, Send, Supplier, Table, Where, hookimpl, writing
from passerelle import convert as to
from passerelle.extension.paging import Listing, walk_places

from .forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle import Client, Page, Reply

    from .forms import Form

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


def collect(
    client: Client, settings: Settings | None, cursor: str, *, listing: tuple[str, ...] = ("VisitOtherID", "SequenceID")
) -> Iterator[Page]:
    """Read visits in the order of their sequence numbers, after the one that `cursor` holds.

    `listing`: what the form calls a visit's own number and its sequence number.
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
        return str(max(int(visit[listing[-1]]) for visit in visits))

    # Sequence numbers grow, and a later one replaces its visit: whoever reads on from the last misses nothing.
    # A visit that is corrected comes again with another number.
    return walk_places(
        ask, Listing(rows="", id=listing), "visits", first=cursor or "0", find_next=find_highest, is_cursor=True
    )


def _write_in_universal_time(record: Mapping[str, Any], _related: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return moments in universal time, as aggregators expect them."""
    return {
        name: datetime.fromisoformat(record[name]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name in _MOMENTS
        if record.get(name)
    }


_INDICATOR = "VisitCancelledIndicator"


def _parse_unsaid_status(row: to.Row, *, indicator: str, arrived: tuple[str, ...], left: tuple[str, ...]) -> Any:
    """Return the status of a visit whose optional indicator is left out: what its calls say."""
    if row[indicator] is not None:
        return None
    if any(row[moment] for moment in left):
        return "done"
    return "in_progress" if any(row[moment] for moment in arrived) else None


def _read_status(form: Form, begin: int, end: int) -> to.FirstOf:
    """Read the indicator; programmes that never send it tell of visits that took place, as the specification has it."""
    indicator = form.at(_INDICATOR)
    arrived = form.rename((f"Calls.{begin}.CallDateTime", "AdjInDateTime"))
    left = form.rename((f"Calls.{end}.CallDateTime", "AdjOutDateTime"))
    return to.FirstOf(
        to.Word(indicator, table={"true": "cancelled", "false": "done"}),
        to.PerRecord(
            (indicator, *arrived, *left),
            parse=partial(_parse_unsaid_status, indicator=indicator, arrived=arrived, left=left),
        ),
    )


def _map_fields(form: Form, begin: int, end: int) -> dict[str, to.Converter | list[to.Converter]]:
    """Return the fields of a visit whose call `begin` is the arrival and call `end` the departure."""
    at = form.at
    return {
        "ref": to.Ref(at("VisitOtherID"), system=_SYSTEM, entity="visit"),
        "person_ref": to.Ref(at("ClientIdentifier"), system=_SYSTEM, entity="person"),
        "professional_ref": to.Ref(at("EmployeeIdentifier"), system=_SYSTEM, entity="professional"),
        "organisation_ref": to.Ref(at("ProviderIdentification.ProviderID"), system=_SYSTEM, entity="organisation"),
        "payer_ref": to.Ref(at("PayerID"), system=_SYSTEM, entity="organisation"),
        "service": to.Code(at("ProcedureCode"), system="evv-procedures"),
        "status": _read_status(form, begin, end),
        "planned_start": to.Instant(at("ScheduleStartTime")),
        "planned_end": to.Instant(at("ScheduleEndTime")),
        "stamped_start": to.Instant(at(f"Calls.{begin}.CallDateTime")),
        "stamped_start_method": to.Code(at(f"Calls.{begin}.CallType"), table=_METHODS, system="stamp-methods"),
        "stamped_end": to.Instant(at(f"Calls.{end}.CallDateTime")),
        "stamped_end_method": to.Code(at(f"Calls.{end}.CallType"), table=_METHODS, system="stamp-methods"),
        "stamped_place": to.Code(at(f"Calls.{begin}.VisitLocationType"), table=_PLACES, system="stamp-places"),
        # Calls are evidence and never altered: corrections come beside them, each with the code of its reason.
        "stamped_start_reason": to.Code(at("VisitChanges.0.ReasonCode"), system="evv-reasons"),
        # Adjusted times stand beside the calls: both are told, and which of them was stamped.
        "retained_start": to.Instant(at("AdjInDateTime")),
        "retained_end": to.Instant(at("AdjOutDateTime")),
        "adjustment_reason": to.Text(at("VisitChanges.0.ChangeReasonMemo")),
        "billed_quantity": to.Number(at("HoursToBill"), decimal="."),
        "billed_unit": to.Constant("hour"),
        "billed": to.YesNo(at("BillVisit"), yes=("true",), no=("false",)),
        "person_confirmed": to.YesNo(at("ClientVerifiedTimes"), yes=("true",), no=("false",)),
        "tasks": [to.Code(at(f"Tasks.{nth}.TaskID"), system="evv-tasks") for nth in range(_TASKS)],
        "comment": to.Text(at("Memo"), max_length=20000),
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


def _describe_visits(form: Form, *where: Where, begin: int, end: int) -> Table:
    fields = _map_fields(form, begin, end)
    converters = [one for entry in fields.values() for one in (entry if isinstance(entry, list) else [entry])]
    read = dict.fromkeys(column for one in converters for column in one.columns)
    required = form.rename(_REQUIRED)
    return Table(
        contract="visit/1",
        where=where,
        fields=fields,
        carried=form.rename(name for name in _CARRIED if name not in form.absent),
        waived={form.at("SequenceID"): "compte les versions de la visite : chacune remplace la précédente"},
        optional=(*(column for column in read if column not in required), form.at(_FIRST_CALL)),
    )


def _describe_shape(form: Form) -> writing.JsonShape:
    """Describe a visit as it is written: each member at its place in the form."""
    call = {
        "CallExternalID": writing.Given("uuid", of="ref"),
        "CallDateTime": writing.Cell(),
        "CallType": writing.Cell(),
        "VisitLocationType": writing.Cell(),
    }
    calls = [{form.at(name): part for name, part in ({"CallAssignment": way} | call).items()} for way in form.ways]
    change = {form.at(name): writing.Cell() for name in ("ReasonCode", "ChangeReasonMemo")}
    members = {
        "ProviderIdentification.ProviderID": writing.Cell(),
        "VisitOtherID": writing.Cell(),
        "SequenceID": writing.Given("version"),
        "EmployeeIdentifier": writing.Cell(),
        "ClientIdentifier": writing.Cell(needed=True),
        _INDICATOR: writing.Cell(kind="boolean"),
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
        "Calls": calls,
        "VisitChanges": [change],
        "Tasks": writing.Many({form.at("TaskID"): writing.Cell()}, at_most=_TASKS),
    }
    visit: dict[str, Any] = {}
    for path, part in members.items():
        *above, name = form.at(path).split(".")
        place = visit
        for step in above:
            place = place.setdefault(step, {})
        place[name] = part
    return writing.JsonShape(root=writing.Rows(visit))


def _describe_connector(name: str, form: Form) -> Connector:
    first = form.at(_FIRST_CALL)
    written = writing.Writing(contract="visit/1", complete=_write_in_universal_time, shape=_describe_shape(form))
    return Connector(
        id=name,
        title=form.title,
        dialect=Json(spread=form.rename(("Calls", "Tasks", "VisitChanges", "VisitExceptionAcknowledgement"))),
        access=Access(scheme="basic", per_second=5.0, in_flight=2),
        collect=partial(collect, listing=form.rename(("VisitOtherID", "SequenceID"))),
        settings=Settings,
        tables=(
            # Calls come in no order: the assignment of the first says which of the two is the arrival.
            _describe_visits(form, Where(first, form.ways[1:], negated=True), begin=0, end=1),
            _describe_visits(form, Where(first, form.ways[1:]), begin=1, end=0),
        ),
        send=Send(
            path=_VISITS,
            lot=50,
            # A lot is answered with 200 and a verdict a record: the status of HTTP settles nothing.
            says=writing.ResponseRules(
                results="data", refused={"status": ("REJECTED", "FAILED")}, code=("reasonCode", "code")
            ),
        ),
        writes=(written,),
    )


CONNECTORS = tuple(
    _describe_connector("-".join(filter(None, ("evv-visits", name))), form) for name, form in FORMS.items()
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [Supplier(id=_SYSTEM, title="Electronic visit verification (EVV)", connectors=CONNECTORS)]
