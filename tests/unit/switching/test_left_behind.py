"""What no field of a contract takes is told by its name, the same in plan, run, comparison and dossier."""

from __future__ import annotations

import json

import pytest
from leaving_columns import describe_both, make_both_sides
from old_software import settle_in
from switching_sides import held, person

from passerelle.documents.sections import write_text
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.faces.cli.app import run
from passerelle.faces.report import move_report, switch_comparison, switch_plan
from passerelle.switching import decision_worksheet, switch_settings
from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.left_behind import LeftKind, list_left_behind, weigh_exports
from passerelle.switching.plan.planning import plan_move
from passerelle.switching.run.moving import COLUMN_LOSS, prepare_move, run_move
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import take_snapshot
from passerelle.switching.supplier_change import WorkspaceReaders, find_change
from passerelle.vocabulary.errors import SettingsError

EXPECTED = {
    (LeftKind.WAIVED, "Âge calculé", 3),
    (LeftKind.CARRIED, "Casier", 3),
    (LeftKind.UNKNOWN, "Couleur du dossier", 3),
}
SCOPE = (LeftKind.OUT_OF_SCOPE, "", 7)
ALL_ACCEPTED = Decisions(
    accepted=tuple(
        AcceptedLoss("vieux-personnes", name, "column_left", "La directrice", "Archivé", 3) for _k, name, _n in EXPECTED
    )
)


@pytest.fixture
def sides(tmp_path):
    plugins = describe_both(tmp_path / "editeurs")
    return plugins, *make_both_sides(tmp_path / "exports", plugins)


def _tell(left):
    return {(one.kind, one.name, one.values) for one in left}


def test_columns_and_rows_that_stay_behind_are_named_with_how_many_values(sides, tmp_path):
    _plugins, old, new = sides
    snapshot = take_snapshot(old, tmp_path / "snapshot")
    left = list_left_behind(snapshot.manifest, new, Decisions())
    assert _tell(left) == EXPECTED | {SCOPE}
    assert next(one.rows for one in left if one.kind is LeftKind.OUT_OF_SCOPE) == 1
    assert next(one.reason for one in left if one.kind is LeftKind.WAIVED) == "se déduit de la date de naissance"


def test_columns_alone_tell_the_same_as_a_whole_reading(sides):
    _plugins, old, new = sides
    assert _tell(list_left_behind(weigh_exports(old), new, Decisions())) == EXPECTED


def test_what_is_carried_beside_the_contract_does_not_stay_behind(sides, tmp_path):
    _plugins, old, _new = sides
    new = held(tmp_path, "contrat", {"person/1": [person(1)]})
    assert {name for _kind, name, _n in _tell(list_left_behind(weigh_exports(old), new, Decisions()))} == {
        "Âge calculé"
    }


def test_the_plan_names_them_and_its_worksheet_has_a_line_for_each_column(sides, tmp_path):
    _plugins, old, new = sides
    plan = plan_move(old, new, SimulatedTarget(new), take_snapshot(old, tmp_path / "snapshot"))
    assert _tell(plan.left) == EXPECTED | {SCOPE}
    assert {one["name"] for one in plan.to_json()["left_behind"]} == {name for _k, name, _n in EXPECTED} | {""}
    text = write_text("Plan", switch_plan.build_sections(plan))
    assert all(name in text for _kind, name, _n in EXPECTED)
    decision_worksheet.write_worksheet(tmp_path / "feuille.xlsx", plan, ALL_ACCEPTED)
    read = decision_worksheet.read_worksheet(tmp_path / "feuille.xlsx")
    assert {loss.field for loss in read.accepted if loss.kind == "column_left"} == {n for _k, n, _v in EXPECTED}
    assert all(one.accepted_by for one in list_left_behind(weigh_exports(old), new, read))


def test_a_comparison_names_them_with_whoever_accepted_them(sides, tmp_path):
    _plugins, old, new = sides
    both = (take_snapshot(old, tmp_path / "old"), take_snapshot(new, tmp_path / "new"))
    with FindingLog(tmp_path / "findings.ndjson", str) as findings:
        (tmp_path / "rows").mkdir()
        found = compare_sides(
            *both,
            ComparisonTerms(simulated=SimulatedTarget(new, ALL_ACCEPTED), same_ids=True),
            folder=tmp_path / "rows",
            findings=findings,
        )
    assert found.is_faithful
    assert found.losses_to_accept == []
    told = {one["name"]: one["accepted_by"] for one in found.to_json()["left_behind"] if one["kind"] != "out_of_scope"}
    assert told == dict.fromkeys((name for _k, name, _n in EXPECTED), "La directrice")
    assert "Couleur du dossier" in write_text("", switch_comparison.build_sections(found))


def test_who_accepted_all_that_is_beside_a_contract_accepted_its_columns(sides):
    _plugins, old, new = sides
    whole = Decisions(accepted=(AcceptedLoss("person/1", "extra", "lost_attribute", "La directrice", "Archivé"),))
    left = list_left_behind(weigh_exports(old), new, whole)
    assert {one.name for one in left if not one.accepted_by} == {"Âge calculé"}


