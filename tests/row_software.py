"""An invented software whose import takes a person, their follow-up and whom they named in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from old_software import settle_in

from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.extension.supplier import Connector, Supplier
from passerelle.extension.writing import RowPart, WholeRow
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import Date, Ref, Text
from passerelle.stages.translate.conditions import Where
from passerelle.stages.translate.table import Table

if TYPE_CHECKING:
    from pathlib import Path

_INFO = PluginInfo("fiches", "fiches", "1.0", "")


def _refer(column: str, entity: str) -> Ref:
    return Ref(column, system="ancien", entity=entity)


def _contact(column: str) -> Table:
    fields = {"ref": _refer(column, "related_contact"), "person_ref": _refer("Id", "person"), "last_name": Text(column)}
    return Table(contract="related_contact/1", where=(Where.holds(column),), fields=fields)


PERSON = Table(contract="person/1", fields={"ref": _refer("Id", "person"), "birth_name": Text("Nom")})
CASE = Table(
    contract="case/1",
    where=(Where.holds("Début"),),
    fields={
        "ref": _refer("Id", "case"),
        "person_ref": _refer("Id", "person"),
        "opened_on": Date("Début"),
        "professional_ref": _refer("Référent", "professional"),
    },
)
WORKER = Table(contract="professional/1", fields={"ref": _refer("N°", "professional"), "last_name": Text("Nom")})
ROW = WholeRow(
    contract="person/1",
    parts=(RowPart(contract="case/1", by="person_ref"), RowPart(contract="related_contact/1", by="person_ref")),
)


def _connector(name: str, *tables: Table, **options: Any) -> Connector:
    return Connector(id=name, title=name, dialect=Csv(), tables=tables, **options)


_SUPPLIER = Supplier(
    id="ancien",
    title="Ancien logiciel",
    connectors=(
        _connector("ancien-fiches", PERSON, CASE, _contact("Proche")),
        _connector("ancien-pros", WORKER),
        _connector("ancien-proches", _contact("Proche"), _contact("Tuteur")),
        _connector("neuf-fiches", PERSON, CASE, _contact("Proche"), row=ROW, needed={"Nom": ""}),
    ),
)
PLUGINS = Plugins((_INFO,), (_SUPPLIER,), {one.id: (_SUPPLIER, one, _INFO) for one in _SUPPLIER.connectors})
SWITCH = """
[side.ancien]
exports = [
  { connector = "ancien-fiches", path = "exports/fiches*.csv" },
  { connector = "ancien-pros", path = "exports/pros*.csv" },
]
[side.neuf]
exports = [{ connector = "neuf-fiches", path = "retour/*.csv" }]
[switch.bascule]
from = "ancien"
to = "neuf"
[[switch.bascule.deliver]]
contracts = ["professional/1"]
destination = { kind = "folder", path = "pros" }
[[switch.bascule.deliver]]
destination = { kind = "folder", path = "import", layout = "neuf-fiches" }
"""
SHEETS = ("1;Martin;02/05/2024;7;Petit", "2;Durand;03/05/2024;8;", "3;Blanc;;;Grand", "4;Roux;;;")


def export(folder: Path, *rows: str, name: str = "fiches", header: str = "Id;Nom;Début;Référent;Proche") -> None:
    """Export sheets, or what another header says."""
    (folder / "exports").mkdir(exist_ok=True)
    (folder / "exports" / f"{name}.csv").write_text("\n".join((header, *rows)) + "\n", "utf-8")


def export_workers(folder: Path, *rows: str, name: str = "pros") -> None:
    """Export professionals: number and name."""
    export(folder, *rows, name=name, header="N°;Nom")


def prepare(folder: Path) -> Path:
    """Lay out both exports, the move, settings and an empty state; give the settings."""
    export(folder, *SHEETS)
    export_workers(folder, "7;Alpha", "8;Bravo")
    (folder / "switch.toml").write_text(SWITCH, "utf-8")
    return settle_in(folder)
