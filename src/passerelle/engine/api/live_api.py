"""The live API as one object: who asks, for what, and what they are answered; HTTP is spoken elsewhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts.publishing.openapi import ApiOperation, OfferedContract, write_openapi
from passerelle.engine.api.admitting import can_delete, describe_receipt, find_taking_flow
from passerelle.engine.api.api_caller import ApiCaller
from passerelle.engine.api.bulk_reading import BulkReading
from passerelle.engine.api.cursors import ReadingPosition, begin_list, find_ends, open_cursor, seal_cursor
from passerelle.engine.api.etags import is_among, make_etag
from passerelle.engine.api.filtering import read_filters
from passerelle.engine.api.handed_records import check_writing, read_records
from passerelle.engine.api.rate_limits import NOBODY, RateLimits
from passerelle.engine.api.reading_audit import note_answer
from passerelle.engine.api.readings import choose_purpose, list_readings, open_reading
from passerelle.engine.api.record_pages import LARGEST_PAGE, USUAL_PAGE, RecordPages
from passerelle.engine.api.record_writing import RecordWriter
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.engine.api.etags import WriteConditions
    from passerelle.engine.api.readings import ContractReading
    from passerelle.engine.api.record_pages import RecordPage
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.shelf import ShelfReader

_PAGING = ("cursor", "since", "limit")


@dataclass(frozen=True, slots=True)
class ApiContent:
    """What is answered: JSON, and what stands beside it in headers."""

    content: str | None = field(repr=False)
    """None: the client has it already."""
    purpose: str
    since: datetime | None = None
    """Since when what is read is kept."""
    etag: str = ""
    location: str = ""
    """Where what was begun is told of."""


class LiveApi:
    """Answers requests. Every method may raise RequestRefusedError, or what the stores raise."""

    def __init__(self, workspace: Workspace, shelf: ShelfReader, *, per_second: int) -> None:
        self.workspace = workspace
        self._pages = RecordPages(shelf)
        self._limits = RateLimits(workspace.clock, per_second)
        self._writer = RecordWriter(workspace, self._pages)

    def admit(self, authorization: str, named_purpose: str | None) -> ApiCaller:
        """Return who asks, by the header of the request."""
        scheme, _space, text = authorization.partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            self._limits.take(NOBODY)
            raise RequestRefusedError("api.token.missing")
        token = self.workspace.api.find_token(text.strip())
        if token is None or not token.is_open(self.workspace.clock.now()):
            self._limits.take(NOBODY)
            raise RequestRefusedError("api.token.refused")
        self._limits.take(token.id)
        return ApiCaller(token, choose_purpose(token, named_purpose))

    def describe(self, caller: ApiCaller) -> ApiContent:
        """Return the OpenAPI document of a token: what it may read, and nothing else."""
        readings = list_readings(self.workspace, self._shelf, caller.token, caller.purpose)
        offers = [OfferedContract(one.contract, one.fields, frozenset({ApiOperation.READ})) for one in readings]
        if caller.token.terms.may_write:
            # what is handed in may be more than what the token reads: a contract says what it is, not who knows it
            offers += [
                OfferedContract.of(contracts.get(one), self._list_writing(one)) for one in caller.token.terms.contracts
            ]
        purposes = caller.token.terms.purposes
        document = write_openapi(
            offers, purposes=purposes if len(purposes) > 1 else (), has_bulk=caller.token.terms.may_bulk
        )
        return ApiContent(json.dumps(document, ensure_ascii=False), caller.purpose.value)

    def list_records(self, caller: ApiCaller, contract_id: str, query: Mapping[str, str]) -> ApiContent:
        """Return a page of the present records, or of the changes after a cursor."""
        reading = open_reading(self.workspace, self._shelf, caller.token, caller.purpose, contract_id)
        limit = _read_limit(query.get("limit"))
        asked = {name: value for name, value in query.items() if name not in _PAGING}
        if "since" in query:
            if asked or "cursor" in query:
                raise RequestRefusedError("api.query.together")
            page = self._pages.read_changes(reading, self._find_position(reading, query["since"]), limit)
            ending = {"cursor": self._seal_position(reading, page.position), "more": not page.is_last}
        else:
            page, ending = self._read_list(reading, query.get("cursor", ""), asked, limit)
        note_answer(self.workspace, reading, [item.subjects for item in page.items if item.body is not None])
        records = ",".join(item.write() for item in page.items)
        content = f'{{"records":[{records}],{json.dumps(ending)[1:]}'
        return ApiContent(content, caller.purpose.value, _find_since(reading))

    def find_record(self, caller: ApiCaller, contract_id: str, ref: str, known: str = "") -> ApiContent:
        """Return one record, without its content when its ETag is among those that are `known` (If-None-Match)."""
        reading = open_reading(self.workspace, self._shelf, caller.token, caller.purpose, contract_id)
        item = self._pages.read_record(reading, ref)
        body = item.body or ""
        etag = make_etag(self.workspace.seal, reading, body)
        is_known = is_among(etag, known)
        if not is_known:
            note_answer(self.workspace, reading, [item.subjects])
        return ApiContent(None if is_known else body, caller.purpose.value, _find_since(reading), etag)

    def read_bulk(self, caller: ApiCaller, query: Mapping[str, str]) -> BulkReading:
        """Return everything that is read as one stream."""
        if not {"contracts", "since"}.issuperset(query):
            raise RequestRefusedError("api.query.unknown")
        named, since = query.get("contracts", ""), query.get("since", "")
        return BulkReading.open(self.workspace, self._pages, caller.token, caller.purpose, named=named, since=since)

    def check_records(self, caller: ApiCaller, contract_id: str, body: bytes) -> ApiContent:
        """Return what records would be worth; they are not taken. Raises RequestRefusedError with all that is wrong."""
        check_writing(caller.token, contract_id)
        verdict = self._writer.check(caller, contract_id, read_records(body))
        content = {"records": verdict.count, "warnings": [fault.describe() for fault in verdict.warnings]}
        return ApiContent(json.dumps(content, ensure_ascii=False), caller.purpose.value)

    def take_records(self, caller: ApiCaller, contract_id: str, body: bytes, key: str) -> ApiContent:
        """Return the receipt of records that are registered now, or were with the same key."""
        return _write_receipt(caller, self._writer.post(caller, contract_id, body, key))

    def put_record(
        self, caller: ApiCaller, contract_id: str, ref: str, body: bytes, key: str, conditions: WriteConditions
    ) -> ApiContent:
        """Return the receipt of one record that takes the place of what it is called by, or is new."""
        return _write_receipt(caller, self._writer.put(caller, (contract_id, ref), body, key, conditions))

    def delete_record(
        self, caller: ApiCaller, contract_id: str, ref: str, key: str, conditions: WriteConditions
    ) -> ApiContent:
        """Return the receipt of a deletion."""
        return _write_receipt(caller, self._writer.delete(caller, (contract_id, ref), key, conditions))

    def is_settled(self, caller: ApiCaller, receipt: str) -> bool:
        """Whether what this token handed in under a receipt has got its fates."""
        return bool(describe_receipt(self.workspace, caller.token, receipt)["settled"])

    def find_receipt(self, caller: ApiCaller, receipt: str) -> ApiContent:
        """Return what became of records that this token handed in."""
        found = describe_receipt(self.workspace, caller.token, receipt)
        return ApiContent(json.dumps(found, ensure_ascii=False), caller.purpose.value)

    def _list_writing(self, contract_id: str) -> frozenset[ApiOperation]:
        flow = find_taking_flow(self.workspace, contract_id)
        taken = {ApiOperation.WRITE} if flow else set()
        deletes = {ApiOperation.DELETE} if flow and can_delete(self.workspace, flow) else set()
        return frozenset({ApiOperation.CHECK} | taken | deletes)

    @property
    def _shelf(self) -> ShelfReader:
        return self._pages.shelf

    def _read_list(
        self, reading: ContractReading, cursor: str, asked: Mapping[str, str], limit: int
    ) -> tuple[RecordPage, dict[str, Any]]:
        filters = read_filters(reading, asked)
        named = _digest_filters({one.name: value for one, value in filters})
        position = open_cursor(self.workspace.seal, reading, cursor) if cursor else begin_list(reading, named)
        if position.filters != named:
            raise RequestRefusedError("api.query.together")
        page = self._pages.read_list(reading, position, limit, filters)
        if not page.is_last:
            return page, {"next": self._seal_position(reading, page.position)}
        return page, {"cursor": self._seal_position(reading, ReadingPosition(page.position.begun))}

    def _find_position(self, reading: ContractReading, since: str) -> ReadingPosition:
        """Return the position of a cursor of changes; the beginning for an empty one."""
        if not since:
            return ReadingPosition({view.name: 0 for view in reading.views}, find_ends(reading))
        position = open_cursor(self.workspace.seal, reading, since)
        if position.filters:
            raise RequestRefusedError("api.query.together")
        return position

    def _seal_position(self, reading: ContractReading, position: ReadingPosition) -> str:
        return seal_cursor(self.workspace.seal, reading, position)


def _write_receipt(caller: ApiCaller, receipt: str) -> ApiContent:
    return ApiContent(json.dumps({"receipt": receipt}), caller.purpose.value, location=f"/v1/receipts/{receipt}")


def _read_limit(text: str | None) -> int:
    if text is None:
        return USUAL_PAGE
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= LARGEST_PAGE):
        raise RequestRefusedError("api.query.value", field="limit")
    return int(text)


def _digest_filters(asked: Mapping[str, str]) -> str:
    """Return what tells the filters of a list apart; the one of no filter is empty only where a list is whole."""
    # a cursor of a list that is whole and one of changes are told apart as well
    return "list " + hashlib.sha256(json.dumps(sorted(asked.items())).encode()).hexdigest()[:16]


def _find_since(reading: ContractReading) -> datetime:
    return max(view.scope.since for view in reading.views)