def test_an_acceptance_of_fewer_values_does_not_cover_more(sides):
    _plugins, old, new = sides
    few = Decisions(accepted=(AcceptedLoss("vieux-personnes", "Casier", "column_left", "La directrice", "Bon", 2),))
    assert not any(one.accepted_by for one in list_left_behind(weigh_exports(old), new, few))


SWITCH = """
[side.ancien]
exports = [{ connector = "vieux-personnes", path = "exports/vieux.csv" }]
[side.nouveau]
exports = [{ connector = "neuf-personnes", path = "sorties/*.csv" }]
[switch.bascule]
from = "ancien"
to = "nouveau"
same_ids = true
[[switch.bascule.deliver]]
destination = { kind = "folder", path = "sorties", layout = "neuf-personnes" }
"""
ACCEPTED = """
[[switch.bascule.accepted]]
connector = "vieux-personnes"
column = "{name}"
most = 3
who = "La directrice"
why = "Archivé"
"""


def _run(tmp_path, plugins, text):
    (tmp_path / "switch.toml").write_text(text, "utf-8")
    path = tmp_path / "passerelle.toml"
    with open_workspace(load_settings(path if path.exists() else settle_in(tmp_path)), plugins=plugins) as house:
        readers = WorkspaceReaders(tmp_path, lambda: plugins, lambda: house.settings)
        change = find_change(readers, "bascule", None, None, None)
        left = list_left_behind(weigh_exports(change.origin), change.target, change.decisions)
        move = prepare_move(house, switch_settings.load_switch_file(tmp_path / "switch.toml"), "bascule")
        return run_move(house, move, change.decisions, left=left)


def test_a_move_waits_until_somebody_answers_for_each_column(sides, tmp_path):
    plugins = sides[0]
    moved = _run(tmp_path, plugins, SWITCH)
    assert (moved.stopped, moved.statuses) == (COLUMN_LOSS, ())
    assert not list(tmp_path.glob("sorties/*.csv"))
    told = move_report.format_text(moved)
    assert all(name in told for _kind, name, _n in EXPECTED)
    assert {one["name"] for one in move_report.to_content(moved)["left_behind"]} == {n for _k, n, _v in EXPECTED}
    accepted = "".join(ACCEPTED.format(name=name) for _kind, name, _n in EXPECTED)
    again = _run(tmp_path, plugins, SWITCH + accepted)
    assert again.stopped == ""
    assert len(list(tmp_path.glob("sorties/*.csv"))) == 1
    assert "La directrice" in json.dumps(move_report.to_content(again), ensure_ascii=False)


def test_an_acceptance_that_names_neither_rows_nor_a_column_is_refused(tmp_path):
    (tmp_path / "switch.toml").write_text(SWITCH + ACCEPTED.format(name="x").replace("connector", "contract"), "utf-8")
    with pytest.raises(SettingsError) as caught:
        switch_settings.load_switch_file(tmp_path / "switch.toml")
    assert "accepted" in str(caught.value.problems)


@pytest.fixture
def typed(sides, tmp_path, monkeypatch, capsys):
    settings = '[passerelle]\nstate = "etat"\nplugins = []\nsuppliers = ["editeurs/*.toml"]\n'
    settle_in(tmp_path, settings)
    (tmp_path / "switch.toml").write_text(SWITCH, "utf-8")
    monkeypatch.chdir(tmp_path)

    def run_typed(*words):
        code = int(run(["switch", *words], language_asked=True))
        return code, capsys.readouterr().out

    return run_typed


def test_who_runs_a_move_reads_which_columns_wait_for_a_decision(typed, tmp_path):
    code, out = typed("run", "bascule")
    assert code == 1
    assert all(name in out for _kind, name, _n in EXPECTED)
    told = json.loads(typed("run", "bascule", "--format", "json")[1])
    assert told["stopped"]["reason"] == COLUMN_LOSS
    accepted = "".join(ACCEPTED.format(name=name) for _kind, name, _n in EXPECTED)
    (tmp_path / "switch.toml").write_text(SWITCH + accepted, "utf-8")
    assert typed("run", "bascule")[0] == 0


def test_who_proves_and_who_verifies_without_the_settings_read_the_same_columns(typed, tmp_path):
    accepted = "".join(ACCEPTED.format(name=name) for _kind, name, _n in EXPECTED)
    (tmp_path / "switch.toml").write_text(SWITCH + accepted, "utf-8")
    assert typed("run", "bascule")[0] == 0
    assert typed("keygen", "--output", "cle.pem")[0] == 0
    assert typed("prove", "bascule", "--key", "cle.pem", "--seed", "tirage", "--output", "preuve")[0] == 0
    (tmp_path / "lus").mkdir()
    for path in (tmp_path / "exports" / "vieux.csv", *tmp_path.glob("sorties/*.csv")):
        (tmp_path / "lus" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "passerelle.toml").write_text('[passerelle]\nstate = "etat"\nplugins = []\n', "utf-8")
    code, out = typed("verify", "preuve", "--exports", "lus", "--format", "json")
    assert (code, json.loads(out)["described"]) == (0, ["vieux-personnes", "neuf-personnes"])
    page = (tmp_path / "preuve" / "dossier.html").read_text("utf-8")
    assert "Couleur du dossier" in page
    assert '<p class="state faithful">' in page
