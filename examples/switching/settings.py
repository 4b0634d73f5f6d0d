"""The association's settings: which software it leaves, which it moves to, and what its people decided.

Persons go into Carnet de bord's import file, visits into ESPPADOM messages, everything else to an API that takes
contracts; what that API holds is exported in contract form, under its own ids.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.request import urlopen

from examples.stand_in.receiver import EXPORT_PREFIX, SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

HOUSE = '[passerelle]\nstate = "etat"\n'
"""`passerelle.toml`: the move needs no flow of its own there."""
NAME = "bascule"
CODES = {"person/1 | occupation_status | retired": ("other", "occupation-status")}
"""What people write into the worksheet: who is retired is «other» in the new list."""
DEFAULTS = {
    "visit/1 | organisation_ref": "compani:organisation:saad-29",
    "visit/1 | payer_ref": "compani:organisation:departement-29",
}
"""A message names the service and its payer, which the old software does not export."""
REGISTER = "annuaire.ndjson"
ORGANISATIONS = (
    '{"ref":"compani:organisation:saad-29","name":"Aide à domicile du Roz"}\n'
    '{"ref":"compani:organisation:departement-29","name":"Département inventé"}\n'
)
"""Whom messages name beside the person."""
TO_API = ("case", "need", "action", "interaction")
"""What the API takes. Visits that are only planned stay behind: no door of the new software takes them."""
_OLD = """\
[side.ancien]
title = "Service social et télégestion d'aujourd'hui"
exports = [
  { connector = "gaia-social-csv", path = "ancien/service-social.zip" },
  { connector = "compani-interventions", path = "ancien/interventions.csv" },
]
"""
_NEW = """
[side.nouveau]
title = "Le nouveau logiciel"

[[side.nouveau.exports]]
connector = "carnet-de-bord-beneficiaries-csv"
path = "nouveau/*-person-1-*.csv"
contracts = ["person/1"]

[[side.nouveau.exports]]
connector = "esppadom-delivery"
path = "nouveau/*-visit-1-*.xml"
contracts = ["visit/1"]
related = ["annuaire.ndjson"]
"""
_EXPORTED = """
[[side.nouveau.exports]]
contract = "{family}/1"
path = "nouveau/{family}-1.ndjson"
"""
_CHANGE = """
[switch.bascule]
from = "ancien"
to = "nouveau"
system = "{system}"
same_ids = true
decisions = "decisions.xlsx"

[[switch.bascule.deliver]]
contracts = ["person/1"]
destination = {{ kind = "folder", path = "nouveau", layout = "carnet-de-bord-beneficiaries-csv" }}

[[switch.bascule.deliver]]
contracts = ["visit/1"]
destination = {{ kind = "folder", path = "nouveau", layout = "esppadom-delivery", related = ["annuaire.ndjson"] }}

[[switch.bascule.deliver]]
contracts = [{contracts}]

[switch.bascule.deliver.destination]
kind = "api"
base_url = "{url}"
path = "recepteur/{{family}}s"
scheme = "bearer"
token = "env:STAND_IN_TOKEN"
in_flight = 8
per_second = 10000
"""


def write(folder: Path, url: str) -> None:
    """Write the settings of a move towards the API at this address."""
    (folder / "passerelle.toml").write_text(HOUSE, encoding="utf-8")
    (folder / REGISTER).write_text(ORGANISATIONS, encoding="utf-8")
    exported = "".join(_EXPORTED.format(family=family) for family in TO_API)
    named = ", ".join(f'"{family}/1"' for family in TO_API)
    change = _CHANGE.format(system=SYSTEM, contracts=named, url=url)
    (folder / "switch.toml").write_text(_OLD + _NEW + exported + change, encoding="utf-8")


def export(folder: Path, url: str) -> None:
    """Ask the new software for its export, as its people would, and put it where the settings say."""
    for family in TO_API:
        with urlopen(f"{url}{EXPORT_PREFIX}{family}s", timeout=60) as answer:  # noqa: S310  loopback
            records = json.load(answer)["records"]
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / "nouveau" / f"{family}-1.ndjson").write_text("".join(lines), encoding="utf-8")
