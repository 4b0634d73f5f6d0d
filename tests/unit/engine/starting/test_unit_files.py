"""systemd accepts the units, cron and Windows get the right line, and exit codes keep their sense."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.starting.unit_files import (
    StartPlan,
    list_credentials,
    list_written_places,
    make_crontab,
    make_systemd_units,
    make_windows_start,
)

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[passerelle]
state = "etat"
key_file = "{away}/cle"
[notify.command]
run = ["logger"]
[notify.mail]
server = "smtp.exemple.fr"
sender = "a@exemple.fr"
to = ["b@exemple.fr"]
username = "file:/run/credentials/passerelle.service/smtp-nom"
password = "file:/run/credentials/passerelle.service/smtp-passe"
[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
source = {{ kind = "folder", path = "{away}/entrees" }}
destination = {{ kind = "database", url = "base/visites.sqlite3" }}
"""


def _plan(folder: Path, *, name: str = "Été 50 % $HOME") -> StartPlan:
    home, away = folder / name, folder / "ailleurs"
    for made in (home, away):
        made.mkdir()
    program = (away if '"' in name else home) / "passerelle"  # systemd starts no program of such a name
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    (home / "passerelle.toml").write_text(SETTINGS.format(away=away), "utf-8")
    return StartPlan(load_settings(home / "passerelle.toml"), "daemon", "fr", [str(program)])


