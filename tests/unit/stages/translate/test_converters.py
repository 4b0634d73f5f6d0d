"""Converters, one by one: what each reads, refuses, doubts and writes."""

from __future__ import annotations

import pytest

from passerelle.stages.translate import (
    NONE,
    AddressOf,
    Amount,
    Code,
    Constant,
    Date,
    Doubtful,
    Duration,
    Fault,
    FirstOf,
    Identifier,
    Instant,
    LocalDateTime,
    Minutes,
    Number,
    PartialDate,
    PerRecord,
    Ref,
    Telecom,
    Text,
    Word,
    YesNo,
)
from passerelle.vocabulary.reasons import REASONS

PARIS = {"formats": ("%Y/%m/%d %H:%M:%S",)}
CANARY = "Zz-canari-zZ"


def reason(outcome):
    assert isinstance(outcome, (Fault, Doubtful)), outcome
    assert outcome.reason in REASONS
    return outcome.reason


@pytest.mark.parametrize(
    ("text", "day"),
    [("31/12/2024", "2024-12-31"), ("2024-02-29", "2024-02-29"), ("29/02/2024", "2024-02-29")],
)
def test_a_day_is_read_in_any_declared_format(text, day):
    assert Date("a", formats=("%d/%m/%Y", "%Y-%m-%d")).parse({"a": text}) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/12/2024", "translate.date.malformed"),
        ("19970-04-22", "translate.date.malformed"),
        ("+1/12/2024", "translate.date.malformed"),
        ("31/12/2024\n", "translate.date.malformed"),
        ("٣1/12/2024", "translate.date.malformed"),
        ("30/02/2024", "translate.date.impossible"),
        ("29/02/2023", "translate.date.impossible"),
    ],
)
def test_a_day_written_otherwise_or_that_does_not_exist_is_a_fault(text, expected):
    assert reason(Date("a").parse({"a": text})) == expected


def test_the_fault_of_a_day_shows_our_example_and_never_the_value():
    fault = Date("a").parse({"a": CANARY})
    assert fault.details == {"expected": "31/12/2024"}
    assert CANARY not in repr(fault)


def test_a_format_that_cannot_be_read_strictly_is_refused_at_once():
    for form in ("%d/%B/%Y", "%d/%m", "%d/%m/%Y %f %H", "%d/%d/%Y"):
        with pytest.raises(ValueError, match="format"):
            Date("a", formats=(form,))
    with pytest.raises(ValueError, match="sequence"):
        Date("a", formats="%d/%m/%Y")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/1947", "1947-04-03"),
        ("00/04/1947", "1947-04"),
        ("00/00/1947", "1947"),
        ("04/1947", "1947-04"),
        ("1947", "1947"),
        ("00/00/0000", None),
    ],
)
def test_a_partial_day_keeps_what_is_known(text, day):
    assert PartialDate("a").parse({"a": text}) == day


def test_a_partial_day_with_a_day_and_no_month_is_impossible():
    assert reason(PartialDate("a").parse({"a": "12/00/1947"})) == "translate.date.impossible"


def test_a_partial_day_is_written_with_zeros():
    assert PartialDate("a").render("1947-04") == {"a": "00/04/1947"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024/12/31 08:00:00", "2024-12-31T08:00:00+01:00"),
        ("2024/07/01 08:00:00", "2024-07-01T08:00:00+02:00"),
        ("2024/03/31 01:59:59", "2024-03-31T01:59:59+01:00"),
        ("2024/03/31 03:00:00", "2024-03-31T03:00:00+02:00"),
        ("2024/10/27 03:00:00", "2024-10-27T03:00:00+01:00"),
        ("2024/12/31 24:00:00", "2025-01-01T00:00:00+01:00"),
    ],
)
def test_a_local_time_gets_the_offset_of_its_zone(text, moment):
    assert LocalDateTime("a", **PARIS).parse({"a": text}) == moment


def test_a_time_that_does_not_exist_is_refused_or_moved_later_with_a_warning():
    row = {"a": "2024/03/31 02:30:00"}
    assert reason(LocalDateTime("a", **PARIS).parse(row)) == "translate.time.missing"
    moved = LocalDateTime("a", **PARIS, missing="later").parse(row)
    assert (moved.value, reason(moved)) == ("2024-03-31T03:30:00+02:00", "translate.time.resolved")


