"""Records that contradict one another: two homes at once, another person's visit or plan, a plan that had ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.tender.scoring.plausibility.doubt import raise_doubt
from passerelle.tender.scoring.plausibility.sample_frames import read_day, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames

_OVERLAP = 10
"""Minutes: less is somebody who leaves late and is noted early."""
_LONGEST_DAY = 16 * 60
"""Minutes of visits in a day; ways and rests come on top."""
_LONGEST_VISIT = 12 * 60
_OF_A_LINE = ("invoice_ref", "visit_ref", "quantity", "unit", "service", "nature", "activity", "tax_rate")
"""What two lines of one invoice have in common when they bill the same thing twice."""


def find_two_homes(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield visits during which their professional is with another person. Whoever lives together begins together."""
    for contract in frames.list_contracts("visit"):
        for start, end in (("stamped_start", "stamped_end"), ("planned_start", "planned_end")):
            frame = frames.get_frame(contract, "professional_ref", start, end)
            frame = frame.filter(pl.col("status") != "cancelled").with_columns(
                read_moment(start).alias("_from"), read_moment(end).alias("_to")
            )
            frame = frame.sort("professional_ref", "_from", "_to").with_columns(
                pl.col("_to", "_from", "person_ref").shift().over("professional_ref").name.prefix("_before")
            )
            overlap = (pl.col("_before_to") - pl.col("_from")).dt.total_minutes() >= _OVERLAP
            other = pl.col("_beforeperson_ref") != pl.col("person_ref")
            apart = pl.col("_before_from") != pl.col("_from")
            yield from raise_doubt("tender.plausible.two_homes", contract, start, frame, overlap & other & apart)


def find_other_persons(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield records that name one person, and refer to a record that names another."""
    for family, name, target in (
        ("invoice_line", "visit_ref", "visit"),
        ("invoice_line", "invoice_ref", "invoice"),
        ("invoice_line", "plan_ref", "funded_plan"),
        ("visit", "plan_ref", "funded_plan"),
        ("visit", "planned_visit_ref", "planned_visit"),
        ("planned_visit", "plan_ref", "funded_plan"),
    ):
        for contract in frames.list_contracts(family):
            for one in frames.list_contracts(target):
                about = _get_persons(frames, one, "_theirs")
                frame = frames.get_frame(contract, name)
                if family == "invoice_line":
                    frame = _add_payers_person(frame, frames)
                frame = frame.join(about, left_on=name, right_on="_of", how="inner")
                wrong = pl.col("_theirs") != pl.col("person_ref")
                yield from raise_doubt("tender.plausible.other_person", contract, name, frame, wrong)


def _get_persons(frames: SampleFrames, contract: str, column: str) -> pl.DataFrame:
    persons = frames.get_frame(contract, "person_ref").select(
        pl.col("ref").alias("_of"), pl.col("person_ref").alias(column)
    )
    return persons.unique("_of", keep="first", maintain_order=True)


def _add_payers_person(frame: pl.DataFrame, frames: SampleFrames) -> pl.DataFrame:
    """Fill the person of a line that names none with the person of its invoice."""
    for invoices in frames.list_contracts("invoice"):
        about = _get_persons(frames, invoices, "_billed")
        frame = frame.join(about, left_on="invoice_ref", right_on="_of", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("person_ref", "_billed").alias("person_ref")).drop("_billed")
    return frame


def find_ended_plans(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield visits before the plan that pays them begins, or after it has ended."""
    for contract in frames.list_contracts("visit", "planned_visit"):
        for plans in frames.list_contracts("funded_plan"):
            about = frames.get_frame(plans).select(
                pl.col("ref").alias("_of"), read_day("start_on").alias("_first"), read_day("end_on").alias("_last")
            )
            about = about.unique("_of", keep="last", maintain_order=True)
            frame = frames.get_frame(contract, "plan_ref", "planned_start")
            frame = frame.join(about, left_on="plan_ref", right_on="_of", how="inner")
            day = read_day("planned_start")
            outside = (day > pl.col("_last")).fill_null(value=False) | (day < pl.col("_first")).fill_null(value=False)
            yield from raise_doubt("tender.plausible.plan_ended", contract, "planned_start", frame, outside)


def find_long_days(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield visits of a day on which their professional would have worked longer than anybody does."""
    for contract in frames.list_contracts("visit"):
        frame = frames.get_frame(contract, "professional_ref", "stamped_start", "stamped_end")
        start, end = read_moment("stamped_start"), read_moment("stamped_end")
        minutes = (end - start).dt.total_minutes()
        # A visit that is itself too long, and copies of one, are told by rules of their own.
        counts = minutes.is_between(1, _LONGEST_VISIT) & (pl.col("status") != "cancelled")
        counts &= pl.struct("professional_ref", "stamped_start", "stamped_end").is_first_distinct()
        worked = pl.when(counts).then(minutes)
        whole = worked.sum().over("professional_ref", pl.col("stamped_start").str.slice(0, 10))
        yield from raise_doubt(
            "tender.plausible.workday_long", contract, "stamped_start", frame, (whole > _LONGEST_DAY) & (worked > 0)
        )


def find_twice_billed(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield lines that bill a visit a second time on one invoice: the same time for the same service."""
    for contract in frames.list_contracts("invoice_line"):
        frame = frames.get_frame(contract, "invoice_ref", "visit_ref", "quantity")
        same = pl.struct(name for name in _OF_A_LINE if name in frame.columns)
        # What is given back has a quantity below nought.
        again = ~same.is_first_distinct() & ~pl.col("quantity").cast(pl.String).str.starts_with("-")
        yield from raise_doubt("tender.plausible.billed_twice", contract, "visit_ref", frame, again)


def find_visits_after_death(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield visits that were made after the person had died."""
    for contract in frames.list_contracts("visit"):
        for persons in frames.list_contracts("person"):
            about = frames.get_frame(persons, "death_date").select(
                pl.col("ref").alias("_of"), read_day("death_date").alias("_died")
            )
            about = about.unique("_of", keep="last", maintain_order=True)
            frame = frames.get_frame(contract, "person_ref", "planned_start")
            frame = frame.join(about, left_on="person_ref", right_on="_of", how="inner")
            # The day after is somebody who found out.
            late = (read_day("planned_start") - pl.col("_died")).dt.total_days() > 1
            made = pl.col("status") == "done"
            yield from raise_doubt("tender.plausible.after_death", contract, "planned_start", frame, late & made)


RULES = (
    find_two_homes,
    find_other_persons,
    find_ended_plans,
    find_long_days,
    find_twice_billed,
    find_visits_after_death,
)
