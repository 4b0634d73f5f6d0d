"""A share that is away: waited for, suspended only when it stays away, and back by itself."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from people_flow import SUPPLIER

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
[flow.un]
connector = "gens"
purpose = "support"
source = {{ kind = "folder", path = "partage/entrees", quiet_seconds = 0{days} }}
destination = {{ kind = "folder", path = "partage/sorties"{days} }}
"""
BEGIN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Nights:
    """Runs of a flow, a night after the other, with a clock that this test turns."""

    def __init__(self, folder, days=""):
        self.folder, self.moment, self.number = folder, BEGIN, 0
        (folder / "partage" / "entrees").mkdir(parents=True)
        (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        (folder / "passerelle.toml").write_text(SETTINGS.format(days=days), "utf-8")

    def now(self):
        return self.moment

    def sleep(self, seconds):
        self.moment += timedelta(seconds=seconds)

    def drop(self, name):
        self.number += 1
        text = f"id;nom;note\n{self.number};NOM;\n"
        (self.folder / "partage" / "entrees" / name).write_text(text, "utf-8")

    def run(self, *, days=1):
        self.moment += timedelta(days=days)
        with open_workspace(load_settings(self.folder / "passerelle.toml"), clock=self) as workspace:
            return run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], self.moment))

    def unmount(self, what="."):
        (self.folder / "partage" / what).rename(self.folder / "ailleurs")

    def mount(self, what="."):
        (self.folder / "ailleurs").rename(self.folder / "partage" / what)

    @property
    def written(self):
        return len(list((self.folder / "partage" / "sorties").glob("*")))


@pytest.fixture
def nights(tmp_path):
    return Nights(tmp_path)


def test_a_source_that_is_away_for_a_night_waits_and_comes_back_by_itself(nights):
    nights.drop("a.csv")
    assert nights.run().settled == 1
    nights.drop("b.csv")
    nights.unmount("entrees")
    outcome = nights.run()
    assert (outcome.waiting, outcome.trouble, outcome.suspended) == (1, "incident.folder.away", "")
    assert outcome.trouble_details["at_side"] == "source"
    nights.mount("entrees")
    outcome = nights.run()
    assert (outcome.settled, outcome.waiting, outcome.suspended) == (1, 0, "")
    assert nights.written == 2


def test_a_source_that_stays_away_suspends_the_flow_which_comes_back_by_itself(nights):
    nights.drop("a.csv")
    nights.unmount("entrees")
    outcomes = [nights.run() for _night in range(10)]
    assert [outcome.suspended for outcome in outcomes] == [""] * 7 + ["incident.folder.lost"] * 3
    assert outcomes[7].suspended_details["days"] == "7"
    assert outcomes[7].suspended_details["at_side"] == "source"
    assert outcomes[9].suspended_since == outcomes[7].suspended_since
    nights.mount("entrees")
    outcome = nights.run()
    assert (outcome.settled, outcome.suspended) == (1, "")
    nights.unmount("entrees")
    # the wait begins anew
    assert nights.run().suspended == ""


def test_absences_that_are_not_one_are_not_added_up(nights):
    for _time in range(4):
        nights.unmount("entrees")
        assert [nights.run().suspended for _night in range(3)] == [""] * 3
        nights.mount("entrees")
        assert nights.run().waiting == 0


def test_a_destination_that_was_there_is_away_and_never_made_in_the_place_of_a_share(nights):
    nights.drop("a.csv")
    assert nights.run().settled == 1
    nights.unmount("sorties")
    nights.drop("b.csv")
    outcome = nights.run()
    assert (outcome.waiting, outcome.trouble, outcome.settled) == (1, "incident.folder.away", 0)
    assert outcome.trouble_details["at_side"] == "destination"
    assert not (nights.folder / "partage" / "sorties").exists()
    nights.mount("sorties")
    assert nights.run().settled == 1
    assert nights.written == 2


def test_a_destination_that_stays_away_suspends_the_flow_and_loses_nothing(nights):
    nights.drop("a.csv")
    nights.run()
    nights.unmount("sorties")
    nights.drop("b.csv")
    outcomes = [nights.run() for _night in range(9)]
    assert [outcome.suspended for outcome in outcomes] == [""] * 7 + ["incident.folder.lost"] * 2
    assert outcomes[-1].suspended_details["at_side"] == "destination"
    nights.drop("c.csv")
    nights.mount("sorties")
    outcome = nights.run()
    assert (outcome.settled, outcome.suspended, outcome.waiting) == (2, "", 0)
    assert nights.written == 3


def test_while_what_waits_is_not_tried_the_flow_is_still_suspended(nights):
    nights.drop("a.csv")
    nights.run()
    nights.unmount("sorties")
    nights.drop("b.csv")
    for _night in range(8):
        nights.run()
    # a minute later the parcel waits for its next turn: nobody looked
    assert nights.run(days=1 / 1440).suspended == "incident.folder.lost"


def test_a_side_that_is_back_does_not_hide_the_other(nights):
    nights.drop("a.csv")
    nights.run()
    nights.unmount()
    for _night in range(8):
        outcome = nights.run()
    assert outcome.suspended == "incident.folder.lost"
    nights.mount()
    nights.drop("b.csv")
    shutil.rmtree(nights.folder / "partage" / "sorties")
    outcome = nights.run()
    assert outcome.suspended == ""
    assert outcome.trouble_details["at_side"] == "destination"


def test_no_days_suspend_at_once_and_a_first_destination_is_made(tmp_path):
    nights = Nights(tmp_path, days=", away_days = 0")
    nights.drop("a.csv")
    assert nights.run().settled == 1
    nights.unmount("entrees")
    assert nights.run().suspended == "incident.folder.lost"
    nights.mount("entrees")
    assert nights.run().suspended == ""


def test_a_place_of_files_with_one_name_that_stays_away_suspends_the_flow_until_it_is_back(nights):
    path = nights.folder / "passerelle.toml"
    named = '"partage/sorties", format = "csv", file_name = "gens.csv"'
    path.write_text(path.read_text("utf-8").replace('"partage/sorties"', named), "utf-8")
    nights.drop("a.csv")
    assert nights.run().settled == 1
    nights.unmount("sorties")
    nights.drop("b.csv")
    outcomes = [nights.run() for _night in range(9)]
    assert [outcome.suspended for outcome in outcomes] == [""] * 7 + ["incident.folder.lost"] * 2
    assert not (nights.folder / "partage" / "sorties").exists()
    nights.mount("sorties")
    (nights.folder / "partage" / "sorties" / "gens.csv").unlink()
    outcome = nights.run()
    assert (outcome.settled, outcome.suspended, nights.written) == (1, "", 1)
