"""A file that no flow takes, because of its name, is told a day later; one that is left there on purpose is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from people_flow import SUPPLIER
from turned_clock import TurnedClock

from passerelle.engine.runs.run_state import RunState, find_flows_state
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

FLOW = """
[flow.{name}]
connector = "gens"
purpose = "portability"
source = {{ kind = "folder", path = "entrees", quiet_seconds = 0, glob = "{glob}"{more} }}
destination = {{ kind = "folder", path = "sorties/{name}" }}
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    folder = tmp_path / "entrees"
    folder.mkdir()

    def run_flow(*flows: tuple[str, str], days: int = 2, more: str = ""):
        text = "".join(FLOW.format(name=name, glob=glob, more=more) for name, glob in flows)
        (tmp_path / "passerelle.toml").write_text('[passerelle]\nsuppliers = ["essai.toml"]\n' + text, "utf-8")
        clock = TurnedClock(datetime.now(UTC) + timedelta(days=days))
        with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock) as workspace:
            outcomes = run_flows(workspace, [name for name, _glob in flows]).outcomes
        told = {one.flow: [(notice.code, dict(notice.details)) for notice in one.notices] for one in outcomes}
        return told, find_flows_state(outcomes)

    run_flow.folder = folder
    return run_flow


STRAYS = "silence.folder.strays"


def test_an_export_under_another_name_is_told_until_somebody_takes_it_away(run):
    (run.folder / "Export 2024.xlsx").write_bytes(b"x")
    (run.folder / "reste.csv.part").write_bytes(b"x")
    (run.folder / ".cache").write_bytes(b"x")
    (run.folder / "anciens").mkdir()
    assert run(("un", "*.csv"), days=0) == ({"un": []}, RunState.SETTLED), "it may be on its way"
    assert run(("un", "*.csv")) == ({"un": [(STRAYS, {"count": "2"})]}, RunState.ASIDE)
    (run.folder / "reste.csv.part").unlink()
    assert run(("un", "*.csv"))[0] == {"un": [(STRAYS, {"count": "1"})]}
    (run.folder / "Export 2024.xlsx").rename(run.folder / "anciens" / "a.xlsx")
    assert run(("un", "*.csv")) == ({"un": []}, RunState.SETTLED)


def test_what_another_flow_of_the_folder_takes_is_no_stray(run):
    (run.folder / "personnes.txt").write_bytes(b"x")
    told, _state = run(("un", "*.csv"), ("deux", "PERSONNES*"))
    assert STRAYS not in {code for notices in told.values() for code, _details in notices}


def test_what_stays_there_on_purpose_is_no_stray(run):
    (run.folder / "LISEZ-MOI.txt").write_bytes(b"x")
    (run.folder / "controle.md5").write_bytes(b"x")
    assert run(("un", "*.csv"), more=', leave = ["lisez-moi.txt", "*.md5"]') == ({"un": []}, RunState.SETTLED)


def test_what_was_taken_is_no_stray_in_its_archives(run):
    (run.folder / "a.csv").write_bytes(b"x\n")
    run(("un", "*.csv"), days=0)
    told, _state = run(("un", "*.csv"))
    assert (run.folder / "archives").is_dir()
    assert STRAYS not in {code for code, _details in told["un"]}
