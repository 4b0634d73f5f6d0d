"""A flow of persons from CSV files into a SQLite database, its connector described in TOML, in a folder of its own."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

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
ref = { kind = "ref", column = "id", entity = "person", opaque = true }
birth_name = { kind = "text", column = "nom" }
comment = { kind = "text", column = "note", max_length = 20000 }
"""
SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
[flow.un]
connector = "gens"
purpose = "support"
source = { kind = "folder", path = "entrees", quiet_seconds = 0 }
destination = { kind = "database", url = "base.db" }
"""


def settle_people(folder: Path) -> Path:
    """Write settings and supplier into a folder; return the path of the settings."""
    (folder / "entrees").mkdir()
    (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
    (folder / "passerelle.toml").write_text(SETTINGS, "utf-8")
    return folder / "passerelle.toml"


@contextmanager
def open_people(path: Path):
    """Open the workspace."""
    with open_workspace(load_settings(path)) as workspace:
        yield workspace


def run_people(path: Path, name: str, *rows: tuple[str, str, str], blank_lines: int = 0):
    """Drop a file of these persons (id, name, note), and run the flow."""
    lines = ["id;nom;note", *(";".join(row) for row in rows)]
    (path.parent / "entrees" / name).write_text("\n".join(lines) + "\n" * (1 + blank_lines), "utf-8")
    return run_once(path)


def run_once(path: Path):
    """Run the flow on what is there."""
    with open_people(path) as workspace:
        return run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], datetime.now(UTC)))
