"""How far a flow is: what whoever shows the progress gets, and what adds it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a flow is, for the progress bar. `rows` are records received in this run."""

    flow: str
    rows: int
    aside: int
    bytes_done: int
    bytes_total: int


@dataclass(slots=True)
class ProgressMeter:
    """Adds up what was done, and calls whoever shows the progress."""

    flow: str
    progress: Callable[[Progress], None]
    total: int = 0
    """Bytes of all parcels that are open in this run."""
    balance: Balance = Balance()
    finished: int = 0
    """Bytes of the parcels that are finished."""

    def add(self, balance: Balance, consumed: int) -> None:
        """Add a settled batch; `consumed` are the bytes of its parcel up to its end."""
        self.balance += balance
        done = self.finished + consumed
        try:
            self.progress(Progress(self.flow, self.balance.received, self.balance.aside, done, self.total))
        except Exception as error:  # noqa: BLE001  a screen that is gone is no fault of the parcel, nor of the run
            log("progress_failed", flow=self.flow, error=error)
            self.progress = lambda _progress: None

    def warn(self, count: int) -> None:
        """Add warnings about a whole parcel."""
        self.balance += Balance(warnings=count)

    def finish_parcel(self, size: int) -> None:
        """Add the bytes of a parcel that is finished."""
        self.finished += size
