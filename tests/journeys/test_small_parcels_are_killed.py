"""Killed at any step of a night of small files, which go together, nothing is lost and nothing is there twice."""

from __future__ import annotations

import signal
import sqlite3

import pytest
from journeying import take_some, to_api, to_files, visits

FOLDER = 'kind = "folder", path = "sortants"'
DATABASE = 'kind = "database", url = "sortants.sqlite3"'
SETTLING = ("decode.batch:2", "settle.before", "settle.quarantined:2", "settle.committed", "parcel.closed")
PLACES = (
    *((place, FOLDER) for place in ("collect.acknowledged:2", *SETTLING, "folder.written:2", "folder.renamed")),
    *((place, DATABASE) for place in ("settle.before:2", "settle.committed", "database.written:2")),
)
TOWARDS_AN_API = ("deliver.before", "deliver.sent:3", "deliver.answered:2", *SETTLING)
FILES, EACH = 6, 2


def _drop(workshop, nth):
    lines = visits(EACH, first=10 * nth).split("\r\n")
    if nth == 1:
        lines[1] = lines[1].replace("2024/05", "2024/13")  # a month that does not exist
    (workshop.folder / "entrants" / f"{nth}.csv").write_text("\r\n".join(lines), "utf-8", newline="")


def _fill(workshop, settings):
    # no file is a whole export here: those are compared with the one before, and go alone
    separator = ", " if "quiet_seconds = 0 }" in settings else "\n"
    workshop.write(settings.replace("quiet_seconds = 0", f"quiet_seconds = 0{separator}whole = false"))
    for nth in range(FILES):
        _drop(workshop, nth)


@pytest.mark.parametrize(("place", "destination"), take_some(PLACES, 2))
def test_killed_at_a_step_of_many_small_files_whatever_comes_meanwhile(place, destination, workshop):
    """The groups of the run that died are those of the next one: a file that was read is written again as it was."""
    _fill(workshop, to_files(destination))
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    folder = workshop.folder / "sortants"
    before = {path.name: path.read_bytes() for path in folder.glob("*.ndjson")}
    _drop(workshop, FILES)
    assert workshop.command("run").returncode in (0, 1)  # 1 where this run set the wrong record aside
    whole = EACH * (FILES + 1) - 1
    assert workshop.balance("visites") == {"delivered": whole, "rejected": 1}
    if destination == DATABASE:
        with sqlite3.connect(workshop.folder / "sortants.sqlite3") as connection:
            found = connection.execute("SELECT count(*), max(passerelle_version) FROM passerelle_visit_1").fetchone()
        assert found == (whole, 1)
        return
    assert {name: (folder / name).read_bytes() for name in before} == before
    written = [line for path in folder.iterdir() for line in path.read_text("utf-8").splitlines()]
    assert len(written) == len(set(written)) == whole


@pytest.mark.parametrize("place", take_some(TOWARDS_AN_API, 1))
def test_killed_at_a_step_towards_an_api_each_record_arrives_once(place, workshop, stand_in):
    server = stand_in()
    _fill(workshop, to_api(server.url))
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    assert workshop.command("run").returncode in (0, 1)
    assert workshop.balance("visites") == {"delivered": EACH * FILES - 1, "rejected": 1}
    assert len(server.effects()) == EACH * FILES - 1
