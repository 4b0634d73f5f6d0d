"""From samples to verdicts: measured, judged, traced."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import xlsxwriter

from passerelle import contracts
from passerelle.contracts.publishing.fill_in_templates import write_csv_template
from passerelle.engine.watches.invoice_watch import DIFFER
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring import score_labels, scorecard
from passerelle.tender.scoring.reading import read_descriptions
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.errors import UsageError

from .conftest import consultation, requirement

OFTEN = 40


def _only(done):
    (result,) = done.score.results
    return result


@pytest.mark.parametrize("measure", [Measure.PRESENT, Measure.FILLED, Measure.FORM, Measure.CODES, Measure.LINK])
def test_a_column_that_is_always_empty_is_not_evaluated(measure, sample, scored):
    field = {Measure.CODES: "aid_type", Measure.LINK: "plan_ref"}.get(measure, "stamped_start")
    column = {"aid_type": "aid_type__code"}.get(field, field)
    result = _only(scored([requirement(1, measure, field)], sample(OFTEN, **{column: ""})))
    assert (result.verdict, result.satisfaction, result.checked) == (BidVerdict.UNSEEN, None, 0)
    assert result.why


@pytest.mark.parametrize("measure", [Measure.PRESENT, Measure.FILLED])
def test_a_field_without_a_column_is_not_met(measure, sample, scored):
    result = _only(scored([requirement(1, measure, "stamped_start")], sample(OFTEN)))
    assert (result.verdict, result.satisfaction) == (BidVerdict.FAILED, 0.0)


def test_the_form_of_a_field_without_a_column_is_not_evaluated(sample, scored):
    result = _only(scored([requirement(1, Measure.FORM, "stamped_start")], sample(OFTEN)))
    assert result.verdict is BidVerdict.UNSEEN


def test_no_anomaly_among_fifty_rows_prints_what_it_does_not_rule_out(sample, scored):
    result = _only(scored([requirement(1, Measure.FORM, "planned_start")], sample(50)))
    assert (result.verdict, result.checked, result.held) == (BidVerdict.MET, 50, 50)
    with score_labels.speak_language("en"):
        assert score_labels.write_reach(result) == "0 anomalies among 50; the true rate may be as high as 5.8%."


def test_a_rate_between_the_thresholds_is_met_with_reservations(sample, scored):
    wrong = sample(100, planned_start=lambda n: "tomorrow" if n < 6 else f"2026-09-{1 + n % 28:02d}T08:00:00+02:00")
    result = _only(scored([requirement(1, Measure.FORM, "planned_start")], wrong))
    assert (result.verdict, result.checked, result.held) == (BidVerdict.RESERVED, 100, 94)
    assert result.satisfaction == 0.5
    (cause,) = result.causes
    assert (cause.count, cause.more, cause.refuses) == (6, 1, True)
    assert [spot.line for spot in cause.places] == [2, 3, 4, 5, 6]
    assert cause.advice
    assert cause.consequence


def test_below_the_red_threshold_it_is_not_met(sample, scored):
    wrong = sample(100, planned_start=lambda n: "tomorrow" if n < 20 else "2026-09-01T08:00:00+02:00")
    assert _only(scored([requirement(1, Measure.FORM, "planned_start")], wrong)).verdict is BidVerdict.FAILED


def test_few_values_without_an_anomaly_show_nothing(sample, scored):
    result = _only(scored([requirement(1, Measure.FORM, "planned_start")], sample(4)))
    assert (result.verdict, result.checked) == (BidVerdict.UNSEEN, 4)


def test_few_values_with_anomalies_are_judged(sample, scored):
    result = _only(scored([requirement(1, Measure.FORM, "planned_start")], sample(4, planned_start="tomorrow")))
    assert result.verdict is BidVerdict.FAILED


def test_records_without_a_value_are_told_by_line(sample, scored):
    some = sample(100, planned_end=lambda n: "" if n % 50 == 7 else f"2026-09-{1 + n % 28:02d}T09:00:00+02:00")
    result = _only(scored([requirement(1, Measure.FILLED, "planned_end")], some))
    assert (result.checked, result.held) == (100, 98)
    assert [spot.line for spot in result.causes[0].places] == [9, 59]


def test_a_key_that_comes_again_is_told_at_its_second_place(sample, scored):
    twice = sample(100, ref=lambda n: f"s:visit:{n % 99}")
    result = _only(scored([requirement(1, Measure.KEY, "ref")], twice))
    assert (result.checked, result.held) == (100, 99)
    assert result.causes[0].places[0].line == 101


def test_a_reference_is_found_in_another_sample(sample, scored, tmp_path):
    persons = tmp_path / "person.csv"
    rows = "".join(f"s:person:{n};NOM;Ada;1940-01-01\n" for n in range(38))
    persons.write_text("ref;birth_name;first_names;birth_date\n" + rows, encoding="utf-8")
    asked = [requirement(1, Measure.LINK, "person_ref")]
    result = _only(scored(asked, sample(OFTEN), persons))
    assert (result.checked, result.held, result.unit) == (40, 38, "records")
    assert [spot.line for spot in result.causes[0].places] == [40, 41]
    assert _only(scored(asked, sample(OFTEN))).verdict is BidVerdict.UNSEEN


def test_a_record_that_is_missing_counts_on_every_row_that_refers_to_it(sample, scored, tmp_path):
    persons = tmp_path / "person.csv"
    persons.write_text("ref;birth_name;first_names\ns:person:0;NOM;Ada\ns:person:1;NOM;Eva\n", encoding="utf-8")
    visits = sample(OFTEN, person_ref=lambda n: f"s:person:{n % 4 if n < 20 else 1}")
    result = _only(scored([requirement(1, Measure.LINK, "person_ref")], visits, persons))
    assert (result.checked, result.held, result.verdict) == (40, 30, BidVerdict.FAILED)
    assert [spot.line for spot in result.causes[0].places] == [4, 5, 8, 9, 12]
    assert result.causes[0].count == 10


@pytest.mark.parametrize(
    ("filled", "verdict", "satisfaction"),
    [(1, BidVerdict.RESERVED, 0.5), (2, BidVerdict.MET, 1.0), (OFTEN, BidVerdict.MET, 1.0)],
)
def test_what_is_given_is_filled_on_the_share_that_the_tender_states(filled, verdict, satisfaction, sample, scored):
    asked = [requirement(1, Measure.PRESENT, "stamped_start", green=0.05, red=0.0)]
    some = sample(OFTEN, stamped_start=lambda n: "2026-09-01T08:01:00+02:00" if n < filled else "")
    result = _only(scored(asked, some))
    assert (result.verdict, result.satisfaction, result.reach) == (verdict, satisfaction, None)
    assert (result.checked, result.held) == (OFTEN, filled)


@pytest.mark.parametrize(("reasons", "verdict"), [(1, BidVerdict.MET), (0, BidVerdict.UNSEEN)])
def test_what_concerns_some_records_is_measured_on_those(reasons, verdict, sample, scored):
    asked = [requirement(1, Measure.PRESENT, "cancellation_reason", green=0.5, red=0.0)]
    some = sample(
        OFTEN,
        status=lambda n: "cancelled" if n < 2 else "done",
        cancellation_reason__original=lambda n: "Hospitalisation" if n < reasons else "",
    )
    result = _only(scored(asked, some))
    assert (result.verdict, result.checked, result.held) == (verdict, 2 * reasons, reasons)


def _write_invoices(path: Path, *, total: str = "30.00", period: str = "2026-09-01;2026-09-30") -> tuple[Path, Path]:
    """Write twenty invoices of two lines each, all issued on one day; the first three with another total."""
    rows = [f"s:invoice:{n};F{n};2026-10-01;{total if n < 3 else '30.00'};{period}" for n in range(20)]
    heads = "ref;number;issued_on;total_incl_tax;period_start;period_end"
    (path / "invoice.csv").write_text("\n".join([heads, *rows, ""]), "utf-8")
    lines = [f"s:invoice_line:{n}-{m};s:invoice:{n};1;15.00" for n in range(20) for m in range(2)]
    heads = "ref;invoice_ref;quantity;amount_incl_tax"
    (path / "invoice_line.csv").write_text("\n".join([heads, *lines, ""]), "utf-8")
    return path / "invoice.csv", path / "invoice_line.csv"


@pytest.mark.parametrize(("total", "held"), [("30.00", 20), ("31.00", 17)])
def test_invoices_are_the_sum_of_their_lines(total, held, scored, tmp_path):
    asked = [requirement(1, Measure.RULE, rule=DIFFER, contract="invoice/1")]
    tender = consultation(*asked, contracts=("invoice/1", "invoice_line/1"))
    result = _only(scored(asked, *_write_invoices(tmp_path, total=total), tender=tender))
    assert (result.checked, result.held) == (20, held)
    assert [spot.line for one in result.causes for spot in one.places] == ([] if held == 20 else [2, 3, 4])


@pytest.mark.parametrize(
    ("period", "verdict"), [("2026-09-01;2026-09-30", BidVerdict.MET), ("2026-09-01;2026-09-15", BidVerdict.FAILED)]
)
def test_who_bills_once_a_month_covers_the_period_that_is_billed(period, verdict, scored, tmp_path):
    about = {"figure": 28, "green": 1.0, "red": 0.0, "contract": "invoice/1"}
    asked = [requirement(1, Measure.PERIOD, "period_start", **about)]
    tender = consultation(*asked, contracts=("invoice/1",))
    invoices, _lines = _write_invoices(tmp_path, period=period)
    assert _only(scored(asked, invoices, tender=tender)).verdict is verdict


def test_codes_outside_the_list_are_told(sample, scored):
    some = sample(100, aid_type__code=lambda n: "APA" if n else "Z9")
    result = _only(scored([requirement(1, Measure.CODES, "aid_type")], some))
    assert (result.checked, result.held, result.verdict) == (100, 99, BidVerdict.MET)


def test_a_rule_is_judged_where_it_could_be_broken(sample, scored):
    asked = [requirement(1, Measure.RULE, rule="validate.visit.planned_end_before_start")]
    some = sample(
        100, planned_end=lambda n: "" if n < 50 else f"2026-09-{1 + n % 28:02d}T0{7 if n == 60 else 9}:00:00+02:00"
    )
    result = _only(scored(asked, some))
    assert (result.checked, result.held) == (50, 49)


@pytest.mark.parametrize(("rows", "verdict"), [(30, BidVerdict.MET), (29, BidVerdict.FAILED)])
def test_a_sample_is_long_enough_or_not(rows, verdict, sample, scored):
    asked = [requirement(1, Measure.VOLUME, figure=30, green=1.0, red=0.0)]
    assert _only(scored(asked, sample(rows))).verdict is verdict


def test_the_period_is_counted_in_days(sample, scored):
    asked = [requirement(1, Measure.PERIOD, "planned_start", figure=27, green=1.0, red=0.0)]
    assert _only(scored(asked, sample(28))).verdict is BidVerdict.MET
    # Both days count: from the first to the last of 26 days there are 26.
    assert _only(scored(asked, sample(26))).verdict is BidVerdict.FAILED


def test_a_field_that_nobody_may_send_is_told_where_it_is_sent(sample, scored):
    asked = [requirement(1, Measure.MINIMAL, "comment", green=1.0, red=0.0)]
    assert _only(scored(asked, sample(OFTEN, comment=lambda n: "x" if n == 3 else ""))).held == OFTEN - 1
    assert _only(scored(asked, sample(OFTEN, comment=""))).verdict is BidVerdict.MET


def test_columns_outside_the_contract_are_told_and_numbers_of_persons_in_them(sample, scored):
    asked = [requirement(1, Measure.MINIMAL, green=1.0, red=0.0)]
    done = scored(asked, sample(OFTEN, Numéro="1 40 01 75 123 456 78", Vide=""))
    result = _only(done)
    assert result.checked - result.held == 1
    assert done.score.samples[0].outside == ("Numéro",)
    assert done.score.samples[0].numbered == ("Numéro",)
    assert any("Numéro" in one for one in done.score.suspicions)


def test_taking_back_is_not_shown_by_a_sample_in_contract_form(sample, scored):
    assert _only(scored([requirement(1, Measure.RETURN)], sample(OFTEN))).verdict is BidVerdict.UNSEEN


def test_a_sample_of_another_contract_shows_nothing(sample, scored):
    asked = [requirement(1, Measure.PRESENT, "birth_name", contract="person/1")]
    assert _only(scored(asked, sample(OFTEN))).verdict is BidVerdict.UNSEEN


def test_every_anomaly_can_be_traced_to_its_row(sample, scored):
    asked = [requirement(1, Measure.FORM, "planned_start"), requirement(2, Measure.FORM)]
    done = scored(asked, sample(300, planned_start=lambda n: "x" if n % 10 == 4 else "2026-09-01T08:00:00+02:00"))
    places = list(done.iter_places())
    assert sorted(line for one, _blame, line in places if one == "PAS-VIS-001") == list(range(6, 302, 10))
    assert {one for one, _blame, _line in places} == {"PAS-VIS-001", "PAS-VIS-002"}


def test_constant_columns_and_our_own_examples_are_asked_about(sample, scored, tmp_path):
    asked = [requirement(1, Measure.FORM, "planned_start")]
    told = " ".join(scored(asked, sample(OFTEN, planned_start="2026-09-01T08:00:00+02:00")).score.suspicions)
    assert "Planned start" in told
    path = tmp_path / "modele.csv"
    path.write_bytes(write_csv_template(contracts.get("visit/1")))
    assert any("published" in one for one in scored(asked, path).score.suspicions)
    assert any("same file" in one for one in scored(asked, path, path).score.suspicions)


def test_what_one_service_has_in_common_is_no_doubt(sample, scored):
    same = {"service.original": "Aide au lever", "billed_unit": "hour", "team": "Nord", "aid_type.original": "APA"}
    told = scored([requirement(1, Measure.FORM, "planned_start")], sample(OFTEN, **same)).score.suspicions
    assert not [one for one in told if "same value" in one]


def test_shapes_of_values_are_told_only_when_somebody_asks(sample, scored):
    asked = [requirement(1, Measure.FORM, "planned_start")]
    wrong = sample(OFTEN, planned_start="31/12/2026")
    assert "99/99/9999" not in _only(scored(asked, wrong)).causes[0].finding
    assert "99/99/9999" in _only(scored(asked, wrong, shapes=True)).causes[0].finding


def test_a_score_is_read_back_equal_and_its_schema_describes_it(sample, scored, tmp_path):
    done = scored([requirement(1, Measure.FORM, "planned_start")], sample(OFTEN)).score
    content = scorecard.write(done)
    (tmp_path / scorecard.FILE).write_bytes(content)
    assert scorecard.read(tmp_path) == done
    jsonschema.Draft202012Validator(scorecard.make_json_schema()).validate(json.loads(content))


def test_a_score_that_was_changed_is_refused(sample, scored, tmp_path):
    content = scorecard.write(scored([requirement(1, Measure.FORM, "planned_start")], sample(OFTEN)).score)
    path = tmp_path / "score.json"
    path.write_bytes(content.replace(b'"floor": 100.0', b'"floor": 10.0'))
    with pytest.raises(UsageError) as refused:
        scorecard.read(path)
    assert refused.value.code == "usage.score.unreadable"


def test_a_sample_in_no_known_layout_is_refused(scored, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a;b\n1;2\n")
    with pytest.raises(UsageError) as refused:
        scored([requirement(1, Measure.FORM, "planned_start")], path)
    assert refused.value.code == "usage.sample.unrecognised"


def test_a_tender_with_other_editions_of_contracts_is_refused(sample, scored):
    tender = consultation(requirement(1, Measure.FORM, "planned_start"))
    other = replace(tender, contracts=(replace(tender.contracts[0], digest="0" * 64),))
    with pytest.raises(UsageError) as refused:
        scored([], sample(OFTEN), tender=other)
    assert refused.value.details["contracts"] == "visit/1"


def test_a_workbook_in_contract_form_is_traced_by_its_worksheet(sample, scored, tmp_path):
    path = tmp_path / "visites.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("visit")
    rows = [
        ["ref", "person_ref", "status", "planned_start"],
        *([f"s:visit:{n}", "s:person:1", "done", "x"] for n in range(9)),
    ]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    spot = _only(scored([requirement(1, Measure.FORM, "planned_start")], path)).causes[0].places[0]
    assert (spot.member, spot.line) == ("visit", 2)


def test_files_of_different_layouts_are_each_read_by_what_knows_them(sample, scored, tmp_path):
    folder = Path(__file__).parents[4] / "examples" / "tender" / "bidders" / "aster"
    done = scored(
        [requirement(1, Measure.FORM, "planned_start"), requirement(2, Measure.FILLED, "ref", contract="person/1")],
        sample(40),
        folder / "clients.ndjson",
        folder / "visits.ndjson",
        readers=read_descriptions(folder / "aster.toml"),
    )
    assert [one.connector for one in done.score.samples] == ["contract-form", "aster-clients", "aster-visits"]
    assert done.score.results[0].checked == 40 + 329, "one of the 330 is rejected for another field"
    path = tmp_path / "other.csv"
    path.write_text("a;b\n1;2\n")
    with pytest.raises(UsageError) as refused:
        scored([requirement(1, Measure.FORM, "planned_start")], path, readers=read_descriptions(folder / "aster.toml"))
    assert refused.value.code == "usage.sample.unrecognised"


def test_what_is_read_by_a_description_goes_there_and_back(scored):
    folder = Path(__file__).parents[4] / "examples" / "tender" / "bidders" / "mosaique"
    asked = [requirement(1, Measure.RETURN, green=1.0, red=0.0)]
    done = scored(asked, folder / "interventions.csv", readers=read_descriptions(folder / "mosaique.toml"))
    result = _only(done)
    assert (result.checked, result.verdict, result.satisfaction) == (329, BidVerdict.RESERVED, 0.5)
    assert done.score.coverage[0].returned == 329


def test_a_column_that_was_renamed_is_asked_about(scored, tmp_path):
    folder = Path(__file__).parents[4] / "examples" / "tender" / "bidders" / "mosaique"
    text = (folder / "interventions.csv").read_bytes().decode("cp1252")
    path = tmp_path / "interventions.csv"
    path.write_text(text.replace("Pointage départ", "Pointage de départ", 1), encoding="utf-8")
    done = scored(
        [requirement(1, Measure.PRESENT, "stamped_end")], path, readers=read_descriptions(folder / "mosaique.toml")
    )
    assert _only(done).verdict is BidVerdict.FAILED
    assert any("Pointage de départ" in one for one in done.score.suspicions)
