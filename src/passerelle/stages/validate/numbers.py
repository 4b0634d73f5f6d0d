"""Columnar twin of `contracts.identifiers.check`: where a number surely raises no doubt.

Persons come by the hundred thousand, each with a NIR: its key is stated here. Numbers of organisations and
professionals, which are few, and numbers written with separators are the verdict's.
"""

from __future__ import annotations

import polars as pl

from passerelle.contracts import identifiers

_NIR = r"^[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])[0-9]{10}$"
"""With its key, born outside Corsica (whose departments count as other numbers)."""


def plainly_right(system: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Say where nobody checks the system, or where a NIR surely has the right key; elsewhere the verdict looks."""
    name = system.str.to_lowercase()
    body, key = number.str.slice(0, 13).cast(pl.Int64, strict=False), number.str.slice(13).cast(pl.Int64, strict=False)
    right = number.str.contains(_NIR) & (97 - body % 97 == key)
    return ~name.is_in(identifiers.SYSTEMS) | (name.is_in(("nir", "nia", "ins")) & right)
