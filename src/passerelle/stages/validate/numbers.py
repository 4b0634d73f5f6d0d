"""Columnar twin of `contracts.identifiers.check`: where a number surely raises no doubt.

Records come by the hundred thousand, each with a NIR and the SIRET of whoever serves the person: their keys are stated
here. Other numbers of organisations and professionals, which are few, and numbers written with separators are the
verdict's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.contracts import identifiers

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NIR = r"^[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])[0-9]{10}$"
"""With its key, born outside Corsica (whose departments count as other numbers)."""
_SIRET = r"^[0-9]{14}$"
_LA_POSTE = "356000000"
"""Its establishments follow another rule than Luhn's."""
_OF_A_PAIR = np.array([ones + tens * 2 - 9 * (tens > 4) for tens in range(10) for ones in range(10)])


def plainly_right(system: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Say where nobody checks the system, or where a NIR surely has the right key; elsewhere the verdict looks."""
    name = system.str.to_lowercase()
    return ~name.is_in(identifiers.SYSTEMS) | (name.is_in(("nir", "nia", "ins")) & _plain_nir(number))


def all_plainly_right(lists: pl.Series) -> pl.Series:
    """Say for each list of identifiers whether all of them surely are right; a SIRET may be one of them."""
    sizes = lists.list.len().fill_null(0).to_numpy()
    rows = np.repeat(np.arange(len(lists)), sizes)
    items = lists.filter(sizes > 0).explode()
    system, number = (items.struct.field(name).alias(name) for name in ("system", "value"))
    plain = pl.DataFrame([system, number]).select(plainly_right(pl.col("system"), pl.col("value"))).to_series()
    siret = (system.str.to_lowercase() == "siret").fill_null(value=False)
    right = plain.fill_null(value=False) | items.is_null() | (siret & _plain_siret(number))
    every = np.ones(len(lists), dtype=np.bool_)
    every[rows[~right.to_numpy()]] = False
    return pl.Series(lists.name, every)


def _plain_nir(number: pl.Expr) -> pl.Expr:
    body, key = number.str.slice(0, 13).cast(pl.Int64, strict=False), number.str.slice(13).cast(pl.Int64, strict=False)
    return number.str.contains(_NIR) & (97 - body % 97 == key)


def _plain_siret(numbers: pl.Series) -> pl.Series:
    """Luhn's key closes the whole number and, before it, its first nine digits, the SIREN."""
    plain = (numbers.str.contains(_SIRET) & ~numbers.str.starts_with(_LA_POSTE)).fill_null(value=False).to_numpy()
    right = np.zeros(len(numbers), dtype=np.bool_)
    digits = numbers.filter(plain).cast(pl.Int64).to_numpy()
    right[plain] = _luhn_holds(digits, pairs=7) & _luhn_holds(digits // 100_000, pairs=5)
    return pl.Series(numbers.name, right)


def _luhn_holds(numbers: NDArray[np.int64], *, pairs: int) -> NDArray[np.bool_]:
    """Add the digits up by pairs from the right, tens doubled (less nine when that makes two digits)."""
    total = np.zeros_like(numbers)
    for place in range(pairs):
        total += _OF_A_PAIR[numbers // 100**place % 100]
    holds: NDArray[np.bool_] = total % 10 == 0
    return holds
