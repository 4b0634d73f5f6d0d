"""Canaries: marked personal values go through every door of the stores, and none is at rest in clear."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from passerelle.stores.consents import Consents
from passerelle.stores.database import open_reader
from passerelle.stores.depot import Depot
from passerelle.stores.schema import metadata
from passerelle.stores.settlement import QuarantineItem, QuarantineState, ReasonKey
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import Place

FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
CANARY = "Zyxoline-Quatrebarbes"


@pytest.fixture
def used(registered, quarantine, engine, seal, make, tmp_path):
    """Use everything that takes a value in."""
    refs = seal.pseudonymise_each("ref", [f"{CANARY}:visit:1"])
    depot = Depot(tmp_path / "state" / "depot", seal)
    depot.put(io.BytesIO(CANARY.encode() * 50), name=f"{CANARY}.csv")
    registered.register(make.parcel("b"), cursor=f"https://{CANARY}.example/next?name={CANARY}")
    place = Place(line=7, member=f"{CANARY}.csv", column=f"Visites de {CANARY}", field="status")
    aside = SetAside(Fate.REJECTED, "validate.field.missing", place, details={"expected": CANARY}, contract="visit/1")
    items = [QuarantineItem(aside, CANARY.encode() * times, NOW + timedelta(90)) for times in (1, 2)]
    settled = make.settlement(0, items=items, known=[make.known(refs[0], remote=CANARY)])
    reasons = {ReasonKey("visit/1", place.member, aside.reason, place.column, "status", "rejected"): 2}
    registered.settle(replace(settled, reasons=reasons, member=place.member, columns=(place.column, CANARY)))
    registered.park_parcel(FLOW, "b" * 64, "incident.parcel.columns_absent", NOW, details={"columns": CANARY})
    registered.raise_notice(FLOW, "incident.source.silent", {"names": CANARY}, NOW)
    registered.append_audit("reveal", f"quarantine of {CANARY}", f"asked by {CANARY}", NOW, CANARY)
    Consents(engine, seal).record(f"src:person:{CANARY}", "billing", False, NOW)
    return quarantine


def _traces(content: bytes) -> bool:
    name = CANARY.encode()
    return any(trace in content for trace in (name, name.lower(), name.hex().encode(), name[:8]))


def test_no_column_of_any_table_holds_a_value(used, engine):
    with open_reader(engine) as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(text(f'SELECT * FROM "{table.name}"')).all()  # noqa: S608  our own names
            content = b"|".join(
                bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                for row in rows
                for cell in row
            )
            assert not _traces(content), table.name


def test_no_file_of_the_state_folder_holds_a_value(used, engine, tmp_path):
    if engine.dialect.name == "sqlite":
        assert (tmp_path / "state" / "journal.db-wal").stat().st_size > 0
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(files) >= 2
    for path in files:
        assert not _traces(path.read_bytes()), path.name
        assert CANARY not in path.name


@pytest.mark.parametrize("journal_url", ["sqlite"], indirect=True)  # on PostgreSQL rows linger until the next vacuum
def test_a_discarded_ciphertext_is_nowhere_left_in_the_files(used, engine, tmp_path):
    with open_reader(engine) as connection:
        sealed = bytes(connection.execute(text("SELECT payload FROM quarantine ORDER BY id")).scalars().first())
    assert any(sealed[10:60] in path.read_bytes() for path in (tmp_path / "state").glob("journal.db*"))
    used.move_items([row.id for row in used.list_rows()], QuarantineState.DISCARDED, NOW)
    assert not any(sealed[10:60] in path.read_bytes() for path in (tmp_path / "state").glob("journal.db*"))


def test_an_expired_item_leaves_no_payload(used):
    assert used.expire(NOW + timedelta(days=91)) == 2
    assert used.open_payloads(row.id for row in used.list_rows(state="")) == {}
