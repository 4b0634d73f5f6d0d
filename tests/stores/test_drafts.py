"""A draft is one of a waiting item: versions tell who was first, and it ends in the transaction that ends its item."""

from __future__ import annotations

from passerelle.stores import schema
from passerelle.stores.database import open_writer
from passerelle.stores.drafts import drop_drafts, read_draft_envelopes
from passerelle.stores.quarantine_moves import move_ids
from passerelle.stores.settlement import QuarantineState


def save(quarantine, make, item: int, before: int = 0, text: str = "Visite", who: str = "marie") -> bool:
    return quarantine.keep_draft(item, {"Motif": text}, before=before, verdict="", who=who, now=make.now)


def test_a_draft_is_saved_over_the_version_that_was_seen_alone(registered, quarantine, make):
    registered.settle(make.settlement(0, items=[make.item()] * 2))
    assert save(quarantine, make, 1)
    assert not save(quarantine, make, 1, who="ali")
    assert save(quarantine, make, 1, before=1, text="Appel", who="ali")
    draft = quarantine.find_draft(1)
    assert (draft.version, draft.who, draft.flow, draft.item) == (2, "ali", "visites", 1)
    assert quarantine.open_draft(1) == {"Motif": "Appel"}
    assert quarantine.open_draft(2) == {}
    assert quarantine.find_draft(2) is None
    assert not save(quarantine, make, 99)


def test_a_draft_ends_when_its_item_is_taken_up_or_destroyed(registered, quarantine, make, engine):
    registered.settle(make.settlement(0, items=[make.item()] * 3))
    for item in (1, 2, 3):
        save(quarantine, make, item)
    quarantine.move_items([1], QuarantineState.DISCARDED, make.now)
    with open_writer(engine) as connection:
        move_ids(connection, QuarantineState.REPLAYING, None, [2])
    assert [draft.item for draft in quarantine.list_drafts()] == [3]
    assert not save(quarantine, make, 1)
    quarantine.remove_draft(3)
    assert quarantine.list_drafts() == ()


def test_only_drafts_of_the_items_that_are_meant_are_dropped(registered, quarantine, make, engine):
    registered.settle(make.settlement(0, items=[make.item()] * 2))
    for item in (1, 2):
        save(quarantine, make, item)
    with open_writer(engine) as connection:
        assert len(read_draft_envelopes(connection, [1, 2, 99])) == 2

        drop_drafts(connection, schema.quarantine.c.id == 1)
    assert [draft.item for draft in quarantine.list_drafts(ids=[1, 2])] == [2]
