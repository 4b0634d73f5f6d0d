"""The policy of a flow: its mapping, and what of a parcel may pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.path.selection import ALL_CONTRACTS, ContractSelection
from passerelle.stages.validate.doubts import NO_SETTING, DoubtSetting
from passerelle.vocabulary.doubts import WARN_ONLY, DoubtRules
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.contracts.field_meta import Purpose
    from passerelle.engine.path.whole_rule import WholeRule
    from passerelle.stages.gate.gating import ConsentRule
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import Records, TextTable


Adapt = Callable[["Sequence[Records]", "TextTable"], "Sequence[Records]"]
"""Adapts the records of a batch to what the destination has by now, and sets aside what cannot be delivered yet;
called in the order of batches, when all earlier ones are settled."""


def keep_records(piles: Sequence[Records], _table: TextTable) -> Sequence[Records]:
    """Return the records unchanged: the default of `adapt`."""
    return piles


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPolicy:
    """The mapping of a flow, and what may pass: all that preparing a batch depends on besides its bytes."""

    plan: TranslationPlan
    purpose: Purpose
    consent: ConsentRule = "opposition"
    answers: Callable[[Sequence[str]], Mapping[str, bool]] = lambda _refs: {}
    """Looks up, by the `ref` of a person or a professional, who accepted (True) or refused (False)."""
    may_object: bool = True
    """Whether a professional's objection counts: not where the law or the pay obliges."""
    release: ReleasePolicy | None = None
    """What may go; None: what counts for a flow of this purpose that declares nothing."""
    doubts: DoubtRules = WARN_ONLY
    """Which doubts set a record aside, and which are not counted."""
    setting: DoubtSetting = NO_SETTING
    """Where and when a parcel was received, for what is doubtful only there or then."""
    name: str = ""
    """The name of the file, where the connector reads it; empty: not known, and what it says is left out."""
    columnar: bool = True
    fast_path: bool = True
    explain_paths: bool = False
    """Count, by field, the rows that validation sends to the model path."""
    selection: ContractSelection = ALL_CONTRACTS
    leave_out: frozenset[str] = frozenset()
    """Contracts of which nothing goes: each record is counted as withheld."""
    adapt: Adapt = keep_records
    whole: WholeRule | None = None
    """Of which contracts and days an export holds everything; None: it does not, and no refs are collected."""
    takes_deletions: bool = False
    """Whether rows that announce a deletion are compared with what the destination has; otherwise they are withheld."""
    delete_vanished: bool = False
    """Whether deletions go to the destination; otherwise they are told."""

    @property
    def releases(self) -> ReleasePolicy:
        """Return what may go, and to whom."""
        return self.release or ReleasePolicy.of_purpose(self.purpose)

    @property
    def delivers_extra(self) -> bool:
        """Whether anything that no contract field holds may go."""
        return self.releases.takes_everything or bool(self.releases.list_columns())
