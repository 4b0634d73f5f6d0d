"""What an offer costs, as its bidder filled in the price schedule: shown beside a note, never counted in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ConfigDict, with_config

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line of the schedule. Amounts are without tax; None where nobody wrote one."""

    code: str
    title: str
    kind: str
    """`base`, `option` (the buyer asks for it), `own` (the bidder's: an answer priced apart, or an option)."""
    requirement: str = ""
    """Of a line of the bidder's own: the requirement that it would meet."""
    once: float | None = None
    yearly: float | None = None
    remark: str = ""

    @property
    def is_priced(self) -> bool:
        """Whether it has an amount at all."""
        return self.once is not None or self.yearly is not None

    def compute_total(self, years: int) -> float:
        """Return what it costs over so many years."""
        return round((self.once or 0) + years * (self.yearly or 0), 2)


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPrices:
    """The schedule of one offer."""

    years: int
    """Over how many years prices are compared; 0 when the tender does not say."""
    lines: tuple[PricedLine, ...]
    unpriced: tuple[str, ...] = ()
    """Requirements that are answered DS or SP, and that no line gives a price."""

    def list_missing(self) -> list[str]:
        """List the lines of the base without a price: without them a sum is not the price of the offer."""
        return [one.title for one in self.lines if one.kind == "base" and not one.is_priced]

    def compute_base(self) -> float | None:
        """Return the base price over the contract; None while something of it is missing."""
        if not self.years or self.list_missing():
            return None
        return self._add_up_lines(one for one in self.lines if one.kind == "base")

    def compute_gaps(self) -> float | None:
        """Return what the answers priced apart cost over the contract; None while one of them has no price."""
        known = [one for one in self.lines if one.kind == "own" and one.requirement]
        return None if not self.years or self.unpriced or not known else self._add_up_lines(known)

    def _add_up_lines(self, lines: Iterable[PricedLine]) -> float:
        return round(sum((one.compute_total(self.years) for one in lines), 0.0), 2)
