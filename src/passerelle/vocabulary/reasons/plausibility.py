"""What makes a sample hard to believe, record by record or as a whole: each a question to ask, none a verdict."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

PREFIX = "tender.plausible."
_ASK = N_("Ask the bidder where these values come from, and for an extract that was not prepared.")


def _declare(name: str, says: str, advice: str = _ASK) -> Reason:
    return Reason(PREFIX + name, says, advice, Concerns.SUPPLIER)


REASONS: tuple[Reason, ...] = (
    _declare(
        "date_far",
        N_("The date lies more than a year from where the other dates of this sample are."),
        N_("Check how the export writes years, days and months."),
    ),
    _declare("birth_absurd", N_("The birth lies in the future, or more than 115 years back.")),
    _declare(
        "birth_default",
        N_("Many births fall on the first of January: often what a software fills in when the day is unknown."),
        N_("Export the year alone where the day is not known."),
    ),
    _declare(
        "day_and_month",
        N_("Day and month seem to have changed places."),
        N_("Check the format of dates in the export and in the mapping."),
    ),
    _declare(
        "visit_long",
        N_("From start to end there are 24 hours or more."),
        N_("Check the day of the end: a visit over midnight ends on the next day, not later."),
    ),
    _declare("visit_empty", N_("The visit ends in the second in which it begins.")),
    _declare(
        "stamp_elsewhere",
        N_("What was stamped or retained lies more than a day from what was planned."),
        N_("Check that the times of one visit stand on its own row."),
    ),
    _declare(
        "stamp_made",
        N_("Nearly all stamps are the planned time plus the same {minutes} minutes: people are not so regular."),
        N_("Ask whether these are stamps at all: a plan that is copied proves no visit."),
    ),
    _declare(
        "stamp_round",
        N_("Nearly all stamps fall on a quarter of an hour to the second."),
        N_("Ask for the times as they were stamped, before rounding."),
    ),
    _declare(
        "zone_shifted",
        N_("Nearly all stamps are about {hours} h from the planned times."),
        N_("Check the time zone of both columns, and summer time."),
    ),
    _declare(
        "zone_none",
        N_("Nearly all times are given in universal time, one or two hours from the clock in France."),
        N_("Check that the hours of visits are those of the clock on the wall."),
    ),
    _declare(
        "hours_odd",
        N_("Many visits begin between 22:00 and 06:00, when visits are rare."),
        N_("Check the time zone; a night service says so."),
    ),
    _declare(
        "quantity_times",
        N_("The quantity billed is {factor} times the hours retained."),
        N_("Check the unit: hours, minutes or hundredths of an hour."),
    ),
    _declare(
        "quantity_plus",
        N_("The quantity billed is the hours retained, {hours} h each time."),
        N_("Ask what is added or taken off, and by which rule."),
    ),
    _declare(
        "quantity_other",
        N_("The quantity billed is not the time retained, to a quarter of an hour."),
        N_("Ask how the quantity is computed."),
    ),
    _declare("placeholder", N_("The value is a word that is typed for want of one, such as «test» or «xxx».")),
    _declare(
        "text_cut",
        N_("Texts end at {length} characters, in the middle of a word: they seem to be cut."),
        N_("Export the texts in full length."),
    ),
    _declare(
        "text_broken",
        N_("The text holds what nobody types: marks of a page, or a number that a spreadsheet made a power of ten."),
        N_("Export again from the software itself, as plain text; nothing should open the file in between."),
    ),
    _declare(
        "names_same",
        N_("The first name of several persons is the same as their name: one column seems to stand for both."),
        N_("Check which columns hold the name and the first names."),
    ),
    _declare("value_shared", N_("Many records have the same value, which is each person's own.")),
    _declare(
        "postcode_short",
        N_("The postcode has four digits: a leading zero seems to have been lost."),
        N_("Export postcodes as text."),
    ),
    _declare("copies", N_("The record says the same as an earlier one, under another reference.")),
    _declare(
        "stamps_repeated",
        N_("For the same person, both stamps repeat those of an earlier visit to the second."),
    ),
    _declare(
        "two_homes",
        N_("At this time the professional is with another person as well."),
        N_("Check the times and the professional of both visits."),
    ),
    _declare(
        "other_person",
        N_("The record and the one it refers to in «{path}» name two different persons."),
        N_("Check the references of the export: one of both is another person's."),
    ),
    _declare(
        "plan_ended",
        N_("The visit lies outside the days of the plan that it refers to."),
        N_("Check the plan of the visit, and the days on which it begins and ends."),
    ),
    _declare(
        "workday_long",
        N_("On this day the visits of the professional add up to more than 16 hours."),
        N_("Check the professional of these visits: several persons may be under one name."),
    ),
    _declare(
        "billed_twice",
        N_("Another line of the same invoice bills the same time of the same visit."),
        N_("Check what a line of the export is: a payer's share, or the whole visit."),
    ),
    _declare(
        "after_death",
        N_("The visit was made after the day on which the person died."),
        N_("Check the date of the death, and the person of the visit."),
    ),
)
