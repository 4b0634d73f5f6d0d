"""The commands, as people and schedulers use them, on a real house in a temporary folder."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
import xlsxwriter
from polars.exceptions import PanicException
from python_calamine import CalamineWorkbook

from passerelle.engine.health import workspace_status
from passerelle.engine.parcels import parcel_delivery
from passerelle.engine.runs.run_state import find_flows_state
from passerelle.engine.runs.worker import FlowOutcome
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.outcomes import Balance, Fate

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"
CANARY = "TREMEUR"
"""A family name of the sample: it may be shown only when somebody asks for it and says why."""


def test_init_prepares_a_folder_that_doctor_finds_good(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert program("init").code == 0
    made = {"passerelle.toml", "passerelle.cle", "entrees", "sorties", "etat"}
    assert {path.name for path in tmp_path.iterdir()} == made
    assert stat.S_IMODE((tmp_path / "passerelle.cle").stat().st_mode) == 0o600
    result = program("doctor", "--offline", "--format", "json")
    assert (result.code, {finding["verdict"] for finding in result.json["findings"]}) == (0, {"good"})


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_settings_that_init_writes_are_valid_with_their_example_too(program, tmp_path, monkeypatch, lang):
    monkeypatch.chdir(tmp_path)
    assert program("init", lang=lang).code == 0
    path = tmp_path / "passerelle.toml"
    text = path.read_text(encoding="utf-8")
    begin = text.index("# [flow.")
    end = text.index("\n\n", begin)
    lines = [line[2:] for line in text[begin:end].splitlines()]
    path.write_text(text[:begin] + "\n".join(lines), encoding="utf-8")
    assert [flow.purpose for flow in load_settings(path).flows.values()] == ["effectivity"]


def test_init_replaces_nothing(program, folder):
    before = (folder / "passerelle.toml").read_bytes()
    result = program("init")
    assert result.code == 64
    assert (folder / "passerelle.toml").read_bytes() == before


def test_doctor_tells_a_problem_of_the_settings_once_and_what_to_do(program, folder):
    (folder / "passerelle.toml").write_text("[passerelle]\nlangage = 'fr'\n", encoding="utf-8")
    result = program("doctor", "--format", "json")
    wrong = [finding for finding in result.json["findings"] if finding["verdict"] == "wrong"]
    assert result.code == 64
    assert [finding["about"] for finding in wrong] == ["settings"]
    assert "language" in wrong[0]["says"]


def test_doctor_finds_rights_that_are_too_open(program, folder):
    (folder / "etat").mkdir()
    (folder / "etat").chmod(0o755)
    result = program("doctor", "--offline", "--format", "json")
    found = {f["about"]: f["verdict"] for f in result.json["findings"] if f["verdict"] != "good"}
    assert found == {"rights": "doubtful"}, "a run works all the same"
    assert result.code == 0


def test_doctor_knocks_at_the_door_of_an_api(program, folder):
    text = (folder / "passerelle.toml").read_text(encoding="utf-8")
    api = '{ kind = "api", base_url = "http://127.0.0.1:9", path = "/v" }'
    (folder / "passerelle.toml").write_text(
        text.replace('{ kind = "folder", path = "sorties" }', api), encoding="utf-8"
    )
    result = program("doctor", "--format", "json")
    found = {f["about"]: f["verdict"] for f in result.json["findings"] if f["verdict"] != "good"}
    assert found == {"rights": "doubtful", "flows": "wrong"}, "the key lies in the state folder; nobody answers"
    assert result.code == 64


def test_a_run_accounts_for_every_row_and_says_that_somebody_should_look(program, oddities):
    result = program("run", "--format", "json")
    (flow,) = result.json["flows"]
    balance = flow["balance"]
    assert result.code == 1 == result.json["exit"]
    assert balance["adds_up"] is True
    assert balance["received"] == sum(balance[fate.value] for fate in Fate)
    assert flow["parcels"] == {"settled": 1, "parked": 0, "waiting": 0}
    assert all(json.loads(line)["event"] for line in result.err.splitlines())


def test_a_second_run_finds_nothing_to_do(program, oddities):
    program("run")
    result = program("run", "--format", "json")
    assert (result.code, result.json["flows"][0]["balance"]["received"]) == (0, 0)


def test_a_parcel_that_cannot_be_read_is_parked_and_taken_up_again_on_request(program, folder):
    (folder / "entrees" / "vide.csv").write_bytes(b"")
    first = program("run", "--format", "json")
    assert (first.code, first.json["flows"][0]["parcels"]["parked"]) == (1, 1)
    status = program("status", "--format", "json").json["flows"][0]
    assert [parcel["state"] for parcel in status["parcels"]] == ["parked"]
    assert program("flow", "resume", "visites", "--format", "json").json["parcels_reopened"] == 1
    assert program("run", "--format", "json").json["flows"][0]["parcels"]["parked"] == 1


def test_status_shows_flows_parcels_and_books(program, oddities):
    program("run")
    content = program("status", "--format", "json").json
    (flow,) = content["flows"]
    assert content["schema"] == "passerelle.status/1"
    assert content["last_run"]["outcome"] == "aside"
    assert (flow["schedule"], flow["purpose"], flow["suspended"]) == ("chaque nuit", "effectivity", None)
    assert flow["balance"] == flow["parcels"][0]["balance"]
    text = program("status", lang="fr").out
    assert "visites" in text
    assert flow["parcels"][0]["parcel"][:12] in text


def test_a_parcel_that_is_parked_stays_in_sight_whatever_number_comes_after_it(program, folder):
    (folder / "entrees" / "0.csv").write_bytes(b"")
    program("run")
    (parked,) = program("status", "--format", "json").json["flows"][0]["parcels"]
    for number in range(12):
        shutil.copy(SAMPLES / "nominal.csv", folder / "entrees" / f"{number + 1}.csv")
    program("run")
    parcels = program("status", "--format", "json").json["flows"][0]["parcels"]
    assert [parcel["state"] for parcel in parcels] == ["parked"] + 12 * ["done"]
    text = program("status", lang="fr").out
    assert parked["parcel"][:12] in text
    assert parcels[1]["parcel"][:14] not in text.split(), "of those that are done the latest are enough"
    assert text.count("terminé ") == 10


def test_a_suspended_flow_is_told_with_its_reason_until_it_is_resumed(program, folder):
    from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  only this test needs it

    with open_workspace(load_settings(folder / "passerelle.toml")) as house:
        house.journal.suspend("visites", "incident.credentials.refused", house.clock.now())
    assert program("run").code == 2
    assert (
        program("status", "--format", "json").json["flows"][0]["suspended"]["reason"] == "incident.credentials.refused"
    )
    assert program("flow", "resume", "visites").code == 0
    assert program("run").code == 0


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([FlowOutcome("a", Balance.of(2, [Fate.DELIVERED, Fate.WITHHELD]))], 0),
        ([FlowOutcome("a", Balance.of(1, [Fate.REJECTED]))], 1),
        ([FlowOutcome("a", parked=1), FlowOutcome("b")], 1),
        ([FlowOutcome("a", Balance.of(1, [Fate.REJECTED])), FlowOutcome("b", waiting=1)], 75),
        ([FlowOutcome("a", waiting=1), FlowOutcome("b", suspended="incident.credentials.refused")], 2),
    ],
)
def test_the_exit_code_is_the_most_pressing_of_what_flows_need(outcomes, code):
    assert find_flows_state(outcomes) == code


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_check_says_what_a_file_is_worth_without_settings_and_without_any_value(program, tmp_path, monkeypatch, form):
    monkeypatch.chdir(tmp_path)
    result = program("check", SAMPLES / "oddities.csv", "--connector", "compani-interventions", "--format", form)
    assert result.code == 1
    assert "translate.time.missing" in result.out
    assert CANARY not in result.out
    assert list(tmp_path.iterdir()) == []


def test_check_writes_its_answer_where_it_is_told(program, tmp_path):
    page = tmp_path / "page.html"
    arguments = ("--connector", "compani-interventions", "--format", "html", "--output", page)
    result = program("check", SAMPLES / "nominal.csv", *arguments)
    assert result.out == ""
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_check_reads_a_file_where_it_is_told_as_a_flow_there_would(program, tmp_path):
    text = (SAMPLES / "oddities.csv").read_text(encoding="utf-8")
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    ask = ("check", tmp_path / "export.csv", "--connector", "compani-interventions", "--format", "json")
    codes = [
        {cause["reason"] for cause in program(*ask, *options).json["causes"]}
        for options in ((), ("--zone", "Indian/Reunion", "--country", "re"))
    ]
    # no clock is put back on La Réunion: an hour that exists twice in Paris exists once there
    assert "translate.time.twice" in codes[0] - codes[1]


@pytest.mark.parametrize("option", [("--zone", "Indian/Bourbon"), ("--zone", "Europe"), ("--country", "XX")])
def test_check_refuses_a_place_that_no_flow_may_have(program, tmp_path, option):
    (tmp_path / "export.csv").write_text("a;b\n", encoding="utf-8")
    refused = program("check", tmp_path / "export.csv", "--connector", "compani-interventions", *option)
    assert refused.code == 64
    assert option[0] in refused.err


def test_check_of_a_file_that_cannot_be_read_answers_with_the_reason(program, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    result = program("check", tmp_path / "a.csv", "--connector", "compani-interventions", "--format", "json")
    assert result.code == 1
    assert result.json["schema"] == "passerelle.error/1"
    assert result.json["code"].startswith("decode.")


def test_the_quarantine_is_listed_by_cause_and_by_item_without_any_value(program, oddities):
    program("run")
    causes = program("quarantine", "list", "--format", "json").json["causes"]
    items = program("quarantine", "list", "--each", "--format", "json").json["items"]
    assert sum(cause["count"] for cause in causes) == len(items) > 5
    chosen = program("quarantine", "list", "--each", "--fate", "unreadable", "--format", "json").json["items"]
    assert {item["fate"] for item in chosen} == {"unreadable"}
    for arguments in ((), ("--each",)):
        assert CANARY not in program("quarantine", "list", *arguments).out


def test_values_are_shown_only_with_a_reason_that_is_recorded(program, oddities):
    program("run")
    assert program("quarantine", "show", "1", "--reveal").code == 64
    hidden = program("quarantine", "show", "1", "2", "3")
    shown = program("quarantine", "show", "1", "2", "3", "--reveal", "--why", "asked by the supplier")
    assert CANARY not in hidden.out
    assert CANARY in shown.out
    assert CANARY not in shown.err
    (entry,) = _audits(oddities)
    assert (entry.action, entry.why) == ("quarantine.reveal", "asked by the supplier")


def test_an_export_without_values_holds_places_reasons_and_advice(program, oddities):
    program("run")
    result = program("quarantine", "export", "--output", "q.xlsx", "--flow", "visites", lang="fr")
    rows = CalamineWorkbook.from_path("q.xlsx").get_sheet_by_index(0).to_python()
    assert result.code == 0
    assert rows[0][0] == "id"
    assert len(rows[0]) == 11
    assert all(row[7] for row in rows[1:])
    assert CANARY not in str(rows)


def test_records_corrected_in_an_export_come_back_through_the_same_path(program, oddities):
    program("run")
    (item,) = program(
        "quarantine", "list", "--each", "--reason", "translate.number.malformed", "--format", "json"
    ).json["items"]
    program("quarantine", "export", "--output", "q.xlsx", "--reveal", "--why", "to correct them")
    assert stat.S_IMODE((oddities / "q.xlsx").stat().st_mode) == 0o600
    _correct(oddities / "q.xlsx", str(item["id"]), "Durée", "1,00")
    replayed = program("quarantine", "replay", "--from", "q.xlsx", "--format", "json")
    assert replayed.json["registered"] == {"visites": 1}
    assert program("run", "--format", "json").json["flows"][0]["balance"]["delivered"] == 1
    after = program("quarantine", "show", item["id"], "--format", "json").json["items"]
    assert [entry["state"] for entry in after] == ["replayed"]


def _correct(path, item, column, text):
    """Do what a person does: keep the header and one row, and change a cell."""
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    (row,) = [row for row in rows if row[0] == item]
    row[header.index(column)] = text
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, row)


@pytest.mark.parametrize("content", [b"", b"id;flow\n", None])
def test_a_file_that_is_not_an_export_is_refused(program, oddities, content):
    path = oddities / "other.xlsx"
    if content is None:
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write_row(0, 0, ["Nom", "Prénom"])
    else:
        path.write_bytes(content)
    result = program("quarantine", "replay", "--from", path)
    assert result.code == 64
    assert "quarantine export" in result.err


def test_discarding_needs_a_choice_and_a_reason_and_destroys_the_values(program, oddities):
    program("run")
    assert program("quarantine", "discard", "--why", "no good reason").code == 64
    assert program("quarantine", "discard", "1").code == 64
    assert program("quarantine", "discard", "1", "--why", "test data").code == 0
    shown = program("quarantine", "show", "1", "--reveal", "--why", "to see it", "--format", "json").json["items"]
    assert (shown[0]["state"], shown[0]["values"]) == ("discarded", None)


def test_replaying_everything_by_forgetting_a_word_is_refused(program, oddities):
    program("run")
    assert program("quarantine", "replay").code == 64


def test_answers_of_persons_are_counted_and_never_shown(program, folder, monkeypatch, tmp_path):
    references = tmp_path / "references"
    references.write_text("compani:person:1\n\ncompani:person:2\ncompani:person:1\n", encoding="utf-8")
    with references.open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert program("consent", "refuse", "-", "--format", "json").json["count"] == 2
    program("consent", "accept", "compani:person:1", "--purpose", "billing")
    program("consent", "forget", "compani:person:2")
    answers = program("consent", "list", "--format", "json").json["answers"]
    assert answers == [
        {"purpose": "*", "accepted": False, "count": 1},
        {"purpose": "billing", "accepted": True, "count": 1},
    ]
    assert "person:1" not in program("consent", "list").out
    assert [entry.action for entry in _audits(folder)].count("consent.refuse") == 2


def test_a_refusal_withholds_the_records_of_the_person(program, folder):
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    program("run")
    refs = {json.loads(line)["person_ref"] for path in (folder / "sorties").iterdir() for line in path.open() if line}
    program("consent", "refuse", *refs)
    text = (SAMPLES / "nominal.csv").read_bytes()
    (folder / "entrees" / "again.csv").write_bytes(text + text.splitlines(keepends=True)[-1])
    balance = program("run", "--format", "json").json["flows"][0]["balance"]
    assert balance["delivered"] == balance["unchanged"] == 0
    assert balance["withheld"] > 0


def test_plugins_are_listed_and_shown(program):
    names = [plugin["name"] for plugin in program("plugins", "list", "--format", "json").json["plugins"]]
    assert "compani" in names
    shown = program("plugins", "show", "compani", "--format", "json").json
    assert shown["suppliers"][0]["connectors"][0]["id"] == "compani-interventions"
    assert "compani-interventions" in program("plugins", "show", "compani").out


def test_contracts_are_listed_and_shown_in_both_languages(program):
    ids = [contract["id"] for contract in program("contracts", "list", "--format", "json").json["contracts"]]
    assert "visit/1" in ids
    fields = program("contracts", "show", "visit", "--format", "json").json["fields"]
    assert fields[0]["name"] == "ref"
    assert "Intervention réalisée" in program("contracts", "show", "visit/1", lang="fr").out
    assert program("contracts", "show", "visit/1", lang="en").out.startswith("# ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion_script(program, shell):
    assert "_PASSERELLE_COMPLETE" in program("completion", shell).out


def test_the_shell_is_proposed_the_flows_of_the_settings(folder):
    import click  # noqa: PLC0415  only this test needs it

    from passerelle.faces.cli.completing import complete_flow  # noqa: PLC0415  only this test needs it

    context = click.Context(click.Command("run"))
    assert [item.value for item in complete_flow(context, None, "vi")] == ["visites"]
    (folder / "passerelle.toml").unlink()
    assert complete_flow(context, None, "vi") == []


def test_the_settings_decide_the_language_unless_somebody_asked_for_another(folder, capsys, monkeypatch):
    from passerelle.faces.cli.app import run  # noqa: PLC0415  only this test needs it

    text = (folder / "passerelle.toml").read_text(encoding="utf-8")
    (folder / "passerelle.toml").write_text('[passerelle]\nlanguage = "fr"\n' + text, encoding="utf-8")
    run(["status"], language_asked=True)
    assert "No run yet" in capsys.readouterr().out
    run(["status"])
    assert "No run yet" not in capsys.readouterr().out


def _audits(folder):
    from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  only this test needs it

    with open_workspace(load_settings(folder / "passerelle.toml")) as house:
        return house.journal.list_audit_entries()


def test_a_parked_parcel_is_dropped_or_tried_again_by_its_number(program, folder):
    (folder / "entrees" / "vide.csv").write_text("Autre;Chose\n1;2\n", "utf-8")
    program("run")
    (parcel,) = program("status", "--format", "json").json["flows"][0]["parcels"]
    number = parcel["parcel"][:12]
    dropped = program("flow", "drop", "visites", number, "--format", "json")
    assert (dropped.code, dropped.json["parcel"]) == (0, parcel["parcel"])
    assert "given up" in program("status").out
    assert program("flow", "drop", "visites", number).code == 64
    assert number in program("flow", "retry", "visites", number).out
    assert program("run", "--format", "json").json["flows"][0]["parcels"]["parked"] == 1


def test_a_fault_is_told_apart_from_a_file_that_cannot_be_read(program, oddities, monkeypatch):
    def fail(*_arguments, **_options):
        raise PanicException("Madame Untel")

    monkeypatch.setattr(parcel_delivery, "prepare_batches", fail)
    result = program("run")
    assert result.code == 3
    assert "of these, by a fault of Passerelle itself: 1" in result.out
    assert "Untel" not in result.out + result.err


def test_a_panic_of_a_native_library_is_neither_code_1_nor_a_traceback(program, folder, monkeypatch):
    def fail(*_arguments, **_options):
        raise PanicException("Madame Untel")

    monkeypatch.setattr(workspace_status, "WorkspaceStatus", fail)
    result = program("status")
    assert result.code == 3
    assert "PanicException" in result.err
    assert "Untel" not in result.out + result.err


def test_a_clock_that_jumped_is_told_by_one_run_and_by_doctor(program, folder):
    program("run")
    with sqlite3.connect(folder / "etat" / "journal.sqlite3") as connection:
        connection.execute(
            "UPDATE run SET started_at = started_at - 8640000000000, ended_at = ended_at - 8640000000000"
        )
    connection.close()
    (folder / "etat" / "journal.sqlite3-mark").unlink()
    assert "by this clock there was no run for 100 days" in program("doctor", "--offline").out
    first, second = program("run", "--format", "json"), program("run")
    assert [notice["reason"] for notice in first.json["notices"]] == ["incident.clock.jumped"]
    assert (first.code, second.code) == (1, 0)
    assert "100" in first.json["notices"][0]["says"]


def test_a_journal_that_somebody_changed_is_told_by_one_run_and_by_doctor(program, folder):
    program("run")
    with sqlite3.connect(folder / "etat" / "journal.sqlite3") as connection:
        connection.execute("UPDATE run SET outcome = 'aside'")
    connection.close()
    assert "changed since Passerelle closed it" in program("doctor", "--offline").out
    first, second = program("run"), program("run")
    assert "changed since Passerelle closed it" in first.out
    assert (first.code, second.code) == (1, 0)


def test_a_journal_that_is_damaged_stops_the_run_and_names_the_way_back(program, folder):
    program("run")
    path = folder / "etat" / "journal.sqlite3"
    whole = bytearray(path.read_bytes())
    for place in range(4096, len(whole), 512):
        whole[place] ^= 0xFF
    path.write_bytes(whole)
    result = program("run")
    assert result.code == 3
    assert "damaged" in result.err
    assert "backup" in result.err


def test_values_that_were_destroyed_are_said_to_be_so_and_not_left_out(program, oddities):
    program("run")
    program("quarantine", "discard", "1", "--why", "double, already corrected")
    shown = program("quarantine", "show", "1", "2", "--reveal", "--why", "to see both", lang="fr").out
    gone, kept = shown.split("\n\n", 1)
    assert "détruites avec leur clé" in gone
    assert "détruites" not in kept
    items = program("quarantine", "show", "1", "2", "--reveal", "--why", "to see both", "--format", "json").json[
        "items"
    ]
    assert (items[0]["values"], items[1]["values"] is None) == (None, False)
    assert "détruites" not in program("quarantine", "show", "1", lang="fr").out


def test_a_name_that_nothing_is_near_to_gets_no_nearest_one(program, oddities):
    near, far = program("status", "visite", lang="fr").err, program("status", "zzz", lang="fr").err
    assert "proche\u00a0: visites." in near
    assert "proche" not in far
    assert "Connus\u00a0: visites." in far
    assert "…." not in program("plugins", "show", "zzz", lang="fr").err


def test_a_run_that_met_nothing_says_so_and_a_parked_file_is_told_until_somebody_acts(program, folder):
    said = program("run", lang="fr")
    assert (said.code, "rien reçu" in said.out, " 0" in said.out.splitlines()[1]) == (0, True, False)
    assert program("status").code == 0
    (folder / "entrees" / "faux.csv").write_bytes(b"ceci n'est pas un tableau\n")
    assert program("run").code == 1
    assert program("run").code == 0, "nothing new happened"
    assert program("status").code == 1, "but somebody has to look"
