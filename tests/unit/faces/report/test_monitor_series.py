"""What a monitor reads is what the journal says, in a form that a strict reader takes, whatever a flow is called."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from exposition import read_exposition
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from people_flow import open_people, run_people, settle_people

from passerelle.engine.health.workspace_status import WorkspaceStatus, read_status
from passerelle.faces.report import flow_status
from passerelle.faces.report.monitor_series import SERIES, format_sample, write_series
from passerelle.stores.notices import Notice

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def status(tmp_path_factory):
    path = settle_people(tmp_path_factory.mktemp("gens"))
    text = path.read_text("utf-8").replace("[flow.un]", '[flow.un]\nexpected_every = "1d"')
    path.write_text(text + text[text.index("[flow.un]") :].replace("[flow.un]", "[flow.deux]"), "utf-8")
    run_people(path, "1.csv", ("1", "ALPHA", ""), ("", "BETA", ""), ("3", "GAMMA", ""))
    run_people(path, "2.csv", ("1", "ALPHA", ""), ("1", "ALPHA", ""))
    (path.parent / "entrees" / "3.csv").write_bytes(b"x;y\n1;2\n")
    run_people(path, "4.csv", ("", "DELTA", ""))
    with open_people(path) as workspace:
        run = workspace.journal.begin_run(["un"], NOW)
        workspace.journal.end_run(run, "aside", NOW + timedelta(seconds=90, milliseconds=500))
        workspace.journal.suspend("un", "incident.access.forbidden", NOW)
        workspace.journal.note_away("un", "destination", NOW)
        yield read_status(workspace)


def _read(status):
    return read_exposition(write_series(status) + "\n")


def test_figures_are_those_of_the_document_for_programs(status):
    told = _read(status)
    for flow in map(flow_status.to_content, status.flows):
        books, name = flow["balance"], flow["flow"]
        received = told["passerelle_records_received_total"].get(flow=name)
        assert received == books["received"]
        fates = {
            dict(key)["fate"]: count
            for key, count in told["passerelle_records_total"].samples.items()
            if ("flow", name) in key
        }
        assert fates == {fate: books[fate] for fate in fates}
        assert sum(fates.values()) == received
        for fate in ("rejected", "unreadable", "withheld", "refused", "unknown"):
            waits = sum(cause["count"] for cause in flow["waiting"]["causes"] if cause["fate"] == fate)
            assert told["passerelle_quarantine_records"].get(flow=name, fate=fate) == waits
        for state in ("open", "waiting", "parked"):
            stands = [parcel for parcel in flow["parcels"] if parcel["state"] == state]
            assert told["passerelle_unfinished_parcels"].get(flow=name, state=state) == len(stands)
        assert told["passerelle_flow_suspended"].get(flow=name) == bool(flow["suspended"])
    assert told["passerelle_records_received_total"].get(flow="un") > 0
    assert told["passerelle_unfinished_parcels"].get(flow="un", state="parked") == 1


def test_moments_are_seconds_since_1970_and_what_is_not_known_has_no_sample(status):
    told, (un, _deux) = _read(status), status.flows
    assert told["passerelle_flow_suspended_since_timestamp_seconds"].samples == {(("flow", "un"),): NOW.timestamp()}
    assert told["passerelle_last_run_start_timestamp_seconds"].get(flow="un") == NOW.timestamp()
    assert told["passerelle_last_run_end_timestamp_seconds"].get(flow="un") == NOW.timestamp() + 90.5
    assert told["passerelle_last_run_exit_code"].samples == {(("flow", "un"),): 1}
    oldest = told["passerelle_quarantine_oldest_timestamp_seconds"].get(flow="un")
    assert oldest == pytest.approx(un.waiting.oldest.timestamp(), abs=0.001)
    assert told["passerelle_last_arrival_timestamp_seconds"].get(flow="un") == pytest.approx(
        un.last_arrival.timestamp(), abs=0.001
    )
    assert told["passerelle_expected_arrival_interval_seconds"].get(flow="deux") == 86_400
    away = told["passerelle_flow_away_since_timestamp_seconds"]
    assert away.samples == {(("flow", "un"), ("side", "destination")): NOW.timestamp()}


def test_every_name_is_told_with_its_unit_and_without_a_foreign_word(status):
    names = [one.name for one in SERIES]
    assert len(set(names)) == len(names)
    assert all(name.startswith("passerelle_") for name in names)
    assert all(name.endswith("_seconds") for name in names if "timestamp" in name or "interval" in name)
    told = _read(status)
    assert set(told) == {*names, "passerelle_build_info"}
    assert "BETA" not in write_series(status)
    labels = {label for family in told.values() for key in family.samples for label, _text in key}
    assert labels == {"flow", "fate", "state", "side", "version"}


def test_before_any_flow_there_is_only_the_version():
    assert list(_read(WorkspaceStatus(None, (), NOW))) == ["passerelle_build_info"]


@settings(max_examples=count_examples(100), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), st.floats(-1e12, 1e12))
def test_whatever_a_label_holds_it_is_read_back_as_it_is(text, figure):
    line = format_sample("passerelle_x", {"flow": text, "side": "a\\n"}, figure)
    family = read_exposition(f"# HELP passerelle_x x\n# TYPE passerelle_x gauge\n{line}\n")["passerelle_x"]
    assert family.get(flow=text, side="a\\n") == pytest.approx(figure, abs=0.001)


def test_notices_are_counted(status):
    flow = replace(status.flows[0], notices=(Notice("un", "silence.flow.late", NOW, NOW),) * 2)
    told = _read(replace(status, flows=(flow,)))
    assert told["passerelle_flow_notices"].get(flow="un") == 2


def test_the_page_for_who_runs_it_lists_every_name():
    page = (Path(__file__).parents[4] / "docs" / "exploiter.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(passerelle_\w+)` \|", page, re.MULTILINE))
    assert listed == {one.name for one in SERIES} | {"passerelle_build_info"}
