"""Prices that the buyer notes beside the notes: what an offer costs, and what closing its gaps would cost."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from passerelle.tender.scoring.offered_prices import OfferedPrices

_Amount = Annotated[float, Field(ge=0, le=1e9)]


@dataclass(frozen=True, slots=True)
class BidPrice:
    """The price of an offer, over the whole contract, without tax."""

    amount: float
    gaps: float | None = None
    """What closing the gaps that were found would cost; None when nobody said."""
    source: str = ""
    """Where the figures come from, in the buyer's words."""


def add_up_offer(offered: OfferedPrices | None) -> BidPrice | None:
    """Return the price that a schedule adds up to; None without one, and while something of its base has no price."""
    amount = offered.compute_base() if offered else None
    if offered is None or amount is None:
        return None
    return BidPrice(amount, offered.compute_gaps(), _("price schedule of the grid"))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    candidat: Annotated[str, Field(min_length=1)]
    montant: _Amount
    ecarts: _Amount | None = None
    source: str = ""


class _Prices(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    offre: list[_Entry] = []


def read_prices(path: Path, bidders: Collection[str]) -> dict[str, BidPrice]:
    """Read `[[offre]]`: candidat, montant, ecarts, source. Raises UsageError, also for no bidder, or one twice."""
    try:
        listed = _Prices.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except (OSError, UnicodeDecodeError):
        raise UsageError("usage.file.unreadable", file=path.name) from None
    except tomllib.TOMLDecodeError:
        raise UsageError("usage.prices.malformed", file=path.name, defect=_("it is not TOML")) from None
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UsageError("usage.prices.malformed", file=path.name, defect=place) from None
    priced: dict[str, BidPrice] = {}
    for one in listed.offre:
        if one.candidat in priced:
            raise UsageError("usage.prices.twice", file=path.name, name=one.candidat)
        priced[one.candidat] = BidPrice(one.montant, one.ecarts, one.source)
    for name in priced:
        if name not in bidders:
            raise UsageError("usage.prices.stranger", file=path.name, name=name)
    return priced
