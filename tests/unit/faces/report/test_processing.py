"""The processing of a flow, short."""

from __future__ import annotations

from passerelle.contracts.field_meta import Purpose, RecipientKind
from passerelle.contracts.processing import Basis, Processing, Recipient, Retention
from passerelle.engine.settings.processing_check import ProcessingGap
from passerelle.faces.report import processing
from passerelle.vocabulary import language

WHOLE = Processing(
    purpose=Purpose.EFFECTIVITY,
    recipient=Recipient(kind=RecipientKind.PAYER, name="Département du Nord"),
    is_declared=True,
    basis=Basis.PUBLIC_TASK,
    retention=Retention(recipient_days=1825, then="erase"),
)


def test_a_processing_is_one_line_with_recipient_basis_and_duration():
    language.set_language("en")
    told = processing.format_processing(WHOLE)
    assert told == "for: Département du Nord (payer), task in the public interest, kept 1,825 days"
    assert processing.format_processing(Processing.of_purpose(Purpose.SUPPORT)) == "for: partner"


def test_what_is_missing_is_said_once_with_where_to_read_what_to_add():
    language.set_language("en")
    gaps = [
        ProcessingGap("processing.basis.missing", lines=('basis = "public_task"', 'basis_text = "…"')),
        ProcessingGap("processing.ground.missing", lines=('special_ground = "h"',)),
    ]
    says, advice = processing.iter_lines(gaps)
    assert "«basis», «special_ground»" in says
    assert "passerelle doctor" in advice
    assert list(processing.iter_lines([])) == []


def test_a_program_reads_the_same():
    content = processing.to_content(WHOLE, [ProcessingGap("processing.basis.missing", {"flow": "f"})])
    assert (content["recipient"], content["recipient_kind"], content["basis"]) == (
        "Département du Nord",
        "payer",
        "public_task",
    )
    assert [cause["reason"] for cause in content["missing"]] == ["processing.basis.missing"]
