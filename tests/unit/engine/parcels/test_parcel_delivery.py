"""A parcel that was stopped goes on where it was, in the batches it was cut into, and is seen whole all the same."""

from __future__ import annotations

import pytest
from whole_exports import Exports, write_persons

from passerelle.engine.parcels import parcel_delivery
from passerelle.engine.path.pipeline import deliver_batch
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.runs.worker import run_flow


def stop_after_first_batch(exports: Exports, text: str) -> None:
    def stop(_progress):
        raise KeyboardInterrupt

    exports.drop(text)
    with exports.open() as workspace, pytest.raises(KeyboardInterrupt):
        run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], exports.clock.now()), progress=stop)


def list_balances(exports: Exports):
    with exports.open() as workspace:
        return [book.balance for book in workspace.journal.list_balances("un")]


def test_a_stopped_parcel_goes_on_in_its_own_batches_whatever_the_settings_say_by_then(tmp_path):
    exports = Exports.at(tmp_path, whole="false", block_bytes=1024)
    stop_after_first_batch(exports, write_persons(range(200)))
    (begun,) = list_balances(exports)
    assert 0 < begun.received < 200
    exports.configure(whole="false", block_bytes=65536)
    rest = exports.run().balance
    assert rest.fates == {"delivered": 200 - begun.received}
    assert exports.list_rows() == {f"essai:person:{one}": 1 for one in range(200)}, "nothing twice, nothing left out"


def test_killed_behind_empty_batches_a_record_that_comes_again_has_the_same_version(tmp_path, monkeypatch):
    exports = Exports.at(tmp_path, whole="false", block_bytes=1024)
    exports.send(write_persons(range(40)))
    lines = write_persons(range(40), tag="x").splitlines(keepends=True)
    numbers = []

    def stop_behind_a_gap(batch, parcel_run):
        settlement = deliver_batch(batch, parcel_run)
        if not settlement.is_empty:
            numbers.append(batch.decoded.number)
            if numbers[-1] > len(numbers):
                raise KeyboardInterrupt
        return settlement

    exports.drop("".join([*lines[:15], "\n" * 3000, *lines[15:]]))
    with monkeypatch.context() as patched:
        patched.setattr(parcel_delivery, "deliver_batch", stop_behind_a_gap)
        with exports.open() as workspace, pytest.raises(KeyboardInterrupt):
            run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], exports.clock.now()))
    assert exports.run().settled == 1
    assert set(exports.list_rows().values()) == {2}


def test_what_an_earlier_run_settled_has_not_vanished_and_is_on_the_next_list(tmp_path):
    exports = Exports.at(tmp_path, block_bytes=1024, most_vanished=0.5)
    exports.send(write_persons(range(200)))
    stop_after_first_batch(exports, write_persons(range(200), tag="x"))
    assert exports.run().balance.vanished == 0
    assert exports.send(write_persons(range(3, 200))).balance.vanished == 3, "they were in the first batch"


def test_rows_that_are_replayed_are_no_whole_export(tmp_path):
    exports = Exports.at(tmp_path, most_vanished=1)
    exports.send(write_persons(range(3), wrong=[2]))
    with exports.open() as workspace:
        (item,) = workspace.quarantine.list_rows(flow="un")
        replay_items(workspace, QuarantineSelection((item.id,)), {item.id: {"Naissance": "01/02/1940"}})
    replayed = exports.run().balance
    assert (replayed.fates, replayed.vanished) == ({"delivered": 1}, 0)
    assert exports.send(write_persons([2])).balance.vanished == 2, "the list of the export still counts"
