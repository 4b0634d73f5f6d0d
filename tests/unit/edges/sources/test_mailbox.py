"""A mailbox on a real server: attachments of known senders are taken once, and what is not wanted stays as it is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from mail_house import PASSWORD, USER, make_mail, run_mail_house
from tls_servers import make_trusted

from passerelle.edges.sources import mailbox as mailbox_module
from passerelle.edges.sources.mailbox import MailboxSource, _list_attachments
from passerelle.edges.sources.mailbox_session import MailboxAccess, MailboxSession, _check, _quote, _translate_faults
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.language import set_language

KNOWN = "Export du soir <Export@Editeur.fr>"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield make_trusted(tmp_path_factory.mktemp("tls"), patch, 30)[0]


@pytest.fixture(scope="module")
def running(certificate):
    with run_mail_house() as house:
        yield house


@pytest.fixture
def house(running, certificate):
    running.empty()
    with running.serve_tls(certificate):
        yield running


@pytest.fixture
def make(house):
    def made(senders=("export@editeur.fr",), glob="*.csv", *, after="archive", done="Passerelle", **access):
        facts = {"host": "127.0.0.1", "port": house.port, "user": USER, "password": PASSWORD}
        return MailboxSource(MailboxSession(MailboxAccess(**(facts | access))), senders, glob, after=after, done=done)

    return made


def take(source) -> list[tuple[str, bytes]]:
    found = []
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            found.append((arrival.name, stream.read()))
        arrival.acknowledge()
    return found


def test_wanted_attachments_of_known_senders_are_taken_and_the_mail_is_put_away(house, make):
    house.send(make_mail(KNOWN, ("a.csv", b"1"), ("É b.CSV", b"2"), ("logo.png", b"3"), subject="un"))
    assert take(make()) == [("a.csv", b"1"), ("É b.CSV", b"2")]
    assert house.read() == []
    assert house.read("Passerelle") == [("un", "")]
    assert take(make()) == []


@pytest.mark.parametrize(
    "mail",
    [
        make_mail("quelqu.un@ailleurs.fr", ("a.csv", b"1"), subject="un"),
        make_mail("export@editeur.fr.ailleurs.fr", ("a.csv", b"1"), subject="un"),
        make_mail('"export@editeur.fr" <autre@ailleurs.fr>', ("a.csv", b"1"), subject="un"),
        make_mail("export@editeur.fr, autre@ailleurs.fr", ("a.csv", b"1"), subject="un"),
        make_mail("", ("a.csv", b"1"), subject="un"),
        make_mail(KNOWN, ("a.png", b"1"), subject="un"),
        make_mail(KNOWN, subject="un"),
    ],
    ids=["somebody", "longer domain", "name like an address", "two senders", "nobody", "other file", "no file"],
)
def test_what_is_of_others_or_brings_nothing_wanted_stays_unread(house, make, mail):
    house.send(mail)
    assert take(make()) == []
    assert house.read() == [("un", "")]


def test_a_mail_of_a_known_sender_that_brings_files_and_none_that_is_wanted_is_counted(house, make):
    house.send(
        make_mail(KNOWN, ("visites.xlsx", b"1")),
        make_mail(KNOWN, ("absences.xml", b"1"), ("logo.png", b"3")),
        make_mail(KNOWN, ("a.csv", b"1"), ("b.xlsx", b"2")),
        make_mail(KNOWN),
        make_mail("quelqu.un@ailleurs.fr", ("c.xlsx", b"1")),
    )
    source = make()
    take(source)
    assert source.count_strays(()) == 2
    assert source.count_strays(("ABSENCES*",)) == 1
    take(source)
    assert source.count_strays(()) == 2, "each look counts anew"


def test_a_domain_stands_for_all_its_addresses(house, make):
    house.send(make_mail("nuit@editeur.fr", ("a.csv", b"1")), make_mail("nuit@sous.editeur.fr", ("b.csv", b"2")))
    assert take(make(("@editeur.fr",))) == [("a.csv", b"1")]


def test_mails_may_be_deleted_afterwards(house, make):
    house.send(make_mail(KNOWN, ("a.csv", b"1")))
    assert take(make(after="delete")) == [("a.csv", b"1")]
    assert (house.read(), house.read("Passerelle")) == ([], [])


def test_a_mail_stays_until_all_its_attachments_are_registered_and_comes_again_as_the_same(house, make):
    house.send(make_mail(KNOWN, ("a.csv", b"1"), ("b.csv", b"2"), subject="un"))
    arrivals = make().iter_arrivals("")
    first = next(arrivals)
    first.acknowledge()
    next(arrivals)
    arrivals.close()  # a run that ends here
    assert house.read() == [("un", "")]
    again = list(make().iter_arrivals(""))
    assert [arrival.name for arrival in again] == ["a.csv", "b.csv"]
    assert again[0].marks == first.marks
    assert again[0].marks != again[1].marks


def test_a_mail_that_is_too_big_lets_the_others_have_their_turn(house, make, monkeypatch):
    monkeypatch.setattr(mailbox_module, "MOST_BYTES", 3000)
    house.send(make_mail(KNOWN, ("big.csv", b"x" * 9000), subject="gros"), make_mail(KNOWN, ("a.csv", b"1")))
    arrivals = make().iter_arrivals("")
    arrival = next(arrivals)
    assert arrival.name == "a.csv"
    arrival.acknowledge()
    with pytest.raises(TransientError) as caught:
        next(arrivals)
    assert caught.value.code == "incident.mail.too_big"
    assert house.read() == [("gros", "")]


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"password": "faux"}, FlowError, "incident.credentials.refused"),
        ({"password": "fé"}, FlowError, "incident.credentials.refused"),
        ({"folder": "Rien ici"}, TransientError, "incident.folder.away"),
        ({"host": "10.1.2.3"}, FlowError, "incident.address.private"),
        ({"host": "169.254.169.254"}, FlowError, "incident.address.private"),
    ],
)
def test_what_goes_wrong_is_told_by_its_code(make, changes, kind, code):
    with pytest.raises(kind) as caught:
        make(**changes).try_out()
    assert caught.value.code == code
    assert PASSWORD not in repr(MailboxAccess("h", 1, "u", PASSWORD))


def test_a_server_that_is_away_is_waited_for(running, certificate, make):
    source = make()
    away = make(port=1)
    with pytest.raises(TransientError) as caught:
        away.try_out()
    assert caught.value.code == "incident.place.unreachable"
    source.try_out()


def test_a_port_that_does_not_encrypt_is_told_nothing_and_said_to_be_that(running, make):
    with pytest.raises(TransientError) as caught:
        make(port=running.plain).try_out()
    assert caught.value.code == "incident.place.unreachable"
    set_language("fr")
    assert "chiffré (TLS)" in str(caught.value)


def test_a_connection_that_is_cut_in_between_loses_nothing(house, make):
    house.send(make_mail(KNOWN, ("a.csv", b"1"), subject="un"))
    arrivals = make().iter_arrivals("")
    arrival = next(arrivals)
    house.hang_up()
    with pytest.raises(TransientError) as caught:
        arrival.acknowledge()
    assert caught.value.code == "incident.place.unreachable"
    assert take(make()) == [("a.csv", b"1")]


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password(make, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        make_trusted(tmp_path, patch, 30)
        with pytest.raises(FlowError) as caught:
            make().try_out()
    assert caught.value.code == "incident.supplier.untrusted"


@pytest.mark.parametrize(
    ("is_final", "kind"), [(True, FlowError), (False, TransientError)], ids=["put away", "looked at"]
)
def test_a_refusal_of_the_server_is_told_without_its_words(is_final, kind):
    with pytest.raises(kind) as caught, _translate_faults("incident.folder.unwritable", is_final=is_final):
        _check(("NO", [b"a name of somebody"]))
    assert caught.value.code == "incident.folder.unwritable"
    assert "somebody" not in repr(caught.value)


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "C:\\temp\\passwd.csv", "/passwd.csv"])
def test_a_path_in_the_name_of_an_attachment_leads_nowhere(name):
    assert _list_attachments(make_mail(KNOWN, (name, b"1"))) == [("passwd.csv", b"1")]


@pytest.mark.parametrize(
    ("name", "coded"),
    [
        ("INBOX", '"INBOX"'),
        ("Reçus & traités", '"Re&AOc-us &- trait&AOk-s"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("台北", '"&U,BTFw-"'),
        ("日本語", '"&ZeVnLIqe-"'),
    ],
)
def test_names_of_folders_are_written_as_the_standard_asks(name, coded):
    assert _quote(name) == coded


@settings(max_examples=count_examples(100))
@given(st.text(max_size=30).filter(lambda text: all(not 0xD800 <= ord(sign) < 0xE000 for sign in text)))
def test_whatever_a_folder_is_called_its_name_is_one_line_of_ascii_and_comes_back(name):
    coded = _quote(name)
    assert coded.isascii()
    assert "\n" not in coded
    assert "\r" not in coded
    text, read, parts = coded[1:-1].replace('\\"', '"').replace("\\\\", "\\"), "", []
    parts = text.split("&")
    read = parts[0]
    for part in parts[1:]:
        inside, _dash, rest = part.partition("-")
        padded = inside.replace(",", "/") + "=" * (-len(inside) % 4)
        read += (base64.b64decode(padded).decode("utf-16-be") if inside else "&") + rest
    assert read == name


@settings(max_examples=count_examples(60))
@given(st.binary(max_size=200))
def test_whatever_a_mail_holds_it_is_read_or_left(content):
    assert all(name and "/" not in name for name, _body in _list_attachments(content))
