"""Queues of work: in turn, so many at once, each with its place; what fails, fails alone."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from tender_room import write_sample
from workbench_room import FLOW, OTHER_FLOW, SWITCH, find_form, open_bench

from passerelle.faces.web.rights import Role
from passerelle.faces.web.work_queues import MOST_WAITING, QueueFullError, WorkQueue
from passerelle.stores.switch_findings import COMPARED

PATIENCE = 30


class Hold:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.end = threading.Event(), threading.Event()

    def act(self) -> None:
        self.begun.set()
        assert self.end.wait(PATIENCE)


@settings(max_examples=count_examples(30), deadline=None)
@given(st.integers(1, 4), st.integers(0, 12))
def test_everything_is_done_once_in_turn_and_never_more_at_once_than_allowed(most, count):
    queue, lock = WorkQueue(most), threading.Lock()
    done, busy, highest = [], [0], [0]

    def act(nth: int) -> None:
        with lock:
            busy[0] += 1
            highest[0] = max(highest[0], busy[0])
            done.append(nth)
        with lock:
            busy[0] -= 1

    for nth in range(count):
        assert queue.begin(f"n{nth}", lambda nth=nth: act(nth))
    queue.wait()
    assert sorted(done) == list(range(count))
    assert highest[0] <= most
    if most == 1:
        assert done == sorted(done)


def test_what_waits_knows_its_place_and_the_same_is_not_asked_for_twice():
    queue, hold = WorkQueue(1), Hold()
    first = queue.begin("long", hold.act)
    assert hold.begun.wait(PATIENCE)
    second, third = queue.begin("b", lambda: None), queue.begin("c", lambda: None)
    assert [queue.count_before(one) for one in (first, second, third)] == [0, 1, 2]
    assert queue.begin("long", hold.act) is None
    assert queue.begin("b", hold.act) is None
    for nth in range(MOST_WAITING - 2):
        assert queue.begin(f"n{nth}", lambda: None)
    assert queue.begin("one more", lambda: None) is None
    hold.end.set()
    queue.wait()
    assert [queue.count_before(one) for one in (first, second, third)] == [0, 0, 0]
    assert queue.begin("long", lambda: None)
    queue.wait()


def test_what_fails_frees_its_place():
    queue, done = WorkQueue(1), []

    def fail() -> None:
        raise ValueError("wrong")

    queue.begin("wrong", fail)
    queue.begin("right", lambda: done.append(1))
    queue.wait()
    assert done == [1]
    with pytest.raises(ValueError, match="wrong"), queue.hold_place(PATIENCE):
        fail()
    with queue.hold_place(0):
        done.append(2)
    assert done == [1, 2]


def test_a_closed_lane_lets_go_of_what_waits_and_ends_what_goes_on():
    queue, hold, done = WorkQueue(1), Hold(), []
    queue.begin("long", hold.act)
    assert hold.begun.wait(PATIENCE)
    waiting = queue.begin("waits", lambda: done.append(1))
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(queue.close)
        while queue.count_before(waiting):
            time.sleep(0.01)
        hold.end.set()
        closing.result(PATIENCE)
    assert done == []
    assert queue.begin("late", lambda: done.append(2)) is None


def test_a_place_that_does_not_come_free_tells_how_many_are_before():
    queue, hold = WorkQueue(1), Hold()
    queue.begin("long", hold.act)
    assert hold.begun.wait(PATIENCE)
    with pytest.raises(QueueFullError) as told, queue.hold_place(0):
        pass
    assert told.value.ahead == 1
    hold.end.set()
    with queue.hold_place(PATIENCE):
        pass


def drop(client, path: str):
    """Drop a file to be checked."""
    form = find_form(client.get(path).text, path) if path == "/controler" else None
    fields = {"connecteur": "atelier-contacts"} | ({"form_key": form.fields["form_key"]} if form else {})
    sent = ("contacts.csv", b"Id;Personne;Date;Motif\nC1;P1;01/10/2026;Visite\n")
    return client.post(path, data=fields, files={"fichier": sent})


@pytest.fixture
def bench(tmp_path):
    more = SWITCH[SWITCH.index("[switch.") :].replace("bascule", "seconde")
    (tmp_path / "switch.toml").write_text(SWITCH + more, "utf-8")
    (tmp_path / "autres").mkdir()
    (tmp_path / "autres" / "interaction.ndjson").write_bytes(write_sample(4))
    with open_bench(tmp_path, web="public_check = true\nchecks_at_once = 1\n") as opened:
        yield opened


def test_a_check_and_a_run_are_not_behind_a_comparison_and_another_comparison_tells_its_place(bench):
    hold = Hold()
    base = "/bascules/seconde/comparaisons"
    with bench.sign_in(Role.OPERATOR) as client:
        assert bench.starter.start_work("bascule", COMPARED, hold.act)
        assert hold.begun.wait(PATIENCE)
        assert drop(client, "/controler").status_code == 200
        form = find_form(client.get(f"/flux/{FLOW}").text, "/lancer")
        client.post(form.action, data=form.fields)
        bench.starter.runs.wait()
        form = find_form(client.get(base).text, "/comparaisons")
        client.post(form.action, data=form.fields)
        assert "1 devant vous" in client.get(base).text
        assert "1 devant vous" in client.get(f"{base}/chiffres").text
        client.post(form.action, data=form.fields)
        assert "déjà été demandé" in client.get(base).text
        hold.end.set()
        bench.starter.wait()
        assert "devant vous" not in client.get(base).text
    assert len(bench.workspace.journal.list_switch_findings("seconde", COMPARED, limit=9)) <= 1


def test_a_trial_that_waits_behind_a_run_tells_its_place(bench):
    hold = Hold()
    with bench.sign_in(Role.OPERATOR) as client:
        assert bench.starter.runs.begin("run", hold.act)
        assert hold.begun.wait(PATIENCE)
        form = find_form(client.get(f"/flux/{FLOW}/essai").text, "/essai")
        client.post(form.action, data=form.fields)
        assert "1 devant vous" in client.get(f"/flux/{FLOW}/essai/chiffres").text
        form = find_form(client.get(f"/flux/{OTHER_FLOW}").text, "/lancer")
        client.post(form.action, data=form.fields)
        assert "2 devant lui" in client.get("/passages").text
        hold.end.set()
        bench.starter.wait()
        assert "devant vous" not in client.get(f"/flux/{FLOW}/essai").text


def test_files_that_are_dropped_at_once_are_all_answered_and_who_has_no_account_is_told_who_is_before(bench):
    hold = Hold()
    with bench.sign_in(Role.OPERATOR) as client, bench.make_client() as guest, ThreadPoolExecutor(4) as pool:
        assert bench.starter.checks.begin("file", hold.act)
        assert hold.begun.wait(PATIENCE)
        refused = drop(guest, "/verifier")
        assert refused.status_code == 429
        assert "1 fichier passait avant" in refused.text
        asked = [pool.submit(drop, client, "/controler") for _nth in range(4)]
        hold.end.set()
        assert [one.result(PATIENCE).status_code for one in asked] == [200] * 4
        assert drop(guest, "/verifier").status_code == 200
