"""Acts about persons are taken up where they were left, and what an erasure takes out is out of every table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passerelle.stores.journal import Journal
from passerelle.stores.keyring import Keyring
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.settlement import QuarantineState
from passerelle.stores.trail import AuditEntry

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"


@pytest.fixture
def keyed(engine, seal, make, tmp_path):
    keyring = Keyring.open(tmp_path / "ring", seal.derive_keyring_key(), create=True)
    journal = Journal(engine, seal.attach(keyring))
    journal.register(make.parcel())
    journal.begin_run([FLOW], NOW)
    yield journal
    keyring.close()


def _begin(journal, *persons: str, act: str = "person.erase"):
    return journal.begin_act(act, persons, why="asked in writing", who="somebody", now=NOW)


def test_the_same_persons_take_up_the_act_that_was_left_and_others_begin_one(keyed):
    act = keyed.note_step(_begin(keyed, "p1", "p2"), "withdrawn")
    assert _begin(keyed, "p2", "p1") == act
    assert act.done == {"withdrawn"}
    assert _begin(keyed, "p1").number != act.number
    assert _begin(keyed, "p1", "p2", act="person.withdraw").number != act.number
    assert len(keyed.list_acts()) == 3


def test_an_act_that_ended_leaves_its_entry_in_the_trail_and_names_nobody(keyed):
    act = _begin(keyed, "p1")
    keyed.end_act(act, AuditEntry(0, NOW, "person.erase", "1", act.why, act.who))
    assert keyed.list_acts() == ()
    assert [(entry.action, entry.subject) for entry in keyed.list_audit_entries()] == [("person.erase", "1")]


def test_persons_of_an_act_do_not_show_in_a_repr(keyed):
    assert "p-secret" not in repr(_begin(keyed, "p-secret"))


def test_deletions_are_settled_once_as_a_parcel_that_is_done(keyed, make):
    parcel = make.parcel("f")
    gone = make.known(b"ref", bytes(16), 2)
    settlement = make.settlement(0, parcel="f", known=[gone], delivered=0)
    assert keyed.settle_withdrawal(parcel, [settlement])
    assert not keyed.settle_withdrawal(parcel, [settlement])
    assert keyed.has_parcel(FLOW, parcel.key)
    assert not keyed.has_parcel(FLOW, "0" * 64)
    (row,) = [row for row in keyed.list_parcels(FLOW) if row.kind == "withdrawn"]
    assert row.state == "done"
    assert keyed.list_open_parcels(FLOW, NOW)[0].parcel.key == make.parcel().key
    assert keyed.recall(FLOW, "visit/1", b"ref".ljust(16, b".")).withdrawn.all()
    assert keyed.list_scopes() == [(FLOW, "visit/1")]


def test_erased_items_are_gone_also_while_a_replay_carries_them(keyed, engine, make):
    keyed.settle(make.settlement(0, items=[make.item(b"one"), make.item(b"two"), make.item(b"three")]))
    quarantine = Quarantine(engine, keyed._seal)
    first, second, third = (row.id for row in quarantine.list_rows())
    quarantine.move_items([second], QuarantineState.REPLAYING, NOW)
    assert keyed.erase_items([first, second], NOW) == 2
    assert keyed.erase_items([first, second], NOW) == 0
    assert quarantine.open_payloads([first, second, third]) == {third: b"three"}


def test_erased_refs_are_as_if_never_delivered_and_others_stay(keyed, make):
    keyed.settle(make.settlement(0, known=[make.known(b"a", remote="id-a"), make.known(b"b", remote="id-b")]))
    keyed.settle(make.settlement(1, known=[make.known(b"a", b"d" * 16, 2), make.known(b"c")]))
    keys = [name.ljust(16, b".") for name in (b"a", b"b", b"c")]
    assert keyed.erase_known(FLOW, "visit/1", [keys[0], b"z" * 16]) == 1
    assert keyed.recall(FLOW, "visit/1", b"".join(keys)).versions.tolist() == [0, 1, 1]
    assert keyed.find_remote_ids(FLOW, "visit/1", keys) == [None, "id-b", ""]
    assert keyed.erase_known(FLOW, "visit/1", keys) == 2
    assert keyed.count_known(FLOW, "visit/1") == 0
    assert keyed.erase_known(FLOW, "other/1", keys) == 0
    keyed.check_health(thoroughly=True)


def test_erased_entries_keep_act_and_moment_and_the_chain_holds(keyed):
    for subject in ("p1", "p2"):
        keyed.append_audit("person.show", subject, "asked in writing", NOW, "somebody")
    assert keyed.erase_trail({"p1"}) == 1
    assert keyed.erase_trail({"p1"}) == 0
    assert [(entry.action, entry.subject) for entry in keyed.list_audit_entries()] == [
        ("person.show", ""),
        ("person.show", "p2"),
    ]
    assert keyed.verify_audit() == 2
