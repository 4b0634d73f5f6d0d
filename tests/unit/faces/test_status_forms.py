"""`status` as text, JSON and a page: one state in several forms, written where it is asked for."""

from __future__ import annotations

import os
import stat

import pytest
from exposition import read_exposition
from single_pages import SinglePage

from passerelle.vocabulary.formatting import format_day


@pytest.fixture
def ran(program, oddities):
    """A folder in which a file of oddities went through."""
    program("run")
    return oddities


def test_the_page_and_the_document_tell_the_same(program, ran):
    (flow,) = program("status", "--format", "json").json["flows"]
    shown = program("status", "--format", "html", lang="fr")
    page = SinglePage(shown.out)
    line = page.find_table("Chaque flux").find_row("visites")
    assert line["reçus en 30 jours"] == str(flow["balance"]["received"])
    assert line["en quarantaine"] == str(flow["waiting"]["count"])
    causes = page.find_table("en quarantaine, par cause").list_numbers()
    assert [int(row[1]) for row in causes] == [cause["count"] for cause in flow["waiting"]["causes"]]
    (day,) = page.find_table("reçus par jour").list_numbers()
    books = flow["days"][0]["balance"]
    assert (day[0], int(day[1]), int(day[2])) == (
        format_day(flow["days"][0]["day"], "fr").replace("\N{NO-BREAK SPACE}", " "),
        books["received"],
        books["delivered"],
    )
    text = program("status", lang="fr").out
    assert f"{flow['waiting']['count']} enregistrements attendent en quarantaine" in text
    assert ran.is_dir()


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_what_is_written_to_a_file_is_what_would_be_shown_and_the_code_is_the_same(program, ran, form):
    shown = program("status", "--format", form)
    written = program("status", "--format", form, "--output", "lu")
    assert (written.out, written.code) == ("", shown.code)
    kept = (ran / "lu").read_text("utf-8")
    # the page says when it was written
    assert len(kept) == len(shown.out)
    assert kept[:200] == shown.out[:200]


def test_a_suspended_flow_ends_with_2_in_every_form(program, folder):
    (folder / "entrees").rmdir()
    (folder / "entrees").write_bytes(b"a file where the folder should be")
    program("run")
    assert {program("status", "--format", form).code for form in ("text", "json", "html")} == {2}


def test_one_flow_of_several_is_shown_when_it_is_named(program, folder):
    path = folder / "passerelle.toml"
    path.write_text(
        path.read_text("utf-8") + path.read_text("utf-8").replace("[flow.visites]", "[flow.autre]"), "utf-8"
    )
    page = SinglePage(program("status", "autre", "--format", "html", lang="fr").out)
    assert [text for level, text in page.headings if level == 2] == ["Tous les flux", "Flux autre"]
    assert program("status", "absent", "--format", "html").code == 64


def test_a_monitor_of_another_account_reads_whole_figures_whatever_the_umask(program, ran):
    before = os.umask(0o077)
    try:
        made = [program("status", "--format", "prometheus", "--output", "passerelle.prom") for _turn in range(2)]
    finally:
        os.umask(before)
    assert [(one.code, one.out) for one in made] == [(0, ""), (0, "")]
    path = ran / "passerelle.prom"
    told = read_exposition(path.read_text("utf-8"))
    (flow,) = program("status", "--format", "json").json["flows"]
    assert told["passerelle_records_received_total"].get(flow="visites") == flow["balance"]["received"]
    assert told["passerelle_last_run_exit_code"].get(flow="visites") == 1
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    # node_exporter takes «*.prom»: a draft has another name, and none is left
    assert [one.name for one in ran.iterdir() if "prom" in one.name] == ["passerelle.prom"]
    assert read_exposition(program("status", "--format", "prometheus", lang="fr").out) == told