def test_a_time_that_exists_twice_is_refused_or_resolved_with_a_warning():
    row = {"a": "2024/10/27 02:30:00"}
    assert reason(LocalDateTime("a", **PARIS).parse(row)) == "translate.time.twice"
    assert LocalDateTime("a", **PARIS, twice="earlier").parse(row).value == "2024-10-27T02:30:00+02:00"
    assert LocalDateTime("a", **PARIS, twice="later").parse(row).value == "2024-10-27T02:30:00+01:00"


def test_hour_24_is_midnight_only_when_allowed_and_whole():
    assert reason(LocalDateTime("a", **PARIS, hour24=False).parse({"a": "2024/12/31 24:00:00"})).endswith("impossible")
    assert reason(LocalDateTime("a", **PARIS).parse({"a": "2024/12/31 24:00:01"})).endswith("impossible")


def test_a_compact_supplier_time_with_hour_24_is_read():
    assert LocalDateTime("a", formats=("%Y%m%d%H%M",)).parse({"a": "201610312400"}) == "2016-11-01T00:00:00+01:00"


def test_a_local_time_before_standard_time_is_refused_because_its_offset_has_seconds():
    assert reason(LocalDateTime("a", **PARIS).parse({"a": "1900/01/01 00:00:00"})) == "translate.time.impossible"


def test_a_day_without_its_time_is_a_fault_of_a_pair():
    pair = LocalDateTime(("d", "t"), formats=("%d/%m/%Y %H:%M",))
    assert pair.parse({"d": "31/12/2024", "t": "08:30"}) == "2024-12-31T08:30:00+01:00"
    assert reason(pair.parse({"d": "31/12/2024", "t": None})) == "translate.time.malformed"
    assert pair.parse({"d": None, "t": ""}) is None
    assert pair.render("2024-12-31T08:30:00+01:00") == {"d": "31/12/2024", "t": "08:30"}


def test_a_day_without_its_time_is_nothing_where_the_description_says_so():
    pair = LocalDateTime(("d", "t"), formats=("%d/%m/%Y %H:%M",), untimed="none")
    assert pair.parse({"d": "31/12/2024", "t": None}) is None
    assert reason(pair.parse({"d": None, "t": "08:30"})) == "translate.time.malformed"
    assert pair.parse({"d": "31/12/2024", "t": "08:30"}) == "2024-12-31T08:30:00+01:00"


def test_a_zone_that_does_not_exist_is_refused_at_once():
    with pytest.raises(ValueError, match="zone"):
        LocalDateTime("a", **PARIS, zone="Europe/Pari")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-12-31T08:00:00Z", "2024-12-31T08:00:00+00:00"),
        ("2024-12-31T08:00:00.999+01:00", "2024-12-31T08:00:00+01:00"),
        ("2024-12-31 08:00:00 +0100", "2024-12-31T08:00:00+01:00"),
        ("2024-12-31T08:00-00:00", "2024-12-31T08:00:00+00:00"),
    ],
)
def test_an_instant_keeps_its_offset(text, moment):
    assert Instant("a").parse({"a": text}) == moment


def test_an_instant_without_offset_is_a_fault_of_its_own():
    assert reason(Instant("a").parse({"a": "2024-12-31T08:00:00"})) == "translate.instant.no_offset"
    assert reason(Instant("a").parse({"a": "2024-02-30T08:00:00Z"})) == "translate.time.impossible"
    assert reason(Instant("a").parse({"a": "hier"})) == "translate.instant.malformed"


def test_decimal_hours_become_minutes_and_rounding_is_said():
    assert Minutes("a", unit="hours").parse({"a": "2,25"}) == 135
    rounded = Minutes("a", unit="hours").parse({"a": "1,33"})
    assert (rounded.value, reason(rounded)) == (80, "translate.duration.rounded")
    assert Minutes("a").parse({"a": "0,5"}).value == 1


