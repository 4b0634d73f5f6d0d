"""The ledger of one batch: every record that came in is counted once, under its fate."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING

from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from passerelle.stages.validate.validation import PathCounts
    from passerelle.stores.settlement import DeliveredRecords, ShelfEntries
    from passerelle.vocabulary.outcomes import RowWarning, SetAside

_LEFT = "deliver.value.left"


@dataclass(slots=True)
class Ledger:
    """Counts of one batch so far: fates, causes, what was set aside, what was delivered. Each batch has its own."""

    member: str
    received: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    causes: Counter[ReasonKey] = field(default_factory=Counter)
    aside: list[SetAside] = field(default_factory=list)
    warned: list[RowWarning] = field(default_factory=list)
    known: list[DeliveredRecords] = field(default_factory=list)
    forgotten: list[tuple[str, tuple[bytes, ...]]] = field(default_factory=list)
    """By contract: ref keys of deleted records, whose ids at the destination are forgotten."""
    subjects: list[Sequence[str]] = field(default_factory=list)
    """References of everybody whom records name, by pile."""
    shelved: list[ShelfEntries] = field(default_factory=list)
    """What goes on the shelf of the flow, or off it; nothing where it has none."""
    withheld_values: int = 0
    silent: Container[str] = ()
    """Codes of warnings that the flow does not want counted."""
    vanished: int = 0
    withdrawn: int = 0
    paths: dict[str, Counter[str]] = field(default_factory=dict)
    """By contract: rows of each path of validation (`express`: fast, `verdict`: model), and what needed the model."""

    def count_paths(self, contract: str, rows: PathCounts) -> None:
        """Add the rows that took each path of validation."""
        counts = self.paths.setdefault(contract, Counter())
        counts.update({"express": rows.fast_path, "verdict": rows.model_path, **rows.doubtful})

    def set_aside(self, items: Iterable[SetAside]) -> None:
        """Add records that do not go on."""
        added = list(items)
        # a bad file has few causes and a row for each line: each is named once
        causes = Counter((item.contract, *item.place[2:], item.reason, item.fate) for item in added)
        for (contract, member, column, name, reason, fate), count in causes.items():
            self.fates[fate] += count
            self.causes[_make_key(contract, member or self.member, reason, column, name, fate.value)] += count
        self.aside += added

    def warn(self, items: Iterable[RowWarning]) -> None:
        """Add doubts that stop nothing, but for those that are silent."""
        for item in items:
            if item.reason in self.silent:
                continue
            self.causes[self.make_key(WARNING, item.reason, item, "")] += int(item.details.get("count", "1"))
            self.warned.append(item)

    def count_unmapped(self, counts: Mapping[str, int], contract: str) -> None:
        """Add the values, counted by field, that the destination's layout has no place for."""
        for name, count in counts.items() if _LEFT not in self.silent else ():
            self.causes[ReasonKey(contract, self.member, _LEFT, "", name, WARNING)] += count

    def count(self, fate: Fate, number: int = 1) -> None:
        """Add records that need no reason."""
        if number:
            self.fates[fate] += number

    def count_withheld(self, reason: str, contract: str, number: int) -> None:
        """Add records that may not go, and that nobody will want: they are counted, not kept."""
        if number:
            self.count(Fate.WITHHELD, number)
            self.causes[_make_key(contract, self.member, reason, "", "", Fate.WITHHELD.value)] += number

    def warn_of(self, reason: str, contract: str, number: int, *, column: str = "") -> None:
        """Add a doubt about so many records."""
        if number:
            self.causes[_make_key(contract, self.member, reason, column, "", WARNING)] += number

    def make_balance(self) -> Balance:
        """Return what came in, and how each record ended."""
        warnings = sum(count for key, count in self.causes.items() if key.fate == WARNING)
        fates = dict(self.fates)
        return Balance(self.received, fates, self.withheld_values, warnings, self.vanished, self.withdrawn)

    def make_key(self, fate: str, reason: str, item: SetAside | RowWarning, contract: str) -> ReasonKey:
        """Return the cause under which an item is counted."""
        place = item.place
        return _make_key(contract, place.member or self.member, reason, place.column, place.field, str(fate))


@lru_cache(maxsize=4096)
def _make_key(*words: str) -> ReasonKey:
    """Return a cause, made once: thousands of rows share it."""
    return ReasonKey(*words)
