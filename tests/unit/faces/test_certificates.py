"""A certificate that ends soon is told while there is time: by `doctor`, and once by the run that saw it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
from mail_sink import make_certificate, open_mail_sink
from mariadb_servers import run_mariadb
from people_flow import SUPPLIER
from postgresql_servers import run_guarded_server
from tls_servers import make_trusted, serve_api, serve_database

from passerelle.edges.http import network

SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
{general}
[notify.command]
run = ["{python}", "-c", "import pathlib, sys; pathlib.Path('dit').open('ab').write(sys.stdin.buffer.read())"]
[flow.un]
connector = "gens"
purpose = "support"
source = {{ kind = "folder", path = "entrees", quiet_seconds = 0 }}
destination = {destination}
"""


@pytest.fixture(autouse=True)
def _as_before():
    yield
    network._make_tls_context.cache_clear()


@pytest.fixture
def settle(tmp_path, monkeypatch):
    """Write the settings of a flow with this destination, and more tables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    (tmp_path / "entrees").mkdir()

    def write(destination, *, general="", more=""):
        text = SETTINGS.format(general=general, destination=destination, python=sys.executable)
        (tmp_path / "passerelle.toml").write_text(text + more, "utf-8")

    return write


def _to_api(port):
    return f'{{ kind = "api", base_url = "https://127.0.0.1:{port}", path = "gens" }}'


def _list_certificates(answer):
    return [one for one in answer.json["findings"] if one["about"] == "certificates"]


def _day(days):
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def _drop(tmp_path, name):
    (tmp_path / "entrees" / f"{name}.csv").write_text(f"id;nom;note\n{name};ALPHA;\n", "utf-8")


@pytest.mark.parametrize(
    ("days", "general", "verdicts"),
    [
        (5, "", ["doubtful", "good"]),
        (40, "", ["good"]),
        (40, "certificate_days = 60", ["doubtful", "good"]),
        (5, "certificate_days = 0", ["good"]),
    ],
)
def test_doctor_tells_an_api_whose_certificate_ends_and_keeps_its_code(  # noqa: PLR0917  fixtures and cases
    program, settle, tmp_path, monkeypatch, days, general, verdicts
):
    (certificate,) = make_trusted(tmp_path / "tls", monkeypatch, days)
    with serve_api(certificate) as port:
        settle(_to_api(port), general=general)
        answer = program("doctor", "--format", "json")
    found = _list_certificates(answer)
    assert [one["verdict"] for one in found] == verdicts
    assert all(_day(days) in one["says"] for one in found)
    if len(found) == 2:
        assert found[0]["says"].startswith("un: ")
        assert "the destination" in found[0]["says"]
    assert answer.code == 0


def test_doctor_asks_the_database_and_the_mail_server_and_looks_at_our_own(program, settle, tmp_path, monkeypatch):
    base, mail, _kept = made = make_trusted(tmp_path / "tls", monkeypatch, 3, 9, 15)
    own = made[2][0]
    with serve_database(base) as port, open_mail_sink(mail) as sink:
        monkeypatch.setenv("BASE", f"postgresql://compte:mot-secret@127.0.0.1:{port}/base?sslcert={own}")
        post = f'\n[notify.mail]\nserver = "127.0.0.1"\nport = {sink.port}\nsender = "p@x.fr"\nto = ["a@x.fr"]\n'
        settle('{ kind = "database", url = "env:BASE" }', more=post)
        found = _list_certificates(program("doctor", "--format", "json"))
        offline = _list_certificates(program("doctor", "--offline", "--format", "json"))
        assert sink.mails == []
    assert [one["verdict"] for one in found] == ["doubtful"] * 3 + ["good"]
    for one, label, days in zip(found[:3], ("un", "notify", "un"), (3, 9, 15), strict=True):
        assert one["says"].startswith(f"{label}: ")
        assert _day(days) in one["says"]
    assert "sslcert" in found[2]["says"]
    assert "3 certificates" in found[3]["says"]
    assert [one["verdict"] for one in offline] == ["doubtful", "good"]
    assert "mot-secret" not in str(found)


def test_a_mail_server_that_proves_nothing_is_told_by_doctor(program, settle, tmp_path):
    (tmp_path / "tls").mkdir()
    with open_mail_sink(make_certificate(tmp_path / "tls")) as sink:
        post = f'\n[notify.mail]\nserver = "127.0.0.1"\nport = {sink.port}\nsender = "p@x.fr"\nto = ["a@x.fr"]\n'
        settle('{ kind = "folder", path = "sorties" }', more=post)
        answer = program("doctor", "--format", "json")
    (found,) = _list_certificates(answer)
    assert (found["verdict"], "SSLCertVerificationError" in found["says"], answer.code) == ("doubtful", True, 0)


def test_where_nothing_speaks_tls_nothing_is_said_of_certificates(program, settle):
    settle('{ kind = "folder", path = "sorties" }')
    assert _list_certificates(program("doctor", "--format", "json")) == []


def test_a_run_tells_once_what_it_saw_and_once_that_it_is_over(program, settle, tmp_path, monkeypatch):
    soon, later = make_trusted(tmp_path / "tls", monkeypatch, 5, 300)
    _drop(tmp_path, "1")
    with serve_api(soon) as port:
        settle(_to_api(port))
        # told, for three weeks of code 1 would hide what needs somebody today
        assert program("run").code == 0
        assert _day(5) in program("status").out
        assert program("status").code == 0
        (notice,) = program("status", "--format", "json").json["flows"][0]["notices"]
        assert notice["reason"] == "certificate.destination.ends"
        assert _day(5) in notice["says"]
        assert f"valid until {_day(5)}" in program("status", "--format", "html").out
        # nothing goes there: what was told lasts, and is not told again
        assert [program("run").code for _night in range(2)] == [0, 0]
    said = (tmp_path / "dit").read_text("utf-8")
    assert said.count("certificate.destination.ends") == 1
    with serve_api(later, port):
        _drop(tmp_path, "2")
        assert program("run").code == 0
    assert program("status", "--format", "json").json["flows"][0]["notices"] == []
    assert (tmp_path / "dit").read_text("utf-8").count("Resolved") == 1


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_run_tells_the_certificate_of_a_database_that_let_it_in(program, settle, tmp_path, monkeypatch, kind):
    ((certificate, key),) = make_trusted(tmp_path / "tls", monkeypatch, 5)
    run_server = run_mariadb if kind == "mariadb" else run_guarded_server
    account = "admin:le-bon" if kind == "mariadb" else "postgres:le-bon"
    words = f"ssl_mode=verify_identity&ssl_ca={certificate}" if kind == "mariadb" else "sslmode=require"
    _drop(tmp_path, "1")
    with run_server((certificate, key)) as server:
        base = "mysql" if kind == "mariadb" else "postgres"
        monkeypatch.setenv("BASE", f"{kind}://{account}@{server}/{base}?{words}")
        settle('{ kind = "database", url = "env:BASE" }')
        assert program("run").code == 0
        (notice,) = program("status", "--format", "json").json["flows"][0]["notices"]
    assert notice["reason"] == "certificate.destination.ends"
    assert _day(5) in notice["says"]
    assert "certificate.destination.ends" in (tmp_path / "dit").read_text("utf-8")
