"""Objects inside records of case work."""

from __future__ import annotations

from passerelle.contracts.types import LongText, Part, Text, Word


class AssessmentItem(Part):
    """One answer of an assessment grid."""

    code: Word
    """Item of the grid, in `system`."""
    system: Text | None = None
    label: Text | None = None
    result: Text | None = None
    """What was answered: a code, an indicator or a number, as the grid has it."""
    comment: LongText | None = None
