"""What a batch delivered, written in the transaction that settles it: known, whom it is about, and on the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stores import known
from passerelle.stores.subjects import insert_subjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import Settlement


def remember_delivered(connection: Connection, seal: Seal, numbered: Sequence[tuple[int, Settlement]]) -> None:
    """Remember what batches of one flow delivered, each with the number of its parcel, in their order."""
    flow, at = numbered[-1][1].flow, numbered[-1][1].at
    known.remember(connection, seal, flow, [(number, records) for number, one in numbered for records in one.delivered])
    insert_subjects(connection, seal, [one for _number, one in numbered])
    entries = [entry for _number, one in numbered for entry in one.shelved]
    if entries:
        from passerelle.stores.shelf_writing import put_on_shelf  # noqa: PLC0415  most flows have no shelf

        put_on_shelf(connection, seal, flow, entries, at)
