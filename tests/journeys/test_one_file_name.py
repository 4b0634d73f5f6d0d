"""A folder destination with one file name: placed once a run, waited for while nobody took it, whole after any kill."""

from __future__ import annotations

import csv
import json
import signal
import sys

import polars as pl
import pytest
from journeying import take_some, to_files, visits

FOLDER = 'kind = "folder", path = "sortants", format = "csv", file_name = "{contract}.csv"'
ALL = f'{FOLDER}, file_holds = "all"'
NAME = "visit.csv"
ROWS = 40
STEPS = ("folder.written:2", "folder.renamed:3", "settle.committed:2", "parcel.closed", "folder.renamed:4")
PLACING = ("file.joined", "file.cleared", "file.placed")
KILLS = tuple((step, takes) for takes in (True, False) for step in (*PLACING, *STEPS))
"""Where a run is killed, and whether the receiving program takes what it finds right after it."""


def _settle(workshop, destination, whole="false"):
    """Write the settings; no export is whole here but where it is said: fewer rows are no news."""
    text = to_files(destination).replace("quiet_seconds = 0", f"quiet_seconds = 0, whole = {whole}")
    workshop.write(
        text.replace("block_bytes", 'vanished = "delete"\nmost_vanished = 1.0\nmost_shrink = 1.0\nblock_bytes')
    )


def _drop(workshop, name, text):
    (workshop.folder / "entrants" / name).write_text(text, "utf-8", newline="")


def _take(workshop, name=NAME):
    """Do what a receiving program does: read the file, and take it away. Return the references in it."""
    path = workshop.folder / "sortants" / name
    if not path.exists():
        return []
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    path.unlink()
    return [row["ref"] for row in rows]


def _list_files(workshop):
    return sorted(path.name for path in (workshop.folder / "sortants").iterdir())


def test_what_a_run_delivers_is_one_file_and_the_next_waits_until_it_was_taken(workshop):
    _settle(workshop, FOLDER)
    _drop(workshop, "a.csv", visits(ROWS))
    assert workshop.command("run").returncode == 0
    assert _list_files(workshop) == [NAME]
    _drop(workshop, "b.csv", visits(ROWS + 5))
    told = workshop.command("run")
    assert told.returncode == 75
    assert "«visit.csv» of an earlier run is still there" in told.stdout
    first = _take(workshop)
    assert len(first) == len(set(first)) == ROWS
    assert workshop.command("run").returncode == 0
    second = _take(workshop)
    assert len(second) == 5
    assert set(first).isdisjoint(second)
    assert workshop.balance("visites") == {"delivered": ROWS + 5, "unchanged": ROWS}


def test_files_that_nobody_takes_away_are_numbered_where_the_settings_say_so(workshop):
    _settle(workshop, f'{FOLDER}, when_there = "number"')
    for night in range(3):
        _drop(workshop, f"{night}.csv", visits(2, first=2 * night))
        assert workshop.command("run").returncode == 0
    assert _list_files(workshop) == ["visit-2.csv", "visit-3.csv", NAME]


def test_several_files_of_a_night_are_one_file_with_the_latest_state_of_each_record(workshop):
    _settle(workshop, FOLDER)
    _drop(workshop, "a.csv", visits(3))
    _drop(workshop, "b.csv", visits(3).replace("Aide au lever", "Aide au coucher"))
    assert workshop.command("run").returncode == 0
    rows = list(
        csv.DictReader((workshop.folder / "sortants" / NAME).read_text("utf-8-sig").splitlines(), delimiter=";")
    )
    assert len(rows) == 3
    assert {row["service.original"] for row in rows} == {"Aide au coucher"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("place", "takes"), take_some(KILLS, 1, 3))
def test_killed_at_any_step_each_record_is_in_one_file_once(place, takes, workshop):
    _settle(workshop, FOLDER)
    _drop(workshop, "a.csv", visits(ROWS))
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    taken = _take(workshop) if takes else []
    assert len(taken) in (0, ROWS)
    _drop(workshop, "b.csv", visits(3, first=ROWS))
    for _night in range(2):
        assert workshop.command("run").returncode in (0, 75)
        taken += _take(workshop)
    assert workshop.command("run").returncode == 0
    assert _list_files(workshop) == []
    assert len(taken) == len(set(taken)) == ROWS + 3
    assert workshop.balance("visites")["delivered"] == ROWS + 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("place", take_some(("settle.committed", "file.remembered", *PLACING), 1, 3))
def test_killed_at_any_step_a_file_that_holds_everything_does(place, workshop):
    _settle(workshop, ALL)
    _drop(workshop, "a.csv", visits(ROWS))
    assert workshop.command("run").returncode == 0
    before = _take(workshop)
    _drop(workshop, "b.csv", visits(12, first=ROWS - 2).replace("Aide au lever", "Aide au coucher"))
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    assert workshop.command("run").returncode == 0
    assert len(before) == ROWS
    after = _take(workshop)
    assert len(after) == len(set(after)) == ROWS + 10
    assert set(before) < set(after)


