"""What a WebDAV server may answer, and what is made of it: told by code, never by the server's words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from tls_servers import make_trusted
from web_shares import PASSWORD, USER, serve_webdav

from passerelle.edges.http.credentials import make_basic
from passerelle.edges.places.web_session import StandingHeaders, WebSession
from passerelle.edges.places.webdav_answers import parse_members
from passerelle.edges.places.webdav_folder import WebDavFolder
from passerelle.edges.sources.folder import FolderSource
from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError
from passerelle.vocabulary.safe_files import OWNER

LOOKS = {
    "401 Unauthorized": FlowError("incident.credentials.refused"),
    "403 Forbidden": FlowError("incident.folder.unreadable"),
    "404 Not Found": TransientError("incident.folder.away"),
    "302 Found": FlowError("incident.supplier.moved"),
    "405 Method Not Allowed": FlowError("incident.place.incompatible"),
    "200 OK": FlowError("incident.place.incompatible"),
    "500 Internal Server Error": TransientError("incident.folder.failing"),
    "503 Service Unavailable": TransientError("incident.folder.failing"),
    "429 Too Many Requests": TransientError("incident.folder.failing"),
}
WRITES = {
    "401 Unauthorized": FlowError("incident.credentials.refused"),
    "403 Forbidden": FlowError("incident.folder.unwritable"),
    "409 Conflict": TransientError("incident.folder.away"),
    "413 Content Too Large": TransientError("incident.folder.full"),
    "507 Insufficient Storage": TransientError("incident.folder.full"),
    "423 Locked": TransientError("incident.folder.failing"),
    "501 Not Implemented": FlowError("incident.place.incompatible"),
}


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        certificate = make_trusted(tmp_path_factory.mktemp("tls"), patch, 30)[0]
        root = tmp_path_factory.mktemp("depot")
        (root / "depot").mkdir()
        with serve_webdav(root, certificate) as running:
            yield running


@pytest.fixture
def place(share):
    share.instead = lambda _environ: None
    for path in (share.folder / "depot").iterdir():
        path.unlink()
    found = WebDavFolder(
        WebSession(share.url, StandingHeaders({"authorization": make_basic(USER, PASSWORD)}), private=False)
    )
    yield found
    found.close()
    share.instead = lambda _environ: None


@pytest.mark.parametrize("status", LOOKS)
def test_a_look_that_is_refused_is_told_by_its_code(share, place, clock, status):
    share.instead = lambda _environ: status
    with pytest.raises(PasserelleError) as caught:
        list(FolderSource(place, clock=clock).iter_arrivals(""))
    assert (type(caught.value), caught.value.code) == (type(LOOKS[status]), LOOKS[status].code)


@pytest.mark.parametrize("method", ["PUT", "MOVE"])
@pytest.mark.parametrize("status", WRITES)
def test_a_write_that_is_refused_is_told_by_its_code_and_leaves_no_file_of_its_name(share, place, method, status):
    share.instead = lambda environ: status if environ["REQUEST_METHOD"] == method else None
    with pytest.raises(PasserelleError) as caught:
        place.write("a", b"x", OWNER)
    expected = WRITES[status]
    if (method, status) == ("MOVE", "409 Conflict"):  # the draft is there: it is the new name that cannot be had
        expected = FlowError("incident.folder.unwritable")
    assert (type(caught.value), caught.value.code) == (type(expected), expected.code)
    share.instead = lambda _environ: None
    assert [path.name for path in (share.folder / "depot").iterdir()] in ([], [".a.part"])
    place.write("a", b"x", OWNER)
    assert [path.name for path in (share.folder / "depot").iterdir()] == ["a"]


def test_a_server_that_keeps_less_than_it_was_sent_is_not_believed(share, place):
    def cut(environ):
        if environ["REQUEST_METHOD"] == "PUT":
            environ["wsgi.input"].read()
            (share.folder / "depot" / ".a.part").write_bytes(b"x")
            return "201 Created"
        return None

    share.instead = cut
    with pytest.raises(TransientError) as caught:
        place.write("a", b"xyz", OWNER)
    assert caught.value.code == "incident.folder.failing"
    assert not (share.folder / "depot" / "a").exists()


def test_a_file_in_place_of_the_folder_suspends_the_flow(share, place):
    (share.folder / "depot" / "file").write_bytes(b"")
    session = WebSession(
        f"{share.url}/file", StandingHeaders({"authorization": make_basic(USER, PASSWORD)}), private=False
    )
    with pytest.raises(FlowError) as caught:
        WebDavFolder(session).write("a", b"", OWNER)
    assert caught.value.code == "incident.folder.unwritable"
    session.close()


def test_a_secret_that_http_cannot_carry_is_refused_before_anything_is_sent(share, clock):
    session = WebSession(share.url, StandingHeaders({"authorization": "Bearer a\nb"}), private=False)
    with pytest.raises(FlowError) as caught:
        list(FolderSource(WebDavFolder(session), clock=clock).iter_arrivals(""))
    assert caught.value.code == "incident.request.malformed"
    session.close()


ANSWER = (
    '<D:multistatus xmlns:D="DAV:"><D:response><D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype/>'
    "<D:getcontentlength>{length}</D:getcontentlength><D:getlastmodified>{date}</D:getlastmodified>{tag}</D:prop>"
    "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
)


def parse(**facts):
    known = {"href": "/d/a.csv", "length": "3", "date": "Mon, 02 Mar 2026 08:00:00 GMT", "tag": ""}
    (member,) = parse_members(ANSWER.format(**(known | facts)).encode())
    return member


def test_names_come_decoded_from_whole_addresses_as_from_paths():
    for href in ("/d/na%C3%AFve%20%2B.csv", "https://nuage.exemple.fr/d/na%C3%AFve%20%2B.csv"):
        assert (parse(href=href).path, parse(href=href).name) == ("/d/naïve +.csv", "naïve +.csv")


def test_a_state_is_another_when_date_length_or_tag_differ():
    states = [parse().state, parse(length="4").state, parse(date="Mon, 02 Mar 2026 08:00:01 GMT").state]
    states.append(parse(tag='<D:getetag>"1"</D:getetag>').state)
    assert len({repr(state) for state in states}) == 4
    assert parse() == parse()


@pytest.mark.parametrize("facts", [{"length": "beaucoup"}, {"length": "9" * 400}, {"date": "hier"}, {"date": ""}])
def test_what_a_server_writes_wrongly_is_no_fault_of_ours(facts):
    assert parse(**facts).name == "a.csv"


@settings(max_examples=count_examples(100))
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: f"<a>{text}</a>".encode("utf-8", "replace")))
def test_whatever_is_no_answer_is_told_as_another_protocol(content):
    with pytest.raises(FlowError) as caught:
        list(parse_members(content))
    assert caught.value.code == "incident.place.incompatible"


def test_entities_are_not_opened(tmp_path):
    (tmp_path / "secret").write_text("secret")
    bomb = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>' + ANSWER.format(
        href="/d/&x;", length="1", date="", tag=""
    )
    assert all("secret" not in member.path for member in parse_members(bomb.encode()))