def test_a_negative_duration_is_a_fault():
    assert reason(Minutes("a").parse({"a": "-5"})) == "translate.duration.malformed"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("02:30", 150), ("1 h 30", 90), ("02h00", 120), ("2h", 120), ("45 min", 45), ("10:00:00", 600)],
)
def test_a_duration_is_read_in_its_usual_ways(text, minutes):
    assert Duration("a").parse({"a": text}) == minutes


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,5", "12.50"),
        ("1 234,50 €", "1234.50"),
        ("1\u202f234\u202f567,00", "1234567.00"),
        ("-0,00", "0.00"),
        ("-0,50", "-0.50"),
        ("007", "7.00"),
    ],
)
def test_an_amount_is_exact_and_canonical(text, amount):
    assert Amount("a").parse({"a": text}) == amount


@pytest.mark.parametrize("text", ["12,345", "12.50", "1 23,50", "1e3", "12,", ",5", "1234567890", "--1", "12,5 $", "٣"])
def test_an_amount_that_is_not_exact_to_the_cent_is_a_fault(text):
    assert reason(Amount("a").parse({"a": text})) == "translate.amount.malformed"


def test_a_number_has_no_useless_zeros_and_a_count_no_decimals():
    assert Number("a").parse({"a": "2,00"}) == "2"
    assert Number("a").parse({"a": "1,750"}) == "1.75"
    assert Number("a", integer=True).parse({"a": "1 200"}) == 1200
    assert reason(Number("a", integer=True).parse({"a": "1,5"})) == "translate.number.malformed"


def test_a_coded_word_keeps_the_word_of_the_supplier():
    code = Code("a", table={"Ménage": "M"}, system="s", labels={"M": "Entretien"})
    assert code.parse({"a": "Ménage"}) == {"code": "M", "system": "s", "label": "Entretien", "original": "Ménage"}
    unknown = code.parse({"a": "Autre"})
    assert unknown.value == {"code": None, "system": None, "label": None, "original": "Autre"}
    assert reason(unknown) == "translate.code.unknown"
    assert reason(Code("a", table={}, closed=True).parse({"a": CANARY})) == "translate.code.unknown"


def test_a_code_of_another_supplier_is_written_with_our_word():
    code = Code("a", table={"Ménage": "M"})
    assert code.render({"code": "M", "original": "Nettoyage"}) == {"a": "Ménage"}


def test_a_word_gives_ours_and_an_empty_cell_the_default():
    word = Word("a", table={"Oui": "cancelled", "Non": "done"}, default="done")
    assert word.parse({"a": "Oui"}) == "cancelled"
    assert word.parse({"a": None}) == "done"
    assert reason(word.parse({"a": "Peut-être"})) == "translate.word.unknown"
    assert reason(Word("a", table={"Oui": "x"}).parse({"a": CANARY})) == "translate.word.unknown"


def test_a_flag_is_read_with_the_declared_words_only():
    assert [YesNo("a").parse({"a": text}) for text in ("Oui", "Non", None)] == [True, False, None]
    assert reason(YesNo("a").parse({"a": "oui"})) == "translate.word.unknown"
    with pytest.raises(ValueError, match="both"):
        YesNo("a", yes=("O",), no=("O",))


def test_a_text_is_never_cut_and_holds_no_control_character():
    assert Text("a").parse({"a": "un\r\ndeux\rtrois"}) == "un\ndeux\ntrois"
    assert Text("a", collapse=True).parse({"a": "un \n deux"}) == "un deux"
    assert reason(Text("a", max_length=3).parse({"a": "quatre"})) == "translate.text.too_long"
    assert reason(Text("a").parse({"a": "a\x00b"})) == "translate.text.control"
    assert reason(Text("a").parse({"a": "a\ufffdb"})) == "translate.text.control"


def test_an_identifier_loses_its_spaces_and_dots():
    nir = Identifier("a", system="nir")
    assert nir.parse({"a": "1 85 05 78.006 084"}) == {"system": "nir", "value": "1850578006084", "use": None}
    assert reason(nir.parse({"a": ". . ."})) == "translate.identifier.empty"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("06 12 34 56 78", ["+33612345678"]),
        ("612345678", ["+33612345678"]),
        ("06.12.34.56.78 / 01-23-45-67-89", ["+33612345678", "+33123456789"]),
        ("+33 (0)6 12 34 56 78; 0032471234567", ["+33612345678", "+32471234567"]),
    ],
)
def test_several_numbers_in_a_cell_become_items_in_one_form(text, numbers):
    assert [item["value"] for item in Telecom("a").parse({"a": text})] == numbers


