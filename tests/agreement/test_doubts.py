# ruff: noqa: E501  samples read better one under the other
"""Both faces of a converter, and both paths of validation, agree on what is doubtful, whatever the supplier wrote."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.contracts.catalogue import get
from passerelle.stages import translate as to
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.table import Table
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.doubtful_texts import PLACEHOLDER, judge_text
from passerelle.stages.validate.doubts import DoubtSetting
from passerelle.stages.validate.fast_path import check_rows
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.doubts import DoubtRules, can_be_strict
from passerelle.vocabulary.parcels import TextTable
from passerelle.vocabulary.reasons import REASONS

DAYS = ("%d/%m/%Y", "%Y-%m-%d")
IDS = ("1", "7", '="7"', "'7", "1,85E+14", "1E5", "12.5", "é")
NIR = (
    "247044221810864", "2 47 04 42 218 108 64", "2470442218108", "1470442218108", "29912992A004", "299129920A004",
    "1-50-20-99-352-001", "7500193", "1,85E+14", "185E12", '="2470442218108"', "150047500100", "1500475001001",
    "2a", "150042a001001", "",
)  # fmt: skip
PHONES = ("0612345678", "0692123456", "0508411234", "0708123456", "0709212345", "+330692123456", "0639980001", "6,4E+08", "3919")  # fmt: skip
MAILS = ("a@b.fr", "@toto", "a.exemple.fr", "a@b", "a@b.fr c@d.fr", "a@b.fr; c", "A+b@C.d-e.fr", "é@b.fr", "a@b.fr/")
BORN = (
    "03/04/1947", "1947", "04/1947", "01/01/1900", "01/01/1970", "31/12/1879", "01/01/1880", "30/11/2026", "01/12/2026",
    "31/12/2099", "31/12/9999", "01/01/2999", "2026", "2027", "00/00/0000", "01/01/0000", "31/12/1949", "01/12/2028",
)  # fmt: skip
TEXTS = (
    "NULL", "null", "N/A", "n.a.", "n / c", "néant", "NÉANT", "neant", "İnconnu", "inconnue", "?", "-", "--", "xxx", "XX", "test",
    "Testu", "#N/A", "#REF!", "[a]", "{", '{"a":1}', "DURAND", "0", "NaN", "Nan", "«»", "\u00a0?", "à compléter", "Ｎull", "ſ",
)  # fmt: skip
PLACES = ("42218", "2A004", "97411", "99352", "75056", "93066", "France", "FR", "DZ", "fr", "UK", "4221", "20004")
POSTCODES = ("44100", "44 100", "F-44100", "44100 CEDEX 9", "1000", "2A004", "96000", "4,41E+04", "D-10115", "'01000")

COLUMNS = {
    "id": IDS, "nir": NIR, "tel": PHONES, "mail": MAILS, "born": BORN, "dead": BORN, "name": TEXTS, "first": TEXTS,
    "street": TEXTS, "town": TEXTS, "cp": POSTCODES, "commune": PLACES, "land": PLACES, "sex": ("M", "F", "U"), "title": ("M", "MME"),
}  # fmt: skip
FIELDS = {
    "ref": to.Ref("id", system="demo", entity="person"),
    "birth_name": to.Text("name"),
    "first_names": to.Text("first"),
    "title": to.Code("title", table={"M": "M", "MME": "MME"}, system="titles"),
    "sex": to.Code("sex", table={"M": "M", "F": "F", "U": "U"}, system="sexes"),
    "birth_date": to.PartialDate("born", formats=DAYS),
    "death_date": to.PartialDate("dead", formats=DAYS),
    "birth_commune": to.Text("commune", max_length=64),
    "birth_country": to.Text("land", max_length=64),
    "identifiers": to.Identifier("nir", system="nir"),
    "telecoms": [to.Telecom("tel"), to.Telecom("mail", kind="email")],
    "addresses": to.AddressOf(lines=("street",), postcode="cp", city="town", country="land"),
}
PLAN = compile_plan([Table(contract="person/1", fields=FIELDS)], supplier="demo")
STRICT = DoubtRules(frozenset(code for code in REASONS if can_be_strict(code)))
ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(("", *cells)) for name, cells in COLUMNS.items()} | {"id": st.sampled_from(IDS)}),
    min_size=1,
    max_size=12,
)  # fmt: skip


def table_of(rows):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))
    return TextTable("", frame, pl.Series(range(2, frame.height + 2), dtype=pl.UInt32))


@given(rows=ROWS, strict=st.booleans())
@settings(deadline=None, max_examples=count_examples(60))
def test_both_faces_of_every_converter_agree(rows, strict):
    table, codes = table_of(rows), STRICT.strict if strict else ()
    fast, slow = (translate(table, PLAN, columnar=columnar, strict=codes) for columnar in (True, False))
    assert fast.records[0].frame.equals(slow.records[0].frame)
    assert fast.aside == slow.aside
    assert sorted(map(str, fast.warned)) == sorted(map(str, slow.warned))


@given(rows=ROWS, day=st.none() | st.just(date(2026, 11, 30)), home=st.sampled_from(("FR", "BE", "RE")), strict=st.booleans())  # fmt: skip
@settings(deadline=None, max_examples=count_examples(60))
def test_both_paths_of_validation_agree(rows, day, home, strict):
    table, setting = table_of(rows), DoubtSetting(day, home)
    records = translate(table, PLAN).records[0]
    options = {"table": table, "setting": setting} | ({"doubts": STRICT} if strict else {})
    fast, slow = (validate(records, fast_path=fast_path, **options).records for fast_path in (True, False))
    assert fast.frame.equals(slow.frame)
    assert (fast.aside, fast.warned) == (slow.aside, slow.warned)


@given(st.text(st.sampled_from("nN/.aAuUlLéÉeExX?-#!ıİſ\u212a \n\u00a0[{0"), max_size=6) | st.sampled_from(TEXTS))
def test_a_text_that_polars_takes_for_a_name_is_one_to_python(text):
    is_doubtful = pl.Series([text]).str.contains(PLACEHOLDER)[0] or text.startswith(("[", "{"))
    assert is_doubtful == bool(judge_text(text))


def test_right_persons_take_the_fast_path():
    right = {
        "id": "7", "nir": "247044221810864", "tel": "0612345678", "mail": "a@b.fr", "born": "03/04/1947", "name": "DURAND",
        "first": "Jeanne", "street": "12 rue des Lilas", "town": "NANTES", "cp": "44100", "commune": "42218", "land": "FR", "sex": "F",
    }  # fmt: skip
    records = translate(table_of([right]), PLAN).records[0]
    setting = DoubtSetting(date(2026, 11, 30))
    assert check_rows(records.frame, get("person/1"), setting=setting).plain.all()
