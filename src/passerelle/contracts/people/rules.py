"""Cross-field rules of people and organisations."""

from __future__ import annotations

from passerelle.contracts.rule_makers import require_day_order, require_one_filled, require_period

PERSON_RULES = (
    # It only warns: somebody taken in at night may not have given a name.
    require_one_filled("validate.person.nameless", "birth_name", "usual_name", warns=True),
    require_day_order("validate.person.dead_before_birth", "birth_date", "death_date"),
)

RELATED_CONTACT_RULES = (
    require_one_filled(
        "validate.contact.nameless",
        "last_name",
        "first_name",
        "organisation_name",
        "organisation_ref",
        warns=True,
    ),
    require_period("start_on", "end_on"),
)

CONSENT_RULES = (require_period("valid_from", "valid_until"),)
