"""A flow of persons and one of visits about them, for acts about persons: settings, exports, copies of the state."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import polars as pl

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

CANARY = "Zyxoline"
SUPPLIER = """
id = "essai"
title = "Essai"
[connector.gens]
title = "Gens"
[connector.gens.dialect]
kind = "csv"
[connector.gens.table.p]
contract = "person/1"
[connector.gens.table.p.fields]
ref = { kind = "ref", column = "id", entity = "person" }
birth_name = { kind = "text", column = "nom" }
birth_date = { kind = "date", column = "naissance", formats = ["%d/%m/%Y"] }
[connector.suivis]
title = "Suivis"
[connector.suivis.dialect]
kind = "csv"
[connector.suivis.table.b]
contract = "need/1"
[connector.suivis.table.b.fields]
ref = { kind = "ref", column = "no", entity = "need" }
person_ref = { kind = "ref", column = "personne", entity = "person" }
description = { kind = "text", column = "besoin", max_length = 20000 }
"""
PEOPLE = """
[flow.gens]
connector = "gens"
purpose = "support"
source = {{ kind = "folder", path = "entrees/gens", quiet_seconds = 0 }}
destination = {{ {destination} }}
"""
NEEDS = """
[flow.suivis]
connector = "suivis"
purpose = "support"
source = {{ kind = "folder", path = "entrees/suivis", quiet_seconds = 0 }}
destination = {{ {destination} }}
"""
DATABASE = 'kind = "database", url = "base.db"'
FOLDER = 'kind = "folder", path = "sorties"'


@cache
def _fill_once() -> Path:
    """Fill one workspace, of which each test takes a copy: three runs take longer than most tests."""
    folder = Path(mkdtemp(prefix="passerelle-personnes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    PersonHouse(folder).fill()
    return folder


class PersonHouse:
    """A workspace in a folder, in which persons and their needs are delivered."""

    def __init__(self, folder: Path, *, people: str = DATABASE, needs: str = FOLDER) -> None:
        self.folder = folder
        self.path = folder / "passerelle.toml"
        for name in ("gens", "suivis"):
            (folder / "entrees" / name).mkdir(parents=True)
        (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        head = '[passerelle]\nsuppliers = ["essai.toml"]\n'
        flows = PEOPLE.format(destination=people) + NEEDS.format(destination=needs)
        self.path.write_text(head + flows, "utf-8")

    @classmethod
    def filled(cls, folder: Path) -> PersonHouse:
        """Return a workspace with two persons, their needs and a row of each set aside: a copy of one made once."""
        house = cls.__new__(cls)
        house.folder, house.path = folder, folder / "passerelle.toml"
        shutil.copytree(_fill_once(), folder, dirs_exist_ok=True)
        return house

    def forbid_all(self) -> None:
        """Change the settings so that neither flow may send anything any more, each for its own reason."""
        text = self.path.read_text("utf-8").replace("[flow.suivis]", '[flow.suivis]\nleave_out = ["visit/1"]')
        payer = '[flow.gens.processing]\nrecipient = { kind = "payer", name = "base.db" }\n'
        self.path.write_text(text + payer, "utf-8")

    def open(self):
        return open_workspace(load_settings(self.path))

    def send(self, flow: str, name: str, header: str, *rows: str):
        (self.folder / "entrees" / flow / name).write_text("\n".join([header, *rows]) + "\n", "utf-8")
        with self.open() as workspace:
            return run_flow(workspace, flow, run=workspace.journal.begin_run([flow], datetime.now(UTC)))

    def send_people(self, *rows: str, name: str = "gens.csv"):
        return self.send("gens", name, "id;nom;naissance", *rows)

    def send_needs(self, *rows: str, name: str = "suivis.csv"):
        return self.send("suivis", name, "no;personne;besoin", *rows)

    def fill(self) -> None:
        """Deliver two persons and their needs, and set a row of each aside."""
        self.send_people(f"1;{CANARY};01/02/1950", "2;MARTIN;03/04/1951", name="a.csv")
        self.send_people(f"1;{CANARY}-FAUX;99/99/1950", "2;MARTIN;99/99/1951", "3;BON;05/06/1952", name="b.csv")
        self.send_needs(f"10;1;Aide de {CANARY}", "11;2;Courses", f"12;1;Toilette de {CANARY}")

    def copy_state(self, name: str = "copie") -> None:
        """Take a copy of the state, as `cp -a` does."""
        shutil.copytree(self.folder / "etat", self.folder / name)

    def put_back(self, name: str = "copie") -> None:
        """Put a copy of the state in the place of the state."""
        shutil.rmtree(self.folder / "etat")
        shutil.copytree(self.folder / name, self.folder / "etat")

    def list_people(self) -> list[str]:
        """The persons that the recipient has, by the references inside: there it has handles."""
        with closing(sqlite3.connect(self.folder / "base.db")) as connection:
            there = {ref for (ref,) in connection.execute("SELECT ref FROM passerelle_person_1")}
        people = [f"essai:person:{number}" for number in range(1, 10)]
        inside = dict(zip(self.to_outside("gens", people), people, strict=True))
        assert there <= inside.keys()
        return sorted(inside[ref] for ref in there)

    def to_outside(self, flow: str, refs: list[str]) -> list[str]:
        """What stands at the recipient of a flow for references."""
        with self.open() as workspace, workspace.open_flow(flow, jobs=1) as opened:
            return opened.known_records.to_outside_refs(pl.Series(refs, dtype=pl.String)).to_list()

    def open_all(self) -> bytes:
        """Everything in the state that opens, in clear: payloads, deposits, ids, lists, words."""
        found: list[bytes] = []
        with self.open() as workspace:
            rows = workspace.quarantine.list_rows(state="")
            found += workspace.quarantine.open_payloads(row.id for row in rows).values()
            for depot in (workspace.depot, workspace.wholes):
                for digest in depot.list_digests():
                    if depot.is_sound(digest):
                        with depot.open(digest) as stream:
                            found += [stream.read(), depot.read_name(digest).encode()]
            for entry in workspace.journal.list_audit_entries():
                found.append(f"{entry.subject} {entry.why} {entry.who}".encode())
            for frame in workspace.journal.find_records_about(["essai:person:1"]).values():
                found.append(frame.write_json().encode())
        return b"\n".join(found)
