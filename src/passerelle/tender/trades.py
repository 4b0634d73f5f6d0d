"""What a trade usually asks for: a starting point for the buyer, not a norm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from passerelle.contracts.field_meta import Purpose
from passerelle.tender import bilingual_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.tender.requirement import BilingualText

FOLDER = "trades"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeProposal:
    """A proposal for one trade."""

    name: str
    title: BilingualText
    about: BilingualText
    purposes: tuple[Purpose, ...]
    volumes: Mapping[str, int]
    sample: Mapping[str, int]
    systems: tuple[Mapping[str, Any], ...]
    contracts: Mapping[str, Mapping[str, str]]
    """By contract, the level of each field that is asked for (P, I, S) or must not be sent (X)."""
    filled: Mapping[str, tuple[str, ...]]
    """By contract, the fields to be filled in on every record."""


def list_trades() -> tuple[str, ...]:
    """Return the names of all trades."""
    return bilingual_texts.list_names(FOLDER)


@cache
def get_trade(name: str) -> TradeProposal:
    """Return the proposal for a trade. Raises KeyError when there is none of that name."""
    if name not in list_trades():
        raise KeyError(name)
    raw = bilingual_texts.load_texts(f"{FOLDER}/{name}")
    return TradeProposal(
        name=name,
        title=bilingual_texts.make_text({one: raw[one]["title"] for one in ("fr", "en")}),
        about=bilingual_texts.make_text({one: raw[one]["about"] for one in ("fr", "en")}),
        purposes=tuple(Purpose(one) for one in raw["purposes"]),
        volumes=raw["volumes"],
        sample=raw["sample"],
        systems=tuple(raw.get("system", ())),
        contracts={
            # The files list fields by level, which is how people think of them; orders hold the level of each field.
            contract: {name: level for level in ("P", "I", "S", "X") for name in entry.get(level, ())}
            for contract, entry in raw["contract"].items()
        },
        filled={contract: tuple(entry.get("filled", ())) for contract, entry in raw["contract"].items()},
    )
