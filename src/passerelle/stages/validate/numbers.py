"""Columnar twin of `contracts.identifiers.check`: where a number surely raises no doubt.

Records come by the hundred thousand, each with a NIR and the SIRET of whoever serves the person: their keys are stated
here. Other numbers of organisations and professionals, which are few, and numbers written with separators are the
verdict's.
"""

from __future__ import annotations

import polars as pl

from passerelle.contracts import identifiers

_NIR = r"^[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])[0-9]{10}$"
"""With its key, born outside Corsica (whose departments count as other numbers)."""
_SIRET = r"^[0-9]{14}$"
_LA_POSTE = "356000000"
"""Its establishments follow another rule than Luhn's."""


def plainly_right(system: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Say where nobody checks the system, or where a NIR or SIRET surely has the right key."""
    name = system.str.to_lowercase()
    personal, served = name.is_in(("nir", "nia", "ins")), name == "siret"
    checked = name.is_in(identifiers.SYSTEMS)
    return ~checked | (personal & _plain_nir(number)) | (served & _plain_siret(number))


def _plain_nir(number: pl.Expr) -> pl.Expr:
    body, key = number.str.slice(0, 13).cast(pl.Int64, strict=False), number.str.slice(13).cast(pl.Int64, strict=False)
    return number.str.contains(_NIR) & (97 - body % 97 == key)


def _plain_siret(number: pl.Expr) -> pl.Expr:
    """Luhn's key closes the whole number and, before it, its first nine digits, the SIREN."""
    whole = number.cast(pl.Int64, strict=False)
    plain = number.str.contains(_SIRET) & ~number.str.starts_with(_LA_POSTE)
    return plain & _luhn_holds(whole, pairs=7) & _luhn_holds(whole // 100_000, pairs=5)


def _luhn_holds(number: pl.Expr, *, pairs: int) -> pl.Expr:
    """Add the digits up by pairs from the right, tens doubled (less nine when that makes two digits)."""
    cut = [number // 100**place % 100 for place in range(pairs)]
    return pl.sum_horizontal(pair - 8 * (pair // 10) - 9 * (pair >= 50).cast(pl.Int64) for pair in cut) % 10 == 0
