"""What must agree within a record about people."""

from __future__ import annotations

from passerelle.contracts.rules import days_in_order, one_filled

PERSON_RULES = (
    one_filled("validate.person.nameless", "birth_name", "usual_name", warns=True),
    days_in_order("validate.person.dead_before_birth", "birth_date", "death_date"),
)
