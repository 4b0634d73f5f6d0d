"""An invented old software: persons, professionals and contacts that refer to one another, in two CSV exports."""

from __future__ import annotations

import atexit
import shutil
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.extension.supplier import Connector, Supplier
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import Code, Constant, Date, Ref, Text
from passerelle.stages.translate.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.workspace.assembly import Workspace

PEOPLE, CONTACTS = "ancien-personnes", "ancien-contacts"
_INFO = PluginInfo("ancien", "ancien", "1.0", "")
_SUPPLIER = Supplier(
    id="ancien",
    title="Ancien logiciel",
    connectors=(
        Connector(
            id=PEOPLE,
            title="Personnes",
            dialect=Csv(),
            tables=(
                Table(
                    contract="person/1",
                    fields={
                        "ref": Ref("Id", system="ancien", entity="person"),
                        "birth_name": Text("Nom"),
                        "professional_ref": Ref("Référent", system="ancien", entity="professional"),
                    },
                ),
            ),
        ),
        Connector(
            id=CONTACTS,
            title="Contacts",
            dialect=Csv(),
            tables=(
                Table(
                    contract="interaction/1",
                    fields={
                        "ref": Ref("Id", system="ancien", entity="interaction"),
                        "person_ref": Ref("Personne", system="ancien", entity="person"),
                        "professional_ref": Ref("Pro", system="ancien", entity="professional"),
                        "occurred_on": Date("Date"),
                        "repeat_of": Ref("Suite de", system="ancien", entity="interaction"),
                        "motives": [Code("Motif")],
                        "channel": Constant({"code": "phone", "system": None, "label": None, "original": None}),
                    },
                ),
                Table(
                    contract="professional/1",
                    fields={"ref": Ref("Pro", system="ancien", entity="professional"), "last_name": Text("Nom pro")},
                ),
            ),
        ),
    ),
)
PLUGINS = Plugins(
    (_INFO,),
    (_SUPPLIER,),
    {connector.id: (_SUPPLIER, connector, _INFO) for connector in _SUPPLIER.connectors},
)
ONE_FLOW = f"""
[passerelle]
state = "etat"
[flow.personnes]
connector = "{PEOPLE}"
purpose = "portability"
source = {{ kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties" }}
"""
"""Settings of one flow of persons, `personnes`."""


@cache
def _empty_state() -> Path:
    """Make one empty state and its keyring, of which each test takes a copy: migrating takes longer than most tests."""
    folder = Path(mkdtemp(prefix="passerelle-etat-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "passerelle.toml").write_text("", "utf-8")
    with open_workspace(load_settings(folder / "passerelle.toml"), plugins=PLUGINS):
        return folder


def settle_in(folder: Path, settings: str = '[passerelle]\nstate = "etat"\n') -> Path:
    """Lay out a folder with settings and an empty state; give the settings."""
    for part in ("etat", "etat-trousseau"):
        shutil.copytree(_empty_state() / part, folder / part)
    (folder / "passerelle.toml").write_text(settings, "utf-8")
    return folder / "passerelle.toml"


@contextmanager
def open_people(folder: Path, *rows: tuple[object, str, str], settings: str = ONE_FLOW) -> Iterator[Workspace]:
    """Lay out a folder, export these persons into it, and open the workspace."""
    path = settle_in(folder, settings)
    (folder / "entrees").mkdir()
    (folder / "sorties").mkdir()
    if rows:
        people(folder / "entrees", *rows)
    with open_workspace(load_settings(path), plugins=PLUGINS) as opened:
        yield opened


def people(folder: Path, *rows: tuple[object, str, str], name: str = "personnes.csv") -> None:
    """Export persons: id, name, professional in charge."""
    _write(folder / name, "Id;Nom;Référent", rows)


def contacts(folder: Path, *rows: tuple[object, ...], name: str = "contacts.csv") -> None:
    """Export contacts: id, person, professional, date, contact that it follows, motive, the professional's name."""
    _write(folder / name, "Id;Personne;Pro;Date;Suite de;Motif;Nom pro", rows)


def _write(path: Path, header: str, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header, *(";".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
