"""ETags: what changes with what a token reads of a record, and with nothing else; and conditions of writers on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.engine.api.readings import ContractReading
    from passerelle.stores.seal import Seal

_ETAG = "api/etag"
_ANY = "*"


def make_etag(seal: Seal, reading: ContractReading, body: str) -> str:
    """Return what changes with what a token reads of a record, and with nothing else."""
    # keyed: a digest alone would let whoever sees it try what the record may hold
    content = f"{reading.id}\n{reading.purpose}\n{body}".encode()
    return f'"{seal.compute_mac(_ETAG, content).hex()[:32]}"'


def is_among(etag: str, known: str) -> bool:
    """Whether an ETag stands in a header If-None-Match: compared weakly, as RFC 9110 says."""
    named = [one.strip().removeprefix("W/") for one in known.split(",")]
    return etag in named or _ANY in named


@dataclass(frozen=True, slots=True)
class WriteConditions:
    """Under which conditions a record is written: If-Match and If-None-Match, each empty when it was not sent."""

    match: str = ""
    none_match: str = ""

    @property
    def are_given(self) -> bool:
        """Whether there is any."""
        return bool(self.match or self.none_match)

    def check(self, etag: str, *, is_pending: bool) -> None:
        """Raise RequestRefusedError `api.record.changed` unless a record may be written.

        `etag`: of the record as it reads now, empty when there is none; `is_pending`: another write is not settled.
        """
        # a strong comparison: what is weakly the same may have changed
        named = [one.strip() for one in self.match.split(",")]
        is_matched = not self.match or (bool(etag) and not is_pending and (etag in named or _ANY in named))
        is_there = bool(etag) or is_pending
        is_met = bool(self.none_match) and is_there and (_ANY in self.none_match or is_among(etag, self.none_match))
        if not is_matched or is_met:
            raise RequestRefusedError("api.record.changed")
