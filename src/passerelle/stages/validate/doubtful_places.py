"""Codes of places that are none: postcodes that lost a figure, communes and countries that are written in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.places import (
    COMMUNE,
    COUNTRIES,
    FRENCH_TERRITORIES,
    POSTCODE,
    is_commune,
    is_country,
    is_postcode,
)
from passerelle.stages.validate.doubtful_texts import has_addresses, is_plain_text
from passerelle.stages.validate.findings import ValidationFinding
from passerelle.stages.validate.shape_descriptions import describe_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.contracts.contract import Contract

_BIRTHPLACES = {
    "birth_commune": ("validate.commune.unknown", is_commune),
    "birth_country": ("validate.country.unknown", is_country),
}
_SHORT = 4
"""Figures of a French postcode whose first one, a zero, a spreadsheet took for useless."""


def iter_place_doubts(record: Mapping[str, Any], contract: type[Contract], home: str) -> Iterator[ValidationFinding]:
    """Yield the codes of places in a record that are doubtful; `home` is the country of addresses that name none."""
    for name, (reason, is_code) in _BIRTHPLACES.items():
        if record.get(name) and name in contract.model_fields and not is_code(record[name]):
            yield ValidationFinding(reason, name, {"path": name, "found": describe_value(record[name])}, warns=True)
    for nth, address in enumerate((record.get("addresses") or ()) if has_addresses(contract) else ()):
        postcode = address.get("postcode")
        if postcode and (address.get("country") or home) in FRENCH_TERRITORIES and not is_postcode(postcode):
            is_short = len(postcode) == _SHORT and postcode.isascii() and postcode.isdigit()
            reason = "validate.postcode.short" if is_short else "validate.postcode.malformed"
            details = {"path": f"addresses[{nth}].postcode", "found": describe_value(postcode)}
            yield ValidationFinding(reason, "addresses.postcode", details, warns=True)


def check_birthplaces(frame: pl.DataFrame, contract: type[Contract]) -> list[pl.Expr]:
    """Return the expressions of the rows in which the birthplace surely is not doubtful."""
    plain = {
        "birth_commune": pl.col("birth_commune").str.contains(COMMUNE),
        "birth_country": pl.col("birth_country").is_in(sorted(COUNTRIES)),
    }
    schema = frame.schema  # made anew at each look
    return [
        pl.col(name).is_null() | is_plain
        for name, is_plain in plain.items()
        if name in contract.model_fields and schema.get(name) == pl.String
    ]


def check_addresses(frame: pl.DataFrame, contract: type[Contract], home: str) -> pl.Series | None:
    """Return the rows whose addresses surely are not doubtful, in texts and codes; None: there are no addresses."""
    if not has_addresses(contract) or not isinstance(frame.schema.get("addresses"), pl.List):
        return None
    lists = frame.get_column("addresses")
    # All items at once: evaluating expressions inside of lists costs several times as much.
    items = frame.select(pl.int_range(pl.len()).alias("row"), "addresses").explode("addresses").drop_nulls("addresses")
    parts = items.select("row", pl.col("addresses").struct.unnest())
    is_french = pl.col("country").is_in(sorted(FRENCH_TERRITORIES)).fill_null(home in FRENCH_TERRITORIES)
    lines = parts.select("row", pl.col("lines")).explode("lines")
    doubtful = [
        parts.filter(
            (pl.col("postcode").is_not_null() & is_french & ~pl.col("postcode").str.contains(POSTCODE))
            | (pl.col("city").is_not_null() & ~is_plain_text(pl.col("city")))
        ),
        lines.filter(pl.col("lines").is_not_null() & ~is_plain_text(pl.col("lines"))),
    ]
    rows = pl.concat([part.get_column("row") for part in doubtful]).unique()
    return pl.repeat(True, len(lists), dtype=pl.Boolean, eager=True).scatter(rows, False)
