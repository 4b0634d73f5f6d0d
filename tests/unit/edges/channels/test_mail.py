"""Mail goes inside TLS to a server that proves who it is, or not at all; its id is that of the note."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from mail_sink import make_certificate, open_mail_sink

from passerelle.edges.channels.mail import MailServer, find_certificate_end, make_mail, send_mail
from passerelle.edges.channels.note import ShortText
from passerelle.vocabulary.errors import TransientError

NOTE = ShortText(
    "passerelle-7-x", "Passerelle : 1 défaut", "visites : accès refusé.\n→ agir", datetime(2026, 11, 30, tzinfo=UTC)
)
SENDER, TO = "passerelle@exemple.fr", ("a@exemple.fr", "b@exemple.fr")


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


def _send(sink, **more):
    send_mail(NOTE, MailServer("127.0.0.1", sink.port, **more), SENDER, TO)


def test_a_mail_arrives_inside_tls_with_its_id_and_its_accents(certificate):
    with open_mail_sink(certificate) as sink:
        _send(sink, context=ssl.create_default_context(cafile=certificate[0]))
    (mail,) = sink.mails
    assert mail["Message-ID"] == "<passerelle-7-x@exemple.fr>"
    assert mail["Subject"] == NOTE.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == NOTE.body.splitlines()


@pytest.mark.parametrize("secure", [True, False])
def test_a_server_that_proves_nothing_or_speaks_in_clear_gets_nothing(certificate, secure):
    with open_mail_sink(certificate if secure else None) as sink, pytest.raises(TransientError) as caught:
        _send(sink)
    assert sink.mails == []
    assert caught.value.code == "incident.channel.failed"
    assert caught.value.details["cause"] == ("SSLCertVerificationError" if secure else "SMTPNotSupportedError")


def test_a_refusal_is_told_without_the_words_of_the_server(certificate):
    with open_mail_sink(certificate) as sink:
        sink.refuses = True
        with pytest.raises(TransientError) as caught:
            _send(sink, context=ssl.create_default_context(cafile=certificate[0]))
    assert "come again" not in str(caught.value)


def test_no_subject_makes_a_header_of_its_own():
    note = ShortText("x", "un\r\nBcc: autre@exemple.fr", "corps", NOTE.moment)
    mail = make_mail(note, SENDER, TO)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "un Bcc: autre@exemple.fr"


def test_a_page_goes_beside_the_text_in_lines_that_every_server_takes(certificate):
    page = "<!doctype html><p>é" + "x" * 5_000 + "</p>\n"
    note = ShortText("x", "sujet", "texte", NOTE.moment, page)
    with open_mail_sink(certificate) as sink:
        context = ssl.create_default_context(cafile=certificate[0])
        send_mail(note, MailServer("127.0.0.1", sink.port, context=context), SENDER, TO)
    (mail,) = sink.mails
    # RFC 2046 §5.1.4: who reads both shows the last
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = mail.iter_parts()
    assert (plain.get_content().split(), html.get_content().split()) == (["texte"], page.split())
    assert max(map(len, html.as_bytes().splitlines())) <= 998, "RFC 5321 §4.5.3.1.6"
    assert make_mail(NOTE, SENDER, TO).get_content_type() == "text/plain"


def test_the_end_of_a_certificate_is_read_without_a_word_and_only_of_a_server_that_proves_who_it_is(certificate):
    with open_mail_sink(certificate) as sink:
        server = MailServer("127.0.0.1", sink.port, context=ssl.create_default_context(cafile=certificate[0]))
        rest = find_certificate_end(server) - datetime.now(UTC)
        with pytest.raises(TransientError) as caught:
            find_certificate_end(MailServer("127.0.0.1", sink.port))
    assert timedelta(days=29) < rest <= timedelta(days=30)
    assert caught.value.details["cause"] == "SSLCertVerificationError"
    assert sink.mails == []
