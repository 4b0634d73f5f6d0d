"""A pile of rows through a plan: tables, what is left out, faults, warnings, what is carried, and the way back."""

from __future__ import annotations

from functools import partial

import polars as pl
import pytest

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_types import list_columns
from passerelle.stages.translate import (
    NONE,
    Code,
    Constant,
    Date,
    Identifier,
    Joined,
    OutOfScope,
    PerRecord,
    Ref,
    Table,
    Telecom,
    Text,
    Where,
)
from passerelle.stages.translate.drift import detect_drift
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.rendering import find_unmapped, render, render_with_unmapped
from passerelle.stages.translate.translation import PLACES, translate
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import TextTable
from passerelle.vocabulary.place import ROW
from passerelle.vocabulary.reasons import explain

CANARY = "Zz-canari-zZ"
PERSON = Table(
    contract="person/1",
    fields={
        "ref": Ref("id", system="demo", entity="person"),
        "birth_name": Text("nom"),
        "birth_date": Date("né le"),
        "sex": Code("sexe", table={"F": "2", "M": "1"}),
        "identifiers": [Identifier("nir", system="nir"), Identifier("caf", system="caf")],
        "telecoms": [Telecom("tel"), Telecom("mail", kind="email")],
    },
    where=(Where("type", ("Personne",)),),
    waived={"âge": "derived from the birth date"},
)
ROW_OF_PERSON = {
    "type": "Personne",
    "id": "1",
    "nom": "MATHY",
    "né le": "31/12/1950",
    "sexe": "F",
    "nir": "2 50 12",
    "caf": "",
    "tel": "0612345678 / 0123456789",
    "mail": "",
    "âge": "73",
    "note": "",
}
plan_of = partial(compile_plan, supplier="demo")


def pile(*rows: dict[str, str | None], member: str = "") -> TextTable:
    full = [{**ROW_OF_PERSON, "id": str(number), **row} for number, row in enumerate(rows)]
    frame = pl.DataFrame(full, dict.fromkeys(full[0], pl.String))
    return TextTable(member, frame, pl.Series(range(10, 10 + len(full)), dtype=pl.UInt32))


@pytest.fixture(params=[True, False], ids=["columns first", "by record"])
def run(request):
    return partial(translate, columnar=request.param)


def test_rows_become_records_with_the_types_of_the_contract(run):
    done = run(pile({}), plan_of([PERSON]))
    (records,) = done.records
    layout = list_columns(get("person/1"))
    assert {name: dtype for name, dtype in records.frame.schema.items() if name != ROW} == {
        name: layout[name] for name in records.frame.columns if name != ROW
    }
    (record,) = records.frame.to_dicts()
    assert record["ref"] == "demo:person:0"
    assert record["birth_date"] == "1950-12-31"
    assert record["identifiers"] == [{"system": "nir", "value": "25012", "use": None}]
    assert [item["value"] for item in record["telecoms"]] == ["+33612345678", "+33123456789"]
    assert "extra" not in record


def test_a_bad_cell_costs_its_row_with_line_column_and_field(run):
    done = run(pile({}, {"né le": CANARY}, {}), plan_of([PERSON]))
    (aside,) = done.aside
    assert (aside.fate, aside.reason, aside.row, aside.contract) == (
        Fate.REJECTED,
        "translate.date.malformed",
        1,
        "person/1",
    )
    assert (aside.place.line, aside.place.column, aside.place.field) == (11, "né le", "birth_date")
    assert done.records[0].frame[ROW].to_list() == [0, 2]
    assert CANARY not in repr(done.aside)
    assert done.received == 3


def test_of_several_faults_in_a_row_the_first_is_told_and_all_are_counted(run):
    (aside,) = run(pile({"né le": "hier", "nom": "a\x00b", "id": "x" * 200}), plan_of([PERSON])).aside
    assert (aside.reason, aside.details["faults"]) == ("translate.ref.too_long", "3")


def test_rows_of_no_table_are_set_aside_and_counted(run):
    done = run(pile({}, {"type": "Autre"}, {"type": None}), plan_of([PERSON]))
    assert [(aside.reason, aside.row) for aside in done.aside] == [
        ("translate.row.no_table", 1),
        ("translate.row.no_table", 2),
    ]
    assert done.received == 3


def test_rows_of_an_unknown_member_are_all_set_aside(run):
    done = run(pile({}, {}, member="inconnu"), plan_of([PERSON]))
    assert not done.records
    assert {aside.place.member for aside in done.aside} == {"inconnu"}