def test_an_incomplete_number_is_kept_with_a_warning():
    kept = Telecom("a").parse({"a": "3919"})
    assert (kept.value[0]["value"], reason(kept)) == ("3919", "translate.phone.unusual")
    words = Telecom("a").parse({"a": "le soir / chez la voisine"})
    assert words.value[0]["value"] == "le soir / chez la voisine"


def test_an_address_of_the_web_is_never_cut():
    assert Telecom("a", kind="url").parse({"a": "https://x.fr/a;b"})[0]["value"] == "https://x.fr/a;b"
    with pytest.raises(ValueError, match="kind"):
        Telecom("a", kind="pigeon")


def test_an_address_is_built_from_what_there_is():
    address = AddressOf(lines=("l1", "l2"), city="v", use="home")
    assert address.parse({"l1": "1 rue X\nBât B", "l2": None, "v": "Lyon"}) == {
        "lines": ["1 rue X", "Bât B"],
        "postcode": None,
        "city": "Lyon",
        "commune": None,
        "country": None,
        "use": "home",
    }
    assert address.parse({"l1": None, "l2": None, "v": None}) is None


def test_a_reference_encodes_what_a_urn_cannot_hold():
    ref = Ref(("a", "b"), system="demo", entity="visit")
    assert ref.parse({"a": "é 1", "b": "x~y:z"}) == "demo:visit:%C3%A9%201~x%7Ey%3Az"
    assert ref.parse({"a": "1", "b": None}) == "demo:visit:1~"
    assert ref.parse({"a": None, "b": None}) is None
    assert reason(ref.parse({"a": "x" * 200, "b": None})) == "translate.ref.too_long"


def test_a_key_that_must_be_whole_is_unknown_when_a_part_is_missing():
    ref = Ref(("a", "b"), system="demo", entity="visit", whole=True)
    assert ref.parse({"a": "1", "b": None}) is None
    assert ref.parse({"a": "1", "b": "2"}) == "demo:visit:1~2"


def test_a_reference_of_another_system_is_written_whole():
    assert Ref("a", system="demo", entity="visit").render("other:visit:7") == {"a": "other:visit:7"}


def test_a_system_that_cannot_open_a_reference_is_refused_at_once():
    with pytest.raises(ValueError, match="cannot open"):
        Ref("a", system="Démo", entity="visit")


def test_the_first_that_finds_something_wins_but_bad_data_is_not_passed_over():
    first = FirstOf(Date("a"), Date("b"), Constant("2000-01-01"))
    assert first.parse({"a": None, "b": "31/12/2024"}) == "2024-12-31"
    assert first.parse({"a": None, "b": None}) == "2000-01-01"
    assert reason(first.parse({"a": "hier", "b": "31/12/2024"})) == "translate.date.malformed"
    assert FirstOf(PerRecord("a", parse=lambda _row: NONE)).parse({"a": "x"}) is NONE


def test_what_plain_python_raises_costs_a_fault_without_its_text():
    def parse(row):
        message = f"cannot read {row['a']}"
        raise RuntimeError(message)

    fault = PerRecord("a", parse=parse).parse({"a": CANARY})
    assert reason(fault) == "translate.plugin.failed"
    assert CANARY not in repr(fault)


def test_what_is_doubtful_does_not_show_its_value():
    doubtful = Code("a", table={"Ménage": "M"}).parse({"a": CANARY})
    assert doubtful.value["original"] == CANARY
    assert CANARY not in repr(doubtful)


@pytest.mark.parametrize(
    ("day", "hour", "column"),
    [
        ("31/12/2024", "8h30", "hour"),
        ("31/12/2024", "25:00", "hour"),
        ("31/12/2024", None, "hour"),
        ("31/02/2024", "08:30", "day"),
        ("hier", "8h30", "day"),
        (None, "08:30", "day"),
    ],
)
def test_of_a_day_and_its_time_the_wrong_column_is_named(day, hour, column):
    fault = LocalDateTime(("day", "hour"), formats=("%d/%m/%Y %H:%M",)).parse({"day": day, "hour": hour})
    assert fault.column == column


def test_a_day_that_stands_for_no_end_can_be_read():
    assert Date("a").parse({"a": "31/12/9999"}) == "9999-12-31"
    assert isinstance(LocalDateTime("a", formats=("%d/%m/%Y %H:%M",)).parse({"a": "31/12/9999 24:00"}), Fault)
