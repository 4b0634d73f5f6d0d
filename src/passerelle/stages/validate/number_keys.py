"""Columnar twin of `contracts.identifiers.check`: which numbers surely raise no doubt.

Records come by the hundred thousand, each with a NIR and the SIRET of whoever serves the person: their keys are checked
here. Other numbers of organisations and professionals, which are few, and numbers written with separators are left to
the model path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.contracts import identifiers

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LA_POSTE = 356_000_000
"""Its establishments follow another rule than Luhn's."""
_OF_A_PAIR = np.array([ones + tens * 2 - 9 * (tens > 4) for tens in range(10) for ones in range(10)])
_NIR, _SIRET = ("nir", "nia", "ins"), ("siret",)
_SEXES, _MONTHS = np.isin(np.arange(10), (1, 2, 3, 4, 7, 8)), np.r_[0, [1] * 12, [0] * 7, [1] * 80].astype(np.bool_)


def compile_key_check(system: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Mark the numbers of systems that are not checked, and the NIR whose keys surely are right."""
    name = system.str.to_lowercase()
    # Thirteen digits and a key of two.
    whole = pl.when(number.str.len_bytes() == 15).then(number).cast(pl.Int64, strict=False).fill_null(0)
    right = whole.map_batches(lambda numbers: pl.Series(_check_nir(numbers.to_numpy())), return_dtype=pl.Boolean)
    return ~name.is_in(identifiers.SYSTEMS) | (name.is_in(_NIR) & right)


def check_key_lists(lists: pl.Series) -> pl.Series:
    """Mark the lists of identifiers all of which surely are right; NIR and SIRET are checked, empty lists are right."""
    sizes = lists.list.len().fill_null(0).to_numpy()
    items = lists.filter(sizes > 0).explode()
    system, number = items.struct.field("system"), items.struct.field("value")
    # A column names few systems, in few spellings: looked at once, not row by row.
    spellings = [name for name in system.unique().to_list() if name is not None]
    unchecked = [name for name in spellings if name.lower() not in identifiers.SYSTEMS]
    # `to_numpy` may give a view that cannot be written to.
    right = (items.is_null() | _is_one_of(system, unchecked)).fill_null(value=False).to_numpy().copy()
    for names, digits, holds in ((_NIR, 15, _check_nir), (_SIRET, 14, _check_siret)):
        mine = _is_one_of(system, [name for name in spellings if name.lower() in names]).fill_null(value=False)
        right[mine.to_numpy()] = holds(_to_integers(number.filter(mine), digits))
    every = np.ones(len(lists), dtype=np.bool_)
    every[np.repeat(np.arange(len(lists)), sizes)[~right]] = False
    return pl.Series(lists.name, every)


def _is_one_of(system: pl.Series, names: list[str]) -> pl.Series:
    return system == names[0] if len(names) == 1 else system.is_in(names)


def _to_integers(numbers: pl.Series, digits: int) -> NDArray[np.int64]:
    """Parse numbers of so many digits; 0 for anything else, and for those that begin with a zero."""
    long_enough = numbers.str.len_bytes() == digits
    read = numbers.cast(pl.Int64, strict=False).zip_with(long_enough, pl.Series([None], dtype=pl.Int64))
    integers = read.fill_null(0).to_numpy()
    return np.where(integers >= 10 ** (digits - 1), integers, 0)  # fewer digits: there was a sign among the characters


def _check_nir(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Check a NIR with its key, born outside Corsica (whose departments count as other numbers)."""
    body, key = np.divmod(numbers, 100)
    holds: NDArray[np.bool_] = (97 - body % 97 == key) & (numbers >= 10**14)
    holds &= _SEXES[numbers // 10**14 % 10]
    holds &= _MONTHS[numbers // 10**10 % 100]
    return holds


def _check_siret(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Check Luhn's key of the whole number and of its first nine digits, the SIREN."""
    sirens = numbers // 100_000
    holds: NDArray[np.bool_] = (sirens != _LA_POSTE) & (numbers > 0)
    holds &= _check_luhn(numbers, pairs=7) & _check_luhn(sirens, pairs=5)
    return holds


def _check_luhn(numbers: NDArray[np.int64], *, pairs: int) -> NDArray[np.bool_]:
    """Add the digits up by pairs from the right, tens doubled (less nine when that makes two digits)."""
    total = np.zeros_like(numbers)
    for place in range(pairs):
        total += _OF_A_PAIR[numbers // 100**place % 100]
    holds: NDArray[np.bool_] = total % 10 == 0
    return holds
