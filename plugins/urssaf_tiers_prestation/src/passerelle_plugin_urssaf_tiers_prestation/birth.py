"""Place of birth as Urssaf writes it: département on three digits, commune without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import convert as to

if TYPE_CHECKING:
    from collections.abc import Mapping

_OVERSEAS = ("97", "98")
"""Départements whose own number has three characters, and whose communes have two."""


def commune_of_birth(department: str, commune: str) -> to.PerRecord:
    """Convert both columns to the official code of five characters (COG, INSEE), and back."""

    def parse(row: Mapping[str, str | None]) -> str | None:
        first, rest = row.get(department) or "", row.get(commune) or ""
        if not first or not rest:
            return None
        # COG: overseas the département has three characters and the commune two; elsewhere two and three.
        overseas = first.startswith(_OVERSEAS)
        return first + rest[-2:] if overseas else first.removeprefix("0").rjust(2, "0") + rest.rjust(3, "0")

    def render(code: str) -> dict[str, str]:
        if code.startswith(_OVERSEAS):
            return {department: code[:3], commune: code[3:]}
        return {department: code[:2].rjust(3, "0"), commune: code[2:]}

    return to.PerRecord((department, commune), parse=parse, render=render, faithful=True)
