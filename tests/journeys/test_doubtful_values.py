"""Each kind of doubtful value, through every format a supplier sends: told with its cause, and nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from io import BytesIO, StringIO
from itertools import product
from xml.sax.saxutils import escape

import pytest
import xlsxwriter

from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.supplier import Connector
from passerelle.stages import translate as to
from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml
from passerelle.stages.translate.table import Table
from passerelle.vocabulary.doubts import DoubtRules
from passerelle.vocabulary.locality import Locality

DAYS = ("%d/%m/%Y", "%Y-%m-%d")
_NAMES = "id name first sex born dead place commune land nir tel mail street cp town"
COLUMNS = tuple(_NAMES.split())
FIELDS = {
    "ref": to.Ref("id", system="demo", entity="person"),
    "birth_name": to.Text("name"),
    "first_names": to.Text("first"),
    "sex": to.Code("sex", table={"M": "M", "F": "F"}, system="sexes"),
    "birth_date": to.PartialDate("born", formats=DAYS),
    "death_date": to.PartialDate("dead", formats=DAYS),
    "birth_place": to.Text("place"),
    "birth_commune": to.Text("commune", max_length=64),
    "birth_country": to.Text("land", max_length=64),
    "identifiers": to.Identifier("nir", system="nir"),
    "telecoms": [to.Telecom("tel"), to.Telecom("mail", kind="email")],
    "addresses": to.AddressOf(lines=("street",), postcode="cp", city="town"),
}
RIGHT = {
    "id": "7",
    "name": "DURAND",
    "first": "Jeanne",
    "sex": "F",
    "born": "03/04/1947",
    "commune": "42218",
    "land": "FR",
    "nir": "247044221810864",
    "tel": "0612345678",
    "mail": "jeanne@exemple.fr",
    "street": "12 rue des Lilas",
    "cp": "44100",
    "town": "NANTES",
}


def as_csv(rows):
    text = StringIO()
    for cells in (COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows)):
        text.write(";".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n")
    return text.getvalue().encode()


def as_xlsx(rows):
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate((COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows))):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
    return content.getvalue()


def as_json(rows):
    return json.dumps({"people": list(rows)}).encode()


def as_xml(rows):
    inner = "".join(
        "<person>" + "".join(f"<{name}>{escape(cell)}</{name}>" for name, cell in row.items()) + "</person>"
        for row in rows
    )
    return f"<?xml version='1.0' encoding='UTF-8'?><people>{inner}</people>".encode()


FORMATS = {
    "csv": (Csv(delimiter=";"), as_csv),
    "xlsx": (Xlsx(), as_xlsx),
    "json": (Json(lists={"people": ""}), as_json),
    "xml": (Xml(rows={"/people/person": ""}), as_xml),
}


@pytest.fixture(params=FORMATS)
def checked(request):
    dialect, write = FORMATS[request.param]
    table = Table(contract="person/1", fields=FIELDS, optional=COLUMNS)
    connector = Connector(id="demo", title="Essais", dialect=dialect, tables=(table,))

    def run(*rows, **options):
        taken = []
        report = check(
            BytesIO(write([RIGHT | row for row in rows])),
            "demo",
            connector,
            received_on=date(2026, 11, 30),
            on_records=lambda records, _table: taken.extend(records.frame.to_dicts()),
            **options,
        )
        # nothing is lost: each row is delivered, or set aside with a reason
        assert report.balance.adds_up
        return taken, {(key.fate, key.code, key.field): cause.count for key, cause in report.causes.items()}

    return run


def test_a_right_person_raises_no_doubt(checked):
    records, causes = checked({})
    assert causes == {}
    assert records[0]["identifiers"][0]["value"] == "247044221810864"


@pytest.mark.parametrize("dress", ['="{}"', "'{}", '  ="{}" '])
def test_what_a_spreadsheet_protects_is_unwrapped(checked, dress):
    cells = {name: dress.format(RIGHT[name]) for name in ("id", "nir", "tel", "cp")}
    (record,), causes = checked(cells)
    (plain,), _none = checked({})
    assert (record, causes) == (plain, {})


def test_a_number_that_excel_has_rewritten_is_never_delivered(checked):
    cells = product(("id", "nir", "tel", "cp"), ("1,85E+14", "1.85E+14", "1.85e+14"))
    rows = [{"id": str(number), "nir": "", name: cell} for number, (name, cell) in enumerate(cells)]
    records, causes = checked(*rows)
    assert records == []
    assert {(fate, code) for fate, code, _field in causes} == {("rejected", "translate.number.rewritten")}
    assert sum(causes.values()) == len(rows)


def test_a_nir_has_one_form(checked):
    cells = ["2 47 04 42 218 108 64", "2-47-04-42-218-108-64", "2.47.04.42.218.108/64"]
    records, causes = checked(*({"nir": cell} for cell in cells))
    assert {record["identifiers"][0]["value"] for record in records} == {RIGHT["nir"]}
    assert causes == {}


def test_a_nir_that_the_record_contradicts_is_doubted(checked):
    cases = [
        ({"sex": "M"}, "sex"),
        ({"born": "03/04/1948"}, "birth_date"),
        ({"born": "03/05/1947"}, "birth_date"),
        ({"commune": "75056"}, "birth_commune"),
        ({"commune": "", "land": "BE"}, "birth_country"),
    ]
    _records, causes = checked(*(cells | {"id": str(number)} for number, (cells, _field) in enumerate(cases)))
    del causes["warning", "validate.nir.shared", "identifiers"]
    fields = Counter(field for _cells, field in cases)
    assert causes == {("warning", "validate.nir.incoherent", field): count for field, count in fields.items()}


def test_a_postcode_is_canonical_where_that_is_sure(checked):
    records, causes = checked(*({"cp": cell} for cell in ("44 100", "F-44100", "44100 CEDEX", "2A004", "1000")))
    assert [record["addresses"][0]["postcode"] for record in records] == ["44100", "44100", "44100", "2A004", "1000"]
    assert causes == {
        ("warning", "validate.postcode.malformed", "addresses.postcode"): 1,
        ("warning", "validate.postcode.short", "addresses.postcode"): 1,
    }


def test_a_value_that_cannot_be_meant_is_delivered_with_a_word(checked):
    cases = [
        ({"mail": "@toto"}, "translate.email.unusual"),
        ({"mail": "a.exemple.fr"}, "translate.email.unusual"),
        ({"mail": "a@b"}, "translate.email.unusual"),
        ({"mail": "a@exemple.fr ou b@exemple.fr"}, "translate.email.unusual"),
        ({"tel": "0612"}, "translate.phone.unusual"),
        ({"commune": "Saint-Étienne"}, "validate.commune.unknown"),
        ({"land": "France"}, "validate.country.unknown"),
        ({"born": "01/01/2050"}, "validate.day.future"),
        ({"born": "17/03/1851"}, "validate.day.past"),
        ({"born": "01/01/1900"}, "validate.day.placeholder"),
        ({"born": "31/12/9999"}, "validate.day.placeholder"),
        ({"born": "01/01/2999"}, "validate.day.placeholder"),
        ({"dead": "31/12/2099"}, "validate.day.placeholder"),
        ({"name": "NULL"}, "validate.text.placeholder"),
        ({"first": "Néant"}, "validate.text.placeholder"),
        ({"town": "N/A"}, "validate.text.placeholder"),
        ({"street": "?"}, "validate.text.placeholder"),
        ({"place": "INCONNU"}, "validate.text.placeholder"),
        ({"name": "[E, F]"}, "validate.text.structured"),
        ({"town": "{NANTES}"}, "validate.text.structured"),
    ]
    rows = ({"nir": "", **cells, "id": str(number)} for number, (cells, _code) in enumerate(cases))
    records, causes = checked(*rows)
    assert len(records) == len(cases)
    found = Counter()
    for (fate, code, _field), count in causes.items():
        assert fate == "warning"
        found[code] += count
    assert found == Counter(code for _cells, code in cases)


def test_two_addresses_side_by_side_are_two(checked):
    (record,), causes = checked({"mail": "a@exemple.fr b@exemple.fr", "tel": ""})
    assert [item["value"] for item in record["telecoms"]] == ["a@exemple.fr", "b@exemple.fr"]
    assert causes == {}


def test_an_overseas_number_has_the_code_of_its_department(checked):
    numbers = {
        "0692123456": "+262692123456",
        "0262 12 34 56": "+262262123456",
        "0639261234": "+262639261234",
        "0690123456": "+590690123456",
        "0696123456": "+596696123456",
        "0594123456": "+594594123456",
        "+33692123456": "+262692123456",
        "0639980001": "+33639980001",
    }
    records, causes = checked(*({"tel": cell} for cell in numbers))
    assert [record["telecoms"][0]["value"] for record in records] == list(numbers.values())
    assert causes == {}


def test_a_flow_at_home_elsewhere_reads_numbers_and_postcodes_of_there(checked):
    (record,), causes = checked({"tel": "0471234567", "cp": "1000"}, locality=Locality(country="BE"))
    assert record["telecoms"][0]["value"] == "+32471234567"
    assert causes == {}


def test_one_reference_for_two_persons_and_one_nir_for_two_references_are_told(checked):
    rows = {"id": "7"}, {"id": "7", "name": "MARTIN", "nir": ""}, {"id": "9"}, {"id": "7", "name": "Durand"}
    records, causes = checked(*rows)
    assert len(records) == 4
    assert causes == {
        ("warning", "validate.ref.shared", "ref"): 1,
        ("warning", "validate.nir.shared", "identifiers"): 1,
    }


def test_a_flow_may_make_a_doubt_strict_or_silent(checked):
    rows = {"town": "?"}, {"id": "8", "nir": "", "mail": "@toto"}
    kept, _causes = checked(*rows)
    strict = DoubtRules(frozenset({"validate.text.placeholder", "translate.email.unusual"}))
    refused, causes = checked(*rows, doubts=strict)
    assert (len(kept), len(refused)) == (2, 0)
    assert {fate for fate, _code, _field in causes} == {"rejected"}
    silent = DoubtRules(silent=dict.fromkeys(strict.strict, "le logiciel écrit cela"))
    kept, causes = checked(*rows, doubts=silent)
    assert (len(kept), causes) == (2, {})


def test_a_column_at_which_nearly_every_row_fails_is_said_to_be_misdescribed(checked):
    rows = [{"id": str(number), "nir": "", "born": "1947.04.03" if number else "03/04/1947"} for number in range(20)]
    _records, causes = checked(*rows)
    assert causes["rejected", "translate.date.malformed", "birth_date"] == 19
    assert causes["warning", "translate.column.misdescribed", "birth_date"] == 1
    _records, causes = checked(*rows[:19])
    assert ("warning", "translate.column.misdescribed", "birth_date") not in causes
