"""What people decided and answered: the buyer's waivers (TOML), and the bidder's answers in the grid (XLSX)."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from python_calamine import CalamineError, CalamineWorkbook

from passerelle.tender.building import grid
from passerelle.tender.scoring.scorecard import Reply, Response, Verdict, Waiver
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.tender.consultation import Consultation

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


def waivers(path: Path, consultation: Consultation) -> tuple[Waiver, ...]:
    """Read `[[derogation]]` and `[[sans_objet]]`: exigence, raison, par, jour. Raises UsageError."""
    try:
        decisions = _Decisions.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError):
        raise UsageError("usage.file.unreadable", file=path.name) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError("usage.waivers.malformed", file=path.name, defect=str(error)) from None
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UsageError("usage.waivers.malformed", file=path.name, defect=place) from None
    known = {one.id for one in consultation.requirements}
    made = [
        Waiver(requirement=one.exigence, verdict=verdict, reason=one.raison, who=one.par, day=one.jour.isoformat())
        for verdict, some in ((Verdict.WAIVED, decisions.derogation), (Verdict.VOID, decisions.sans_objet))
        for one in some
    ]
    for one in made:
        if one.requirement not in known:
            raise UsageError("usage.requirement.unknown", id=one.requirement)
    return tuple(made)


def replies(path: Path, consultation: Consultation) -> dict[str, Reply]:
    """Read the answers out of the grid, by requirement. Raises UsageError when it is not that of the tender."""
    try:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise UsageError("usage.file.unreadable", file=path.name) from None
    known = {one.id for one in consultation.requirements}
    cells = ([_text(cell) for cell in row] for row in rows[grid.HEAD_ROW + 1 :] if len(row) >= len(grid.COLUMNS))
    found = {row[grid.PLACES["number"]]: _reply(row) for row in cells if row[grid.PLACES["number"]] in known}
    if not found:
        raise UsageError("usage.grid.unrecognised", file=path.name)
    return found


def _reply(row: Sequence[str]) -> Reply:
    told = {key: row[place] for key, place in grid.PLACES.items()}
    word = told["answer"][:2].upper()
    return Reply(
        response=Response(word) if word in set(Response) else None,
        commitment=told["commitment"],
        reference=told["details"],
        equivalence=told["equivalence"],
    )


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
