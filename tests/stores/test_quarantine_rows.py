"""A quarantined record is listed with everything but its payload and its likeness."""

from __future__ import annotations

from passerelle.stores.quarantine_rows import LISTED


def test_neither_payload_nor_likeness_is_read_for_a_list():
    names = {column.name for column in LISTED.selected_columns}
    assert {"id", "reason", "expires_at", "flow", "key"} <= names
    assert names.isdisjoint({"payload", "likeness"})
