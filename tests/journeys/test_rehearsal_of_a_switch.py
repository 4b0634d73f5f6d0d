"""An association changes software: the plan says what will be lost, and comparing finds that, every accident, no more.

In full size (400 persons, 24 months, 30,000 visits): `make rehearsal`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter

import polars as pl
import pytest
from switching_rehearsal import association, defects, moving, prepare

from passerelle.contracts.catalogue import get
from passerelle.switching.kinds import Kind
from passerelle.switching.plan.planning import plan
from passerelle.switching.values import local

PERSONS, VISITS = map(int, os.environ.get("PASSERELLE_REHEARSAL", "60 900").split())


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory):
    """Give the association, moved without accident, and the list of what was compared then."""
    return prepare(tmp_path_factory.mktemp("association"), PERSONS, VISITS, moving.DECIDED)


@pytest.fixture(scope="module")
def faithful(rehearsal, tmp_path_factory):
    return rehearsal.compared(tmp_path_factory.mktemp("faithful"))


@pytest.fixture(scope="module")
def hurt(rehearsal, tmp_path_factory):
    """Give what was done to the new software's files, what comparing found then, and where it wrote it."""
    folder = tmp_path_factory.mktemp("hurt")
    kept = folder / "kept"
    shutil.copytree(rehearsal.folder / "nouveau", kept)
    done = defects.injure(rehearsal.folder / "nouveau")
    found = rehearsal.compared(folder)
    shutil.rmtree(rehearsal.folder / "nouveau")
    shutil.copytree(kept, rehearsal.folder / "nouveau")
    return done, found, folder


def test_everything_of_the_old_software_is_read(rehearsal):
    balance = rehearsal.old.manifest["balance"]
    assert balance["received"] == balance["delivered"]
    assert rehearsal.old.count("person/1") == PERSONS
    assert rehearsal.old.count("visit/1") + rehearsal.old.count("planned_visit/1") == VISITS


def test_an_import_without_accident_raises_no_alarm(faithful):
    assert faithful.groups == {}
    assert faithful.is_faithful


def test_the_plan_predicts_exactly_the_losses_that_comparing_then_finds(rehearsal, faithful):
    made = plan(rehearsal.origin, rehearsal.target, rehearsal.mirror, rehearsal.old, same_ids=True)
    found = {(loss.contract, loss.field, loss.kind): loss.found for loss in faithful.expected}
    assert dict(made.predicted) == found
    assert len({kind for _contract, _field, kind in found}) >= 4
    assert found["planned_visit/1", "", Kind.NOT_TAKEN] == rehearsal.old.count("planned_visit/1")


def test_sixty_accidents_of_twelve_kinds_are_each_found_and_named_and_nothing_else_is(hurt):
    done, found, folder = hurt
    assert Counter(Counter(defect.kind for defect in done).values()) == {defects.EACH: 12}
    named = [json.loads(line) for line in (folder / "findings.ndjson").read_text("utf-8").splitlines()]
    assert sum(found.groups.values()) == len(named) == len(done) == 60
    unexplained = list(named)
    for defect in done:
        mine = [
            one
            for one in unexplained
            if (one["kind"], one["contract"]) == (defect.kind, defect.contract) and defect.ref in one["records"]
        ]
        assert len(mine) == 1, defect
        unexplained.remove(mine[0])
    assert unexplained == []


def test_each_finding_stands_where_the_record_stands_in_the_old_exports(rehearsal, hurt):
    done, _found, folder = hurt
    named = [json.loads(line) for line in (folder / "findings.ndjson").read_text("utf-8").splitlines()]
    checked = 0
    for contract in {defect.contract for defect in done}:
        frame = rehearsal.old.scan(contract).select("ref", "_file", "_member", "_line").collect()
        rows = {row[0]: row[1:] for row in frame.with_columns(local(pl.col("ref"))).iter_rows()}
        for one in (one for one in named if one["contract"] == contract and one["origin"]):
            where = {":".join(str(part) for part in rows[ref] if part != "") for ref in one["records"] if ref in rows}
            assert set(one["origin"]) <= where
            checked += 1
    assert checked >= 55


def test_the_answer_names_no_person(rehearsal, hurt):
    _done, found, folder = hurt
    told = json.dumps(found.content(), ensure_ascii=False) + (folder / "findings.ndjson").read_text("utf-8")
    names = rehearsal.old.scan("person/1").select("usual_name").collect().to_series().drop_nulls().to_list()
    assert len(names) > 30
    assert [name for name in names if name in told] == []
    assert get("person/1").about.id in told


def test_the_exports_are_the_same_for_the_same_seed(rehearsal, tmp_path):
    association.write(association.invent(PERSONS, VISITS), tmp_path)
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (rehearsal.folder / "ancien" / path.name).read_bytes()