def test_what_is_out_of_scope_is_withheld_with_its_reason_and_not_kept(run):
    scope = OutOfScope(fr="Heures internes.", en="Internal hours.", where=(Where("type", ("Interne",)),))
    set_language("en")
    done = run(pile({}, {"type": " Interne "}), plan_of([PERSON], out_of_scope=[scope]))
    (aside,) = done.aside
    assert (aside.fate, aside.needs_quarantine, aside.row) == (Fate.WITHHELD, False, 1)
    assert "Internal hours." in explain(aside.reason, aside.details)[0]


def test_an_error_of_the_api_is_rejected_as_one_and_is_no_record(run):
    scope = OutOfScope(fr="rien", en="no answer", where=(Where.holds("erreur"),), optional=("erreur",), is_error=True)
    set_language("en")
    done = run(pile({"erreur": None}, {"erreur": "404"}), plan_of([PERSON], out_of_scope=[scope]))
    (aside,) = done.aside
    assert (aside.fate, aside.reason, aside.row) == (Fate.REJECTED, "translate.row.error_answer", 1)
    assert "no answer" in explain(aside.reason, aside.details)[0]
    assert [records.frame.height for records in done.records] == [1]


def test_a_row_of_two_tables_gives_a_record_in_each_and_counts_twice(run):
    twin = Table(contract="professional/1", fields={"ref": Ref("id", system="demo", entity="professional")})
    done = run(pile({}, {"né le": "hier"}), plan_of([PERSON, twin]))
    assert [records.frame.height for records in done.records] == [1, 2]
    assert [aside.contract for aside in done.aside] == ["person/1"]
    assert done.received == 4


def test_null_words_are_unknown_and_nothing_words_are_confirmed(run):
    plan = plan_of([PERSON], nulls=("", "NULL"), nothing=("néant",))
    rows = ({"nom": " NULL ", "tel": "néant"}, {"tel": "néant", "mail": "a@b.fr"}, {"né le": "néant", "nir": "néant"})
    first, second, third = run(pile(*rows), plan).records[0].frame.to_dicts()
    assert (first["birth_name"], first["telecoms"], first["confirmed_none"]) == (None, None, ["telecoms"])
    assert (len(second["telecoms"]), second["confirmed_none"]) == (1, None)
    assert third["confirmed_none"] == ["birth_date", "identifiers"]


def test_a_converter_may_confirm_none_by_itself(run):
    fields = {**PERSON.fields, "comment": PerRecord("note", parse=lambda row: NONE if row["note"] == "-" else None)}
    done = run(pile({"note": "-"}, {}), plan_of([Table(contract="person/1", fields=fields)]))
    assert done.records[0].frame["confirmed_none"].to_list() == [["comment"], None]


def test_columns_that_nothing_reads_are_carried_verbatim_and_waived_ones_are_not(run):
    done = run(pile({"note": " verbatim "}, {}), plan_of([PERSON]))
    assert done.records[0].frame["extra"].to_list() == [{"demo": {"note": " verbatim "}}, None]


def test_doubts_are_told_at_their_place_and_beyond_a_limit_only_counted(run):
    count = PLACES + 50
    done = run(pile(*({"sexe": "X"} for _ in range(count))), plan_of([PERSON]))
    assert len(done.warned) == PLACES
    assert sum(int(warned.details.get("count", "1")) for warned in done.warned) == count
    assert (done.warned[0].place.line, done.warned[0].place.column) == (10, "sexe")
    assert {warned.contract for warned in done.warned} == {"person/1"}
    assert done.records[0].frame.height == count


def test_a_column_that_is_not_there_is_unknown_in_every_row(run):
    table = pile({}, {})
    shorter = TextTable("", table.frame.drop("tel", "mail", "nom"), table.lines)
    (records,) = run(shorter, plan_of([PERSON])).records
    assert records.frame["telecoms"].null_count() == records.frame["birth_name"].null_count() == 2


def test_no_rows_give_no_records(run):
    table = pile({})
    done = run(TextTable("", table.frame.clear(), table.lines.clear()), plan_of([PERSON]))
    assert (done.records, done.aside, done.received) == ((), (), 0)


