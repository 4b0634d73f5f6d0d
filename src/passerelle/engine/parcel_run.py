"""What the records of a flow are held to, and one parcel of it under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.selection import ALL_CONTRACTS, ContractSelection
from passerelle.vocabulary.doubts import WARN_ONLY, DoubtRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from passerelle.contracts.field_meta import Purpose
    from passerelle.engine.absence_watch import AbsenceWatch
    from passerelle.engine.parcel_watch import ParcelWatch
    from passerelle.engine.record_comparison import KnownRecords
    from passerelle.engine.whole_rule import WholeRule
    from passerelle.stages.gate.gating import ConsentRule
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import Parcel, Records, TextTable
    from passerelle.vocabulary.ports import Clock, Destination


Adapt = Callable[["Records", "TextTable"], "Records"]
"""Adapts records of one contract to what the destination has by now, and sets aside what cannot be delivered yet.

Called in the order of batches, when all earlier ones are settled.
"""


def keep_records(records: Records, _table: TextTable) -> Records:
    """Return the records unchanged: the default of `adapt`."""
    return records


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPolicy:
    """The mapping of a flow, and what may pass: all that preparing a batch depends on besides its bytes."""

    plan: TranslationPlan
    purpose: Purpose
    consent: ConsentRule = "opposition"
    answers: Callable[[Sequence[str]], Mapping[str, bool]] = lambda _refs: {}
    """Looks up, by the person's `ref`, who accepted (True) or refused (False)."""
    deliver_extra: bool = False
    doubts: DoubtRules = WARN_ONLY
    """Which doubts set a record aside, and which are not counted."""
    country: str = ""
    """Of addresses that name none, in two letters; empty: France."""
    received_on: date | None = None
    """The day the parcel was received, for days that lie in the future; None: they are not looked for."""
    columnar: bool = True
    fast_path: bool = True
    explain_paths: bool = False
    """Count, by field, the rows that validation sends to the model path."""
    selection: ContractSelection = ALL_CONTRACTS
    adapt: Adapt = keep_records
    whole: WholeRule | None = None
    """Of which contracts and days an export holds everything; None: it does not, and no refs are collected."""
    takes_deletions: bool = False
    """Whether rows that announce a deletion are compared with what the destination has; otherwise they are withheld."""
    delete_vanished: bool = False
    """Whether deletions go to the destination; otherwise they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRun:
    """One parcel being delivered: its policy, its destination, and what settling its batches needs."""

    flow: str
    run: int
    parcel: Parcel
    policy: FlowPolicy
    known_records: KnownRecords
    destination: Destination
    clock: Clock
    retention_days: int
    watch: ParcelWatch
    is_late: bool = False
    """Whether something newer was taken before it, and nothing says which of two states of a record is the newer."""
    is_replay: bool = False
    """Whether its rows were sent some time ago: they bring back nothing that was deleted since."""
    absence: AbsenceWatch | None = None
    """None: every column that is absent is empty."""
