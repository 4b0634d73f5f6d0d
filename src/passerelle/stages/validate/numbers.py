"""Columnar twin of `contracts.identifiers.check`: where a number surely raises no doubt."""

from __future__ import annotations

import polars as pl

from passerelle.contracts import identifiers


def plainly_right(system: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Say where a number needs no look: nobody checks its system. Elsewhere false: the verdict looks."""
    return ~system.is_in(sorted(identifiers.CHECKED))
