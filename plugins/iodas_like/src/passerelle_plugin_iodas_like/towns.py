"""An address whose postcode and town share a cell: `42000 SAINT-ÉTIENNE`."""

from __future__ import annotations

import re
from typing import Any

from passerelle import convert as to

_STREET, _TOWN = "Adresse", "CP Ville"
_TOWN_PATTERN = re.compile(r"(?:([0-9]{5})\s+)?(.+)", re.DOTALL)


def _parse_address(row: to.Row) -> dict[str, Any] | None:
    """Split the cell into postcode and town; without five digits at its beginning it is all town."""
    street, town = row[_STREET], row[_TOWN]
    if not street and not town:
        return None
    postcode, city = match.groups() if town and (match := _TOWN_PATTERN.fullmatch(town)) else (None, None)
    lines = [line.strip() for line in (street or "").splitlines() if line.strip()]
    return {"lines": lines, "postcode": postcode, "city": city, "commune": None, "country": None, "use": None}


def _render_address(value: Any) -> dict[str, str]:
    for address in value or ():
        town = " ".join(part for part in (address["postcode"], address["city"]) if part)
        return {_STREET: "\n".join(address["lines"] or ()), _TOWN: town}
    return {_STREET: "", _TOWN: ""}


ADDRESS = to.PerRecord((_STREET, _TOWN), parse=_parse_address, render=_render_address)


def _parse_town(row: to.Row) -> dict[str, Any] | None:
    return _parse_address({**row, _STREET: None})


def _render_town(value: Any) -> dict[str, str]:
    return {_TOWN: _render_address(value)[_TOWN]}


TOWN = to.PerRecord(_TOWN, parse=_parse_town, render=_render_town)
"""The town alone, in files without a street."""
