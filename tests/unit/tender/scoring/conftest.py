"""A small tender on visits, and samples in contract form that are written line by line."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from passerelle.tender.consultation import Consultation, pin
from passerelle.tender.requirement import BilingualText, Level, Measure, Proof, Requirement
from passerelle.tender.scoring.examining import BidEntry, score_bid

if TYPE_CHECKING:
    from pathlib import Path

VISIT = {
    "ref": "s:visit:{n}",
    "person_ref": "s:person:{n}",
    "status": "done",
    "planned_start": "2026-09-{day:02d}T08:00:00+02:00",
    "planned_end": "2026-09-{day:02d}T09:00:00+02:00",
    "service.original": "Aide au lever",
}


def requirement(number: int, measure: Measure, field: str = "", **more) -> Requirement:
    """Make a requirement on visits."""
    about = {
        "level": Level.P,
        "contract": "" if measure is Measure.ANSWER else "visit/1",
        "green": 0.98,
        "red": 0.9,
        "weight": 5,
        "domain": "hours",
        "chapter": "visit",
    }
    return Requirement(
        id=f"PAS-VIS-{number:03d}",
        key=f"visit/{number}",
        measure=measure,
        field=field,
        proof=Proof.SAMPLE,
        title=BilingualText(f"Exigence {number}", f"Requirement {number}"),
        statement=BilingualText("Énoncé", "Statement"),
        evidence=BilingualText("", ""),
        **(about | more),
    )


def consultation(*requirements: Requirement, contracts: tuple[str, ...] = ("visit/1", "person/1"), **more):
    """Freeze a tender."""
    about = {"weights": {"P": 5, "I": 3, "S": 1}, "language": "en"} | more
    return Consultation(
        id="C-1",
        title="Software",
        buyer="Association",
        date="2026-11-21",
        trade="saad",
        contracts=tuple(pin(one) for one in contracts),
        purposes=(),
        requirements=requirements,
        **about,
    )


@pytest.fixture
def sample(tmp_path):
    """Write visits in contract form: `sample(20, planned_end="")`; a change may be a function of the row's number."""

    def write(rows: int, name: str = "visit.csv", **changes) -> Path:
        path = tmp_path / name
        write_visits(path, rows, changes)
        return path

    return write


def write_visits(path: Path, rows: int, changes: dict) -> None:
    """Write visits in contract form."""
    text = io.StringIO()
    lines = [_row(n, changes) for n in range(rows)]
    writer = csv.DictWriter(text, list(lines[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8")


def _row(n: int, changes: dict) -> dict[str, str]:
    row = {name: form.format(n=n, day=1 + n % 28) for name, form in VISIT.items()}
    for name, change in changes.items():
        column = name.replace("__", ".")
        told = change(n) if callable(change) else change
        if told is None:
            row.pop(column, None)
        else:
            row[column] = told
    return row


@pytest.fixture
def scored():
    """Score samples against requirements: `scored(requirements, path, …)` gives the results by id."""
    opened = []

    def call(requirements, *paths: Path, tender=None, **about):
        done = score_bid(tender or consultation(*requirements), BidEntry(samples=paths, **about))
        opened.append(done)
        return done

    yield call
    for one in opened:
        one.close()
