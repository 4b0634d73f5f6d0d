"""Certificates are looked at where they can be had, and nothing of it stops a run: what ends first is told first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from mail_sink import make_certificate, open_mail_sink
from people_flow import settle_people
from tls_servers import make_trusted, serve_database

from passerelle.engine.health.certificate_checks import examine_certificates
from passerelle.engine.health.findings import Severity
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.language import set_language


@pytest.fixture(autouse=True)
def _french():
    set_language("fr")


def _examine(path, *, offline=False):
    return list(examine_certificates(load_settings(path), datetime.now(UTC), offline=offline))


@pytest.fixture
def path(tmp_path):
    """The settings of a flow into the database whose address is in BASE."""
    path = settle_people(tmp_path)
    path.write_text(path.read_text("utf-8").replace('url = "base.db"', 'url = "env:BASE"'), "utf-8")
    return path


def test_without_tls_there_is_nothing_to_say(tmp_path):
    assert _examine(settle_people(tmp_path)) == []


def test_a_secret_that_is_not_there_is_told_elsewhere(path, monkeypatch):
    monkeypatch.delenv("BASE", raising=False)
    assert _examine(path) == []


def test_what_ends_first_is_told_first_with_its_side_and_none_is_wrong(path, tmp_path, monkeypatch):
    server, mail = make_trusted(tmp_path / "tls", monkeypatch, 8, 4)
    (tmp_path / "notre").mkdir()
    own = make_certificate(tmp_path / "notre", 6)[0]
    with serve_database(server) as port, open_mail_sink(mail) as sink:
        monkeypatch.setenv("BASE", f"postgresql://127.0.0.1:{port}/base?sslcert={own}")
        told = f'\n[notify.mail]\nserver = "127.0.0.1"\nport = {sink.port}\nsender = "p@x.fr"\nto = ["a@x.fr"]\n'
        path.write_text(path.read_text("utf-8") + told, "utf-8")
        found, offline = _examine(path), _examine(path, offline=True)
    assert [one.severity for one in found] == [Severity.DOUBTFUL] * 3 + [Severity.GOOD]
    mail_says, own_says, server_says, summary = (one.sentence for one in found)
    assert "serveur de courriel" in mail_says
    assert "la destination" in own_says
    assert "serveur où est la destination" in server_says
    assert summary.startswith("3 certificats")
    assert [one.sentence for one in offline][:1] == [own_says]
    assert len(offline) == 2


def test_what_lasts_is_counted_and_not_told(path, tmp_path, monkeypatch):
    (server,) = make_trusted(tmp_path / "tls", monkeypatch, 200)
    with serve_database(server) as port:
        monkeypatch.setenv("BASE", f"postgresql://127.0.0.1:{port}/base")
        (summary,) = _examine(path)
    assert (summary.severity, summary.sentence.startswith("1 certificat a été regardé")) == (Severity.GOOD, True)


def test_a_mail_server_that_does_not_answer_is_doubtful(tmp_path):
    path = settle_people(tmp_path)
    mail = '\n[notify.mail]\nserver = "127.0.0.1"\nport = 1\nsender = "p@x.fr"\nto = ["a@x.fr"]\n'
    path.write_text(path.read_text("utf-8") + mail, "utf-8")
    (found,) = _examine(path)
    assert (found.severity, "ConnectionRefusedError" in found.sentence) == (Severity.DOUBTFUL, True)
    assert _examine(path, offline=True) == []
