"""A worker serves who has work, each in its turn; who fails fails alone, and a large one keeps nobody waiting."""

from __future__ import annotations

import threading

import pytest
from federations import add_member, drop_export, make_federation

from passerelle.engine.organisations.turn_order import FlowTurn
from passerelle.engine.organisations.working import TurnWorker, work
from passerelle.engine.settings.installation_settings import read_installation
from passerelle.vocabulary.errors import UsageError

NAMES = ("a", "b", "c")


@pytest.fixture
def make(tmp_path):
    def call(more: str = ""):
        return make_federation(tmp_path, NAMES, more)

    return call


def run_once(installation, **options) -> list:
    told: list = []
    work(TurnWorker(installation, lambda *_told: (), **options), told.append, once=True, every=60, wait=lambda _s: None)
    return told


def list_turns(told) -> list[str]:
    return [f"{one.organisation}/{one.flow}" for one in told]


def test_who_has_work_is_served_and_who_has_none_is_left_alone(make, tmp_path):
    installation = make()
    drop_export(tmp_path, "b")
    told = run_once(installation)
    assert list_turns(told) == ["b/visites"]
    assert told[0].report.outcomes[0].balance.received > 0
    assert list_turns(run_once(installation)) == []


def test_for_a_timer_what_has_no_schedule_is_due(make):
    assert list_turns(run_once(make(), takes_due=True)) == ["a/visites", "b/visites", "c/visites"]


def test_a_large_member_keeps_no_small_one_waiting_longer_than_a_slice(make, tmp_path):
    installation = make("[fleet]\nslice_batches = 1\n")
    path = tmp_path / "organisations" / "a" / "passerelle.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[flow.visites]", "[flow.visites]\nblock_bytes = 1024"), "utf-8")
    drop_export(tmp_path, "a")
    for name in "bc":
        drop_export(tmp_path, name, rows=1)
    told = run_once(installation)
    assert list_turns(told)[:3] == ["a/visites", "b/visites", "c/visites"]
    assert list_turns(told)[3:] == ["a/visites"] * (len(told) - 3)
    assert len(told) > 4
    assert [one.has_more for one in told] == [True, False, False, *[True] * (len(told) - 4), False]


def test_what_is_named_is_worked_for_and_a_wrong_name_is_refused(make, tmp_path):
    installation = make()
    for name in NAMES:
        drop_export(tmp_path, name, rows=1)
    assert list_turns(run_once(installation, names=["c", "a"])) == ["c/visites", "a/visites"]
    with pytest.raises(UsageError):
        run_once(installation, names=["d"])


def test_one_that_cannot_be_opened_is_told_and_the_others_are_served(make, tmp_path):
    installation = make()
    for name in NAMES:
        drop_export(tmp_path, name, rows=1)
    add_member(tmp_path, "b", settings="[")
    told = run_once(installation)
    assert [(one.organisation, one.error is not None) for one in told] == [("b", True), ("a", False), ("c", False)]


def test_one_that_breaks_between_the_look_and_its_turn_loses_its_place_and_nothing_else(make, tmp_path):
    installation = make()
    for name in NAMES:
        drop_export(tmp_path, name, rows=1)
    worker = TurnWorker(installation, lambda *_told: ())
    worker.look()
    add_member(tmp_path, "a", settings="[")
    add_member(tmp_path, "b", flow="autre")
    ended = [worker.take_turn() for _turn in NAMES]
    assert [(one.organisation, one.error is not None, one.report is not None) for one in ended] == [
        ("a", True, False),
        ("b", False, False),
        ("c", False, True),
    ]
    assert worker.take_turn() is None


def test_what_was_seen_and_not_taken_is_seen_again(make, tmp_path):
    installation = make()
    drop_export(tmp_path, "a", rows=1)
    worker = TurnWorker(installation, lambda *_told: ())
    worker.look()
    with worker.rounds.open(worker._members["a"]) as workspace, workspace.journal.claim("visites"):
        kept = worker.take_turn()
    assert kept.was_kept_from_it
    assert worker.take_turn() is None, "it is not tried again and again"
    worker.look()
    assert worker.take_turn().report.outcomes[0].balance.received == 1


def test_several_workers_at_the_same_time_share_the_line_and_do_nothing_twice(make, tmp_path):
    names = [f"org-{nth}" for nth in range(8)]
    make()
    for name in names:
        add_member(tmp_path, name)
        drop_export(tmp_path, name, rows=2)
    installation = read_installation(tmp_path / "passerelle.toml")
    told: list = []
    worker = TurnWorker(installation, lambda *_told: (), names)
    worker.look()
    workers = [TurnWorker(installation, lambda *_told: (), names) for _nth in range(3)]
    for one in workers:
        one._members.update(worker._members)  # as if each had looked at the same moment

    def drain(one: TurnWorker) -> None:
        while worked := one.take_turn():
            told.append(worked)

    threads = [threading.Thread(target=drain, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(list_turns(told)) == [f"{name}/visites" for name in names]
    assert {one.report.outcomes[0].balance.received for one in told} == {2}


def test_while_it_stays_it_looks_again_between_turns_and_ends_after_the_batch_in_hand(make, tmp_path):
    installation = make()
    drop_export(tmp_path, "a", rows=1)
    clock, told, waits, ending = [0.0], [], [], []

    def tell(worked) -> None:
        told.append(worked)
        clock[0] += 100
        if worked.organisation == "a":
            drop_export(tmp_path, "b", rows=1)

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds
        ending.append(True)

    worker = TurnWorker(installation, lambda *_told: (), is_ending=lambda: bool(ending))
    work(worker, tell, once=False, every=60, wait=wait, now=lambda: clock[0])
    assert list_turns(told) == ["a/visites", "b/visites"], "b came while a was worked on, and was seen without a pause"
    assert waits == [60]


def test_a_turn_that_was_asked_to_end_is_given_back(make, tmp_path):
    installation = make()
    drop_export(tmp_path, "a", rows=1)
    worker = TurnWorker(installation, lambda *_told: ())
    worker.look()
    worker.is_ending = lambda: True
    assert worker.take_turn().has_more
    assert worker.book.read().going_on == {FlowTurn("a", "visites")}
    assert list_turns(run_once(installation)) == ["a/visites"]
    assert list((tmp_path / "organisations" / "a" / "sorties").glob("*.ndjson"))
