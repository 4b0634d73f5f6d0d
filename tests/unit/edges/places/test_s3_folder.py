"""What an S3-compatible store may answer, and what is made of it; large objects, conditions, listings of many pages."""

from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from s3_store import ACCESS, BUCKET, REGION, SECRET, serve_s3
from tls_servers import make_trusted

from passerelle.edges.places.s3_answers import make_state, parse_page, parse_xml
from passerelle.edges.places.s3_folder import PART, S3Folder
from passerelle.edges.places.s3_signing import S3Signer
from passerelle.edges.places.web_session import WebSession
from passerelle.edges.sources.folder import FolderSource
from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError
from passerelle.vocabulary.safe_files import OWNER

LOOKS = {
    ("403 Forbidden", "InvalidAccessKeyId"): FlowError("incident.credentials.refused"),
    ("403 Forbidden", "SignatureDoesNotMatch"): FlowError("incident.credentials.refused"),
    ("400 Bad Request", "ExpiredToken"): FlowError("incident.credentials.refused"),
    ("403 Forbidden", "AccessDenied"): FlowError("incident.folder.unreadable"),
    ("404 Not Found", "NoSuchBucket"): TransientError("incident.folder.away"),
    ("301 Moved Permanently", "PermanentRedirect"): FlowError("incident.supplier.moved"),
    ("400 Bad Request", "InvalidRequest"): FlowError("incident.place.incompatible"),
    ("200 OK", "NotAListing"): FlowError("incident.place.incompatible"),
    ("503 Slow Down", "SlowDown"): TransientError("incident.folder.failing"),
    ("403 Forbidden", "RequestTimeTooSkewed"): TransientError("incident.folder.failing"),
}
WRITES = {
    ("403 Forbidden", "AccessDenied"): FlowError("incident.folder.unwritable"),
    ("403 Forbidden", "QuotaExceeded"): TransientError("incident.folder.full"),
    ("507 Insufficient Storage", "XMinioStorageFull"): TransientError("incident.folder.full"),
    ("500 Internal Server Error", "InternalError"): TransientError("incident.folder.failing"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch, serve_s3(make_trusted(folder, patch, 30)[0]) as running:
        yield running


@pytest.fixture
def place(store, request):
    store.instead = lambda _environ: None
    session = WebSession(f"https://127.0.0.1:{store.port}", S3Signer(ACCESS, SECRET, REGION), private=False)
    found = S3Folder(session, BUCKET, f"s{abs(hash(request.node.name))}/")
    yield found
    found.close()
    store.instead = lambda _environ: None


@pytest.mark.parametrize("refusal", LOOKS)
def test_a_look_that_is_refused_is_told_by_its_code(store, place, clock, refusal):
    store.instead = lambda _environ: refusal
    with pytest.raises(PasserelleError) as caught:
        list(FolderSource(place, clock=clock).iter_arrivals(""))
    assert (type(caught.value), caught.value.code) == (type(LOOKS[refusal]), LOOKS[refusal].code)


@pytest.mark.parametrize("size", [3, PART + 1])
@pytest.mark.parametrize("refusal", WRITES)
def test_a_write_that_is_refused_is_told_by_its_code_and_leaves_nothing(store, place, refusal, size):
    store.instead = lambda environ: refusal if environ["REQUEST_METHOD"] == "PUT" else None
    with pytest.raises(PasserelleError) as caught:
        place.write("a", b"x" * size, OWNER)
    assert (type(caught.value), caught.value.code) == (type(WRITES[refusal]), WRITES[refusal].code)
    store.instead = lambda _environ: None
    assert store.read(place.prefix) == {}
    assert store.count_uploads() == 0


def test_parts_that_a_killed_process_left_are_cleared_away_by_the_next_attempt(store, place):
    assert place._begin_parts("a")
    assert place._begin_parts("another")
    content = os.urandom(2 * PART + 5)
    place.write("a", content, OWNER)
    assert store.read(place.prefix) == {"a": content}
    assert store.count_uploads() == 1
    place._clear_parts("another")


def test_an_account_that_may_not_see_parts_writes_large_files_all_the_same(store, place):
    def refuse(environ):
        is_look = environ["REQUEST_METHOD"] == "GET" and "uploads=" in environ["QUERY_STRING"]
        return ("403 Forbidden", "AccessDenied") if is_look else None

    store.instead = refuse
    place.write("a", b"x" * (PART + 1), OWNER)
    assert len(store.read(place.prefix)["a"]) == PART + 1


def test_a_store_that_fails_with_a_status_of_success_is_not_believed(store, place):
    finishing = lambda environ: environ["REQUEST_METHOD"] == "POST" and "uploadId" in environ["QUERY_STRING"]  # noqa: E731  said once
    store.instead = lambda environ: ("200 OK", "InternalError") if finishing(environ) else None
    with pytest.raises(TransientError) as caught:
        place.write("a", b"x" * (PART + 1), OWNER)
    assert caught.value.code == "incident.folder.failing"
    assert store.read(place.prefix) == {}


@pytest.mark.parametrize("content", [b"", b"1"])
def test_a_name_that_somebody_took_in_between_is_left_to_them(store, place, content):
    place.write("a", content, OWNER)

    def take(environ):
        is_last = "if-none-match" in {
            name[5:].lower().replace("_", "-") for name in environ if name.startswith("HTTP_")
        }
        return ("412 Precondition Failed", "PreconditionFailed") if is_last else None

    store.instead = take
    assert not place.rename("a", "b", replaces=False)
    store.instead = lambda _environ: None
    assert store.read(place.prefix) == {"a": content}
    assert store.count_uploads() == 0


def test_a_store_that_knows_no_conditions_renames_after_a_look(store, place):
    place.write("a", b"1", OWNER)
    store.instead = lambda environ: (
        ("501 Not Implemented", "NotImplemented") if "HTTP_IF_NONE_MATCH" in environ else None
    )
    assert place.rename("a", "b", replaces=False)
    assert store.read(place.prefix) == {"b": b"1"}


def test_what_a_killed_process_archived_already_is_not_archived_twice(store, place):
    place.write("a.csv", b"1", OWNER)
    place._copy("a.csv", "archives/a.csv")
    place.archive("a.csv")
    assert store.read(place.prefix) == {}
    assert store.read(f"{place.prefix}archives/") == {"a.csv": b"1"}


def test_a_listing_of_many_pages_is_read_to_its_end(store, place):
    for nth in range(1005):
        store.keep(f"{place.prefix}{nth:04d}.csv", b"x", 0)
    assert place.list_names() == [f"{nth:04d}.csv" for nth in range(1005)]
    with contextlib.suppress(KeyError):
        for nth in range(1005):
            store.remove(f"{place.prefix}{nth:04d}.csv")


LISTING = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
    "<IsTruncated>{cut}</IsTruncated><NextContinuationToken>n</NextContinuationToken><Contents><Key>{key}</Key>"
    '<LastModified>2026-03-02T08:00:00.123Z</LastModified><ETag>"t"</ETag><Size>3</Size></Contents></ListBucketResult>'
)


@pytest.mark.parametrize("key", ["ailleurs/a.csv", "d/", "d/e/a.csv", "d/..%2Fa.csv", "d/a%00.csv"])
def test_what_is_no_file_of_the_folder_is_left_alone_whatever_the_store_says(key):
    assert parse_page(LISTING.format(key=key, cut="false").encode(), "d/").objects == ()


def test_a_listing_tells_names_states_and_whether_there_is_more():
    page = parse_page(LISTING.format(key="d/na%C3%AFve+%2B.csv", cut="true").encode(), "d/")
    ((name, state),) = page.objects
    assert (name, page.following) == ("naïve +.csv", "n")
    assert state == make_state(1_772_438_400 * 10**9, "3", "t")
    assert parse_page(LISTING.format(key="d/a", cut="false").encode(), "d/").following == ""


@settings(max_examples=count_examples(100))
@given(st.binary(max_size=80))
def test_whatever_is_no_answer_is_told_as_another_protocol(content):
    with pytest.raises(FlowError) as caught:
        parse_xml(content)
    assert caught.value.code == "incident.place.incompatible"
