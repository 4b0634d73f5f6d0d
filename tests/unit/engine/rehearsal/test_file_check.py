"""A check of one file: everything is counted, causes show some places, and no value of the file is in the report."""

from __future__ import annotations

import io

import pytest

from passerelle import Connector, Csv, Table
from passerelle import convert as to
from passerelle.engine.rehearsal.file_check import PLACES, check
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import Fate

EXPORT = Connector(
    id="demo-export",
    title="Export",
    dialect=Csv(delimiter=";", encoding="utf-8"),
    tables=(
        Table(
            contract="person/1",
            fields={
                "ref": to.Ref("Id", system="demo", entity="person"),
                "birth_name": to.Text("Nom"),
                "birth_date": to.Date("Né le"),
            },
        ),
    ),
    unread={"Photo": "une image"},
)
HEADER = "Id;Nom;Né le"


def run(*rows, header=HEADER, **more):
    content = "\n".join([header, *rows]) + "\n"
    return check(io.BytesIO(content.encode()), "demo", EXPORT, **more)


def test_every_row_is_counted_under_one_fate_readable_or_not():
    report = run("1;A;01/02/1940", "2;B;31/02/1940", "trop;peu", "4;D;01/02/1940")
    assert (report.rows, report.accepted) == (4, {"person/1": 2})
    assert report.balance.adds_up
    assert dict(report.balance.fates) == {Fate.DELIVERED: 2, Fate.REJECTED: 1, Fate.UNREADABLE: 1}


@pytest.mark.parametrize("count", [PLACES, PLACES + 5])
def test_a_cause_is_counted_in_full_and_shows_some_places(count):
    report = run(*(f"{nth};A;31/02/1940" for nth in range(count)))
    (cause,) = [cause for key, cause in report.causes.items() if key.code == "translate.date.impossible"]
    assert (cause.count, len(cause.places)) == (count, PLACES)
    assert [place.line for place in cause.places] == list(range(2, 2 + PLACES))


def test_no_value_of_the_file_is_in_the_report():
    report = run("1;Zz-canari-zZ;Zz-canari-zZ", "2;Zz-canari-zZ", "Zz-canari-zZ;NULL;01/01/1900")
    assert report.causes
    assert "canari" not in repr(report)


def test_what_is_unread_on_purpose_is_told_with_its_reason_and_number_and_is_no_drift():
    report = run("1;A;01/02/1940;p", "2;B;01/02/1940;", header=f"{HEADER};Photo")
    assert {name: (one.reason, one.values) for name, one in report.unread.items()} == {"Photo": ("une image", 1)}
    assert not report.drift[""]


def test_who_follows_hears_of_each_batch_and_of_what_would_be_delivered():
    seen, heard, told = [], [], []
    run(
        "1;A;01/02/1940",
        "2;B;31/02/1940",
        on_records=lambda records, table: seen.append((records.contract, records.frame.height, table.frame.height)),
        on_ledger=lambda ledger, _table: heard.append(len(ledger.aside)),
        progress=lambda rows, consumed: told.append((rows, consumed > 0)),
    )
    assert (seen, heard, told) == ([("person/1", 1, 2)], [1], [(2, True)])


def test_a_file_without_a_needed_column_is_no_report_but_a_refusal():
    with pytest.raises(ParcelError) as refused:
        run("A;01/02/1940", header="Nom;Né le")
    assert refused.value.code == "translate.column.missing"


def test_a_reference_that_leads_nowhere_is_a_warning_of_the_whole_file():
    contacts = Connector(
        id="demo-contacts",
        title="Contacts",
        dialect=Csv(delimiter=";", encoding="utf-8"),
        tables=(
            *EXPORT.tables,
            Table(
                contract="note/1",
                fields={
                    "ref": to.Ref("Note", system="demo", entity="note"),
                    "person_ref": to.Ref("Personne", system="demo", entity="person"),
                    "text": to.Text("Nom", max_length=20000),
                    "written_on": to.Date("Né le"),
                },
            ),
        ),
    )
    content = "Id;Nom;Né le;Note;Personne\n1;A;01/02/1940;n1;1\n2;B;01/02/1940;n2;9\n".encode()
    report = check(io.BytesIO(content), "demo", contacts)
    (cause,) = [cause for key, cause in report.causes.items() if key.field == "person_ref"]
    assert (cause.count, [place.line for place in cause.places]) == (1, [3])
    assert report.balance.warnings >= 1
