"""Deletion of records at an API: one `DELETE` for each, under the other side's own id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from passerelle.edges.destinations.answers import REFUSALS, check_reply
from passerelle.edges.http.concurrent import map_in_order
from passerelle.edges.http.failure import UnansweredError
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from passerelle.edges.http.client import HttpClient
    from passerelle.vocabulary.ports import Reply
    from passerelle.vocabulary.withdrawals import Withdrawal

_GONE = frozenset({404, 410})
"""It is not there (any more): an earlier try that was cut off did it."""
_DOTS = frozenset({".", ".."})
"""Ids that would make another path of the address."""
_DELIVERED = Answer(Fate.DELIVERED)
_UNKNOWN = Answer(Fate.UNKNOWN, "deliver.answer.missing")
_UNNAMED = Answer(Fate.REFUSED, "whole.deletion.unnamed")


def is_deletable(remote_id: str) -> bool:
    """Whether an id of the other side can stand in the address of a request."""
    return bool(remote_id) and remote_id not in _DOTS


def request_deletion(client: HttpClient, path: str, remote_id: str) -> Reply:
    """Ask for the deletion of one record. `path` holds `{id}`."""
    return client.send("DELETE", path.replace("{id}", quote(remote_id, safe="")), b"")


def is_gone(reply: Reply) -> bool:
    """Whether the record is not there any more."""
    return reply.status < 300 or reply.status in _GONE


@dataclass(frozen=True, slots=True)
class Deletions:
    """How one API takes records back."""

    client: HttpClient
    path: str
    in_flight: int
    settle_unknown: bool = False

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Delete the records of a withdrawal, several at once, and return one answer a record."""
        return list(map_in_order(self.delete, withdrawal.remote_ids, in_flight=self.in_flight))

    def delete(self, remote_id: str) -> Answer:
        """Delete one record. Raises FlowError for a status that speaks of the address, not of the record."""
        if not is_deletable(remote_id):
            return _UNNAMED
        try:
            reply = request_deletion(self.client, self.path, remote_id)
        except UnansweredError:
            if self.settle_unknown:
                return _UNKNOWN
            raise
        if reply.status in _GONE:
            return _DELIVERED
        if reply.status in REFUSALS:
            return Answer(Fate.REFUSED, "deliver.record.refused", {"status": str(reply.status)})
        check_reply(reply)
        return _DELIVERED
