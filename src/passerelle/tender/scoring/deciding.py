"""Reads the buyer's waivers (TOML) and the bidder's answers in the grid (XLSX)."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from passerelle.documents.workbook_reader import read_returned
from passerelle.tender import grid
from passerelle.tender.scoring.scorecard import BidReply, BidResponse, BidVerdict, Waiver
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.tender.consultation import Consultation

_MATTERS: Mapping[str, str] = MappingProxyType(
    {
        "missing": N_("it is not there"),
        "extra_forbidden": N_("nobody knows this key"),
        "string_too_short": N_("it says too little"),
        "string_type": N_("it must be a text in quotes"),
        "date_type": N_("it must be a day, written as 2026-11-21"),
        "date_parsing": N_("it must be a day, written as 2026-11-21"),
        "date_from_datetime_parsing": N_("it must be a day, written as 2026-11-21"),
    },
)
_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Decision(BaseModel):
    model_config = _STRICT
    exigence: str
    raison: str = Field(min_length=3)
    par: str = Field(min_length=1)
    jour: date


class _Decisions(BaseModel):
    model_config = _STRICT
    derogation: list[_Decision] = []
    sans_objet: list[_Decision] = []


def read_waivers(path: Path, consultation: Consultation) -> tuple[Waiver, ...]:
    """Read `[[derogation]]` and `[[sans_objet]]`: exigence, raison, par, jour. Raises UsageError."""
    try:
        decisions = _Decisions.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except (OSError, UnicodeDecodeError):
        raise UsageError("usage.file.unreadable", file=path.name) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        where = _("line {number} is not valid TOML").format(number=found[1]) if found else _("it ends too early")
        raise UsageError("usage.waivers.malformed", file=path.name, defect=where) from None
    except ValidationError as error:
        # Of the first defect: decision (counted from 1), key, and what is wrong with it.
        detail = error.errors()[0]
        table, place, key = (*map(str, detail["loc"]), "", "")[:3]
        where = f"[[{table}]]" + (f" {int(place) + 1}, {key}" if place.isdigit() else "")
        if matter := _MATTERS.get(detail["type"]):
            where = f"{where} ({_(matter)})"
        raise UsageError("usage.waivers.malformed", file=path.name, defect=where) from None
    known = {one.id for one in consultation.requirements}
    made = [
        Waiver(requirement=one.exigence, verdict=verdict, reason=one.raison, who=one.par, day=one.jour.isoformat())
        for verdict, listed in ((BidVerdict.WAIVED, decisions.derogation), (BidVerdict.VOID, decisions.sans_objet))
        for one in listed
    ]
    for one in made:
        if one.requirement not in known:
            raise UsageError("usage.requirement.unknown", id=one.requirement)
    return tuple(made)


def read_replies(path: Path, consultation: Consultation) -> dict[str, BidReply]:
    """Read the answers out of the grid, by requirement. Raises UsageError when it is not that of the tender."""
    (rows,) = read_returned(path, "usage.grid.unrecognised") or ([],)
    known = {one.id for one in consultation.requirements}
    answers = [
        [cell.strip() for cell in row]
        for line, row in rows
        # Rows are numbered from 1 here and from 0 in the writer.
        if line > grid.HEAD_ROW + 1 and len(row) >= len(grid.COLUMNS)
    ]
    found = {}
    for row in answers:
        if (number := row[grid.PLACES["number"]]) not in known:
            continue
        # People add words to the code: «ST – standard».
        word = row[grid.PLACES["answer"]][:2].upper()
        found[number] = BidReply(
            response=BidResponse(word) if word in set(BidResponse) else None,
            commitment=row[grid.PLACES["commitment"]],
            reference=row[grid.PLACES["details"]],
            equivalence=row[grid.PLACES["equivalence"]],
        )
    if not found:
        raise UsageError("usage.grid.unrecognised", file=path.name)
    return found
