"""A folder with one flow of small parcels, files or messages, and all that the stores hold of it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from passerelle.edges.sources.inbox import MessageSource
from passerelle.engine.path.collecting import Blocks, collect
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores import schema
from passerelle.stores.database import open_reader

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "petits"
CSV = """
connector = "compani-interventions"
purpose = "effectivity"
source = { kind = "folder", path = "entrants", quiet_seconds = 0, after = "keep", order = "name", whole = false }
"""
JSON = """
connector = "rdv-solidarites-rdvs-pushed"
purpose = "support"
source = { kind = "inbox", secret = "env:SECRET" }
"""
FOLDER = '{ kind = "folder", path = "sortants" }'
DATABASE = '{ kind = "database", url = "sortants.sqlite3" }'
NAME = re.compile(r"\b[0-9a-f]{64}\b")
SAMPLE = Path(__file__).parents[1] / "plugins/rdv_solidarites/samples/rdvs-pushed/nominal.json"


class Clock:
    """Time that stands still: what is received at the same moment differs in nothing else."""

    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        del seconds


@dataclass
class Room:
    """A folder with one flow."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, source: str, destination: str) -> Room:
        (folder / "entrants").mkdir(parents=True)
        text = f'[passerelle]\nstate = "etat"\n[flow.{FLOW}]\n{source}destination = {destination}\n'
        (folder / "passerelle.toml").write_text(text, "utf-8")
        room = cls(folder)
        with room.open():
            return room  # the key is made: a copy of this room has the same

    def copy(self, folder: Path) -> Room:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Room(folder)

    def open(self):
        return open_workspace(load_settings(self.folder / "passerelle.toml"), clock=Clock())

    def receive(self, night: int, contents: list[str]) -> None:
        """Have files wait in the folder, or messages in the journal."""
        for nth, text in enumerate(contents):
            if text.startswith("{"):
                with self.open() as workspace:
                    # the same message again has the same bytes, and is known; a state that comes back has not
                    source = MessageSource((text + " " * (100 * night + nth)).encode())
                    collect(FLOW, source, workspace.depot, workspace.journal, workspace.clock, Blocks())
            else:
                (self.folder / "entrants" / f"{night}-{nth:03}.csv").write_text(text, "utf-8", newline="")

    def run(self):
        with self.open() as workspace:
            run = workspace.journal.begin_run([FLOW], NOW)
            return run_flow(workspace, FLOW, run=run)

    def list_delivered(self) -> object:
        """What the destination has, without what names a delivery; parcels by their digests, whatever their turns."""
        with self.open() as workspace:
            parcels = workspace.journal.list_parcels(FLOW)
        digests = {row.outside: row.digest for row in parcels if row.outside}

        def tell_digests(text: str) -> str:
            return NAME.sub(lambda found: digests.get(found[0], found[0]), text)

        path = self.folder / "sortants.sqlite3"
        if not path.exists():
            files = (self.folder / "sortants").glob("*")
            return sorted(tell_digests(line) for file in files for line in file.read_text("utf-8").splitlines())
        with sqlite3.connect(path) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            tables = [name for name in names if not name.endswith("last_batch")]
            wanted = {name: f'SELECT * FROM "{name}"' for name in tables}  # noqa: S608  names of our own tables
            return {
                name: sorted(tell_digests(repr(row)) for row in connection.execute(one)) for name, one in wanted.items()
            }

    def list_books(self) -> dict[str, object]:
        """Everything that the stores hold."""
        with self.open() as workspace:
            journal, quarantine = workspace.journal, workspace.quarantine
            parcels = journal.list_parcels(FLOW)
            rows = [row for state in ("waiting", "superseded") for row in quarantine.list_rows(state=state)]
            payloads = quarantine.open_payloads([row.id for row in rows])
            with open_reader(journal._engine) as connection:
                known = _list_known(connection)
            return {
                "parcels": [(row.key, row.state, row.code, row.details, row.batches, row.balance) for row in parcels],
                "reasons": {row.key: journal.count_reasons(FLOW, parcel=row.key) for row in parcels},
                "quarantine": sorted(repr((_describe(row), payloads.get(row.id))) for row in rows),
                "notices": journal.list_notices(FLOW),
                "columns": journal.list_columns_met(FLOW),
                "known": known,
            }


def _describe(row) -> tuple[object, ...]:
    return row.parcel, row.state, row.fate, row.reason, row.place, row.contract


def _list_known(connection) -> dict[object, object]:
    """Return what is known of each ref: content, version, the parcel's number and the moment; the newest block counts.

    Who is named in records is known by flow: of whichever parcel that was first.
    """
    found = {}
    blocks = select(schema.known, schema.scope.c.contract).join(
        schema.scope, schema.scope.c.id == schema.known.c.scope_id
    )
    for pile in connection.execute(blocks.order_by(schema.known.c.id)):
        if pile.contract.startswith("subject"):
            found |= {(pile.contract, ref): None for ref in _cut(pile.ref_keys)}
            continue
        moments = pile.moments or bytes(len(pile.versions))
        for nth in range(len(pile.versions) // 8):
            numbers = (part[8 * nth : 8 * nth + 8] for part in (pile.versions, pile.parcels, moments))
            ref, content = (part[16 * nth : 16 * nth + 16] for part in (pile.ref_keys, pile.contents))
            found[pile.contract, ref] = (content, *(int.from_bytes(number, "little") for number in numbers))
    return found


def _cut(keys: bytes) -> list[bytes]:
    return [keys[start : start + 16] for start in range(0, len(keys), 16)]


def spoil(text: str, nth: int, how: str) -> str:
    """Make a row unreadable, rejected, doubtful, changed or double; take a column away or add one."""
    lines = text.split("\r\n")
    row = 1 + nth % (len(lines) - 2)
    if how == "unreadable":
        lines[row] += ";de trop"
    elif how == "rejected":
        lines[row] = lines[row].replace("2024/05", "2024/13")
    elif how == "changed":
        lines[row] = lines[row].replace("29:40", "31:15")
    elif how == "again":
        lines.insert(row, lines[row])
    elif how == "renamed":
        lines[0] = lines[0].replace('"Id Bénéficiaire"', '"Identifiant bénéficiaire"')
    elif how == "more":
        lines = [f'{line};"{"Couleur" if not at else "rouge"}"' if line else line for at, line in enumerate(lines)]
    elif how == "less":
        lines = [line.rpartition(";")[0] for line in lines]
    elif how == "none":
        lines = [lines[0], ""]
    return "\r\n".join(lines)


def tell(number: int, how: str) -> str:
    """Return a message about an appointment: wrong, of another state, with more or less in it."""
    message = json.loads(SAMPLE.read_bytes())
    data = message["data"] | {"id": number}
    if how == "changed":
        data["status"] = "excused"
    elif how == "rejected":
        data["starts_at"] = "2024-13-45 09:00:00 +0100"
    elif how == "doubtful":
        data["ends_at"] = "2024-11-04 08:00:00 +0100"
    elif how == "more":
        data["couleur"] = "rouge"
    elif how == "less":
        del data["context"], data["lieu"]
    elif how == "emptied":
        data["context"] = None
    elif how == "gone":
        message["meta"] = message.get("meta", {}) | {"event": "destroyed"}
    elif how == "broken":
        return json.dumps({"data": []})
    return json.dumps({**message, "data": data}, ensure_ascii=False)
