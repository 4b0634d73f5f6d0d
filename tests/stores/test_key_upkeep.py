"""State and keyring stay together: keys that nothing names go, and what held its own key is sealed anew."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, text

from passerelle.stores import key_upkeep, schema
from passerelle.stores.consents import Consents, Statement
from passerelle.stores.data_keys import DEPOSIT
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.key_upkeep import keep_keyring_name, read_keyring_name, seal_all_again, sweep_keys
from passerelle.stores.keyring import Keyring
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import find_place
from passerelle.stores.settlement import QuarantineState
from passerelle.stores.trail import erase_words
from passerelle.vocabulary.errors import FatalError, ParcelError

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"
NO_TIME = timedelta()
NOT_SEALED = {
    "api_token.digest",
    "handing.key",
    "handing.receipt_key",
    "handing.body",
    "person_reading.subject",
    "seal_check.mac",
    "arrival.place",
    "arrival.state",
    "quarantine.likeness",
    "known.ref_keys",
    "known.contents",
    "known.versions",
    "known.parcels",
    "known.moments",
    "known.digest",
    "known_remote.ref_key",
    "audit.mac",
    "audit.digest",
    "statement.subject",
    "statement.caseless",
    "statement.zeroless",
    "statement.plain",
    "shelf_segment.live",
    "shelf_page.head",
    "shelf_page.ref_keys",
    "shelf_page.numbers",
    "organisation.key_wrapped",
    "organisation.words",
    "withheld_told.audience",
    "withheld_told.ref_key",
    "written_record.ref_key",
}
"""Pseudonyms, digests, numbers, and what the key of the installation locks: columns that hold no envelope."""


@pytest.fixture
def keyring(tmp_path, seal):
    opened = Keyring.open(tmp_path / "ring", seal.derive_keyring_key(), create=True)
    yield opened
    opened.close()


@pytest.fixture
def depot(tmp_path, seal, keyring):
    return Depot(tmp_path / "state" / "depot", seal.attach(keyring))


@pytest.fixture
def keyed(engine, seal, keyring, make):
    """Give a journal whose keys are in the keyring, with a parcel and a run."""
    journal = Journal(engine, seal.attach(keyring))
    journal.register(make.parcel(), cursor="page 2")
    journal.begin_run([FLOW], NOW)
    return journal


def _use(journal, make):
    items = [make.item(b"first"), make.item(b"second")]
    journal.settle(make.settlement(0, items=items, known=[make.known(b"ref", remote="remote-1")]))
    journal.append_audit("reveal", "subject", "because of it", NOW, "who")


def _envelopes(engine):
    with open_reader(engine) as connection:
        for column in key_upkeep._ENVELOPES:
            for (cell,) in connection.execute(
                text(f'SELECT "{column.name}" FROM "{column.table.name}" WHERE "{column.name}" IS NOT NULL')  # noqa: S608  our own names
            ):
                yield bytes(cell)


def test_every_column_of_bytes_is_looked_at_or_holds_no_envelope():
    columns = {str(column) for table in schema.metadata.tables.values() for column in table.c if _is_bytes(column)}
    assert columns == {str(column) for column in key_upkeep._ENVELOPES} | NOT_SEALED


def _is_bytes(column) -> bool:
    return isinstance(column.type, LargeBinary)


def test_a_journal_names_one_keyring(engine):
    assert read_keyring_name(engine) == ""
    keep_keyring_name(engine, "abc")
    assert read_keyring_name(engine) == "abc"


def test_what_is_sealed_has_no_key_beside_it(keyed, engine, make, depot):
    _use(keyed, make)
    depot.put(io.BytesIO(b"content"), name="a.csv")
    assert all(find_place(envelope) for envelope in _envelopes(engine))
    assert depot.list_with_own_key() == []


def test_a_sweep_keeps_every_key_that_is_named(keyed, engine, seal, keyring, make, depot):
    _use(keyed, make)
    digest = depot.put(io.BytesIO(b"content"), name="a.csv").digest
    assert sweep_keys(engine, keyring, [depot], NO_TIME) == 0
    quarantine = Quarantine(engine, seal.attach(keyring))
    opened = quarantine.open_payloads(row.id for row in quarantine.list_rows())
    assert sorted(opened.values()) == [b"first", b"second"]
    assert keyed.find_remote_ids(FLOW, "visit/1", [b"ref".ljust(16, b".")]) == ["remote-1"]
    assert keyed.get_cursor(FLOW) == "page 2"
    assert keyed.list_audit_entries()[-1].subject == "subject"
    assert depot.open(digest).read() == b"content"


def test_what_was_superseded_goes_with_a_sweep_when_its_time_is_over(keyed, engine, keyring, make):
    _use(keyed, make)
    before = find_place(_read_cursor(engine))
    keyed.register(make.parcel("b"), cursor="page 3")
    assert sweep_keys(engine, keyring, [], timedelta(days=7)) == 0
    assert keyring.find_key(*before) is not None
    assert sweep_keys(engine, keyring, [], NO_TIME) == 1
    assert keyring.find_key(*before) is None


def _read_cursor(engine) -> bytes:
    with open_reader(engine) as connection:
        return bytes(connection.execute(text("SELECT cursor FROM flow")).scalar_one())


def test_a_deposit_that_was_just_written_keeps_its_key(engine, keyring):
    keyring.make_keys(1, key_upkeep.time.time_ns() // 1000, DEPOSIT)
    assert sweep_keys(engine, keyring, [], NO_TIME) == 0
    assert len(keyring.list_blocks(DEPOSIT)) == 1


def test_a_discarded_item_opens_from_no_copy(keyed, engine, seal, keyring, make):
    _use(keyed, make)
    quarantine = Quarantine(engine, seal.attach(keyring))
    first, second = (row.id for row in quarantine.list_rows())
    with open_reader(engine) as connection:
        copies = [
            bytes(cell) for cell in connection.execute(text("SELECT payload FROM quarantine ORDER BY id")).scalars()
        ]
    quarantine.move_items([first], QuarantineState.DISCARDED, NOW)
    assert [keyring.find_key(*find_place(copy)) is None for copy in copies] == [True, False]
    assert quarantine.open_payloads([first, second]) == {second: b"second"}


def test_a_removed_deposit_opens_from_no_copy_unless_its_key_is_kept(depot, tmp_path):
    for keeps in (False, True):
        digest = depot.put(io.BytesIO(b"content"), name="a.csv").digest
        copy = (tmp_path / "state" / "depot" / digest).read_bytes()
        depot.remove(digest, keeps_key=keeps)
        (tmp_path / "state" / "depot" / digest).write_bytes(copy)
        if keeps:
            assert depot.open(digest).read() == b"content"
        else:
            with pytest.raises(ParcelError) as caught:
                depot.open(digest)
            assert caught.value.code == "incident.deposit.missing"
            depot.remove(digest)


def test_what_held_its_own_key_is_sealed_anew_once_and_reads_the_same(engine, seal, keyring, make, tmp_path):
    before = Journal(engine, seal)
    before.register(make.parcel(), cursor="page 2")
    before.begin_run([FLOW], NOW)
    _use(before, make)
    old = Depot(tmp_path / "state" / "depot", seal)
    digest = old.put(io.BytesIO(b"content"), name="a.csv").digest
    said = Statement(subject="a:person:1", accepted=False, since=NOW, collected="sur papier", collected_by="Mme Petit")
    Consents(engine, seal).append([said], NOW)
    head = before.get_audit_head()
    copies = list(_envelopes(engine))

    depot = Depot(tmp_path / "state" / "depot", seal.attach(keyring))
    assert seal_all_again(engine, seal.attach(keyring), [depot]) == 7
    assert seal_all_again(engine, seal.attach(keyring), [depot]) == 0
    assert all(find_place(envelope) for envelope in _envelopes(engine))
    journal, quarantine = Journal(engine, seal.attach(keyring)), Quarantine(engine, seal.attach(keyring))
    opened = quarantine.open_payloads(row.id for row in quarantine.list_rows())
    assert sorted(opened.values()) == [b"first", b"second"]
    assert journal.get_cursor(FLOW) == "page 2"
    assert journal.verify_audit(head) == 1
    assert journal.list_audit_entries()[-1].why == "because of it"
    (kept,) = Consents(engine, seal.attach(keyring)).list_statements("a:person:1", NOW)
    assert (kept.statement.collected, kept.statement.collected_by) == ("sur papier", "Mme Petit")
    assert (depot.open(digest).read(), depot.read_name(digest)) == (b"content", "a.csv")
    # those in a copy of before open with the master key alone, as long as that is the same
    assert not any(find_place(copy) for copy in copies)


def test_erased_words_leave_a_chain_that_holds(keyed, engine, seal, keyring):
    for number in range(3):
        keyed.append_audit("reveal", f"subject {number}", "because of it", NOW, "who")
    head = keyed.get_audit_head()
    with open_writer(engine) as connection:
        envelopes = erase_words(connection, [2])
        assert erase_words(connection, [2]) == []
    assert seal.attach(keyring).destroy(envelopes) == 1
    assert keyed.verify_audit(head) == 3
    assert [entry.subject for entry in keyed.list_audit_entries()] == ["subject 0", "", "subject 2"]
    with pytest.raises(FatalError):
        seal.attach(keyring).open(envelopes[0], about=b"audit/2")


def test_where_there_is_no_keyring_nothing_is_moved_into_one(engine, seal, make):
    journal, quarantine = Journal(engine, seal), Quarantine(engine, seal)
    journal.begin_run(["visites"], make.now)
    journal.register(make.parcel())
    journal.settle(make.settlement(items=[make.item(b"own key")]))
    assert seal_all_again(engine, seal, []) == 0
    (row,) = quarantine.list_rows()
    assert quarantine.open_payloads([row.id]) == {row.id: b"own key"}
