"""The overview holds counts alone, and what needs a person stands first."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from federations import add_member, drop_export, make_federation

from passerelle.engine.organisations.members import choose_members
from passerelle.engine.organisations.overview import (
    OrganisationCounts,
    OrganisationState,
    arrange_states,
    read_overview,
)
from passerelle.engine.organisations.running_all import run_organisation
from passerelle.engine.organisations.visiting import OrganisationRound
from passerelle.engine.runs.run_state import RunState
from passerelle.faces.report import organisations as report
from passerelle.vocabulary.errors import FatalError, SettingsError
from passerelle.vocabulary.language import set_language

BAD = '"Type";"Id"\n"x";"Marie Durand"\n'


def run(installation, *names: str) -> None:
    members = choose_members(installation, names)
    list(OrganisationRound().ask_all(members, lambda workspace: run_organisation(workspace, lambda *_told: ())))


def test_what_needs_a_person_stands_first(tmp_path):
    installation = make_federation(tmp_path, ["bien", "gare", "jamais", "rompu", "suspendu"])
    for name in ("bien", "gare", "suspendu"):
        drop_export(tmp_path, name, rows=1)
    (tmp_path / "organisations" / "gare" / "entrees" / "b.csv").write_text(BAD, "utf-8")
    add_member(tmp_path, "rompu", settings="[")
    run(installation, "bien", "gare", "suspendu")
    rounds = OrganisationRound()

    def suspend(workspace) -> None:
        workspace.journal.suspend("visites", "incident.access.refused", workspace.clock.now(), {})

    rounds.ask(choose_members(installation, ["suspendu"])[0], suspend)
    states = read_overview(choose_members(installation), rounds)
    assert [state.organisation for state in states][:3] == ["rompu", "suspendu", "gare"]
    by_name = {state.organisation: state for state in states}
    assert by_name["gare"].counts.parked == 1
    assert by_name["gare"].counts.since is not None
    assert by_name["jamais"].counts.last_run is None
    assert [by_name[name].state for name in ("rompu", "suspendu", "gare", "jamais")] == [
        RunState.STOPPED,
        RunState.SUSPENDED,
        RunState.ASIDE,
        RunState.SETTLED,
    ]


def test_of_two_that_need_a_person_the_one_that_has_for_longer_stands_first():
    def make(name: str, day: int | None) -> OrganisationState:
        since = datetime(2026, 11, day, tzinfo=UTC) if day else None
        return OrganisationState(name, OrganisationCounts(suspended=1, since=since))

    states = [make("a", None), make("b", 20), make("c", 3)]
    assert [one.organisation for one in arrange_states(states)] == ["c", "b", "a"]


def test_no_form_of_it_holds_a_value_a_file_a_flow_or_a_person(tmp_path):
    installation = make_federation(tmp_path, [])
    add_member(tmp_path, "a", flow="canari-flux")
    (tmp_path / "organisations" / "a" / "entrees" / "canari-fichier.csv").write_text(BAD, "utf-8")
    run(installation)
    states = read_overview(choose_members(installation), OrganisationRound())
    assert states[0].counts.parked == 1
    now = datetime(2026, 11, 30, tzinfo=UTC)
    forms = [
        json.dumps(report.to_content(states[0])),
        report.format_text(states),
        report.write_page(states, place="x", now=now),
        report.write_series(states),
    ]
    assert [word for word in ("canari", "Durand") for form in forms if word in form] == []


def test_names_of_organisations_are_shown_safely_in_every_form():
    set_language("en")
    wild = "<b>\x1b[31m\n"
    states = [OrganisationState(wild, error=FatalError("incident.key.missing"))]
    assert "<b>" not in report.write_page(states, place=wild, now=datetime(2026, 11, 30, tzinfo=UTC))
    assert "\x1b" not in report.format_text(states)
    assert "\n\n" not in report.write_series(states)


def test_of_what_cannot_be_opened_a_monitor_hears_that_it_failed_and_no_figure():
    states = [OrganisationState("a", error=FatalError("incident.key.missing")), OrganisationState("b")]
    lines = report.write_series(states).splitlines()
    assert 'passerelle_organisation_failed{organisation="a"} 1' in lines
    assert 'passerelle_organisation_failed{organisation="b"} 0' in lines
    assert [line for line in lines if '"a"' in line and "failed" not in line] == []
    assert 'passerelle_organisation_flows{organisation="b"} 0' in lines


def test_the_page_says_where_settings_are_wrong():
    set_language("en")
    problem = SettingsError("settings.key.missing", key="flow.visites.purpose", file="passerelle.toml", line="7")
    broken = SettingsError("settings.file.invalid", file="passerelle.toml", problems=(problem,))
    page = report.write_page([OrganisationState("a", error=broken)], place="x", now=datetime(2026, 11, 30, tzinfo=UTC))
    assert "flow.visites.purpose" in page