def _read(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("name", ["flux", "Été 50 % $HOME", 'a"b\\c'])
def test_systemd_finds_nothing_to_say_about_the_units(tmp_path, name):
    plan = _plan(tmp_path, name=name)
    units = tmp_path / "units"
    units.mkdir()
    for file, text in make_systemd_units(plan).items():
        (units / file).write_text(text, "utf-8")
    line = ["systemd-analyze", "verify", "--man=no", *sorted(map(str, units.iterdir()))]
    said = subprocess.run(line, capture_output=True, text=True, check=False)
    about_ours = [text for text in said.stderr.splitlines() if "passerelle" in text]
    assert about_ours == []
    assert said.returncode == 0, said.stderr


def test_a_run_that_took_place_is_a_success_what_waits_comes_again_and_what_needs_somebody_does_not(tmp_path):
    service = _read(make_systemd_units(_plan(tmp_path))["passerelle.service"])
    assert service["SuccessExitStatus"] == ["1"]
    assert service["Restart"] == ["on-failure"]
    assert service["RestartPreventExitStatus"] == ["2 3 64"]
    assert service["UMask"] == ["0077"]
    assert service["User"] == ["daemon"]
    assert service["OnFailure"] == ["passerelle-notify.service"]


def test_the_state_is_mailed_by_a_timer_of_its_own_where_there_are_readers(tmp_path):
    plan = _plan(tmp_path)
    units = make_systemd_units(plan)
    service = _read(units["passerelle-state.service"])
    assert service["ExecStart"][0].endswith("--log-format json status --mail")
    assert service["RestartPreventExitStatus"] == ["2 3 64"]
    assert service["StartLimitBurst"] == ["3"]
    assert _read(units["passerelle-state.timer"])["OnCalendar"] == ["*-*-* 07:00:00"]
    assert _read(units["passerelle-state.timer"])["Persistent"] == ["true"]
    (offered,) = [line for line in make_crontab(plan).splitlines() if "status --mail" in line]
    assert offered.startswith("# 0 7 * * * "), "it is offered, and not begun unasked"


def test_nobody_is_told_by_units_where_the_settings_name_nobody(tmp_path):
    plan = _plan(tmp_path)
    text = re.sub(r"(?s)\[notify\.command\].*?\[flow", "[flow", plan.settings.path.read_text("utf-8"))
    plan.settings.path.write_text(text, "utf-8")
    silent = StartPlan(load_settings(plan.settings.path), "daemon", "fr", plan.program)
    units = make_systemd_units(silent)
    assert sorted(units) == ["passerelle.service", "passerelle.timer"]
    assert "OnFailure" not in units["passerelle.service"]
    assert "notify" not in make_crontab(silent)


def test_everything_that_a_run_writes_may_be_written_and_secrets_of_the_service_are_loaded(tmp_path):
    plan = _plan(tmp_path)
    assert list_written_places(plan.settings) == [tmp_path / "Été 50 % $HOME", tmp_path / "ailleurs"]
    service = _read(make_systemd_units(plan)["passerelle.service"])
    assert service["ReadWritePaths"] == [f'"-{tmp_path}/Été 50 %% $HOME"', f"-{tmp_path}/ailleurs"]
    assert list_credentials(plan.settings) == ["smtp-nom", "smtp-passe"]
    assert service["LoadCredential"] == [f"{name}:/etc/passerelle/{name}" for name in ("smtp-nom", "smtp-passe")]
    assert "$$HOME" in service["ExecStart"][0]


def test_a_line_of_the_crontab_does_in_a_shell_what_it_says(tmp_path):
    plan = _plan(tmp_path, name="Été 50 % l'eau")
    plan = StartPlan(plan.settings, "daemon", "fr", ["/bin/echo", "dit"])
    lines = [line for line in make_crontab(plan).splitlines() if not line.startswith("#")]
    assert [line.split(" ", 5)[:5] for line in lines] == [
        ["30", "2", "*", "*", "*"],
        ["30", "4", "*", "*", "*"],
        ["30", "7", "*", "*", "*"],
    ]
    assert all("\\%" in line and not re.search(r"(?<!\\)%", line) for line in lines)
    command = lines[0].split(" ", 5)[5].replace("\\%", "%")
    subprocess.run(["/bin/sh", "-c", command], check=True, cwd="/")
    log = plan.settings.path.parent / "passages.log"
    assert log.read_text("utf-8") == f"dit --settings {plan.settings.path} --log-format json run --due\n"
    assert log.stat().st_mode & 0o077 == 0


def test_where_one_of_the_flows_has_a_schedule_the_program_is_started_often(tmp_path):
    plan = _plan(tmp_path)
    other = plan.settings.path.read_text("utf-8").replace("/entrees", "/autres").replace("visites.sql", "autres.sql")
    with plan.settings.path.open("a", encoding="utf-8") as file:
        file.write("[flow.autres]\n" + other.partition("[flow.visites]\n")[2])
    assert not StartPlan(load_settings(plan.settings.path), "daemon", "fr", plan.program).is_scheduled
    moved = plan.settings.path.read_text("utf-8").replace(
        "[flow.visites]\n", '[flow.visites]\nschedule = "jours ouvrés à 6 h 30"\n'
    )
    plan.settings.path.write_text(moved, "utf-8")
    often = StartPlan(load_settings(plan.settings.path), "daemon", "fr", plan.program)
    timer = _read(make_systemd_units(often)["passerelle.timer"])
    assert timer["OnCalendar"] == ["*:0/15"]
    assert "RandomizedDelaySec" not in timer
    assert "\n*/15 * * * * " in make_crontab(often)
    assert b"P\0T\x001\x005\0M" in make_windows_start(often)


def test_the_task_of_windows_is_of_its_schema_s_namespace_and_in_its_order(tmp_path):
    task = etree.fromstring(make_windows_start(_plan(tmp_path)))
    space = "http://schemas.microsoft.com/windows/2004/02/mit/task"
    assert {etree.QName(node).namespace for node in task.iter()} == {space}
    assert [etree.QName(node).localname for node in task] == [
        "RegistrationInfo",
        "Triggers",
        "Principals",
        "Settings",
        "Actions",
    ]
    found = {etree.QName(node).localname: node.text for node in task.iter() if node.text and node.text.strip()}
    assert found["UserId"] == "daemon"
    assert found["MultipleInstancesPolicy"] == "IgnoreNew"
    assert '"' + str(tmp_path / "Été 50 % $HOME" / "passerelle.toml") + '"' in found["Arguments"]
    assert task.find(f"{{{space}}}Actions").get("Context") == task.find(f".//{{{space}}}Principal").get("id")


REMOTE = {
    "sftp": 'kind = "sftp", host = "a.exemple.fr", user = "u", path = "/d", password = "{secret}"',
    "ftps": 'kind = "ftps", host = "a.exemple.fr", user = "u", path = "/d", password = "{secret}"',
    "webdav": 'kind = "webdav", base_url = "https://a.exemple.fr/d", user = "u", password = "{secret}"',
    "s3": 'kind = "s3", base_url = "https://a.fr", bucket = "depot", access_key = "env:CLE", secret_key = "{secret}"',
    "mailbox": 'kind = "mailbox", host = "a.exemple.fr", user = "u", senders = ["@b.fr"], password = "{secret}"',
}


@pytest.mark.parametrize("kind", REMOTE)
def test_a_flow_of_another_machine_waits_for_the_network_is_handed_its_secret_and_writes_nowhere_here(tmp_path, kind):
    plan = _plan(tmp_path, name="simple")
    source = REMOTE[kind].format(secret="file:/run/credentials/passerelle.service/mot-depot")
    text = plan.settings.path.read_text("utf-8")
    away = f'kind = "folder", path = "{tmp_path / "ailleurs"}/entrees"'
    assert away in text
    plan.settings.path.write_text(text.replace(away, source), "utf-8")
    plan = StartPlan(load_settings(plan.settings.path), "daemon", "fr", list(plan.program))
    unit = _read(make_systemd_units(plan)["passerelle.service"])
    assert unit["Wants"] == unit["After"] == ["network-online.target"]
    assert "mot-depot:/etc/passerelle/mot-depot" in unit["LoadCredential"]
    assert not [path for path in list_written_places(plan.settings) if path.name in ("d", "depot", "entrees")]


@pytest.mark.parametrize(("path", "names"), [("smtp-nom", ["smtp-nom"]), ("", []), ("sous/smtp-nom", [])])
def test_a_credential_is_one_file_directly_where_systemd_puts_them(tmp_path, path, names):
    file = tmp_path / "passerelle.toml"
    written = SETTINGS.format(away=tmp_path).replace("service/smtp-nom", f"service/{path}")
    file.write_text(re.sub(r"password = .*\n", "password = 'env:PASSE'\n", written), "utf-8")
    assert list_credentials(load_settings(file)) == names