@pytest.mark.parametrize("value", [3.5, 12, {"code": "x", "colour": "red"}, ["a"], "\ud800"])
def test_a_value_of_plain_python_that_does_not_fit_the_field_is_a_fault(value, run):
    fields = {**PERSON.fields, "comment": PerRecord("note", parse=lambda row: value if row["note"] else None)}
    done = run(pile({"note": "x"}, {}), plan_of([Table(contract="person/1", fields=fields)]))
    assert [(aside.row, aside.reason) for aside in done.aside] == [(0, "translate.plugin.failed")]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (Table(contract="persn/1", fields={}), "did you mean «person/1»"),
        (Table(contract="person/1", fields={**PERSON.fields, "birth_nam": Text("x")}), "did you mean «birth_name»"),
        (Table(contract="person/1", fields={**PERSON.fields, "extra": Text("x")}), "«extra» does not exist"),
        (Table(contract="person/1", fields={"birth_name": Text("x")}), "nothing fills the required field «ref»"),
        (Table(contract="person/1", fields={**PERSON.fields, "birth_name": [Text("x"), Text("y")]}), "exactly one"),
        (Table(contract="person/1", fields={**PERSON.fields, "sex": Text("x")}), "Text does not fit the field «sex»"),
        (Table(contract="person/1", fields={"ref": Constant("a:b:c")}), "no converter reads a column"),
    ],
)
def test_a_table_that_does_not_fit_its_contract_is_refused_when_it_is_built(table, message):
    with pytest.raises(ValueError, match=message):
        plan_of([table])


def test_a_header_without_drift_has_none():
    found = detect_drift([name for name in ROW_OF_PERSON if name != "note"], "", plan_of([PERSON]))
    assert not found


def test_drift_names_unknown_missing_and_likely_renamed_columns():
    header = [{"né le": "Ne_le", "tel": "Téléphone"}.get(name, name) for name in ROW_OF_PERSON]
    found = detect_drift(header, "", plan_of([PERSON]))
    assert found.unknown == ("Ne_le", "Téléphone", "note")
    assert found.missing == ("né le", "tel")
    assert found.renamed == (("né le", "Ne_le"),)
    assert not found.blocking


@pytest.mark.parametrize("column", ["id", "type"])
def test_drift_blocks_when_a_column_is_missing_that_every_row_needs(column):
    assert detect_drift([name for name in ROW_OF_PERSON if name != column], "", plan_of([PERSON])).blocking


def test_a_carried_column_is_no_drift():
    table = Table(contract="person/1", fields=PERSON.fields, where=PERSON.where, carried=("note", "âge"))
    assert not detect_drift(list(ROW_OF_PERSON), "", plan_of([table]))


def test_records_are_written_back_as_rows_that_read_the_same():
    table, plan = pile({"note": "carried"}, {"tel": "", "mail": "a@b.fr", "caf": "123", "nir": ""}), plan_of([PERSON])
    frame = translate(table, plan).records[0].frame
    written = render(frame, PERSON, supplier="demo")
    assert set(written.dtypes) == {pl.String}
    assert written["note"].to_list() == ["carried", ""]
    again = translate(TextTable("", written, table.lines), plan).records[0].frame
    assert again.equals(frame)
    assert find_unmapped(frame, PERSON, supplier="demo") == {}


def test_what_another_layout_has_no_place_for_is_named():
    frame = translate(pile({"note": "x", "caf": "12"}), plan_of([PERSON])).records[0].frame
    other = Table(
        contract="person/1",
        fields={
            "ref": Ref("clef", system="demo", entity="person"),
            "sex": Code("s", table={"Femme": "9"}),
            "identifiers": [Identifier("numéro", system="caf", use="main")],
        },
    )
    written, unmapped = render_with_unmapped(frame, other, supplier="other")
    assert written.to_dicts()[0]["numéro"] == "12"
    assert written.equals(render(frame, other, supplier="other"))
    assert sorted(unmapped[0]) == ["birth_date", "birth_name", "extra", "identifiers", "sex", "telecoms"]
    assert unmapped == find_unmapped(frame, other, supplier="other")


def test_a_joined_text_is_written_whole_in_the_first_column():
    table = Table(contract="person/1", fields={"ref": PERSON.fields["ref"], "household": Joined(("nom", "note"))})
    frame = translate(pile({"note": "et fils"}), plan_of([table])).records[0].frame
    assert render(frame, table, supplier="x").to_dicts()[0] == {"id": "0", "nom": "MATHY et fils", "note": ""}
