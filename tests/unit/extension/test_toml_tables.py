"""Tables of a description: groups of columns that repeat, and mistakes in what they say."""

from __future__ import annotations

import io

import pytest

from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.toml_suppliers import read_supplier
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.language import get_current, set_language

GOOD = """\
id = "acme"
title = "Acme"
[connector.acme-helpers]
title = "Aidants"
dialect = { kind = "csv" }
[connector.acme-helpers.table.aidants]
contract = "person/1"
each = ["1", "2"]
where = [{ column = "Rue", filled = true }]
cut."Aidant {each} Ville" = "{CP:5} {Ville}"
[connector.acme-helpers.table.aidants.fields]
ref = { kind = "ref", column = ["N°", "Aidant {each} Nom"], entity = "person" }
usual_name = { kind = "text", column = "Aidant {each} Nom" }
addresses = { kind = "address", lines = ["Rue"], postcode = "CP", city = "Ville" }
"""


@pytest.fixture
def in_french():
    before = get_current()
    set_language("fr")
    yield
    set_language(before)


def describe(tmp_path, text=GOOD):
    path = tmp_path / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return read_supplier(path, tmp_path)


def test_each_group_of_columns_is_a_record_and_an_empty_group_is_none(tmp_path):
    supplier = describe(tmp_path)
    rows = (
        "N°;Rue;Aidant 1 Nom;Aidant 1 Ville;Aidant 2 Nom;Aidant 2 Ville\n"
        "1;1 rue X;DUPONT;75007 PARIS;LE GOFF;29000 QUIMPER\n"
        "2;2 rue X;MARTIN;69001 LYON;;\n"
    )
    refs = []
    stream = io.BytesIO(rows.encode())
    report = check(
        stream, supplier.id, supplier.connectors[0], on_records=lambda some, _t: refs.extend(some.frame["ref"])
    )
    assert sorted(refs) == ["acme:person:1~DUPONT", "acme:person:1~LE%20GOFF", "acme:person:2~MARTIN"]
    assert report.balance.received == 3


def test_a_file_with_fewer_groups_is_read_and_nothing_is_missed(tmp_path):
    supplier = describe(tmp_path)
    rows = "N°;Rue;Aidant 1 Nom;Aidant 1 Ville\n1;1 rue X;DUPONT;75007 PARIS\n"
    report = check(io.BytesIO(rows.encode()), supplier.id, supplier.connectors[0])
    assert report.accepted == {"person/1": 1}
    assert report.causes == {}


MISTAKES = {
    "a shape that cannot be": ("{Ville}", "{Ville:mots}", "cut.Aidant {each} Ville", "sorte de partie"),
    "no column that repeats": ("{each} ", "", "each", "n’a {each} dans son nom"),
    "two tests in one condition": ("filled = true", 'filled = true, equals = "x"', "where", "et un seul"),
    "a two-digit year of no century": (
        "aidants.fields]",
        'aidants.fields]\nbirth_date = { kind = "date", column = "Né", formats = ["%d/%m/%y"] }',
        "fields.birth_date",
        "années à deux chiffres",
    ),
    "a field that does not fit": (
        'usual_name = { kind = "text"',
        'birth_name = { kind = "yes_no", column = "Né" }\nusual_name = { kind = "text"',
        "fields.birth_name",
        "ne convient pas au champ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "key", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_french_with_its_file_line_and_key(tmp_path, in_french, before, after, key, words):
    text = GOOD.replace(before, after)
    with pytest.raises(SettingsError) as caught:
        describe(tmp_path, text)
    told = [one for one in caught.value.problems if one.details["key"].endswith(key)]
    assert told, [one.details["key"] for one in caught.value.problems]
    assert words in str(told[0])
    assert told[0].details["file"] == "acme.toml"
    assert int(told[0].details["line"]) > 1
