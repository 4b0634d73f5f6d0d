"""What is counted of a sample: every row comes to something, whether it can be read or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.tender.requirement import Measure
from passerelle.tender.scoring import scorecard
from passerelle.tender.scoring.scorecard import BidVerdict

from .conftest import requirement

if TYPE_CHECKING:
    from pathlib import Path


def break_rows(path: Path, *lines: int) -> Path:
    """Cut rows of a CSV file short: they have too few cells, and are records of no contract."""
    rows = path.read_text("utf-8").split("\n")
    for line in lines:
        rows[line - 1] = rows[line - 1].partition(";")[0]
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_rows_that_cannot_be_read_count_against_the_form_of_the_whole(sample, scored):
    done = scored([requirement(1, Measure.FORM)], break_rows(sample(100), 5, 6, 7, 50, 101))
    (result,) = done.score.results
    assert (result.checked, result.held, result.verdict) == (100, 95, BidVerdict.RESERVED)
    (cause,) = result.causes
    assert (cause.count, cause.refuses) == (5, True)
    assert [spot.line for spot in cause.places] == [5, 6, 7, 50, 101]
    told = json.loads(scorecard.write(done.score))["results"][0]
    assert (told["checked"], told["held"]) == (100, 95)


def test_rows_that_cannot_be_read_and_records_that_are_rejected_add_up(sample, scored):
    some = sample(100, planned_start=lambda n: "tomorrow" if n < 3 else "2026-09-01T08:00:00+02:00")
    (result,) = scored([requirement(1, Measure.FORM)], break_rows(some, 60, 61)).score.results
    assert (result.checked, result.held) == (100, 95)
    assert sorted(cause.count for cause in result.causes) == [2, 3]


def test_rows_of_one_file_that_cannot_be_read_accuse_no_contract_of_another(sample, scored, tmp_path):
    persons = tmp_path / "person.csv"
    persons.write_text("ref;birth_name\n" + "".join(f"s:person:{n};Abel{n}\n" for n in range(50)), "utf-8")
    asked = [requirement(1, Measure.FORM), requirement(2, Measure.FORM, contract="person/1")]
    visits, people = scored(asked, break_rows(sample(50), 5, 6, 7), persons).score.results
    assert (visits.checked, visits.held) == (50, 47)
    assert (people.checked, people.held, people.causes) == (50, 50, ())


def test_a_row_that_cannot_be_read_costs_no_field(sample, scored):
    done = scored([requirement(1, Measure.FORM, "planned_start")], break_rows(sample(60), 9))
    (result,) = done.score.results
    assert (result.checked, result.held, result.causes) == (59, 59, ())


def test_the_sample_itself_says_how_its_rows_ended(sample, scored):
    done = scored([requirement(1, Measure.FORM)], break_rows(sample(40), 3, 4))
    (one,) = json.loads(scorecard.write(done.score))["samples"]
    assert (one["rows"], one["accepted"], one["aside"]) == (40, 38, 2)


def test_a_column_outside_the_contract_counts_where_it_holds_something(sample, scored):
    done = scored([requirement(1, Measure.FORM)], sample(20, fax=lambda n: "x" if n < 3 else "", source__supplier="s"))
    assert done._gathered.columns[-1].outside == {"fax": 3}
