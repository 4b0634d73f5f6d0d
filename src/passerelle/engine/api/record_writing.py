"""Writing through the API: what a client sends is made whole, judged, and registered as a parcel that a run settles.

A client reads a record for its purpose, under handles, and sends back what it read. A field that comes back as it was
read stays as it is kept: what the client does not read, it does not empty either.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api.admitting import WriteRequest, admit_records, can_delete, find_earlier, find_pending
from passerelle.engine.api.admitting import find_taking_flow as find_flow
from passerelle.engine.api.etags import make_etag
from passerelle.engine.api.handed_records import (
    check_writing,
    judge_records,
    read_records,
    refuse_own,
    refuse_wrong,
)
from passerelle.engine.api.readings import list_readings, open_reading
from passerelle.engine.api.refusals import ApiFault, RequestRefusedError
from passerelle.engine.records.handles import list_reference_fields
from passerelle.vocabulary.handle_texts import is_handle_text
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.api.api_caller import ApiCaller
    from passerelle.engine.api.etags import WriteConditions
    from passerelle.engine.api.handed_records import HandedVerdict
    from passerelle.engine.api.readings import ContractReading
    from passerelle.engine.api.record_pages import RecordPages
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace

_OWN = frozenset({"ref", "confirmed_none", "extra", "source"})
"""Fields that are no values of a record: what a writer sends of them counts as it is, or is refused."""


@dataclass(frozen=True, slots=True)
class _WrittenPlace:
    """The record that an address leads to, as it is before it is written."""

    ref: str
    """Its inner reference."""
    reading: ContractReading | None = None
    kept: Mapping[str, Any] | None = None
    """As it stands on the shelf of the flow that takes records; None: it is not there, for this client."""
    served: str = ""
    """As its client reads it."""


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Takes what clients write. Every method may raise RequestRefusedError; nothing is taken then."""

    workspace: Workspace
    pages: RecordPages

    def check(self, caller: ApiCaller, contract_id: str, records: Sequence[Any]) -> HandedVerdict:
        """Return what records are worth, by everything that would refuse them if they were handed in."""
        given = self._open_handles(caller, contract_id, records)
        verdict = judge_records(contract_id, given)
        refuse_wrong(verdict)
        refuse_own(contract_id, given)
        return verdict

    def post(self, caller: ApiCaller, contract_id: str, body: bytes, key: str) -> str:
        """Return the receipt of records, each of which stands for itself."""
        flow = self._find_flow(caller, contract_id)
        if not key:
            raise RequestRefusedError("api.key.missing")
        asked = WriteRequest(contract=contract_id, body=body, key=key)
        if earlier := find_earlier(self.workspace, caller.token, asked):
            return earlier
        records = self._open_handles(caller, contract_id, read_records(body))
        refuse_wrong(judge_records(contract_id, records))
        refuse_own(contract_id, records)
        return admit_records(self.workspace, caller.token, flow, asked, records)

    def put(
        self, caller: ApiCaller, address: tuple[str, str], body: bytes, key: str, conditions: WriteConditions
    ) -> str:
        """Return the receipt of one record at its address: a contract, and what the record is called outside."""
        contract_id, outside = address
        flow = self._find_flow(caller, contract_id)
        asked = WriteRequest(contract=contract_id, address=f"PUT {outside}", body=body, key=key)
        if earlier := find_earlier(self.workspace, caller.token, asked):
            return earlier
        records = read_records(body, most=1)
        place, last, is_pending = self._find_place(caller, flow, contract_id, outside)
        self._check_conditions(place, conditions, is_pending=is_pending)
        whole, is_bound = _make_whole(records[0], outside, place, contract_id)
        if is_bound and is_pending:
            # what is kept of it is about to change, and its client has no word in that
            raise RequestRefusedError("api.record.pending", retry_after=60)
        given = self._open_handles(caller, contract_id, [whole])
        refuse_wrong(judge_records(contract_id, given))
        refuse_own(contract_id, given)
        follows = last if is_bound or conditions.are_given else None
        return admit_records(self.workspace, caller.token, flow, asked, given, follows=follows)

    def delete(self, caller: ApiCaller, address: tuple[str, str], key: str, conditions: WriteConditions) -> str:
        """Return the receipt of the deletion of one record that is there for its client."""
        contract_id, outside = address
        flow = self._find_flow(caller, contract_id)
        if not can_delete(self.workspace, flow):
            raise RequestRefusedError("api.deletion.refused")
        asked = WriteRequest(contract=contract_id, address=f"DELETE {outside}", body=b"", key=key)
        if earlier := find_earlier(self.workspace, caller.token, asked):
            return earlier
        place, last, is_pending = self._find_place(caller, flow, contract_id, outside)
        if place.kept is None:
            if place.reading is not None:
                # gone, with its day, or not there
                self.pages.read_record(place.reading, outside)
            raise RequestRefusedError("api.record.unknown")
        self._check_conditions(place, conditions, is_pending=is_pending)
        follows = last if conditions.are_given else None
        gone = [{"ref": place.ref}]
        return admit_records(self.workspace, caller.token, flow, asked, gone, deletes=True, follows=follows)

    def _find_flow(self, caller: ApiCaller, contract_id: str) -> Flow:
        check_writing(caller.token, contract_id)
        flow = find_flow(self.workspace, contract_id)
        if flow is None:
            raise RequestRefusedError("api.contract.closed")
        return flow

    def _find_place(
        self, caller: ApiCaller, flow: Flow, contract_id: str, outside: str
    ) -> tuple[_WrittenPlace, int, bool]:
        """Return what an address leads to, the number of its last write, and whether one is not settled."""
        place = self._look(caller, flow, contract_id, outside)
        last, is_pending = find_pending(self.workspace, contract_id, place.ref)
        if last:
            # after the writes: what was settled before them is read
            place = self._look(caller, flow, contract_id, outside)
        return place, last, is_pending

    def _look(self, caller: ApiCaller, flow: Flow, contract_id: str, outside: str) -> _WrittenPlace:
        if not self.pages.can_be_called(outside):
            raise RequestRefusedError("api.record.unknown")
        try:
            reading = open_reading(self.workspace, self.pages.shelf, caller.token, caller.purpose, contract_id)
        except RequestRefusedError:
            reading = None  # nothing of the contract is kept, or not for this purpose: what comes is new
        if reading is not None and (found := self._find_there(reading, flow, outside)) is not None:
            return found
        if is_handle_text(outside.rpartition(":")[2]):
            raise RequestRefusedError("api.record.unknown")
        return _WrittenPlace(outside, reading)

    def _find_there(self, reading: ContractReading, flow: Flow, outside: str) -> _WrittenPlace | None:
        for view in reading.views:
            is_own = view.scope.flow == flow.name
            found = self.pages.find_served(reading, view, outside)
            if found is None and is_own:
                # by the reference that its own software gave it
                found = self.pages.find_served(reading, view, outside, is_inner=True)
            if found is not None and not is_own:
                raise RequestRefusedError("api.record.elsewhere")
            if found is not None:
                return _WrittenPlace(found[0].ref, reading, json.loads(found[0].record or b"{}"), found[1])
        return None

    def _check_conditions(self, place: _WrittenPlace, conditions: WriteConditions, *, is_pending: bool) -> None:
        is_there = place.reading is not None and place.kept is not None
        etag = make_etag(self.workspace.seal, place.reading, place.served) if is_there and place.reading else ""
        conditions.check(etag, is_pending=is_pending)

    def _open_handles(self, caller: ApiCaller, contract_id: str, records: Sequence[Any]) -> list[Any]:
        """Return records with inner references for the handles under which their client reads other records.

        What it cannot read stays as it is, and is refused: no answer tells what stands behind a handle.
        """
        names = [name for name in list_reference_fields(contract_id) if name != "ref"]
        there = {
            record[name]
            for record in records
            if isinstance(record, dict)
            for name in names
            if isinstance(record.get(name), str) and is_handle_text(record[name].rpartition(":")[2])
        }
        if not there or caller.purpose is Purpose.PORTABILITY:
            return list(records)
        readings = list_readings(self.workspace, self.pages.shelf, caller.token, caller.purpose)
        known = {handle: self._find_inner(readings, handle) for handle in sorted(there)}
        return [
            {**record, **{name: known.get(record[name], record[name]) for name in names if _is_text(record, name)}}
            if isinstance(record, dict)
            else record
            for record in records
        ]

    def _find_inner(self, readings: Sequence[ContractReading], handle: str) -> str:
        for reading in readings:
            for view in reading.views:
                if (found := self.pages.find_served(reading, view, handle)) is not None:
                    return found[0].ref
        return handle


