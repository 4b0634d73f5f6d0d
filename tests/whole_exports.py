"""A small supplier whose exports are whole, and a workspace that takes them: persons, and plans that become visits."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from turned_clock import TurnedClock

from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from passerelle.engine.runs.worker import FlowOutcome
    from passerelle.engine.workspace.assembly import Workspace

_SUPPLIER = """
id = "essai"
title = "Essai"

[connector.essai-personnes]
title = "Personnes"
dialect = { kind = "csv", delimiter = ";" }
[connector.essai-personnes.table.personnes]
contract = "person/1"
[connector.essai-personnes.table.personnes.fields]
ref = { kind = "ref", column = "Id", entity = "person", opaque = true }
birth_name = { kind = "text", column = "Nom" }
birth_date = { kind = "partial_date", column = "Naissance", formats = ["%d/%m/%Y"] }

[connector.essai-planning]
title = "Planning"
whole = true
dialect = { kind = "csv", delimiter = ";" }
[connector.essai-planning.table.prevues]
contract = "planned_visit/1"
where = [{ column = "Fait", values = ["non"] }]
within = "planned_start"
becomes = "visit/1"
[connector.essai-planning.table.prevues.fields]
ref = { kind = "ref", column = ["Id"], entity = "planned_visit", opaque = true }
person_ref = { kind = "ref", column = "Personne", entity = "person", opaque = true }
planned_start = { kind = "local_date_time", column = "Debut", formats = ["%Y-%m-%d %H:%M"], zone = "Europe/Paris" }
[connector.essai-planning.table.faites]
contract = "visit/1"
where = [{ column = "Fait", values = ["oui"] }]
within = "planned_start"
[connector.essai-planning.table.faites.fields]
ref = { kind = "ref", column = ["Id"], entity = "visit", opaque = true }
person_ref = { kind = "ref", column = "Personne", entity = "person", opaque = true }
planned_start = { kind = "local_date_time", column = "Debut", formats = ["%Y-%m-%d %H:%M"], zone = "Europe/Paris" }
status = { kind = "word", column = "Fait", table = { "oui" = "done" } }
"""
PERSONS = "essai-personnes"
PLANNING = "essai-planning"


BEGINNING = datetime(2024, 12, 2, 3, 0, tzinfo=UTC)
WHY = "export vérifié par téléphone"


@dataclass
class Exports:
    """A folder with one flow, its source a folder of whole exports, its destination a database or a folder."""

    folder: Path
    clock: TurnedClock = field(default_factory=lambda: TurnedClock(BEGINNING))
    sent: int = 0

    @classmethod
    def at(cls, folder: Path, connector: str = PERSONS, destination: str = "database", **flow: Any) -> Exports:
        (folder / "entrees").mkdir(parents=True)
        (folder / "essai.toml").write_text(_SUPPLIER, "utf-8")
        exports = cls(folder)
        exports.configure(connector, destination, **flow)
        return exports

    def configure(self, connector: str = PERSONS, destination: str = "database", **flow: Any) -> None:
        whole = flow.pop("whole", "true" if connector == PERSONS else "")
        after = flow.pop("after", "archive")
        words = [f"{key} = {json.dumps(value)}" for key, value in flow.items()]
        said = f", whole = {whole}" if whole else ""
        to = {
            "database": '{ kind = "database", url = "sortie.sqlite" }',
            "folder": '{ kind = "folder", path = "sorties" }',
        }.get(destination, destination)
        lines = [
            '[passerelle]\nsuppliers = ["essai.toml"]\nretention_days = 60',
            f'[flow.un]\nconnector = "{connector}"\npurpose = "portability"',
            *words,
            f'source = {{ kind = "folder", path = "entrees", quiet_seconds = 0, after = "{after}"{said} }}',
            f"destination = {to}",
        ]
        (self.folder / "passerelle.toml").write_text("\n".join(lines), "utf-8")

    @contextmanager
    def open(self) -> Iterator[Workspace]:
        with open_workspace(load_settings(self.folder / "passerelle.toml"), clock=self.clock) as workspace:
            yield workspace

    def drop(self, text: str) -> None:
        """Put an export at the door; a remark nobody reads makes each file another one."""
        self.sent += 1
        (self.folder / "entrees" / f"export-{self.sent:03}.csv").write_text(text, "utf-8")

    def run(self) -> FlowOutcome:
        with self.open() as workspace:
            return run_flows(workspace, ["un"], jobs=1).outcomes[0]

    def send(self, text: str) -> FlowOutcome:
        self.drop(text)
        return self.run()

    def list_rows(self, contract: str = "person/1") -> dict[str, int]:
        """Return the refs in the destination's table, with their versions."""
        path = self.folder / "sortie.sqlite"
        connection = sqlite3.connect(path)
        try:
            table = f"passerelle_{contract.replace('/', '_')}"
            return dict(connection.execute(f"SELECT ref, passerelle_version FROM {table}").fetchall())  # noqa: S608  ours
        except sqlite3.OperationalError:
            return {}
        finally:
            connection.close()

    def read_lines(self) -> list[Mapping[str, Any]]:
        """Return every line of the destination folder, deletions too."""
        paths = sorted((self.folder / "sorties").glob("*.ndjson"))
        return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def write_persons(ids: Iterable[object], *, tag: object = "", wrong: Iterable[object] = ()) -> str:
    """Return an export of persons; those in `wrong` have a date of birth that nobody can read."""
    bad = set(wrong)
    rows = [f"{one};NOM {one}{tag};{'jamais' if one in bad else '01/02/1940'}" for one in ids]
    return "\n".join(["Id;Nom;Naissance", *rows]) + "\n"


def write_planning(rows: Iterable[tuple[object, str, bool]]) -> str:
    """Return a planning: (id, day, whether it was done)."""
    lines = [f"{one};P1;{day} 08:00;{'oui' if done else 'non'}" for one, day, done in rows]
    return "\n".join(["Id;Personne;Debut;Fait", *lines]) + "\n"


def refs(*ids: object) -> set[str]:
    """Return the refs of persons."""
    return {f"essai:person:{one}" for one in ids}


def counts(outcome: FlowOutcome) -> tuple[int, int]:
    """Return how many records vanished in a run, and how many of them were deleted."""
    return outcome.balance.vanished, outcome.balance.withdrawn


def codes(outcome: FlowOutcome) -> list[str]:
    """Return the codes of the notices that stand after a run."""
    return [notice.code for notice in outcome.notices]
