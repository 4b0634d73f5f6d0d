"""Why the fields of a record do not agree with one another."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_COMPARE = N_("Compare the two dates in the software, correct the wrong one and export again.")
_STATUS = N_("Check the status in the software.")
_COMPLETE = N_("Complete it in the software and export again, or ask the supplier to export it.")

REASONS: tuple[Reason, ...] = (
    Reason(
        "validate.record.undated",
        N_("Nothing says when this took place."),
        _COMPLETE,
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.record.undescribed",
        N_("Nothing says what this is about: no type, no title, no description."),
        _COMPLETE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.period.reversed",
        N_("The period ends before it starts."),
        _COMPARE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.cancellation.unexpected",
        N_("The record has details of a cancellation, and its status does not say cancelled."),
        _STATUS,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.contact.nameless",
        N_("Nothing says who this contact is: no name, no organisation."),
        _COMPLETE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.assessment.no_assessor",
        N_("Nobody is named as assessor, and the assessment is not a self-assessment."),
        _COMPLETE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.request.decided_before_opened",
        N_("The decision is dated before the request."),
        _COMPARE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.request.granted_unaccepted",
        N_("An amount is granted, and the status does not say accepted."),
        _STATUS,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.request.refusal_unexpected",
        N_("A reason for refusal is given, and the status does not say refused."),
        _STATUS,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.entitlement.closed_without_date",
        N_("The entitlement is closed, and nothing says since when."),
        _COMPLETE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.plan.share_above_hundred",
        N_("The share of the person is above 100 %."),
        N_("Check whether the share was exported as an amount instead of a rate."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.absence.nobody",
        N_("The absence is of nobody: neither a person nor a professional is named."),
        _COMPLETE,
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.invoice.tax_mismatch",
        N_("Amount excluding tax plus tax differs from the amount including tax by more than a cent."),
        N_("Ask the supplier which of the three amounts is right: payers refuse such an invoice."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.invoice.price_mismatch",
        N_("Quantity times unit price differs from the amount by more than a cent."),
        N_("Check the rounding agreed with the payer."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.invoice.lines_differ",
        N_("The lines of an invoice that are in this delivery do not add up to its total."),
        N_("Look whether lines were set aside; otherwise ask the supplier which of them is right."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.invoice.credit_unexpected",
        N_("The record refers to a credited invoice, and it is not a credit note."),
        N_("Ask the supplier whether this is an invoice or a credit note."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.person.nameless",
        N_("This person has neither a birth name nor a usual name."),
        _COMPLETE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.person.dead_before_birth",
        N_("The date of death is before the date of birth."),
        _COMPARE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.case.closed_before_opened",
        N_("The case is closed before it is opened."),
        _COMPARE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.case.closed_while_open",
        N_("The case has a closing date or reason, and its status says that it is not closed."),
        _STATUS,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.interaction.two_days",
        N_("The day and the moment of the interaction are not on the same day."),
        N_("Ask the supplier which of the two columns is right, and describe only that one."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.visit.planned_end_before_start",
        N_("The planned end is before the planned start."),
        _COMPARE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.visit.stamped_end_before_start",
        N_("The departure stamp is before the arrival stamp."),
        N_("Check the clock of the device. Stamps are evidence: correct the retained period, not the stamps."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.visit.retained_end_not_after_start",
        N_("The retained end is not after the retained start: nothing could be paid for."),
        N_("Correct the retained period in the software, or cancel the visit, and export again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.visit.adjustment_contradicts_stamps",
        N_("The adjustment code says that a stamp is missing, and that stamp is there."),
        N_("Nothing to do if the stamp was cancelled; otherwise ask the supplier to send the right adjustment code."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.visit.deleted_not_cancelled",
        N_("The adjustment code SUP says that the visit was deleted, and its status does not say cancelled."),
        N_("Ask the supplier whether this visit took place: it would otherwise be paid for."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.visit.raw_stamps_retained",
        N_("The adjustment code HOR says that only raw stamps are sent: the retained period must be ignored."),
        N_("Do not pay from this record: wait for the record that carries the retained period."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "validate.visit.stamps_copy_plan",
        N_("Both stamps equal the planned times to the second: they look copied from the plan."),
        N_("Ask the supplier whether these times were really stamped."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "validate.visit.quantity_without_unit",
        N_("The billed quantity has no unit."),
        N_("Ask the supplier to export the unit, or declare it in the connector."),
        Concerns.DEVELOPER,
    ),
)
