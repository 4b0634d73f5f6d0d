"""How far a flow is: what whoever shows the progress gets, what adds it up, and how much of it one turn takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a flow is, for the progress bar. `rows` are records received in this run."""

    flow: str
    rows: int
    aside: int
    bytes_done: int
    bytes_total: int


class SliceOver(Exception):  # noqa: N818  no error: what is left of a parcel is for the next turn
    """The slice is over, within a parcel whose settled batches stay settled."""


@dataclass(slots=True)
class FlowSlice:
    """How much of a flow one turn takes, so that others have theirs: whichever comes first."""

    now: Callable[[], datetime]
    batches: int = 64
    seconds: float = 30.0
    is_stopped: Callable[[], bool] = lambda: False
    """Whether the worker has to end: then nothing more is begun."""
    taken: int = 0
    until: datetime | None = None

    def begin(self) -> None:
        """Begin the time of the slice."""
        self.until = self.now() + timedelta(seconds=self.seconds)

    @property
    def is_over(self) -> bool:
        """Whether the next batch is for another turn. A slice has one batch at least, however long its look took."""
        is_late = self.until is not None and self.now() >= self.until
        return self.is_stopped() or self.taken >= self.batches or (self.taken > 0 and is_late)


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
    share: FlowSlice | None = None
    """How much is taken at most; None: everything."""

    @property
    def is_over(self) -> bool:
        """Whether what is left is for another turn."""
        return self.share is not None and self.share.is_over

    def add(self, balance: Balance, consumed: int) -> None:
        """Add a settled batch; `consumed` are the bytes of its parcel up to its end."""
        self.balance += balance
        if self.share is not None:
            self.share.taken += 1
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
