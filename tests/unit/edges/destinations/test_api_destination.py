"""An API as a destination: what each answer makes of each record, and the key that never changes."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass

import pytest

from passerelle.edges.destinations.api import ApiDestination
from passerelle.edges.http.credentials import NoCredentials
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.outcomes import Answer, Fate


@dataclass(frozen=True)
class Way:
    path: str = "visits"
    method: str = "POST"
    lot: int = 1
    lot_key: str = "records"
    key_header: str = "Idempotency-Key"
    delete_path: str = ""


@pytest.fixture
def to(server, clock):
    """Open a destination towards the test server."""
    opened = []

    def destination(*, settle_unknown: bool = False, in_flight: int = 4, attempts: int = 3, **way) -> ApiDestination:
        policy = Policy(deadline=3, connect=1, attempts=attempts, per_second=0, in_flight=in_flight)
        made = ApiDestination(
            server.url,
            send=Way(**way),
            credentials=NoCredentials(),
            policy=policy,
            clock=clock,
            settle_unknown=settle_unknown,
        )
        opened.append(made)
        return made

    yield destination
    for made in opened:
        made.close()


def records(count: int) -> list[dict]:
    return [{"ref": f"a:b:{number}", "comment": f"n° {number}"} for number in range(count)]


def test_each_record_is_sent_as_it_is_under_its_own_key(to, server, ready):
    server.follows(
        lambda connection, asked: server.reply(201, {"id": json.loads(asked.body)["ref"]})(connection, asked)
    )
    batch = ready(*records(20))
    answers = to().deliver(batch)
    assert answers == [Answer(Fate.DELIVERED, remote_id=f"a:b:{number}") for number in range(20)]
    sent = {asked.headers["idempotency-key"]: asked.body for asked in server.asked}
    assert sent == dict(zip(batch.keys, batch.bodies, strict=True))
    assert {asked.target for asked in server.asked} == {"/visits"}
    assert server.connections <= 4


def test_a_fault_is_retried_under_the_same_key(to, server, ready):
    server.follows(server.reply(500), server.raw(b"", reset=True), server.reply(201, {"id": 7}))
    answers = to().deliver(ready(*records(1)))
    assert answers == [Answer(Fate.DELIVERED, remote_id="7")]
    assert {asked.headers["idempotency-key"] for asked in server.asked} == {"0000kkkkkkkk"}
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_record_that_is_refused_does_not_stop_the_others(to, server, ready, status):
    def act(connection, asked):
        bad = b'"a:b:1"' in asked.body
        return server.reply(status if bad else 201, {"code": "date.future"} if bad else {})(connection, asked)

    server.follows(act)
    answers = to(attempts=2).deliver(ready(*records(3)))
    assert [answer.fate for answer in answers] == [Fate.DELIVERED, Fate.REFUSED, Fate.DELIVERED]
    assert answers[1].reason == "deliver.record.refused_with_code"
    assert answers[1].details == {"status": str(status), "code": "date.future"}


@pytest.mark.parametrize("body", [
    b"", b"Mme Untel est inconnue", b'{"code": "Mme Untel"}', b'{"code": "1850578006084"}', b'{"code": ["x"]}',
    b'{"message": "untel"}', b"[1]",
    b'{"code": "' + b"x" * 41 + b'"}', b'{"code": "x"}' + b" " * 70_000, b'{"errors": []}',
])  # fmt: skip
def test_of_a_refusal_nothing_is_kept_that_is_not_plainly_a_code(to, server, ready, body):
    server.follows(server.reply(422, body))
    (answer,) = to().deliver(ready(*records(1)))
    assert answer == Answer(Fate.REFUSED, "deliver.record.refused", {"status": "422"})


def test_the_first_of_several_errors_gives_its_code(to, server, ready):
    server.follows(server.reply(422, {"errors": [{"code": "ref-unknown"}, {"code": "b"}]}))
    (answer,) = to().deliver(ready(*records(1)))
    assert answer.details["code"] == "ref-unknown"


@pytest.mark.parametrize("status", [404, 405, 410, 415])
def test_a_wrong_address_suspends_the_flow_and_refuses_no_record(to, server, ready, status):
    server.follows(server.reply(status))
    with pytest.raises(FlowError) as caught:
        to().deliver(ready(*records(1)))
    assert caught.value.code == "incident.destination.misaddressed"


@pytest.mark.parametrize("status", [401, 403])
def test_refused_access_suspends_the_flow(to, server, ready, status):
    server.follows(server.reply(status))
    with pytest.raises(FlowError):
        to().deliver(ready(*records(1)))


def test_a_sign_in_page_is_no_acceptance(to, server, ready):
    server.follows(server.reply(200, b"<html>welcome</html>", Content_Type="text/html; charset=utf-8"))
    with pytest.raises(TransientError) as caught:
        to().deliver(ready(*records(1)))
    assert caught.value.code == "incident.supplier.garbled"


def test_a_key_in_progress_is_waited_for(to, server, ready):
    server.follows(server.reply(409), server.reply(201, {"id": "x"}))
    assert to().deliver(ready(*records(1))) == [Answer(Fate.DELIVERED, remote_id="x")]


def test_the_other_side_down_stops_early_and_makes_the_batch_wait(to, server, ready):
    server.follows(server.reply(503, Retry_After="600"))
    with pytest.raises(TransientError) as caught:
        to().deliver(ready(*records(200)))
    assert caught.value.retry_after == 600
    assert len(server.asked) < 30


def test_a_record_without_a_usable_answer_is_unknown_when_that_is_to_be_settled(to, server, ready):
    server.follows(server.raw(b"", reset=True))
    answers = to(settle_unknown=True).deliver(ready(*records(2)))
    assert answers == [Answer(Fate.UNKNOWN, "deliver.answer.missing")] * 2


def test_a_destination_without_keys_is_never_asked_twice(to, server, ready):
    server.follows(server.raw(b"", reset=True))
    answers = to(key_header="").deliver(ready(*records(1)))
    assert answers == [Answer(Fate.UNKNOWN, "deliver.answer.missing")]
    assert len(server.asked) == 1
    assert "idempotency-key" not in server.asked[0].headers


def test_nothing_sent_is_never_unknown(to, server, ready):
    destination = to(settle_unknown=True)
    server.close()
    with pytest.raises(TransientError):
        destination.deliver(ready(*records(1)))


def test_versions_of_one_record_are_sent_in_their_order(to, server, ready):
    seen, lock = [], threading.Lock()

    def act(connection, asked):
        with lock:
            seen.append(json.loads(asked.body))
        return server.reply(201)(connection, asked)

    server.follows(act)
    rows = [{"ref": f"a:b:{number % 5}", "n": 9 - number} for number in range(10)]
    answers = to(in_flight=8).deliver(ready(*rows, versions=tuple(10 - number for number in range(10))))
    assert [answer.fate for answer in answers] == [Fate.DELIVERED] * 10
    for ref in {row["ref"] for row in rows}:
        order = [row["n"] for row in seen if row["ref"] == ref]
        assert order == sorted(order)


def lots(server, seen):
    """Answer lots: the record `a:b:1` is refused, `a:b:2` settles nothing in a lot."""

    def act(connection, asked):
        document = json.loads(asked.body)
        seen.append((asked.headers["idempotency-key"], document))
        if "records" not in document:
            return server.reply(201, {"id": "single"})(connection, asked)
        results = []
        for item in document["records"]:
            ref = item["record"]["ref"]
            if ref == "a:b:1":
                results.append({"status": 422, "code": "no"})
            elif ref == "a:b:2":
                results.append({"status": 503})
            else:
                results.append({"status": 201, "id": ref})
        return server.reply(207, {"results": results})(connection, asked)

    return act


def test_a_lot_is_answered_record_by_record(to, server, ready):
    seen = []
    server.follows(lots(server, seen))
    batch = ready(*records(5))
    answers = to(lot=3, in_flight=1).deliver(batch)
    assert [answer.fate for answer in answers] == [Fate.DELIVERED, Fate.REFUSED, *[Fate.DELIVERED] * 3]
    assert [answer.remote_id for answer in answers] == ["a:b:0", "", "single", "a:b:3", "a:b:4"]
    assert [len(document.get("records", ())) for _key, document in seen] == [3, 0, 2]
    assert [item["idempotency_key"] for item in seen[0][1]["records"]] == list(batch.keys[:3])
    assert seen[1] == (batch.keys[2], json.loads(batch.bodies[2]))


def test_the_key_of_a_lot_comes_from_its_members_keys(to, server, ready):
    seen = []
    server.follows(lots(server, seen))
    destination = to(lot=2, in_flight=1)
    for _turn in range(2):
        destination.deliver(ready(*records(4)[3:]))
        destination.deliver(ready(*records(1)))
    assert len({key for key, _document in seen}) == 1  # same keys, same lot: the server is to answer as before
    destination.deliver(ready(*records(1), *records(4)[3:]))
    assert len({key for key, _document in seen}) == 2


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_lot_refused_as_a_whole_is_sent_one_by_one(to, server, ready, status):
    def act(connection, asked):
        return server.reply(status if b'"records"' in asked.body else 201)(connection, asked)

    server.follows(act)
    answers = to(lot=10).deliver(ready(*records(3)))
    assert [answer.fate for answer in answers] == [Fate.DELIVERED] * 3
    assert len(server.asked) == 4


def test_a_lot_taken_without_a_word_is_delivered(to, server, ready):
    server.follows(server.reply(204))
    answers = to(lot=10).deliver(ready(*records(3)))
    assert answers == [Answer(Fate.DELIVERED)] * 3


@pytest.mark.parametrize("body", [
    {}, {"results": []}, {"results": [{"status": 201}]}, {"results": [1, 2]}, {"results": [{}, {}]},
    {"errors": ["x", "y"]}, [],
])  # fmt: skip
def test_a_lot_whose_answer_is_not_about_each_record_suspends_the_flow(to, server, ready, body):
    server.follows(server.reply(200, body))
    with pytest.raises(FlowError) as caught:
        to(lot=10).deliver(ready(*records(2)))
    assert caught.value.code == "incident.destination.unclear"


def test_a_lot_without_a_usable_answer_is_unknown_when_that_is_to_be_settled(to, server, ready):
    server.follows(server.reply(500))
    answers = to(lot=10, settle_unknown=True).deliver(ready(*records(2)))
    assert [answer.fate for answer in answers] == [Fate.UNKNOWN] * 2


def test_an_empty_batch_sends_nothing(to, server, ready):
    batch = ready(*records(1))
    empty = type(batch)(batch.flow, batch.contract, batch.batch, batch.frame.clear(), (), (), ())
    assert to().deliver(empty) == []
    assert server.asked == []
