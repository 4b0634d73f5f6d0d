"""The notice that references became handles stays until everything went anew, or goes where nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from people_flow import SUPPLIER, open_people, run_people, settle_people

from passerelle.engine.health.health_checks import Severity, examine_workspace
from passerelle.engine.runs.handle_notice import HANDLES, has_hidden_references
from passerelle.engine.runs.taking_again import deliver_all
from passerelle.engine.settings.workspace_settings import load_settings

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def natural(tmp_path):
    """Write a flow of persons whose references are no plain numbers."""
    path = settle_people(tmp_path)
    (tmp_path / "essai.toml").write_text(SUPPLIER.replace(", opaque = true", ""), "utf-8")
    return path


def _raise(path) -> None:
    with open_people(path) as workspace:
        workspace.journal.raise_notice("un", HANDLES, {}, NOW)


def _list_codes(path) -> list[str]:
    with open_people(path) as workspace:
        return [notice.code for notice in workspace.journal.list_notices("un")]


def test_a_flow_whose_references_are_all_opaque_loses_the_notice_with_its_next_run(tmp_path):
    path = settle_people(tmp_path)
    _raise(path)
    run_people(path, "1.csv", ("1", "A", ""))
    assert _list_codes(path) == []


def test_a_flow_that_has_hidden_references_keeps_it_until_everything_went_anew(natural):
    run_people(natural, "1.csv", ("Dupont", "A", ""))
    _raise(natural)
    run_people(natural, "2.csv", ("Durand", "B", ""))
    assert _list_codes(natural) == [HANDLES]
    with open_people(natural) as workspace:
        deliver_all(workspace, "un", who="essai")
    assert _list_codes(natural) == []


def test_doctor_tells_of_it_with_what_to_do(natural):
    run_people(natural, "1.csv", ("Dupont", "A", ""))
    _raise(natural)
    findings = [finding for _title, finding in examine_workspace(lambda: load_settings(natural), offline=True)]
    told = [finding for finding in findings if "deliver-all" in finding.advice]
    assert [finding.severity for finding in told] == [Severity.DOUBTFUL]


def test_portability_hides_nothing(natural):
    natural.write_text(natural.read_text("utf-8").replace('"support"', '"portability"'), "utf-8")
    with open_people(natural) as workspace, workspace.open_flow("un") as flow:
        assert not has_hidden_references(flow)


def test_it_is_cleared_among_others_which_stay(tmp_path):
    path = settle_people(tmp_path)
    _raise(path)
    with open_people(path) as workspace:
        workspace.journal.raise_notice("un", "whole.parcel.thinned", {"count": "1"}, NOW)
    run_people(path, "1.csv", ("1", "A", ""))
    assert _list_codes(path) == ["whole.parcel.thinned"]