def _is_text(record: Mapping[str, Any], name: str) -> bool:
    return isinstance(record.get(name), str)


def _make_whole(record: Any, outside: str, place: _WrittenPlace, contract_id: str) -> tuple[Any, bool]:
    """Return a record with what its client does not read, and whether anything of that is kept.

    Raises RequestRefusedError when it names another record than its address does.
    """
    if not isinstance(record, dict):
        return record, False
    if record.get("ref", outside) not in (outside, place.ref):
        raise RequestRefusedError.of([ApiFault("api.record.address", "ref", record=0)])
    kept, served = place.kept or {}, json.loads(place.served or "{}")
    references = frozenset(list_reference_fields(contract_id))
    whole, is_bound = {**record, "ref": place.ref}, False
    for name in contracts.get(contract_id).list_fields():
        if name in _OWN or name not in kept or _write(record.get(name)) != _write(served.get(name)):
            continue
        whole[name] = kept[name]
        # a reference behind its handle is the same whatever else changes
        is_bound |= name not in references and kept[name] != served.get(name)
    given, read = (set(one.get("confirmed_none") or ()) for one in (record, served))
    stays = [name for name in kept.get("confirmed_none") or () if (name in given) == (name in read)]
    nothing = [name for name in dict.fromkeys([*stays, *sorted(given - read)]) if name not in whole]
    if nothing:
        whole["confirmed_none"] = nothing
    else:
        whole.pop("confirmed_none", None)
    return whole, is_bound


def _write(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=float)
