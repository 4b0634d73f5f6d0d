"""The Compose file of operators: what it starts exists, a real server makes its accounts, its secrets are files."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from postgresql_servers import find_binaries, run_guarded_server
from sqlalchemy import create_engine, text

from passerelle.faces.cli.app import program
from passerelle.fleet.health_page import HEALTH
from passerelle.stores.database import open_database, open_reader

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples" / "fleet" / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text("utf-8"))


def test_every_command_and_option_that_it_starts_exists(compose):
    commands = [service["command"] for service in compose["services"].values() if "command" in service]
    assert len(commands) == 2
    for name, *words in commands:
        assert name == "passerelle"
        names = [word for word in words if word.isalpha()]
        told = CliRunner().invoke(program, [*names, "--help"]).output
        assert all(word in told for word in words if word.startswith("--")), words


def test_the_health_that_is_asked_for_is_the_worker_s_own(compose):
    worker = compose["services"]["travailleur"]
    port = worker["command"][worker["command"].index("--health") + 1]
    assert f"http://127.0.0.1:{port}{HEALTH}" in worker["healthcheck"]["test"][-1]
    assert int(worker["stop_grace_period"].removesuffix("s")) > 10


def test_no_secret_stands_in_it_and_each_that_is_used_is_a_file(compose):
    used = {name for service in compose["services"].values() for name in service.get("secrets", ())}
    assert used == set(compose["secrets"])
    ignored = (FILE.parent / ".gitignore").read_text("utf-8").split()
    for entry in compose["secrets"].values():
        assert Path(entry["file"]).parts[0] + "/" in ignored
    environments = [service.get("environment", {}) for service in compose["services"].values()]
    assert [name for each in environments for name in each if not name.endswith("_FILE")] == []


def test_what_is_installed_are_extras_of_the_package(compose):
    wanted = compose["x-passerelle"]["build"]["dockerfile_inline"].partition("[")[2].partition("]")[0].split(",")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(wanted) <= set(extras)


def test_its_accounts_are_made_by_a_server_and_hold_a_journal_and_no_more(compose, tmp_path):
    with run_guarded_server() as address:
        host, _colon, port = address.partition(":")
        (tmp_path / "passerelle").write_text("un mot d'ici", "utf-8")
        # as Compose hands it over: a doubled dollar is one
        script = compose["configs"]["comptes"]["content"].replace("$$", "$").replace("/run/secrets", str(tmp_path))
        binaries = find_binaries()
        assert binaries is not None
        environment = {"PATH": f"{binaries}:/usr/bin:/bin", "PGHOST": host, "PGPORT": port, "PGPASSWORD": "le-bon"}
        subprocess.run(["/bin/sh", "-c", script], env=environment, check=True, capture_output=True)
        base = f"postgresql://passerelle:un%20mot%20d%27ici@{address}"
        engine = open_database(f"{base}/passerelle_journal?sslmode=disable", "una-35")
        with open_reader(engine) as connection:
            assert connection.execute(text("SELECT count(*) FROM parcel")).scalar() == 0
        engine.dispose()
        keys = create_engine(f"{base.replace('postgresql:', 'postgresql+psycopg:')}/passerelle_trousseau")
        with keys.connect() as connection:
            owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
            assert connection.execute(text(owner)).scalar() == "passerelle"
        keys.dispose()
