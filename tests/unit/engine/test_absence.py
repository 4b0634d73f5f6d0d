"""Absent is not empty: what a parcel does not say stays at the destination, or somebody is asked."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.rehearsal.rehearsing import rehearse
from passerelle.engine.runs.running import resume_flow
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

FIELDS = """
contract = "person/1"
{member}
[connector.{name}.table.p.fields]
ref = {{ kind = "ref", column = "id", entity = "person", opaque = true }}
birth_name = {{ kind = "text", column = "nom" }}
first_names = {{ kind = "text", column = "prenom" }}
comment = {{ kind = "text", column = "note", max_length = 20000 }}
minor_children = {{ kind = "number", column = "enfants", integer = true }}
telecoms = [{{ kind = "telecom", column = "fixe" }}, {{ kind = "telecom", column = "mobile" }}]
"""
DIALECTS = {
    "gens-csv": 'kind = "csv"',
    "gens-json": 'kind = "json"\nlists = { "gens" = "" }',
    "gens-lignes": 'kind = "json"\nlines = true',
    "gens-xml": 'kind = "xml"\nrows = { "/gens/une" = "" }',
}
SUPPLIER = 'id = "essai"\ntitle = "Essai"\n' + "".join(
    f'[connector.{name}]\ntitle = "Gens"\n[connector.{name}.dialect]\n{dialect}\n[connector.{name}.table.p]'
    + FIELDS.format(name=name, member="")
    for name, dialect in DIALECTS.items()
)
TWO_SHEETS = (
    'id = "essai"\ntitle = "Essai"\n[connector.deux]\ntitle = "Deux listes"\n[connector.deux.dialect]\nkind = "json"\n'
    'lists = { "a" = "a", "b" = "b" }\n'
    + "".join(
        f'[connector.deux.table.{name}]\nmember = "{name}"\ncontract = "person/1"\n'
        f"[connector.deux.table.{name}.fields]\n"
        'ref = { kind = "ref", column = "id", entity = "person", opaque = true }\n'
        'birth_name = { kind = "text", column = "nom" }\nfirst_names = { kind = "text", column = "prenom" }\n'
        'comment = { kind = "text", column = "note", max_length = 20000 }\n'
        for name in ("a", "b")
    )
)


class Flow:
    """One flow into a SQLite database, in a folder of its own."""

    def __init__(self, folder: Path, connector: str, supplier: str = SUPPLIER, extra: str = "") -> None:
        self.folder, self.connector, self.count = folder, connector, 0
        (folder / "entrees").mkdir()
        (folder / "essai.toml").write_text(supplier, "utf-8")
        self.set(extra)

    def set(self, extra: str = "", purpose: str = "support") -> None:
        (self.folder / "passerelle.toml").write_text(
            f'[passerelle]\nsuppliers = ["essai.toml"]\n[flow.un]\nconnector = "{self.connector}"\n'
            f'purpose = "{purpose}"\n{extra}\n'
            'source = { kind = "folder", path = "entrees", quiet_seconds = 0 }\n'
            'destination = { kind = "database", url = "base.db" }\n',
            "utf-8",
        )

    def drop(self, content: str) -> None:
        self.count += 1
        (self.folder / "entrees" / f"{self.count:03}.txt").write_text(content, "utf-8", newline="")

    @contextmanager
    def open(self):
        with open_workspace(load_settings(self.folder / "passerelle.toml")) as workspace:
            yield workspace

    def run(self, content: str = ""):
        if content:
            self.drop(content)
        with self.open() as workspace:
            return run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], datetime.now(UTC)))

    def resume(self, answer: str = "") -> None:
        with self.open() as workspace:
            resume_flow(workspace, "un", who="essai", absent=answer)

    def look(self, *columns: str) -> list[tuple]:
        if not (self.folder / "base.db").exists():
            return []
        with closing(sqlite3.connect(self.folder / "base.db")) as connection:
            names = ", ".join(("ref", *columns))
            return connection.execute(f"SELECT {names} FROM passerelle_person_1 ORDER BY ref").fetchall()  # noqa: S608  names of ours

    def count_reasons(self) -> dict[tuple[str, str], int]:
        with self.open() as workspace:
            return {(key.code, key.field): count for key, count in workspace.journal.count_reasons("un").items()}


@pytest.fixture
def csv(tmp_path) -> Flow:
    return Flow(tmp_path, "gens-csv")


FULL = "id;nom;prenom;note;enfants\n1;A;B;important;2\n"
PARTIAL = "id;nom;prenom;enfants\n1;A;B;3\n"


def test_a_column_that_is_gone_holds_the_parcel_with_a_question_and_nothing_of_it_is_delivered(csv):
    assert csv.run(FULL).settled == 1
    outcome = csv.run(PARTIAL)
    assert (outcome.parked, outcome.settled) == (1, 0)
    (question,) = outcome.questions
    assert question.code == "translate.column.gone"
    assert re.search(r"«\s?note\s?»", str(question))
    assert "passerelle flow resume un --absent keep" in str(question)
    assert csv.look("comment", "minor_children", "passerelle_version") == [("essai:person:1", "important", 2, 1)]


def test_a_file_with_every_column_is_taken_after_one_that_was_held(csv):
    csv.run(FULL)
    csv.run(PARTIAL)
    assert csv.run("id;nom;prenom;note;enfants\n1;A;B;;4\n").settled == 1
    assert csv.look("comment", "minor_children") == [("essai:person:1", None, 4)]


@pytest.mark.parametrize(("answer", "comment"), [("keep", "important"), ("empty", None)])
def test_the_answer_of_a_person_counts_for_the_parcel_that_asked(csv, answer, comment):
    csv.run(FULL)
    csv.run(PARTIAL)
    csv.resume(answer)
    assert csv.run().settled == 1
    assert csv.look("comment", "minor_children") == [("essai:person:1", comment, 3)]
    # «keep» was for this once; columns that are no more are not asked about again
    assert csv.run(PARTIAL.replace("3", "5")).parked == (1 if answer == "keep" else 0)


def test_resuming_without_an_answer_asks_again(csv):
    csv.run(FULL)
    csv.run(PARTIAL)
    csv.resume()
    assert csv.run().parked == 1


def test_the_settings_answer_for_good(csv):
    csv.run(FULL)
    csv.set('absent = "keep"')
    assert csv.run(PARTIAL).settled == 1
    assert csv.look("comment", "minor_children") == [("essai:person:1", "important", 3)]
    csv.set('absent = "empty"')
    assert csv.run(PARTIAL.replace("3", "4")).settled == 1
    assert csv.look("comment", "minor_children") == [("essai:person:1", None, 4)]


def test_a_connector_of_partial_files_says_so_itself(tmp_path):
    flow = Flow(tmp_path, "gens-csv", SUPPLIER.replace('title = "Gens"', 'title = "Gens"\nabsent = "keep"'))
    flow.run(FULL)
    assert flow.run(PARTIAL).settled == 1
    assert flow.look("comment") == [("essai:person:1", "important")]


def test_the_first_parcel_and_a_column_that_is_newly_read_never_hold(csv):
    assert csv.run(PARTIAL).settled == 1
    assert csv.run(PARTIAL.replace("3", "4")).settled == 1
    # the connector reads `note` from now on: it was there before, and nothing was delivered of it
    text = (csv.folder / "essai.toml").read_text("utf-8")
    (csv.folder / "essai.toml").write_text(text.replace('"enfants"', '"kids"'), "utf-8")
    assert csv.run("id;nom;prenom\n1;A;C\n").settled == 1


def test_a_partial_file_again_is_unchanged_and_an_emptied_field_is_not(csv):
    csv.set('absent = "keep"')
    csv.run(FULL)
    assert csv.run(PARTIAL).balance.fates == {"delivered": 1}
    assert csv.run(PARTIAL + "\n").balance.fates == {"unchanged": 1}
    assert csv.run("id;nom;prenom;note;enfants\n1;A;B;;3\n").balance.fates == {"delivered": 1}
    assert csv.look("comment") == [("essai:person:1", None)]


def test_a_list_of_which_a_column_is_gone_is_kept_whole_and_told(csv):
    csv.set('absent = "keep"')
    csv.run("id;nom;prenom;fixe;mobile\n1;A;B;0145000001;0612000001\n")
    before = csv.look("telecoms")
    assert csv.run("id;nom;prenom;mobile\n1;A;B;0612000002\n").settled == 1
    assert csv.look("telecoms") == before
    assert csv.count_reasons()["translate.field.partly_said", "telecoms"] == 1


def test_what_is_not_said_is_named_in_the_provenance(csv):
    csv.set('absent = "keep"')
    csv.run(FULL)
    csv.run(PARTIAL)
    ((_ref, source),) = csv.look("source")
    assert set(json.loads(source)["unsaid"]) == {"comment", "telecoms"}


def test_a_rehearsal_asks_the_same_question(csv):
    csv.run(FULL)
    csv.drop(PARTIAL)
    (rehearsal,) = rehearse(load_settings(csv.folder / "passerelle.toml"), ["un"])
    assert [question.code for question in rehearsal.outcome.questions] == ["translate.column.gone"]
    csv.set('absent = "keep"')
    (rehearsal,) = rehearse(load_settings(csv.folder / "passerelle.toml"), ["un"])
    assert dict(rehearsal.changes["person/1"].fields) == {"minor_children": 1}


def test_a_column_that_only_travels_in_extra_is_asked_about_too(csv):
    csv.set(purpose="portability")
    csv.run("id;nom;prenom;couleur\n1;A;B;vert\n")
    assert csv.run("id;nom;prenom\n1;A;C\n").parked == 1
    csv.resume("keep")
    csv.run()
    ((_ref, name, extra),) = csv.look("first_names", "extra")
    assert (name, json.loads(extra)) == ("C", {"essai": {"couleur": "vert"}})


def _json(*records):
    return json.dumps({"gens": list(records)})


A = {"id": "1", "nom": "A", "prenom": "B"}


def test_a_member_that_a_whole_document_lacks_holds_it_and_null_says_empty(tmp_path):
    flow = Flow(tmp_path, "gens-json")
    flow.run(_json(A | {"note": "x"}))
    assert flow.run(_json(A | {"prenom": "C"})).parked == 1
    assert flow.run(_json(A | {"prenom": "D", "note": None})).settled == 1
    assert flow.look("first_names", "comment") == [("essai:person:1", "D", None)]


@pytest.mark.parametrize(("absent", "kept"), [("", "x"), ('absent = "keep"', "x"), ('absent = "empty"', None)])
def test_a_record_that_lacks_what_others_have_keeps_it(tmp_path, absent, kept):
    flow = Flow(tmp_path, "gens-json", extra=absent)
    flow.run(_json(A | {"note": "x"}, A | {"id": "2", "note": "y"}))
    assert flow.run(_json(A | {"prenom": "C"}, A | {"id": "2", "note": ""})).settled == 1
    assert flow.look("first_names", "comment") == [("essai:person:1", "C", kept), ("essai:person:2", "B", None)]
    assert flow.count_reasons().get(("translate.field.unsaid", "comment"), 0) == (0 if absent else 1)


def test_records_without_a_member_from_the_beginning_are_unchanged_and_not_told(tmp_path):
    flow = Flow(tmp_path, "gens-json")
    flow.run(_json(A, A | {"id": "2", "note": "y"}))
    outcome = flow.run(_json(A, A | {"id": "2", "note": "z"}))
    assert outcome.balance.fates == {"delivered": 1, "unchanged": 1}
    assert ("translate.field.unsaid", "comment") not in flow.count_reasons()


@pytest.mark.parametrize("connector", ["gens-lignes", "gens-xml"])
def test_a_column_that_comes_late_makes_no_false_hold_and_one_that_never_comes_holds_all(tmp_path, connector):
    def write(*records):
        if connector == "gens-lignes":
            return "".join(json.dumps(record) + "\n" for record in records)
        elements = ("".join(f"<{name}>{text}</{name}>" for name, text in record.items()) for record in records)
        return "<gens>" + "".join(f"<une>{inside}</une>" for inside in elements) + "</gens>"

    flow = Flow(tmp_path, connector, extra="block_rows = 2")
    rows = [A | {"id": str(number)} for number in range(6)]
    flow.run(write(*(row | {"note": "x"} for row in rows)))
    later = [row | {"prenom": "C"} for row in rows]
    assert flow.run(write(*later[:5], later[5] | {"note": "z"})).settled == 1
    assert [row[1:] for row in flow.look("first_names", "comment")] == [("C", "x")] * 5 + [("C", "z")]
    assert flow.run(write(*(row | {"prenom": "D"} for row in rows))).parked == 1
    assert {row[1] for row in flow.look("first_names")} == {"C"}


def test_a_member_behind_another_holds_the_parcel_before_the_first_is_delivered(tmp_path):
    flow = Flow(tmp_path, "deux", TWO_SHEETS)
    full = {"a": [A | {"note": "x"}], "b": [A | {"id": "2", "note": "y"}]}
    flow.run(json.dumps(full))
    full["a"][0]["note"] = "z"
    del full["b"][0]["note"]
    assert flow.run(json.dumps(full)).parked == 1
    assert flow.look("comment") == [("essai:person:1", "x"), ("essai:person:2", "y")]
    assert flow.run(json.dumps({"a": full["a"]})).settled == 1, "a list that is not there empties nothing"
    assert flow.look("comment") == [("essai:person:1", "z"), ("essai:person:2", "y")]


VALUES = {"note": st.sampled_from(["", "a", "b"]), "enfants": st.sampled_from(["", "1", "2"])}
PARCEL = st.fixed_dictionaries(
    {
        "columns": st.sets(st.sampled_from(["note", "enfants"])),
        "rows": st.lists(st.tuples(*VALUES.values()), min_size=2, max_size=2),
    }
)


@settings(max_examples=count_examples(15))
@given(parcels=st.lists(PARCEL, min_size=1, max_size=5), connector=st.sampled_from(["gens-csv", "gens-json"]))
def test_the_destination_has_the_last_value_that_was_said_of_each_field(parcels, connector):
    with TemporaryDirectory() as folder:
        flow = Flow(Path(folder), connector, extra='absent = "keep"')
        model = {f"essai:person:{number}": {"note": None, "enfants": None} for number in (1, 2)}
        for turn, parcel in enumerate(parcels):
            names = sorted(parcel["columns"])
            rows = [dict(zip(VALUES, row, strict=True)) for row in parcel["rows"]]
            for number, row in enumerate(rows, start=1):
                model[f"essai:person:{number}"].update({name: row[name] or None for name in names})
            if connector == "gens-csv":
                lines = [";".join(["id", "nom", "prenom", *names])]
                lines += [";".join([str(n), "A", "B", *(row[name] for name in names)]) for n, row in enumerate(rows, 1)]
                content = "\n".join(lines) + "\n" * (turn + 1)
            else:
                gens = [
                    A | {"id": str(n)} | {name: row[name] or None for name in names} for n, row in enumerate(rows, 1)
                ]
                content = json.dumps({"gens": gens}) + " " * turn
            assert flow.run(content).balance.adds_up
        found = {
            ref: {"note": note, "enfants": str(kids) if kids else None}
            for ref, note, kids in flow.look("comment", "minor_children")
        }
        assert found == model
