"""`rehearse`: what a run would do is told beforehand, and nothing at all is changed by telling it."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from collections import Counter
from pathlib import Path

import pytest

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.loading import load_plugins
from passerelle.stores.filelock import FileLock
from passerelle.testing import exchanges
from passerelle.testing.player import SECRET, Player, serve_locally

PLUGINS = Path(__file__).parents[3] / "plugins"
SAMPLES = PLUGINS / "compani" / "samples" / "interventions"
FLOW = """
[passerelle]
plugins = ["compani"]

[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
processing = { recipient = { kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }, \
basis = "public_task", special_ground = "h", retention = { recipient_days = 1825, then = "erase" }, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }
source = { kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties" }
"""


def everything(folder: Path) -> dict[str, str]:
    """Every file below a folder, by the digest of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def bring(folder: Path, name: str, *, change: tuple[str, str] = ("", "")) -> None:
    text = (SAMPLES / "nominal.csv").read_bytes().decode("utf-8").replace(*change)
    (folder / "entrees" / name).write_bytes(text.encode())


@pytest.fixture
def told(program):
    """Rehearse, and give the answer of the first flow."""

    def call(*arguments):
        done = program("rehearse", *arguments, "--format", "json")
        assert done.json["schema"] == "passerelle.rehearse/1", done.err
        return done.json["flows"][0]

    return call


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """What a folder holds when one file was taken across."""
    folder = tmp_path_factory.mktemp("taken")
    (folder / "passerelle.toml").write_text(FLOW, encoding="utf-8")
    (folder / "entrees").mkdir()
    (folder / "sorties").mkdir()
    bring(folder, "first.csv")
    with open_workspace(load_settings(folder / "passerelle.toml")) as house:
        run = house.journal.begin_run(["visites"], house.clock.now())
        assert run_flow(house, "visites", run=run, jobs=1).settled == 1
    return folder


@pytest.fixture
def ran(taken, tmp_path, monkeypatch):
    """A folder in which one file was taken across."""
    shutil.copytree(taken, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_rehearsal_before_the_first_run_leaves_the_folder_as_it_is(folder, told):
    bring(folder, "first.csv")
    before = everything(folder)
    found = told()
    assert everything(folder) == before
    assert not (folder / "etat").exists()
    assert found["changes"]["visit/1"] | {"fields": {}} == {
        "new": 6,
        "changed": 0,
        "fields": {},
        "reread": 0,
        "uncompared": 0,
        "deleted": 0,
    }
    assert found["balance"]["adds_up"]


def test_a_rehearsal_after_runs_changes_no_byte_of_state_source_and_destination(ran, told):
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    before = everything(ran)
    first = told()
    assert everything(ran) == before
    assert told() == first


def test_a_changed_record_is_told_with_its_fields(ran, told):
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    found = told()
    change = found["changes"]["visit/1"]
    assert (change["new"], change["changed"], change["uncompared"], change["reread"]) == (0, 3, 0, 0)
    assert change["fields"] == {"stamped_start_method": 3, "stamped_end_method": 2}
    assert found["balance"]["unchanged"] == 6


@pytest.mark.parametrize("name", ["nominal.csv", "oddities.csv"])
def test_the_run_that_follows_does_what_was_rehearsed(ran, told, program, name):
    text = (SAMPLES / name).read_bytes().decode().replace('"QR Code"', '"Manuel"')
    (ran / "entrees" / "next.csv").write_bytes(text.encode())
    rehearsed, before = told(), causes(program)
    (done,) = program("run", "--format", "json").json["flows"]
    assert rehearsed["balance"] == done["balance"]
    assert sum(one["new"] + one["changed"] for one in rehearsed["changes"].values()) == done["balance"]["delivered"]
    assert Counter({_key(one): one["count"] for one in rehearsed["causes"]}) == causes(program) - before


def test_what_the_document_cannot_hold_is_told_before_the_run_refuses_it(ran, told, program):
    layout = FLOW.replace('path = "sorties" }', 'path = "sorties", layout = "esppadom-delivery" }')
    (ran / "passerelle.toml").write_text(layout.replace('["compani"]', '["compani", "esppadom"]'), encoding="utf-8")
    bring(ran, "next.csv", change=('"QR Code"', '"Manuel"'))
    rehearsed, before = told(), causes(program)
    (done,) = program("run", "--format", "json").json["flows"]
    assert Counter({_key(one): one["count"] for one in rehearsed["causes"]}) == causes(program) - before
    assert done["balance"]["refused"] > 0
    assert rehearsed["balance"] == done["balance"]
    assert rehearsed["changes"]["visit/1"]["changed"] == done["balance"]["delivered"]


def causes(program) -> Counter:
    (flow,) = program("status", "--format", "json").json["flows"]
    return Counter({_key({**one, "reason": one["code"]}): one["count"] for one in flow["causes"]})


def _key(cause: dict) -> tuple:
    return tuple(cause[name] for name in ("reason", "fate", "contract", "member", "column", "field"))


def test_people_read_fields_by_their_titles_and_no_value(ran, program):
    bring(ran, "second.csv", change=('"LORIOT"', '"CANARI"'))
    bring(ran, "third.csv", change=('"QR Code"', '"Manuel"'))
    done = program("rehearse")
    assert "3 × Start stamp method (stamped_start_method)" in done.out
    assert "visit/1: 0 new" in done.out
    assert not [name for name in ("LORIOT", "CANARI", "second.csv") if name in done.out + done.err]


def test_every_line_of_the_log_says_that_it_is_a_rehearsal(ran, program):
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    lines = [json.loads(line) for line in program("rehearse").err.splitlines()]
    assert lines
    assert all(line["rehearsal"] is True for line in lines)
    assert not any("rehearsal" in line for line in program("run").err.splitlines())


def test_what_was_sent_before_and_is_no_longer_kept_cannot_be_compared(ran, told, program):
    for path in (ran / "etat" / "depot").iterdir():
        path.unlink()
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    change = told()["changes"]["visit/1"]
    assert (change["changed"], change["uncompared"], change["fields"]) == (3, 3, {})
    assert "3 whose fields could not be compared" in program("rehearse").out


def test_of_very_many_changes_only_the_number_is_told(ran, told, monkeypatch):
    monkeypatch.setattr("passerelle.engine.rehearsal.contract_changes.MAX_COMPARED", 1)
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    change = told()["changes"]["visit/1"]
    assert (change["changed"], change["uncompared"], change["fields"]) == (3, 2, Counter(change["fields"].keys()))


def test_what_another_reading_of_the_same_rows_changes_is_no_change_of_a_field(folder, program, told):
    shutil.copytree(
        PLUGINS / "generic_telegestion" / "src" / "passerelle_plugin_generic_telegestion", folder / "editeurs"
    )
    description = folder / "editeurs" / "supplier.toml"
    text = description.read_text("utf-8").replace("generic-telegestion", "essai")
    description.write_text(text, "utf-8")
    settings = (folder / "passerelle.toml").read_text().replace("compani-interventions", "essai-visits")
    settings = settings.replace("effectivity", "portability").replace('"payer"', '"self"')
    (folder / "passerelle.toml").write_text(f'[passerelle]\nsuppliers = ["editeurs/*.toml"]\n{settings}')
    sample = (PLUGINS / "generic_telegestion" / "samples" / "nominal.csv").read_bytes()
    (folder / "entrees" / "first.csv").write_bytes(sample)
    program("run")
    description.write_text(text.replace('kind = "text", column = "Commentaire"', 'kind = "text", column = "Agence"'))
    (folder / "entrees" / "second.csv").write_bytes(sample + b"\r\n")
    found = told()
    (change,) = found["changes"].values()
    assert change["changed"] == change["reread"] > 0
    assert "in which no field differs" in program("rehearse").out


def test_a_suspended_flow_is_rehearsed_as_if_it_went_on_and_stays_suspended(ran, told, program):
    with open_workspace(load_settings(ran / "passerelle.toml")) as house:
        house.journal.suspend("visites", "incident.credentials.refused", house.clock.now())
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    found = told()
    assert found["suspended_now"]["reason"] == "incident.credentials.refused"
    assert found["changes"]["visit/1"]["changed"] == 3
    assert "suspended now" in program("rehearse").out
    assert program("run").code == 2


def test_a_parcel_that_cannot_be_read_would_be_parked(ran, told, program):
    (ran / "entrees" / "noise.csv").write_bytes(b'"A";"B"\r\n"1";"2"\r\n')
    found = told()
    assert (found["parcels"]["parked"], found["changes"]) == (1, {})
    assert program("rehearse").code == 1


def test_values_are_revealed_into_a_new_file_for_a_reason_that_is_kept(ran, program):
    bring(ran, "second.csv", change=('"QR Code"', '"Manuel"'))
    done = program("rehearse", "--reveal", "--why", "recette avant service", "--output", "vu.ndjson")
    assert done.code == 0
    lines = [json.loads(line) for line in (ran / "vu.ndjson").read_text("utf-8").splitlines()]
    assert [line["change"] for line in lines] == ["changed"] * 3
    assert all("stamped_start_method" in line["before"] for line in lines)
    assert all(line["record"]["ref"].startswith("compani:visit:") for line in lines)
    assert stat.S_IMODE((ran / "vu.ndjson").stat().st_mode) == 0o600
    with open_workspace(load_settings(ran / "passerelle.toml")) as house:
        entry = house.journal.list_audit_entries()[-1]
    assert (entry.action, entry.why) == ("rehearse.reveal", "recette avant service")
    again = program("rehearse", "--reveal", "--why", "recette avant service", "--output", "vu.ndjson")
    assert again.code == 64


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--reveal", "--output", "vu.ndjson"), "usage.reveal.unexplained"),
        (("--reveal", "--why", "recette avant service"), "usage.output.unnamed"),
        (("nulle-part",), "usage.flow.unknown"),
    ],
)
def test_values_without_a_reason_or_a_file_are_refused_and_so_is_a_flow_that_is_not_there(
    ran, program, arguments, code
):
    done = program("rehearse", *arguments, "--format", "json")
    assert (done.code, done.json["code"]) == (64, code)
    assert not (ran / "vu.ndjson").exists()


@pytest.fixture
def api(tmp_path, monkeypatch):
    """A flow that reads an API, which plays saved exchanges."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRC_ID", SECRET)
    saved = exchanges.read_exchanges(PLUGINS / "grc_contacts" / "tests" / "exchanges" / "grc-contacts.json")
    player = Player(saved, load_plugins(["grc-contacts"]).find_connector("grc-contacts")[1].access)
    with serve_locally(player) as address:
        (tmp_path / "passerelle.toml").write_text(
            f"""
[flow.contacts]
connector = "grc-contacts"
purpose = "portability"
destination = {{ kind = "api", base_url = "{address}", path = "records" }}
[flow.contacts.source]
kind = "api"
base_url = "{address}"
client_id = "env:GRC_ID"
client_secret = "env:GRC_ID"
settings = {{ page_size = {saved.settings["page_size"]} }}
"""
        )
        yield player


def test_an_api_is_not_asked_unless_that_is_said(api, told, program, tmp_path):
    assert told()["api_unread"] is True
    assert (api.asked.total(), api.sign_ins, api.strange) == (0, 0, 0)
    assert "--read-api" in program("rehearse").out
    found = told("--read-api")
    assert found["api_unread"] is False
    assert found["changes"]["interaction/1"]["new"] > 0
    assert set(api.asked.values()) == {1}
    assert api.strange == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["passerelle.toml"]


def test_what_another_process_has_not_yet_folded_into_the_database_is_seen(folder, told):
    bring(folder, "first.csv")
    with open_workspace(load_settings(folder / "passerelle.toml")) as house:
        run = house.journal.begin_run(["visites"], house.clock.now())
        run_flow(house, "visites", run=run, jobs=1)
        bring(folder, "second.csv", change=('"Non"', '"Oui"'))
        before = everything(folder)
        found = told()
        assert {name: everything(folder)[name] for name in before} == before
    assert found["balance"]["unchanged"] > 0


def test_a_journal_that_somebody_writes_without_end_is_not_waited_for(ran, program, monkeypatch):
    monkeypatch.setattr("passerelle.engine.rehearsal.rehearsing._SECONDS", 0.02)
    gate = FileLock(ran / "etat" / "journal.sqlite3-gate")
    assert gate.acquire()
    try:
        done = program("rehearse", "--format", "json")
    finally:
        gate.release()
    assert (done.code, done.json["code"]) == (75, "incident.database.busy")
