"""Files of a depot in an object store that fails in every way: never overwritten, never half, never taken for gone."""

from __future__ import annotations

import os
import time

import pytest
from depot_places import open_objects
from s3_store import BUCKET, serve_s3
from tls_servers import make_trusted

from passerelle.edges.places import web_session
from passerelle.edges.places.object_reading import FIRST
from passerelle.edges.places.s3_bucket import PART
from passerelle.vocabulary.errors import FatalError, PasserelleError, TransientError

NAME = "a" * 64
LARGE = os.urandom(PART + 100_000)
REFUSALS = {
    ("403 Forbidden", "AccessDenied"): "incident.depot.refused",
    ("403 Forbidden", "InvalidAccessKeyId"): "incident.depot.refused",
    ("403 Forbidden", "RequestTimeTooSkewed"): "incident.depot.clock",
    ("404 Not Found", "NoSuchBucket"): "incident.depot.absent",
    ("301 Moved Permanently", "PermanentRedirect"): "incident.depot.absent",
    ("507 Insufficient Storage", "XMinioStorageFull"): "incident.depot.full",
    ("400 Bad Request", "InvalidRequest"): "incident.depot.incompatible",
}
PASSING = [
    ("500 Internal Server Error", "InternalError"),
    ("503 Slow Down", "SlowDown"),
    ("429 Too Many Requests", "SlowDown"),
    ("409 Conflict", "ConditionalRequestConflict"),
    ("400 Bad Request", "BadDigest"),
    ("408 Request Timeout", "RequestTimeout"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch, serve_s3(make_trusted(folder, patch, 30)[0]) as running:
        yield running


@pytest.fixture
def place(store, tmp_path):
    store.asked.clear()
    found = open_objects(store, tmp_path)
    yield found
    found.close()
    store.instead, store.spoil, store.forgets = (lambda _environ: None), (lambda _environ, content: content), ()
    assert store.count_uploads(found.prefix) == 0


@pytest.fixture
def draft(tmp_path):
    def make(content: bytes):
        (tmp_path / "d").write_bytes(content)
        return tmp_path / "d"

    return make


def _fail(store, method: str, times: int, answer: tuple[str, str], query: str = "") -> None:
    """Answer the first requests of a kind otherwise than truly."""
    left = [times]

    def answer_instead(environ):
        if environ["REQUEST_METHOD"] != method or query not in environ["QUERY_STRING"] or not left[0]:
            return None
        left[0] -= 1
        return answer

    store.instead = answer_instead


def _lose(store, method: str, query: str = "") -> None:
    """Do what the first request of a kind asks for, and cut its answer off."""
    left = [1]

    def spoil(environ, content):
        if environ["REQUEST_METHOD"] != method or query not in environ["QUERY_STRING"] or not left[0]:
            return content
        left[0] -= 1
        return None

    store.spoil = spoil


def _read(place, name: str = NAME) -> bytes:
    with place.open(name) as file:
        return file.read()


@pytest.mark.parametrize("size", [100, len(LARGE)])
@pytest.mark.parametrize("answer", PASSING)
def test_what_the_store_cannot_do_just_now_is_asked_again(store, place, draft, answer, size):
    _fail(store, "PUT", 2, answer)
    assert place.put_new(draft(LARGE[:size]), NAME)
    assert store.read(place.prefix) == {NAME: LARGE[:size]}


@pytest.mark.parametrize("size", [100, len(LARGE)])
def test_a_store_that_stays_away_is_asked_a_few_times_and_nothing_is_left_there(store, place, draft, size):
    _fail(store, "PUT", 99, ("500 Internal Server Error", "InternalError"))
    with pytest.raises(TransientError) as caught:
        place.put_new(draft(LARGE[:size]), NAME)
    assert caught.value.code == "incident.depot.away"
    assert [method for method, _query in store.asked].count("PUT") == 4
    assert store.read(place.prefix) == {}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_a_person_has_to_mend_stops_everything_under_its_own_name(store, place, draft, refusal):
    store.instead = lambda environ: refusal if environ["REQUEST_METHOD"] != "HEAD" else None
    acts = (
        lambda: place.put_new(draft(b"x"), NAME),
        lambda: place.open(NAME),
        lambda: place.remove(NAME),
        lambda: list(place.list_files()),
        lambda: place.read_beginnings([NAME], 20),
    )
    for act in acts:
        with pytest.raises(FatalError) as caught:
            act()
        assert caught.value.code == REFUSALS[refusal]
        assert caught.value.concerns_every_flow


def test_what_is_there_is_never_overwritten_even_when_it_came_a_moment_before(store, place, draft):
    assert place.put_new(draft(b"first"), NAME)
    assert not place.put_new(draft(b"second"), NAME)
    _fail(store, "HEAD", 9, ("404 Not Found", ""))
    assert not place.put_new(draft(b"second"), NAME)
    assert not place.put_new(draft(LARGE), NAME)
    assert store.read(place.prefix) == {NAME: b"first"}


@pytest.mark.parametrize("content", [b"small", LARGE])
def test_a_store_without_conditions_is_written_to_all_the_same(store, place, draft, content):
    def know_no_condition(environ):
        return ("501 Not Implemented", "NotImplemented") if "HTTP_IF_NONE_MATCH" in environ else None

    store.instead = know_no_condition
    assert place.put_new(draft(content), NAME)
    assert store.read(place.prefix) == {NAME: content}


def test_a_put_that_succeeded_and_whose_answer_is_lost_is_not_repeated(store, place, draft):
    _lose(store, "PUT")
    assert not place.put_new(draft(b"x"), NAME)
    assert _read(place) == b"x"


def test_parts_that_were_joined_and_whose_answer_is_lost_are_not_sent_again(store, place, draft):
    _lose(store, "POST", "uploadId")
    asked = []

    def forget_upload(environ):
        if environ["REQUEST_METHOD"] != "POST" or "uploadId" not in environ["QUERY_STRING"]:
            return None
        asked.append(environ)
        return ("404 Not Found", "NoSuchUpload") if len(asked) > 1 else None

    store.instead = forget_upload
    assert not place.put_new(draft(LARGE), NAME)
    assert len(asked) == 2
    assert _read(place) == LARGE


def test_parts_that_were_swept_before_they_were_joined_are_sent_again_later(store, place, draft):
    _fail(store, "POST", 1, ("404 Not Found", "NoSuchUpload"), "uploadId")
    with pytest.raises(TransientError):
        place.put_new(draft(LARGE), NAME)
    assert place.put_new(draft(LARGE), NAME)


def test_a_part_whose_answer_is_lost_is_sent_again(store, place, draft):
    _lose(store, "PUT", "partNumber=2")
    assert place.put_new(draft(LARGE), NAME)
    assert _read(place) == LARGE


def test_what_is_broken_is_replaced_only_while_it_is_the_one_that_was_looked_at(store, place, draft):
    place.put_new(draft(b"broken"), NAME)
    place.replace(draft(b"healed"), NAME)
    assert _read(place) == b"healed"
    _fail(store, "PUT", 1, ("412 Precondition Failed", "PreconditionFailed"))
    with pytest.raises(TransientError):
        place.replace(draft(b"of another machine"), NAME)
    assert _read(place) == b"healed"


@pytest.mark.parametrize("cut", [1, 3])
def test_an_answer_that_is_cut_off_is_asked_for_again(store, place, draft, cut):
    place.put_new(draft(LARGE), NAME)
    left = [cut]

    def spoil(environ, content):
        if environ["REQUEST_METHOD"] == "GET" and left[0] and len(content) > 1:
            left[0] -= 1
            return content[:-1]
        return content

    store.spoil = spoil
    assert _read(place) == LARGE


def test_a_reader_never_gets_fewer_bytes_than_there_are(store, place, draft):
    place.put_new(draft(LARGE), NAME)
    with place.open(NAME) as file:
        store.spoil = lambda environ, content: content[:-1] if environ["REQUEST_METHOD"] == "GET" else content
        with pytest.raises(TransientError):
            file.read()


def test_only_what_is_read_of_a_large_object_is_asked_for(store, place, draft):
    place.put_new(draft(LARGE), NAME)
    store.asked.clear()
    with place.open(NAME) as file:
        assert file.seek(-10, os.SEEK_END) == len(LARGE) - 10
        assert file.read() == LARGE[-10:]
        assert file.tell() == len(LARGE)
        file.seek(5)
        assert file.read(7) == LARGE[5:12]
    assert len(store.asked) == 2


def test_an_object_that_takes_the_name_of_one_that_is_read_is_never_read_as_its_rest(store, place, draft):
    place.put_new(draft(LARGE), NAME)
    with place.open(NAME) as file:
        assert file.read(FIRST) == LARGE[:FIRST]
        store.remove(f"{place.prefix}{NAME}")
        with pytest.raises(TransientError):
            file.read()


def test_a_store_without_ranges_is_read_whole(store, place, draft):
    place.put_new(draft(LARGE), NAME)
    store.forgets = ("HTTP_RANGE",)
    assert _read(place) == LARGE
    assert place.read_beginnings([NAME, "absent"], 20) == [LARGE[:20], b""]


def test_beginnings_are_whole_and_a_short_answer_is_no_beginning(store, place, draft):
    place.put_new(draft(b"0123456789" * 10), NAME)
    place.put_new(draft(b"short"), "b" * 64)
    place.put_new(draft(b""), "c" * 64)
    names = [NAME, "absent", "b" * 64, "c" * 64]
    assert place.read_beginnings(names, 20) == [b"0123456789" * 2, b"", b"short", b""]
    store.spoil = lambda environ, content: content[:-1] if environ["REQUEST_METHOD"] == "GET" else content
    with pytest.raises(TransientError):
        place.read_beginnings([NAME], 20)


def test_an_empty_object_and_one_that_is_not_there_do_not_open(place, draft):
    place.put_new(draft(b""), NAME)
    with pytest.raises(OSError, match="nothing"):
        place.open(NAME)
    with pytest.raises(FileNotFoundError):
        place.open("absent")


def test_a_listing_is_whole_or_none(store, place, draft):
    names = sorted(f"{number:064x}" for number in range(5))
    for name in names:
        place.put_new(draft(b"x"), name)
    store.backend.put_object(BUCKET, f"{place.prefix}below/other", b"x")
    listed = dict(place.list_files())
    assert sorted(listed) == names
    assert all(abs(written - time.time()) < 60 for written in listed.values())
    store.spoil = lambda _environ, content: content.replace(b"<IsTruncated>false", b"<IsTruncated>true")
    with pytest.raises(FatalError) as caught:
        list(place.list_files())
    assert caught.value.code == "incident.depot.incompatible"


def test_uploads_that_nobody_ended_are_aborted_when_they_are_old(store, place):
    assert place._begin_parts(NAME)
    place.sweep(0)
    assert store.count_uploads(place.prefix) == 1
    place.sweep(time.time() + 60)
    assert store.count_uploads(place.prefix) == 0
    store.instead = lambda _environ: ("403 Forbidden", "AccessDenied")
    place.sweep(time.time())  # a right of its own, that a depot does not need


def test_a_store_that_does_not_answer_in_time_is_asked_again(store, place, draft, monkeypatch):
    monkeypatch.setattr(web_session, "STEP_SECONDS", 0.2)
    left = [1]

    def wait(environ):
        if environ["REQUEST_METHOD"] == "PUT" and left[0]:
            left[0] -= 1
            time.sleep(0.6)

    store.instead = wait
    # the first try may have come through in the end: something is there, which is compared
    place.put_new(draft(b"x"), NAME)
    monkeypatch.undo()
    assert _read(place) == b"x"


def test_removing_twice_is_no_fault(place, draft):
    place.put_new(draft(b"x"), NAME)
    assert place.has(NAME)
    place.remove(NAME)
    place.remove(NAME)
    assert not place.has(NAME)


def test_a_server_that_is_not_there_is_away(place, store, draft, tmp_path):
    gone = open_objects(type(store)(port=1), tmp_path)
    with pytest.raises(PasserelleError) as caught:
        gone.put_new(draft(b"x"), NAME)
    assert (type(caught.value), caught.value.code) == (TransientError, "incident.depot.away")
