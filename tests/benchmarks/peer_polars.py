"""A peer: the script that a capable user of polars writes in an hour: every rule that he was told of, no library more.

python peer_polars.py export.csv folder

Words are looked up, moments put into Paris time with those of a clock change refused, the keys of NIR and SIRET
computed; rows that break a rule are written aside with its name. Lines with too few or too many cells are what
`read_csv` makes of them: it has no way to say so, only to stop.
"""

from __future__ import annotations

import sys
from pathlib import Path

import export
import polars as pl

_TIMES = {
    "planned_start": "Début prévu",
    "planned_end": "Fin prévue",
    "stamped_start": "Début réel",
    "stamped_end": "Fin réelle",
}


def _moment(cell: str) -> pl.Expr:
    local = pl.concat_str("Date", pl.lit(" "), cell).str.to_datetime("%d/%m/%Y %H:%M", strict=False)
    return local.dt.replace_time_zone("Europe/Paris", ambiguous="null", non_existent="null")


def _has_nir_key() -> pl.Expr:
    digits = pl.col("NIR").str.extract("^([0-9]{15})$")
    body, key = digits.str.slice(0, 13).cast(pl.Int64), digits.str.slice(13).cast(pl.Int64)
    return (97 - body % 97 == key).fill_null(False)


def _has_luhn_key() -> pl.Expr:
    digits = pl.col("SIRET").str.extract("^([0-9]{14})$")
    doubled = [digits.str.slice(place, 1).cast(pl.Int64) * (2 - place % 2) for place in range(14)]
    return (pl.sum_horizontal(one // 10 + one % 10 for one in doubled) % 10 == 0) & digits.is_not_null()


RULES = {
    "person": pl.col("Bénéficiaire").str.len_chars().fill_null(0) > 0,
    "nir": _has_nir_key(),
    "siret": _has_luhn_key(),
    "service": pl.col("service").is_not_null(),
    "status": pl.col("status").is_not_null(),
    "billed": pl.col("billed").is_not_null(),
    "billed_quantity": pl.col("billed_quantity").is_not_null(),
    **{name: pl.col(name).is_not_null() for name in _TIMES},
    "planned order": (pl.col("planned_end") > pl.col("planned_start")).fill_null(True),
    "stamped order": (pl.col("stamped_end") > pl.col("stamped_start")).fill_null(True),
}


def main(source: Path, folder: Path) -> None:
    """Read, translate, check, write."""
    table = pl.read_csv(
        source, separator=";", encoding="cp1252", infer_schema=False, truncate_ragged_lines=True
    ).with_columns(
        ref="bench:visit:" + pl.col("Numéro"),
        person_ref="bench:person:" + pl.col("Bénéficiaire"),
        professional_ref="bench:professional:" + pl.col("Intervenant"),
        service=pl.col("Prestation").replace_strict(export.SERVICES, default=None),
        status=pl.col("État").replace_strict(export.STATES, default=None),
        billed=pl.col("Facturé").replace_strict({"Oui": True, "Non": False}, default=None, return_dtype=pl.Boolean),
        billed_quantity=pl.col("Heures").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False),
        **{name: _moment(cell) for name, cell in _TIMES.items()},
    )
    broken = [pl.when(~rule).then(pl.lit(name)) for name, rule in RULES.items()]
    table = table.with_columns(reasons=pl.concat_str(broken, separator=", ", ignore_nulls=True))
    accepted = ("ref", "person_ref", "professional_ref", "service", "status", *_TIMES, "billed_quantity", "billed")
    good = table.filter(pl.col("reasons") == "")
    good.select(*accepted, pl.col("Observation").alias("comment"), "NIR", "SIRET").write_ndjson(
        folder / "accepted.ndjson"
    )
    table.filter(pl.col("reasons") != "").select(*export.HEADER, "reasons").write_ndjson(folder / "aside.ndjson")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
