"""Groups in the journal: noted as they are, settled and closed all together, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from passerelle.stores.journal import Journal
from passerelle.stores.keyring import Keyring
from passerelle.stores.quarantine import Quarantine
from passerelle.vocabulary.errors import FatalError

FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def keys(journal, make) -> list[str]:
    journal.begin_run([FLOW], NOW)
    return [journal.register(make.parcel(letter)) for letter in "abc"]


def test_a_group_is_named_by_its_first_parcel_and_found_again(journal, keys):
    journal.group_parcels(FLOW, keys[1:])
    assert [entry.group for entry in journal.list_open_parcels(FLOW, NOW)] == [None, 2, 2]
    assert journal.find_groups(FLOW, keys) == {keys[1]: 2, keys[2]: 2}


def test_parcels_of_a_dissolved_group_are_each_alone(journal, keys):
    journal.group_parcels(FLOW, keys)
    journal.dissolve_group(FLOW, keys)
    assert [entry.group for entry in journal.list_open_parcels(FLOW, NOW)] == [1, 2, 3]


def test_parcels_that_are_settled_together_are_closed_and_have_their_own_books(journal, make, keys):
    journal.settle_group([make.settlement(parcel=letter, delivered=size) for letter, size in (("a", 1), ("b", 2))], NOW)
    rows = journal.list_parcels(FLOW)
    assert [(row.state, row.balance.received) for row in rows[:2]] == [("done", 1), ("done", 2)]
    assert [entry.parcel.key for entry in journal.list_open_parcels(FLOW, NOW)] == keys[2:]


def test_whom_the_records_of_a_group_are_about_is_found_and_its_items_have_keys_of_one_block(
    engine, seal, make, tmp_path
):
    keyring = Keyring.open(tmp_path / "ring", seal.derive_keyring_key(), create=True)
    journal = Journal(engine, seal.attach(keyring))
    journal.begin_run([FLOW], NOW)
    settlements = []
    for letter in "abc":
        journal.register(make.parcel(letter))
        about = pl.DataFrame({"person": [f"p-{letter}", "p"], "ref": [f"v-{letter}", f"w-{letter}"]})
        known = replace(make.known(letter.encode()), subjects=about)
        items = [make.item(letter.encode()), make.item(b"x" + letter.encode())]
        settlements.append(make.settlement(parcel=letter, items=items, known=[known]))
    blocks = keyring.list_blocks()
    journal.settle_group(settlements, NOW)
    found = journal.find_records_about(["p", "p-b"])
    assert {scope: set(frame["ref"]) for scope, frame in found.items()} == {
        (FLOW, "visit/1"): {"w-a", "w-b", "w-c", "v-b"}
    }
    quarantine = Quarantine(engine, seal.attach(keyring))
    opened = quarantine.open_payloads(row.id for row in quarantine.list_rows())
    assert sorted(opened.values()) == [b"a", b"b", b"c", b"xa", b"xb", b"xc"]
    # one for the items of all parcels, one for their list
    assert len(set(keyring.list_blocks()) - set(blocks)) == 2
    keyring.close()


def test_one_that_was_settled_before_leaves_all_as_they_were(journal, make, keys):
    journal.settle(make.settlement(parcel="b", delivered=1))
    with pytest.raises(FatalError) as failure:
        journal.settle_group([make.settlement(parcel=letter, delivered=1) for letter in "ab"], NOW)
    assert failure.value.code == "incident.batch.settled"
    assert len(journal.list_open_parcels(FLOW, NOW)) == len(keys)
    assert journal.list_parcels(FLOW)[0].batches == 0
