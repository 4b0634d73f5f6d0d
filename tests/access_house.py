"""Persons, somebody close to one, visits with a professional and interviews: for answers to requests for access."""

from __future__ import annotations

import atexit
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

OTHERS = ("Zyxoline", "Querkovitz", "Vrombault", "0611223344", "Fildefer", "Ombrelle", "Tapinois", "Grimoire")
"""Words that stand in data of other persons and professionals, or are reserved, beside those of person 1."""
JEANNE, PAUL = "essai:person:1", "essai:person:2"
CONTACT, WORKER = "essai:related_contact:c1", "essai:professional:p1"
SUPPLIER = """
id = "essai"
title = "Logiciel Essai"
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
professional_ref = { kind = "ref", column = "referent", entity = "professional" }
identifiers = [{ kind = "identifier", column = "nir", system = "nir" }]
[connector.gens.table.c]
contract = "related_contact/1"
where = [{ column = "contact", values = [""], negated = true }]
[connector.gens.table.c.fields]
ref = { kind = "ref", column = "contact", entity = "related_contact" }
person_ref = { kind = "ref", column = "id", entity = "person" }
last_name = { kind = "text", column = "contact_nom" }
[connector.visites]
title = "Visites"
[connector.visites.dialect]
kind = "csv"
[connector.visites.table.v]
contract = "visit/1"
[connector.visites.table.v.fields]
ref = { kind = "ref", column = "no", entity = "visit" }
person_ref = { kind = "ref", column = "personne", entity = "person" }
professional_ref = { kind = "ref", column = "agent", entity = "professional" }
status = { kind = "constant", value = "done" }
planned_start = { kind = "local_date_time", column = "prevu", formats = ["%d/%m/%Y %H:%M"] }
stamped_start = { kind = "local_date_time", column = "badge", formats = ["%d/%m/%Y %H:%M"] }
comment = { kind = "text", column = "note", max_length = 20000 }
[connector.entretiens]
title = "Entretiens"
[connector.entretiens.dialect]
kind = "csv"
[connector.entretiens.table.i]
contract = "interaction/1"
[connector.entretiens.table.i.fields]
ref = { kind = "ref", column = "no", entity = "interaction" }
person_ref = { kind = "ref", column = "personne", entity = "person" }
professional_ref = { kind = "ref", column = "agent", entity = "professional" }
channel = { kind = "code", column = "canal", table = { T = "phone" }, system = "channels" }
contact_person = { kind = "text", column = "avec" }
synthesis = { kind = "text", column = "resume", max_length = 20000 }
private_synthesis = { kind = "text", column = "secret", max_length = 20000 }
[connector.equipe]
title = "Équipe"
[connector.equipe.dialect]
kind = "csv"
[connector.equipe.table.w]
contract = "professional/1"
[connector.equipe.table.w.fields]
ref = { kind = "ref", column = "agent", entity = "professional" }
last_name = { kind = "text", column = "nom" }
"""
FLOW = """
[flow.{name}]
connector = "{name}"
purpose = "{purpose}"
source = {{ kind = "folder", path = "entrees/{name}", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties/{name}" }}
{more}
"""
PROCESSING = """
processing = { recipient = { kind = "partner", name = "Centre de santé", country = "FR" }, basis = "public_task", \
basis_text = "CASF, L. 311-3", special_ground = "h", retention = { recipient_days = 730, then = "erase" }, \
informed_on = 2025-01-15 }
"""
CONTROLLER = """
[controller]
name = "Association Les Lilas"
address = "3 rue des Lilas, 59000 Lille"
contact = "accueil@leslilas.example"
"""
FILES = {
    "gens": (
        "id;nom;naissance;referent;nir;contact;contact_nom",
        "1;Martin;01/02/1950;p1;250025912345678;c1;Zyxoline",
        "2;Querkovitz;03/04/1951;p1;;;",
    ),
    "visites": (
        "no;personne;agent;prevu;badge;note;libre",
        "10;1;p1;03/03/2026 09:00;03/03/2026 09:07;A bien dormi;Tapinois",
        "11;2;p1;03/03/2026 11:00;03/03/2026 11:02;Vrombault;",
        "12;1;p1;04/03/2026 09:00;99/99/2026 09:00;Sortie au marché;",
    ),
    "entretiens": ("no;personne;agent;canal;avec;resume;secret", "20;1;p1;T;Fildefer;Point sur les droits;Ombrelle"),
    "equipe": ("agent;nom", "p1;Grimoire"),
}
PURPOSES = {"gens": "support", "visites": "effectivity", "entretiens": "support", "equipe": "planning"}


@cache
def _fill_once() -> Path:
    folder = Path(mkdtemp(prefix="passerelle-acces-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    house = AccessHouse(folder)
    house.write_settings()
    for name, lines in FILES.items():
        house.send(name, "a.csv", *lines)
    return folder


class AccessHouse:
    """A workspace in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "passerelle.toml"

    @classmethod
    def filled(cls, folder: Path) -> AccessHouse:
        """Return a workspace into which everything was sent once: a copy of one made once."""
        shutil.copytree(_fill_once(), folder, dirs_exist_ok=True)
        return cls(folder)

    def write_settings(self) -> None:
        (self.folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        flows = (
            FLOW.format(name=name, purpose=purpose, more=PROCESSING if name == "gens" else "")
            for name, purpose in PURPOSES.items()
        )
        head = '[passerelle]\nsuppliers = ["essai.toml"]\n'
        self.path.write_text(head + CONTROLLER + "".join(flows), "utf-8")
        for name in PURPOSES:
            (self.folder / "entrees" / name).mkdir(parents=True, exist_ok=True)

    def open(self):
        return open_workspace(load_settings(self.path))

    def send(self, flow: str, file: str, *lines: str):
        (self.folder / "entrees" / flow / file).write_text("\n".join(lines) + "\n", "utf-8")
        with self.open() as workspace:
            return run_flow(workspace, flow, run=workspace.journal.begin_run([flow], datetime.now(UTC)))
