"""The state of the morning arrives as a page and as text, without a value, and what keeps it from going is told."""

from __future__ import annotations

import pytest
from mail_sink import make_certificate, open_mail_sink
from single_pages import SinglePage

SECRET_NAME = "BERTHE-QUI-EST-SECRETE"  # a value of a record, which no mail may hold


@pytest.fixture
def certificate(tmp_path_factory, monkeypatch):
    made = make_certificate(tmp_path_factory.mktemp("tls"))
    monkeypatch.setenv("SSL_CERT_FILE", str(made[0]))
    return made


@pytest.fixture
def server(certificate):
    with open_mail_sink(certificate) as sink:
        yield sink


def _name_readers(folder, server, *readers):
    told = "".join(
        f"\n[notify.{name}]\n{keys}"
        for name, keys in {
            "mail": f'server = "127.0.0.1"\nport = {server.port}\nsender = "p@exemple.fr"\nto = {list(readers)}\n',
            "command": f'run = ["/bin/sh", "-c", "cat >> {folder}/dit.txt"]\n',
        }.items()
    )
    path = folder / "passerelle.toml"
    path.write_text(path.read_text("utf-8") + told.replace("'", '"'), "utf-8")


def _get_part(mail, kind):
    (part,) = [part for part in mail.walk() if part.get_content_type() == kind]
    return part.get_content()


def test_the_page_and_the_text_of_the_state_arrive(program, oddities, server):
    _name_readers(oddities, server, "a@exemple.fr", "b@exemple.fr")
    (oddities / "entrees" / "autre.csv").write_text(f"n'importe;quoi\n{SECRET_NAME};1\n", "utf-8")
    program("run")
    (flow,) = program("status", "--format", "json").json["flows"]
    server.mails.clear()
    sent = program("status", "--mail", lang="fr")
    assert (sent.code, sent.out) == (0, "Envoyé à 2 lecteurs.\n")
    (mail,) = server.mails
    assert mail["To"] == "a@exemple.fr, b@exemple.fr"
    assert mail.get_content_type() == "multipart/alternative"
    assert f"1 à regarder, {flow['waiting']['count']} enregistrements attendent" in mail["Subject"]
    page = SinglePage(_get_part(mail, "text/html"))
    assert page.find_table("Chaque flux").find_row("visites")["en quarantaine"] == str(flow["waiting"]["count"])
    assert len(page.pictures) == 1
    text = _get_part(mail, "text/plain")
    assert text.split() == program("status", lang="fr").out.split()
    assert flow["parcels"][0]["parcel"][:12] in text
    whole = mail.as_string() + text + _get_part(mail, "text/html")
    assert SECRET_NAME not in whole


def test_it_goes_every_time_it_is_asked_for_whatever_was_told_before(program, folder, server):
    _name_readers(folder, server, "a@exemple.fr")
    assert [program("status", "--mail").code for _morning in range(2)] == [0, 0]
    assert len({mail["Message-ID"] for mail in server.mails}) == 2
    assert "has not run yet" in server.mails[0]["Subject"]


def test_a_suspended_flow_is_in_the_subject_and_the_mail_that_went_is_a_success(program, folder, server):
    _name_readers(folder, server, "a@exemple.fr")
    (folder / "entrees").rmdir()
    (folder / "entrees").write_bytes(b"a file where the folder should be")
    assert program("run").code == 2
    server.mails.clear()
    assert program("status", "--mail").code == 0
    assert "1 suspended" in server.mails[0]["Subject"]


def test_a_server_that_refuses_makes_the_scheduler_come_back(program, folder, server):
    _name_readers(folder, server, "a@exemple.fr")
    server.refuses = True
    failed = program("status", "--mail")
    assert failed.code == 75
    assert "come again" not in failed.out + failed.err
    assert server.mails == []


def test_what_keeps_the_state_from_being_read_is_told_over_the_other_channels(program, folder, server):
    _name_readers(folder, server, "a@exemple.fr")
    program("run")
    path = folder / "passerelle.toml"
    path.write_text(path.read_text("utf-8") + "\n[flow.x]\nconnector = 3\n", "utf-8")
    server.mails.clear()
    assert program("status", "--mail").code == 64
    assert "settings." in (folder / "dit.txt").read_text("utf-8")
    assert ["settings." in mail.get_content() for mail in server.mails] == [True]


def test_it_needs_readers_and_goes_alone(program, folder):
    assert folder.is_dir()
    assert "notify.mail" in program("status", "--mail").err
    assert program("status", "--mail").code == 64
    assert program("status", "--mail", "--format", "html").code == 64
    assert program("status", "--mail", "--output", "x.html").code == 64