def test_a_file_that_holds_everything_is_there_whole_after_each_run_and_loses_what_vanished(workshop):
    _settle(workshop, ALL, whole='{ enabled = true, contracts = ["visit/1"] }')
    _drop(workshop, "a.csv", visits(10))
    assert workshop.command("run").returncode == 0
    assert len(_take(workshop)) == 10
    assert workshop.command("run").returncode == 0, "nothing came, and the file was taken"
    assert len(_take(workshop)) == 10
    lines = visits(10).split("\r\n")
    _drop(workshop, "b.csv", "\r\n".join(lines[:4] + lines[6:]))
    workshop.command("run")
    assert len(_take(workshop)) == 8
    assert [name for name in _list_files(workshop) if not name.startswith(".")] == []


def test_a_person_who_is_erased_is_out_of_the_hidden_state_at_once_and_of_the_file_at_the_next_run(workshop):
    _settle(workshop, ALL)
    _drop(workshop, "a.csv", visits(4))
    assert workshop.command("run").returncode == 0
    before = _take(workshop)
    erased = workshop.command("person", "erase", f"compani:person:{5_000_002:024x}", "--why", "demande de la personne")
    assert erased.returncode == 0, erased.stdout
    (state,) = (workshop.folder / "sortants").glob(".*.state")
    assert len(pl.read_parquet(state)) == 3
    assert workshop.command("run").returncode == 0
    assert len(set(before) - set(_take(workshop))) == 1
    assert [name for name in _list_files(workshop) if not name.endswith(".state")] == []


def test_a_flow_that_delivered_before_its_file_held_everything_says_what_is_missing(workshop):
    _settle(workshop, FOLDER)
    _drop(workshop, "a.csv", visits(5))
    assert workshop.command("run").returncode == 0
    _take(workshop)
    _settle(workshop, ALL)
    _drop(workshop, "b.csv", visits(2, first=5))
    told = workshop.command("run")
    assert told.returncode == 2
    assert "Of the 7 records that this flow delivered, the file would hold 2" in told.stdout
    assert _take(workshop) == []
    assert workshop.command("flow", "resume", "visites").returncode == 0
    assert workshop.command("flow", "deliver-all", "visites").returncode == 0
    assert len(_take(workshop)) == 7


def test_a_state_that_is_of_yesterday_is_noticed_though_it_holds_every_record(workshop):
    _settle(workshop, ALL)
    _drop(workshop, "a.csv", visits(5))
    assert workshop.command("run").returncode == 0
    assert len(_take(workshop)) == 5
    _settle(workshop, 'kind = "folder", path = "sortants", format = "csv"')
    _drop(workshop, "b.csv", visits(2).replace("Aide au lever", "Aide au coucher"))
    assert workshop.command("run").returncode == 0
    _settle(workshop, ALL)
    told = workshop.command("run")
    assert told.returncode == 2
    assert "Of the 5 records that this flow delivered, the file would hold 3" in told.stdout
    assert workshop.command("flow", "resume", "visites").returncode == 0
    assert workshop.command("flow", "deliver-all", "visites").returncode == 0
    rows = (workshop.folder / "sortants" / NAME).read_text("utf-8-sig")
    assert (rows.count("Aide au coucher"), rows.count("Aide au lever")) == (2, 3)


def test_the_doctor_says_when_two_flows_or_two_contracts_would_write_one_file(workshop):
    first = to_files(FOLDER.replace("{contract}", "visites"))
    workshop.write(first)
    told = workshop.command("doctor", "--offline")
    assert told.returncode != 0
    assert "all of them would be written into one file" in " ".join(told.stdout.split())
    second = to_files(FOLDER.replace("{contract}.csv", "Visites.CSV")).partition("[flow.visites]")[2]
    workshop.write(f"{first}\n[flow.soir]{second}")
    told = workshop.command("doctor", "--offline")
    assert told.returncode == 64
    assert "«soir» and «visites» would write the same file" in " ".join(told.stdout.split())


def test_a_folder_that_stays_away_suspends_the_flow_until_it_is_back(workshop):
    _settle(workshop, f"{FOLDER}, away_days = 0")
    _drop(workshop, "a.csv", visits(2))
    assert workshop.command("run").returncode == 0
    (workshop.folder / "sortants").rename(workshop.folder / "ailleurs")
    assert workshop.command("run").returncode == 2
    (workshop.folder / "ailleurs").rename(workshop.folder / "sortants")
    assert workshop.command("run").returncode == 0


def test_a_dated_name_carries_the_day_of_the_run(workshop):
    _settle(workshop, FOLDER.replace("{contract}", "{contract}-{date}"))
    _drop(workshop, "a.csv", visits(2))
    assert workshop.command("run").returncode == 0
    (name,) = _list_files(workshop)
    begun = json.loads(workshop.command("status", "--format", "json").stdout)
    assert name.startswith("visit-20")
    assert len(name) == len("visit-2026-11-30.csv")
    assert begun["flows"]
