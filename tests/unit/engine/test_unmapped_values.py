"""What a destination could not hold is part of its answer: told once, of what was delivered only, in one pass."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from old_software import settle_in

from passerelle import Connector, Csv, Json, Send, Supplier, Table, Xml, writing
from passerelle import convert as to
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.testing.exchanges import RecordedRequest, RecordedResponse
from passerelle.testing.player import serve_locally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

E = writing.Element
INFO = PluginInfo("papier", "passerelle-plugin-papier", "1.0.0", "")
FIELDS = {
    "ref": to.Ref("Id", system="papier", entity="visit"),
    "person_ref": to.Ref("Personne", system="papier", entity="person"),
    "status": to.Word("Etat", table={"F": "done"}),
    "planned_start": to.Instant("Debut"),
    "comment": to.Text("Note"),
}
PLACED = {name: converter for name, converter in FIELDS.items() if name != "comment"}
REFUSED = "refuser"
ROWS = (("7", "perdue"), ("7", REFUSED), ("7", "perdue aussi"), ("7", ""))
"""Person and comment of each visit."""
KEEPS_TWO = {("visit/1", "deliver.value.left", "comment"): 2}


@dataclass
class Completing:
    """Counts how often each record is completed; takes out what a document needs of those that are to be refused."""

    completed: Counter[str] = field(default_factory=Counter)

    def __call__(self, record: Mapping[str, Any], _related: Mapping[str, Any]) -> Mapping[str, Any]:
        self.completed[record["ref"]] += 1
        return {"person_ref": None} if record["comment"] == REFUSED else {}


def _plugins(complete: Completing) -> Plugins:
    xml = writing.XmlShape(
        root=E("Envoi", writing.Rows(E("Visite", E("Id"), E("Personne", needed=True), E("Etat"), E("Debut"))))
    )
    by_api = writing.JsonShape(root={name: writing.Cell() for name in ("Id", "Personne", "Etat", "Debut")})
    tables = (Table(contract="visit/1", fields=PLACED),)
    connectors = (
        Connector(id="lu", title="Lu", dialect=Csv(), tables=(Table(contract="visit/1", fields=FIELDS),)),
        Connector(id="fichier", title="Fichier", dialect=Csv(encoding="cp1252"), tables=tables),
        Connector(
            id="document",
            title="Document",
            dialect=Xml(rows={"/Envoi/Visite": "visites"}),
            tables=(Table(contract="visit/1", member="visites", fields=PLACED),),
            writes=(writing.Writing(contract="visit/1", shape=xml, complete=complete),),
        ),
        Connector(
            id="api",
            title="API",
            dialect=Json(),
            tables=tables,
            send=Send(path="visites"),
            writes=(writing.Writing(contract="visit/1", shape=by_api, complete=complete),),
        ),
    )
    supplier = Supplier(id="papier", title="Papier", connectors=connectors)
    return Plugins((INFO,), (supplier,), {one.id: (supplier, one, INFO) for one in connectors})


class Api:
    """Refuses the record that has no person."""

    def hear(self, _request: RecordedRequest, _headers: Mapping[str, str], body: bytes) -> RecordedResponse:
        return RecordedResponse(
            200 if "Personne" in json.loads(body) else 422, b"{}", {"content-type": "application/json"}
        )


@pytest.fixture
def night(tmp_path: Path):
    """Run a flow towards a destination; give its balance, its causes and how often each record was completed."""

    def run(
        destination: str, rows: Iterable[tuple[str, str]] = ROWS
    ) -> tuple[dict[str, int], dict[tuple[str, str, str], int], Counter[str]]:
        completing = Completing()
        settings = f"""
[passerelle]
state = "etat"

[flow.visites]
connector = "lu"
purpose = "portability"
source = {{ kind = "folder", path = "in", quiet_seconds = 0 }}
destination = {{ {destination} }}
"""
        path = settle_in(tmp_path, settings)
        (tmp_path / "in").mkdir()
        text = "Id;Personne;Etat;Debut;Note\n"
        for number, (person, comment) in enumerate(rows, start=1):
            text += f"{number};{person};F;2024-11-04T08:00:00+01:00;{comment}\n"
        (tmp_path / "in" / "visites.csv").write_text(text, "utf-8")
        with open_workspace(load_settings(path), plugins=_plugins(completing)) as house:
            number = house.journal.begin_run(["visites"], house.clock.now())
            outcome = run_flow(house, "visites", run=number)
            causes = house.journal.count_reasons("visites")
        assert (outcome.settled, outcome.suspended, outcome.trouble) == (1, "", "")
        fates = {str(fate): count for fate, count in outcome.balance.fates.items() if count}
        warned = {(key.contract, key.code, key.field): n for key, n in causes.items() if key.fate == "warning"}
        return fates, warned, completing.completed

    return run


ONCE = Counter({f"papier:visit:{number}": 1 for number in range(1, len(ROWS) + 1)})


def test_what_a_document_refuses_leaves_nothing_behind_and_each_record_is_completed_once(night):
    fates, warned, completed = night('kind = "folder", path = "out", layout = "document"')
    assert fates == {"delivered": 3, "refused": 1}
    assert warned == KEEPS_TWO
    assert completed == ONCE


def test_what_an_api_refuses_leaves_nothing_behind_and_each_record_is_completed_once(night):
    with serve_locally(Api()) as url:
        fates, warned, completed = night(
            f'kind = "supplier", connector = "api", base_url = "{url}", allow_private = true'
        )
    assert fates == {"delivered": 3, "refused": 1}
    assert warned == KEEPS_TWO
    assert completed == ONCE


def test_what_a_file_cannot_encode_leaves_nothing_behind(night):
    rows = (("7", "perdue"), ("日本", "perdue"), ("7", "perdue aussi"))
    fates, warned, _completed = night('kind = "folder", path = "out", layout = "fichier"', rows)
    assert fates == {"delivered": 2, "refused": 1}
    assert warned == KEEPS_TWO


def test_the_form_of_the_contract_keeps_all_and_says_no_more(night):
    fates, warned, completed = night('kind = "folder", path = "out"')
    assert (fates, warned, completed) == ({"delivered": 4}, {}, {})
