"""Faults that a person sees in a sample are raised as doubts, at their places; a clean sample raises none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from bid_layouts import LAYOUTS
from clean_bid import FAULTS, UNREADABLE, make_bid

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.plausibility.listing import find_doubts
from passerelle.tender.scoring.plausibility.sample_frames import LINE, MEMBER, SAMPLE, SampleFrames
from passerelle.vocabulary.reasons.plausibility import PREFIX

from .conftest import consultation, requirement

if TYPE_CHECKING:
    from pathlib import Path

CONTRACTS = ("person/1", "funded_plan/1", "visit/1", "invoice/1", "invoice_line/1")
TOGETHER = (
    (),
    (
        "stamps of another year",
        "invoices in 2062",
        "births in the future",
        "hundredths billed as hours",
        "names that are no names",
        "texts cut at thirty signs",
        "one telephone for all",
        "postcodes of four digits",
        "lines about another person's visit",
        "visits after the plan",
        "visits without any time",
    ),
    (
        "births on the first of January",
        "visits of a day and more",
        "stamps of another day",
        "twice the time billed",
        "visits of another person's plan",
        "professionals in two homes",
        "numbers that are powers",
        "visits billed twice",
    ),
    (
        "stamps that are the plan and two minutes",
        "all times two hours early",
        "minutes billed as hours",
        "persons that are copies",
    ),
    ("stamps one hour off", "a quarter of an hour on top", "births under Napoleon"),
    ("stamps in quarters of an hour", "marks of a page"),
    ("days of eighteen hours", "first names that are names"),
    ("days and months of visits exchanged",),
    ("stamps two hours off", "visits to the dead"),
    ("stamps that are the plan",),
    ("visits that are copies",),
)
"""Faults that can be in one bid together, so that each layout is read a few times only; first the clean bid."""


def _spoil(faults):
    bid = make_bid()
    for fault in faults:
        FAULTS[fault][1](bid)
    return bid


def _gather(bid):
    """Gather records as a scoring does, line 1 first."""
    frames = SampleFrames("2026-11-30")
    for contract, rows in bid.items():
        kinds = field_types.list_columns(contracts.get(contract)).items()
        schema = {name: dtype for name, dtype in kinds if any(name in row for row in rows)}
        frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
        lines = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(LINE)
        frames.parts[contract].append(frame.with_columns(pl.lit(0).alias(SAMPLE), pl.lit("").alias(MEMBER), lines))
    return frames


def _score(folder: Path, bid, layout="ndjson", **levels):
    tender = consultation(requirement(1, Measure.FORM), contracts=CONTRACTS, plausibility=levels)
    paths, readers = LAYOUTS[layout](folder, bid)
    done = score_bid(tender, BidEntry(samples=paths, readers=readers))
    done.close()
    return done.score


def test_a_clean_bid_raises_no_doubt():
    assert list(find_doubts(_gather(make_bid()))) == []


@pytest.mark.parametrize("minutes", [-90, -30, 30, 90])
def test_stamps_between_two_hours_are_no_zone(minutes):
    bid = make_bid()
    for row in bid["visit/1"]:
        moment = datetime.fromisoformat(row["planned_start"]) + timedelta(minutes=minutes)
        row["stamped_start"] = moment.isoformat()
    assert PREFIX + "zone_shifted" not in {one.code for one in find_doubts(_gather(bid))}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_its_rule(fault):
    codes = {one.code for one in find_doubts(_gather(_spoil([fault])))}
    assert PREFIX + FAULTS[fault][0] in codes


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_record_shows_by_itself_is_said_of_spoilt_records_only(fault):
    clean, spoilt = make_bid(), _spoil([fault])
    changed = {
        contract: {n for n, (row, was) in enumerate(zip(rows, clean[contract], strict=True), start=1) if row != was}
        for contract, rows in spoilt.items()
    }
    for doubt in find_doubts(_gather(spoilt)):
        # Who is in two homes is in both of them, and a plan that ended is seen on its visits.
        if doubt.is_sure and doubt.code.removeprefix(PREFIX) not in (
            "two_homes",
            "other_person",
            "plan_ended",
            "after_death",
        ):
            assert set(doubt.rows.get_column(LINE)) <= changed[doubt.contract], doubt.code


def test_every_fault_is_in_one_bid_of_the_layouts():
    assert {fault for faults in TOGETHER for fault in faults} == set(FAULTS)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("faults", TOGETHER, ids=range(len(TOGETHER)))
def test_faults_are_named_in_whatever_layout_a_bid_comes(faults, layout, tmp_path):
    bid = _spoil(faults)
    score = _score(tmp_path, bid, layout)
    assert sum(one.rows for one in score.samples) == sum(map(len, bid.values()))
    codes = {one.cause.code for one in score.doubts}
    assert {PREFIX + FAULTS[fault][0] for fault in faults} <= codes
    assert faults or not codes
    assert all(0 < one.share <= 1 and one.cause.places and one.cause.advice for one in score.doubts)


def test_a_tender_sets_how_much_it_wants_to_know(tmp_path):
    bid = _spoil(["names that are no names"])
    (usual,) = _score(tmp_path, bid).doubts
    assert (usual.level, usual.is_sure, usual.cause.count) == (Level.I, True, 2)
    assert [one.level for one in _score(tmp_path, bid, placeholder="P").doubts] == [Level.P]
    assert _score(tmp_path, bid, placeholder="-").doubts == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fault", UNREADABLE)
def test_rows_of_which_no_record_can_be_made_are_refused_for_what_a_person_sees(fault, layout, tmp_path):
    bid = make_bid()
    code, spoil = UNREADABLE[fault]
    spoil(bid)
    spoilt = sum(row != was for row, was in zip(bid["person/1"], make_bid()["person/1"], strict=True))
    paths, readers = LAYOUTS[layout](tmp_path, bid)
    tender = consultation(requirement(1, Measure.FORM, contract="person/1"), contracts=CONTRACTS)
    done = score_bid(tender, BidEntry(samples=paths, readers=readers))
    done.close()
    (cause,) = done.score.results[0].causes
    assert (cause.code, cause.count) == (code, spoilt)
    assert done.score.doubts == ()
