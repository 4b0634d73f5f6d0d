"""French postcodes in canonical form, and which words of an address say that it is French."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from passerelle.contracts.places import FRENCH_TERRITORIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

_FRENCH_WORDS = frozenset(
    word
    for code in (*FRENCH_TERRITORIES, "FRA", "250", "99100", "FRANCE", "FRANCE METROPOLITAINE")
    for word in (code, code.lower(), code.capitalize())
)
"""How a column of countries says France: ISO 3166-1, COG, or the word."""
# 44 100, F-44100, FR 44100, 44100 CEDEX 9: La Poste writes five digits, and CEDEX behind the town (NF Z10-011).
_DRESSED = re.compile(r"(?:FR?[ -]?)?([0-9]{2})[ .]?([0-9]{3})(?:[ ,-]*(CEDEX(?: ?[0-9]{1,2})?))?", re.IGNORECASE)


def is_french(country: str | None, home: str) -> bool:
    """Whether an address is French; without a country it is where the flow is at home."""
    return country in _FRENCH_WORDS if country else home in FRENCH_TERRITORIES


def undress_postcode(parts: Mapping[str, str | None], home: str) -> dict[str, str | None]:
    """Return the parts of an address with a French postcode as five digits; CEDEX goes behind the town."""
    postcode, city = parts.get("postcode"), parts.get("city")
    matched = _DRESSED.fullmatch(postcode) if postcode and is_french(parts.get("country"), home) else None
    if matched is None:
        return dict(parts)
    cedex = matched[3]
    if cedex and "cedex" not in (city or "").lower():
        # Its number is part of the address: without a town to write it behind, the postcode is left as it is.
        if not city and cedex.upper() != "CEDEX":
            return dict(parts)
        city = city and f"{city} {cedex.upper()}"
    return {**parts, "postcode": matched[1] + matched[2], "city": city}


def is_plain_postcode(text: pl.Expr) -> pl.Expr:
    """Mark the postcodes in which there is surely nothing to undress; null where there is none."""
    return text.str.contains("^[0-9]*$")
