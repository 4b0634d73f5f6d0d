"""A workbench to try: 100,000 invented contacts in quarantine, three accounts, and the codes of their telephones.

`python examples/serve_demo.py [ROWS]` makes everything in `demo-serve/`, which it empties first, then serves until
Ctrl-C. With `--codes` it shows the codes of now: these accounts have no telephone. It opens nothing by itself.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from passerelle.engine.accounts import account_acts
from passerelle.engine.accounts.second_factor import compute_code
from passerelle.engine.clock import SystemClock
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.faces.cli.main import main as run_command_line
from passerelle.vocabulary.language import read_environment

OUT = Path(os.environ.get("PASSERELLE_SERVE_DEMO", Path(__file__).resolve().parent.parent / "demo-serve")).resolve()
ROWS = 100_000
ACCOUNTS = {"marie": "trieur", "odile": "operateur", "ali": "auditeur"}
SECRET = "quatre mots sans rapport"  # noqa: S105  of invented persons, on this machine alone
KEYS = OUT / "telephones.txt"
WORDS = (
    "Visite a dom. (anc.)",
    "VAD",
    "RDV bureau",
    "Appel tel.",
    "Courrier recu",
    "Mel",
    "Equipe",
    "Reunion partenaires",
)
"""What an older version of the software wrote; nobody knows these words now."""
SETTINGS = """[passerelle]
state = "etat"
suppliers = ["agenda.toml"]

[web]
sign_in = "accounts"
public_check = true

[flow.contacts]
connector = "agenda-contacts"
purpose = "portability"
source = { kind = "folder", path = "entrants", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "sortants" }
"""
DESCRIPTION = """id = "agenda"
title = "Agenda (inventé)"

[connector.agenda-contacts]
title = "Agenda : contacts (CSV)"

[connector.agenda-contacts.dialect]
kind = "csv"

[connector.agenda-contacts.table.contacts]
contract = "interaction/1"

[connector.agenda-contacts.table.contacts.fields]
ref = { kind = "ref", column = "Id", entity = "interaction", opaque = true }
person_ref = { kind = "ref", column = "Personne", entity = "person", opaque = true }
occurred_on = { kind = "date", column = "Date" }
channel = { kind = "constant", value = { code = "phone" } }

[[connector.agenda-contacts.table.contacts.fields.motives]]
kind = "code"
column = "Motif"
table = { "Visite" = "visit", "Appel" = "call" }
closed = true
"""


def main() -> int:
    """Make the workspace and serve it, or show the codes of now."""
    if sys.argv[1:] == ["--codes"]:
        _show_codes()
        return 0
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    settings = make_workspace(rows)
    french = read_environment() == "fr"
    print(f"Mot de passe de chacun : {SECRET}" if french else f"Password of each: {SECRET}")
    _show_codes()
    print("Codes plus tard : make serve-demo-codes" if french else "Codes later: make serve-demo-codes", flush=True)
    # in this process: whoever ends it ends the server
    sys.argv = ["passerelle", "-s", str(settings), "serve", "--port", os.environ.get("PASSERELLE_SERVE_PORT", "8485")]
    run_command_line()
    return 0


def make_workspace(rows: int) -> Path:
    """Make settings, an export of which nearly nothing is accepted, its run, and the accounts; return the settings."""
    shutil.rmtree(OUT, ignore_errors=True)
    for folder in ("entrants", "sortants"):
        (OUT / folder).mkdir(parents=True)
    (OUT / "agenda.toml").write_text(DESCRIPTION, "utf-8")
    settings = OUT / "passerelle.toml"
    settings.write_text(SETTINGS, "utf-8")
    (OUT / "entrants" / "contacts.csv").write_text("\n".join(["Id;Personne;Date;Motif", *map(_write_row, range(rows))]))
    with open_workspace(load_settings(settings)) as workspace:
        run_flows(workspace, ["contacts"])
        keys = []
        for name, role in ACCOUNTS.items():
            code = account_acts.issue_invitation(workspace, name, roles=[role], flows=[], who="demo")
            enrolment = account_acts.begin_enrolment(workspace, name, code, SECRET)
            if enrolment is None:
                raise RuntimeError(name)
            # the step before: the codes of now are still good
            account_acts.end_enrolment(workspace, enrolment, _compute(enrolment.code_key, -1))
            keys.append(f"{name} {enrolment.code_key}")
    KEYS.write_text("\n".join(keys) + "\n", "utf-8")
    KEYS.chmod(0o600)
    return settings


def _write_row(nth: int) -> str:
    # one in fifty has a day that is none, one in a thousand is right
    day = "31/02/2026" if nth % 50 == 0 else f"{1 + nth % 28:02}/10/2026"
    motive = "Visite" if nth % 1_000 == 1 else WORDS[nth * nth % len(WORDS)]
    return f"C{nth:06};P{nth % 5_000:04};{day};{motive}"


def _compute(key: str, later: int = 0) -> str:
    return compute_code(key, int(SystemClock().now().timestamp()) // 30 + later)


def _show_codes() -> None:
    for line in KEYS.read_text("utf-8").splitlines():
        name, key = line.split()
        print(f"  {name:6} ({ACCOUNTS[name]}) : {_compute(key)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
